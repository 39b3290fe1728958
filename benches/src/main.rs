//! `oo-bench`: measures every figure in one run, prints a table and writes it as JSON.
//!
//! `oo-bench --out FILE [--only NAME…]`; `OO_BIN` is the release server. Every counted recommend makes a new decision;
//! commits wait for the disk; the client runs on the same machine. What was learned while measuring stands in the doc
//! comment of each bench.

#![allow(clippy::disallowed_methods, reason = "a benchmark reads the clock")]

mod bandit;
mod catalogue;
mod decide;
mod durable;
mod figure;
mod http;
mod long_log;
mod million;
mod server;

use std::path::PathBuf;

use figure::Figures;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

fn main() -> Outcome<()> {
    let mut out: Option<PathBuf> = None;
    let mut only: Vec<String> = Vec::new();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--out" => out = arguments.next().map(PathBuf::from),
            "--only" => only.extend(arguments.by_ref()),
            _ => return Err(format!("{argument}: use --out FILE and --only NAME…").into()),
        }
    }
    let wanted = |name: &str| only.is_empty() || only.iter().any(|only| only == name);
    let mut figures = Figures::default();
    if wanted("decide") {
        decide::run(&mut figures)?;
    }
    if wanted("bandit") {
        bandit::run(&mut figures)?;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    if wanted("durable") {
        runtime.block_on(durable::run(&mut figures))?;
    }
    if wanted("million") {
        runtime.block_on(million::run(&mut figures))?;
    }
    if wanted("http") {
        runtime.block_on(http::run(&mut figures))?;
    }
    figures.print();
    if let Some(out) = out {
        figures.write(&out)?;
    }
    Ok(())
}
