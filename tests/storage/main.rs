//! Storage that is full, read-only, damaged or not what it was: a typed error that says what to do, what can be served is
//! served, and nothing acknowledged is lost.
#![cfg(all(feature = "testing", unix))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod damage;
mod disk;
#[path = "../../oo-store/tests/support/disk.rs"]
mod mounted;
mod others;
mod read_only;
mod snapshot;
mod write_ahead;

use std::path::Path;
use std::sync::Arc;

use oo::blocking::Engine;
use oo::{ReactRequest, Reaction, Signal};
use oo_core::testing::world::SeededWorld;

/// 2026-03-02T08:00:00Z, a Monday.
const MONDAY: i64 = 1_772_438_400_000;

fn world(seed: &str) -> Arc<SeededWorld> {
    Arc::new(SeededWorld::new(MONDAY, seed))
}

fn open(path: &Path, world: &Arc<SeededWorld>) -> oo::Result<Engine> {
    let builder = oo::Engine::builder(path).clock(world.clone()).entropy(world.clone()).key(world.clone());
    Engine::from_builder(builder)
}

/// `rounds` of a task, a tip and an answer of `user`; every text is long enough to need pages of its own now and then.
fn live(oo: &Engine, world: &SeededWorld, user: &str, rounds: usize) {
    for round in 0..rounds {
        let notes = "a long story ".repeat(round * 7 % 900);
        let mut signal = Signal::task(format!("t{round}"), format!("Task {round} of {user}"));
        if let oo_core::signal::SignalBody::Task(task) = &mut signal.body {
            task.notes = Some(notes);
        }
        oo.ingest(user, signal.with_id(format!("s{round}"))).unwrap();
        let tip = oo.recommend(user).unwrap().unwrap();
        let reaction = if round % 3 == 0 { Reaction::Dismiss { reason: None } } else { Reaction::Done };
        oo.react_with(ReactRequest { id: Some(format!("r{round}")), ..ReactRequest::new(tip.id, reaction) }).unwrap();
        world.advance(40 * 60_000);
    }
}

/// The path of a file that lies beside the database.
fn beside(path: &Path, suffix: &str) -> std::path::PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}
