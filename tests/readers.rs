//! Whoever reads the database for long holds up the end of an erasure, and nobody else.
#![cfg(feature = "testing")]
#![allow(clippy::disallowed_methods, reason = "how long a call took; nothing is folded from it")]

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use oo::blocking::Engine;
use oo::{Consents, Reaction, Settings, Signal};
use oo_core::moment::DAY_MS;
use oo_core::testing::world::SeededWorld;

type Outcome<T = ()> = Result<T, Box<dyn std::error::Error>>;

/// 2026-03-02T08:00:00Z, a Monday.
const MONDAY: i64 = 1_772_438_400_000;
const PEOPLE: [&str; 8] = ["ada", "bea", "cem", "dan", "eva", "fay", "gus", "hal"];

fn open(path: &Path, world: &Arc<SeededWorld>) -> oo::Result<Engine> {
    let settings = Settings { retain_task_days: Some(10), ..Settings::default() };
    let builder = oo::Engine::builder(path).settings(settings);
    Engine::from_builder(builder.clock(world.clone()).entropy(world.clone()).key(world.clone()))
}

fn fill(oo: &Engine, world: &SeededWorld) -> Outcome {
    for user in PEOPLE {
        oo.ingest(user, Signal::task("t1", format!("Errand of {user}")).priority(1))?;
        let tip = oo.recommend(user)?.ok_or("a tip")?;
        oo.react(tip.id, Reaction::Done)?;
        world.advance(60_000);
    }
    Ok(())
}

/// Somebody who reads the database as it is now, until it is dropped.
fn reader(path: &Path) -> Outcome<rusqlite::Connection> {
    let reader = rusqlite::Connection::open(path)?;
    reader.execute_batch("BEGIN; SELECT count(*) FROM events")?;
    Ok(reader)
}

#[test]
fn a_forgetting_that_waits_for_a_reader_is_shown_and_ends_and_serving_goes_on() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("oo.db");
    let world = Arc::new(SeededWorld::new(MONDAY, "readers"));
    let oo = open(&path, &world)?;
    fill(&oo, &world)?;
    assert_eq!(oo.health()?.erasing, 0);
    let reading = reader(&path)?;
    let receipt = oo.forget("ada")?;
    assert_eq!((receipt.stage.as_str(), oo.health()?.erasing), ("erasing", 1));
    let start = Instant::now();
    for _ in 0..10 {
        // Timers are looked at each time, and with them whether the reader has ended.
        world.advance(2_000);
        oo.ingest("bea", Signal::mood(3.0))?;
    }
    assert!(start.elapsed() < Duration::from_secs(8), "it was waited for: {:?}", start.elapsed());
    drop(reading);
    let ended = Instant::now();
    while oo.health()?.erasing > 0 {
        assert!(ended.elapsed() < Duration::from_secs(20), "it was never tried again");
        world.advance(2_000);
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(oo.receipt(&receipt.id)?.stage, "erased");
    Ok(())
}

#[test]
fn retention_and_a_consent_taken_back_wait_for_a_reader_once() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("oo.db");
    let world = Arc::new(SeededWorld::new(MONDAY, "readers"));
    let oo = open(&path, &world)?;
    fill(&oo, &world)?;
    world.advance(20 * DAY_MS);
    oo.recommend("bea")?;
    let reading = reader(&path)?;
    let start = Instant::now();
    let retained = oo.retain()?;
    assert_eq!(retained.people, PEOPLE.len() as u64);
    assert!(start.elapsed() < Duration::from_secs(9), "it waited for each of them: {:?}", start.elapsed());
    let marks = || -> Outcome<i64> {
        let conn = rusqlite::Connection::open(&path)?;
        Ok(conn.query_row("SELECT count(*) FROM meta WHERE key = 'unscrubbed'", [], |row| row.get(0))?)
    };
    assert_eq!(marks()?, 1, "what was erased still stands in the write-ahead log");
    drop(reading);
    oo.close();
    drop(oo);
    let oo = open(&path, &world)?;
    assert_eq!(marks()?, 0, "whoever opens the database ends it");
    oo.ingest("bea", Signal::task("t2", "Another errand"))?;
    oo.set_consents("bea", Consents { task: Some(false), ..Consents::default() })?;
    assert_eq!(marks()?, 0);
    Ok(())
}
