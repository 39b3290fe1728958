//! A disk that is full, gets room again, and is read-only for a while.

use std::path::Path;
use std::sync::Arc;

use oo::blocking::Engine;
use oo::{ErrorKind, ReactStatus, Reaction, Signal};
use oo_core::testing::world::SeededWorld;

use crate::mounted::disk;
use crate::{live, open, world};

/// An engine whose database may have so many bytes.
fn open_small(path: &Path, world: &Arc<SeededWorld>, max_bytes: u64) -> Engine {
    let options = oo_store::Options { max_bytes: Some(max_bytes), ..oo_store::Options::default() };
    let store = oo_store::open_with(path, world.clone(), world.clone(), options).unwrap();
    let builder = oo::Engine::builder(path).clock(world.clone()).entropy(world.clone());
    Engine::from_builder(builder.test_store(store.clone(), store, oo_store::Revived::default())).unwrap()
}

/// Sends tasks until one is refused; how many were acknowledged.
fn fill(oo: &Engine) -> usize {
    for number in 0.. {
        let signal = Signal::task(format!("fill{number}"), "x".repeat(900)).with_id(format!("fill{number}"));
        match oo.ingest("ann", signal) {
            Ok(ingested) => assert_eq!(ingested.accepted, 1),
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Storage, "{error}");
                assert!(error.message().contains("; "), "it says what to do: {error}");
                return number;
            }
        }
        assert!(number < 100_000, "the disk never filled");
    }
    unreachable!()
}

fn held(oo: &Engine) -> usize {
    oo.export("ann").unwrap().lines().filter(|line| line.contains("\"fill")).count()
}

#[test]
fn a_full_disk_serves_what_stands_and_writes_again_once_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("oo.db");
    let world = world("disk");
    let mount = disk(folder.path(), "3m");
    let oo = match &mount {
        Some(_) => open(&path, &world).unwrap(),
        None => open_small(&path, &world, 1_500_000),
    };
    println!("measured with {}", if mount.is_some() { "a small tmpfs" } else { "Options::max_bytes" });
    live(&oo, &world, "ann", 5);
    live(&oo, &world, "ben", 5);
    let standing = oo.recommend("ann").unwrap().unwrap();
    let acknowledged = fill(&oo);
    assert!(acknowledged > 20, "{acknowledged}");

    assert_eq!(oo.recommend("ann").unwrap().unwrap().id, standing.id, "the tip that stands is served");
    assert_eq!(held(&oo), acknowledged);
    assert_eq!(oo.health().unwrap().status, "read_only");
    let before = oo.export("ben").unwrap();
    assert_eq!(oo.react(standing.id, Reaction::Done).unwrap_err().kind(), ErrorKind::Storage);
    assert_eq!(oo.forget("ben").unwrap_err().kind(), ErrorKind::Storage);
    assert_eq!(oo.export("ben").unwrap(), before, "a forgetting that failed has done nothing");

    let oo = match &mount {
        Some(mount) => {
            mount.remount("size=24m");
            oo
        }
        None => {
            oo.close();
            drop(oo);
            open_small(&path, &world, 24_000_000)
        }
    };
    assert_eq!(oo.react(standing.id, Reaction::Done).unwrap().status, ReactStatus::Applied);
    assert_eq!(oo.health().unwrap().status, "ok");
    assert_eq!(held(&oo), acknowledged);
    let receipt = oo.forget("ben").unwrap();
    assert_eq!((receipt.stage.as_str(), receipt.unlearned), ("erased", true));
    let after = oo.ingest("ann", Signal::task("room", "There is room again")).unwrap();
    assert_eq!(after.accepted, 1);
    assert_eq!(oo.replay().unwrap().differences, Vec::<String>::new());
    oo.close();
    drop(oo);
    let oo = open(&path, &world).unwrap();
    assert_eq!(held(&oo), acknowledged);
    assert_eq!(oo.replay().unwrap().differences, Vec::<String>::new());
}

#[test]
fn a_read_only_file_system_is_refused_and_nothing_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("oo.db");
    let Some(mount) = disk(folder.path(), "8m") else { return };
    let world = world("read-only");
    let oo = open(&path, &world).unwrap();
    live(&oo, &world, "ann", 3);
    let before = oo.export("ann").unwrap();
    oo.close();
    drop(oo);
    mount.remount("ro");
    let error = open(&path, &world).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Storage);
    assert!(error.message().contains("read-only") || error.message().contains("may write"), "{error}");
    mount.remount("rw");
    assert_eq!(open(&path, &world).unwrap().export("ann").unwrap(), before);
}
