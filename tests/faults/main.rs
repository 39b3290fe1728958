//! Faults by seeds: schedules of everything a caller can do, on a store that fails, delays, repeats and reorders, with
//! engines that are killed and cuts of the power that tear the files; and a model of what was acknowledged beside it.
//!
//! A seed that fails prints itself and the command that runs it again. See CONTRIBUTING.md.
#![cfg(all(feature = "testing", unix))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, tells what it did, and may look at the clock"
)]

mod check;
mod deliver;
mod model;
mod place;
mod planted;
mod random;
mod simulation;
mod steps;
mod wal;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use place::Kind;
use simulation::{Held, Simulation};

/// What the schedules of a run came to.
#[derive(Default)]
struct Sum {
    seeds: u64,
    answers: u64,
    repeats: u64,
    cuts: u64,
}

fn run(kind: Kind, seed: u64, planted: bool, sum: &mut Sum) -> Held<()> {
    let mut simulation = Simulation::new(kind, seed, planted)?;
    let held = catch_unwind(AssertUnwindSafe(|| simulation.run())).unwrap_or_else(|_| Err("a panic".to_owned()));
    sum.seeds += 1;
    sum.answers += simulation.model.answers;
    sum.repeats += simulation.model.repeats;
    sum.cuts += simulation.cuts;
    held.map_err(|why| {
        let told = if std::env::var_os("OO_SEED").is_some() { usize::MAX } else { 25 };
        let skipped = simulation.trace.len().saturating_sub(told);
        let trace: Vec<String> = simulation.trace.iter().skip(skipped).cloned().collect();
        format!("{why}\nthe last steps:\n{}", trace.join("\n"))
    })
}

/// Runs `OO_SEED` alone, or as many seeds as the short or the long form has.
fn run_all(kind: Kind, test: &str, short: u64, long: u64) {
    let one: Option<u64> = std::env::var("OO_SEED").ok().map(|seed| seed.parse().expect("OO_SEED is a number"));
    let count = if std::env::var_os("OO_LONG").is_some() { long } else { short };
    let count = std::env::var("OO_SEEDS").ok().map_or(count, |count| count.parse().expect("OO_SEEDS is a number"));
    let started = Instant::now();
    let mut sum = Sum::default();
    let mut failed = Vec::new();
    for seed in one.map_or(0..count, |seed| seed..seed + 1) {
        if let Err(why) = run(kind, seed, false, &mut sum) {
            println!(
                "seed {seed} fails: {why}\nagain: OO_SEED={seed} cargo nextest run --workspace --all-features --exclude oo-node --exclude oo-python --test faults {test}\n"
            );
            failed.push(seed);
        }
    }
    let Sum { seeds, answers, repeats, cuts } = sum;
    println!(
        "{seeds} seeds on {kind:?} in {:.1} s: {answers} answers, {repeats} of them repeated, {cuts} cuts of the power",
        started.elapsed().as_secs_f64()
    );
    assert!(failed.is_empty(), "{} of {seeds} seeds fail: {failed:?}", failed.len());
    assert!(
        one.is_some() || (answers > 20 * seeds && repeats > seeds && cuts > seeds / 2),
        "the schedules do too little"
    );
}

#[test]
fn crash_seeds_in_memory() {
    run_all(Kind::Memory, "crash_seeds_in_memory", 40, 1_200);
}

#[test]
fn crash_seeds_on_sqlite() {
    run_all(Kind::Sqlite, "crash_seeds_on_sqlite", 15, 400);
}

/// Commits that never happened are found, on either store: the schedules look closely enough.
#[test]
fn crash_seeds_find_a_store_that_lies() {
    for (kind, seeds) in [(Kind::Memory, 8), (Kind::Sqlite, 4)] {
        let found = (0..seeds).filter_map(|seed| run(kind, seed, true, &mut Sum::default()).err());
        let found: Vec<String> = found.map(|why| why.lines().next().unwrap_or_default().to_owned()).collect();
        println!("{} of {seeds} seeds on {kind:?} find it: {found:?}", found.len());
        // What was lost may have been sent again before anybody looked.
        assert!(4 * found.len() as u64 >= 3 * seeds, "what was lost is not found");
    }
}
