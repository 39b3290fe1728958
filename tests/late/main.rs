//! What comes late: after a consent was taken back, a person was forgotten, or a commit was undone.
#![cfg(feature = "testing")]

mod commits;
mod exports;
mod gate;
mod shadows;
mod sources;
mod store;

use std::sync::Arc;

use oo::{Consents, Engine, EngineBuilder};
use oo_core::testing::world::SeededWorld;

type Outcome<T = ()> = Result<T, Box<dyn std::error::Error>>;

/// 2026-03-02T08:00:00Z, a Monday.
const MONDAY: i64 = 1_772_438_400_000;

fn world(seed: &str) -> Arc<SeededWorld> {
    Arc::new(SeededWorld::new(MONDAY, seed))
}

fn builder(path: &std::path::Path, world: &Arc<SeededWorld>) -> EngineBuilder {
    Engine::builder(path).clock(world.clone()).entropy(world.clone()).key(world.clone())
}

fn no_mood() -> Consents {
    Consents { mood: Some(false), ..Consents::default() }
}
