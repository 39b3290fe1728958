//! Several processes on one file: this test starts itself again as child processes.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test fails by panicking and may look at the clock"
)]

mod support;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use oo_core::id::Position;
use oo_core::ports::{Appended, Entry, EventLog};
use oo_core::reaction::Reaction;
use oo_core::testing::samples;
use oo_store::Options;
use support::{Place, append, open_with, person};

const CHILDREN: u64 = 4;
const EVENTS: u64 = 150;

fn start(path: &Path, child: u64) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child", "--ignored", "--nocapture"])
        .env("OO_TEST_PATH", path)
        .env("OO_TEST_CHILD", child.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// What a child does: opens the database (the first makes it, and its key), finds the common person, and appends what
/// every child appends and what only it does. Each acknowledged position goes to standard output.
#[test]
#[ignore = "started by the other tests as a process of its own"]
fn child() {
    let (Ok(path), Ok(child)) = (std::env::var("OO_TEST_PATH"), std::env::var("OO_TEST_CHILD")) else { return };
    let child: u64 = child.parse().unwrap();
    let options = Options { patience: Duration::from_secs(20), ..Options::default() };
    let store = open_with(&PathBuf::from(path), options).unwrap();
    let ann = person(&store, "ann").user;
    for number in 0..EVENTS {
        for id in [number, 1_000 * (child + 1) + number] {
            let event = samples::reaction(id, Some(ann), samples::decision_id(1), Reaction::Done);
            match append(store.as_ref(), &Entry::new(event)).unwrap() {
                Appended::At(position) => println!("appended {} {id}", position.0),
                Appended::Duplicate(_) => {}
                other => panic!("{other:?}"),
            }
        }
    }
}

fn acknowledged(output: &[u8]) -> Vec<(u64, u64)> {
    String::from_utf8_lossy(output)
        .lines()
        .filter_map(|line| line.strip_prefix("appended ")?.split_once(' '))
        .filter_map(|(position, id)| Some((position.parse().ok()?, id.parse().ok()?)))
        .collect()
}

#[test]
fn four_processes_make_and_fill_one_database() {
    let place = Place::new();
    let children: Vec<Child> = (0..CHILDREN).map(|child| start(&place.path, child)).collect();
    let mut acknowledgements = Vec::new();
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success());
        acknowledgements.extend(acknowledged(&output.stdout));
    }
    let store = place.open();
    let stored = store.read(Position(0), usize::MAX).unwrap();
    let total = EVENTS * (CHILDREN + 1);
    assert_eq!(stored.iter().map(|stored| stored.position.0).collect::<Vec<_>>(), (1..=total).collect::<Vec<_>>());
    assert_eq!(acknowledgements.len() as u64, total, "each event was appended by exactly one of them");
    for (position, id) in acknowledgements {
        assert_eq!(stored[position as usize - 1].event.id, samples::event_id(id));
    }
}

/// Killed at any moment, a process loses nothing that it acknowledged, and what is stored is whole.
#[test]
fn s16_crash_of_a_process_loses_nothing_that_it_acknowledged() {
    let place = Place::new();
    let mut kept = BTreeSet::new();
    for round in 0..8u64 {
        let mut child = start(&place.path, 10 + round);
        std::thread::sleep(Duration::from_millis(30 + 37 * round));
        child.kill().unwrap();
        let output = child.wait_with_output().unwrap();
        kept.extend(acknowledged(&output.stdout));
        let store = place.open();
        let stored = store.read(Position(0), usize::MAX).unwrap();
        assert_eq!(
            stored.iter().map(|stored| stored.position.0).collect::<Vec<_>>(),
            (1..=stored.len() as u64).collect::<Vec<_>>()
        );
        for (position, id) in &kept {
            assert_eq!(stored[*position as usize - 1].event.id, samples::event_id(*id), "round {round}");
        }
    }
    assert!(!kept.is_empty(), "some rounds got far enough to acknowledge something");
}
