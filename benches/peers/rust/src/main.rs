//! What `make bench-peers` asks of Rust, as JSON on standard output:
//!
//! - `oo-peers bandits [SECONDS]`: choose and update of oO, trashpanda and rill-ml, disjoint LinUCB, in one process, round
//!   robin, so that a busy moment meets all three;
//! - `oo-peers load ADDRESS PATH BODIES SECONDS CONNECTIONS`: posts the JSON lines of BODIES over kept connections and
//!   counts the answers, the same way whatever server listens.

#![allow(clippy::disallowed_methods, reason = "a benchmark reads the clock")]

mod bandits;
mod learner;
mod load;

use std::process::ExitCode;

type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

fn run(arguments: &[&str]) -> Outcome<serde_json::Value> {
    match arguments {
        ["bandits"] => bandits::run(1.0),
        ["bandits", seconds] => bandits::run(seconds.parse()?),
        ["load", address, path, bodies, seconds, connections] => {
            load::run(address, path, bodies, seconds.parse()?, connections.parse()?)
        }
        _ => Err("use: oo-peers bandits [SECONDS] | load ADDRESS PATH BODIES SECONDS CONNECTIONS".into()),
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments.iter().map(String::as_str).collect::<Vec<_>>()) {
        Ok(answer) => {
            println!("{answer}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
