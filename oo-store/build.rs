//! Compiles the event schema: protox parses it, prost generates the types. No `protoc` is needed.

use std::error::Error;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from("../proto");
    let schema = root.join("oo/events/v1/events.proto");
    println!("cargo::rerun-if-changed={}", schema.display());
    let files = protox::compile([&schema], [&root])?;
    prost_build::Config::new().compile_fds(files)?;
    Ok(())
}
