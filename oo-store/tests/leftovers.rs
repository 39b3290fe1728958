//! What killed processes leave behind, and names that a process gives before it goes to another folder.
#![cfg(feature = "testing")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::path::Path;
use std::sync::Arc;

use oo_core::event::{EventBody, ForgottenFact};
use oo_core::id::{EventId, Position};
use oo_core::ports::{
    BackupRequest, Entropy, Entry, Erasure, EventLog as _, KeyProvider as _, Scope, StateStore as _, Upkeep as _,
};
use oo_core::testing::samples;
use oo_store::{FORMAT, FileKey, Options, RestoreRequest, SqliteStore};
use support::child::{Other, role, say};
use support::{Place, Seeded, append_event, person};

#[test]
#[ignore = "started by the other tests as a process of its own"]
fn child() {
    let Some((role, path)) = role() else { return };
    let entropy: Arc<dyn Entropy> = Seeded::new(u64::from(std::process::id()));
    match role.split_once(' ') {
        Some(("backup", to)) => drop(support::open(&path).unwrap().backup(&to_file(to)).unwrap()),
        Some(("restore", backup)) => {
            let key: Arc<dyn oo_core::ports::KeyProvider> = Arc::new(FileKey::beside(&path, entropy.clone()));
            let request = RestoreRequest { backup: backup.into(), path, replace: true };
            drop(oo_store::restore(&request, &key, &entropy, &support::options()).unwrap());
        }
        Some(("wander", elsewhere)) => wander(&path, Path::new(elsewhere), entropy),
        _ => drop(support::open(&path).unwrap()),
    }
}

fn to_file(path: impl AsRef<Path>) -> BackupRequest {
    BackupRequest { path: path.as_ref().to_owned(), overwrite: false }
}

/// Opens a database by names that are of the folder it is in, and goes elsewhere.
fn wander(path: &Path, elsewhere: &Path, entropy: Arc<dyn Entropy>) {
    std::env::set_current_dir(path.parent().unwrap()).unwrap();
    let key = Arc::new(FileKey::new("own.key", entropy.clone()));
    let options = Options { forgotten: Some("own.forgotten".into()), ..support::options() };
    let store = oo_store::open_with("oo.db", key.clone(), entropy, options).unwrap();
    let ann = person(&store, "ann");
    std::env::set_current_dir(elsewhere).unwrap();
    assert_eq!(key.master_key(false).unwrap().id(), store.key_state().unwrap().key);
    store.rotate_key(None).unwrap();
    forget(&store, &ann);
    assert!(store.user("ann", None).unwrap().is_none());
    say("forgotten");
}

fn forget(store: &SqliteStore, person: &oo_core::ports::UserRecord) {
    let scope = Scope::Person { receipt: EventId(person.user.0), receipt_json: "{}".to_owned() };
    store
        .transact(&mut |transaction| {
            let digest = person.user.digest();
            let receipt = EventId(person.user.0);
            let fact =
                ForgottenFact { pseudonym_digest: digest, receipt, epoch: 1, state_hash: [0; 32], chain: [0; 32] };
            transaction.append(&Entry::new(samples::event(7, None, EventBody::Forgotten(fact))))?;
            transaction.erase(&Erasure { user: person.user, scope: scope.clone(), snapshot: None })
        })
        .unwrap();
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn fill(store: &SqliteStore, count: u64) {
    let ann = person(store, "ann").user;
    for number in 1..=count {
        append_event(store, samples::decision(number, ann, 10)).unwrap();
    }
}

#[test]
fn the_key_and_the_list_stay_where_they_were_named_when_the_process_goes_to_another_folder() {
    let (place, elsewhere) = (Place::new(), tempfile::tempdir().unwrap());
    let role = format!("wander {}", elsewhere.path().display());
    Other::start(&role, &place.path, "").end();
    assert_eq!(names(elsewhere.path()), Vec::<String>::new());
    let held = names(place.folder.path());
    assert!(["oo.db", "own.forgotten", "own.key"].iter().all(|name| held.iter().any(|held| held == name)), "{held:?}");
}

#[test]
fn a_backup_that_a_crash_cut_off_is_removed_by_whoever_opens_the_database_next() {
    let (place, shelf) = (Place::new(), tempfile::tempdir().unwrap());
    fill(&place.open(), 50);
    let role = format!("backup {}", shelf.path().join("monday").display());
    let mut living = Other::start(&role, &place.path, "backup.copied");
    living.until("@stopped at backup.copied");
    drop(place.open());
    assert_eq!(names(shelf.path()), ["monday.partial"], "it is being written");
    living.kill();
    assert_eq!(names(shelf.path()), ["monday.partial"]);
    let store = place.open();
    assert_eq!(names(shelf.path()), Vec::<String>::new());
    let beside = names(place.folder.path());
    assert!(!beside.iter().any(|name| name.contains("backing")), "{beside:?}");
    store.backup(&to_file(shelf.path().join("monday"))).unwrap();
    assert_eq!(names(shelf.path()), ["monday"]);
}

#[test]
fn a_key_that_was_never_named_is_removed_and_one_that_is_being_made_is_not() {
    let place = Place::new();
    drop(place.open());
    let key = std::fs::read(place.folder.path().join("oo.db.key")).unwrap();
    // A rotation makes the next key.
    let folder = place.folder.path();
    let rotating = Place::new();
    Other::start("open", &rotating.path, "key.written").kill_at("key.written");
    let left = names(rotating.folder.path());
    assert!(left.iter().any(|name| name.starts_with("oo.db.key.new-")), "{left:?}");
    drop(rotating.open());
    let left = names(rotating.folder.path());
    assert!(!left.iter().any(|name| name.contains(".new-")), "{left:?}");

    for name in ["oo.db.key.new-12-0", "oo.db.key.next.new-3-4", "oo.db.key.new-notes"] {
        std::fs::write(folder.join(name), "oo-master-key-v1 00").unwrap();
    }
    let held = std::fs::File::open(folder.join("oo.db.key.new-12-0")).unwrap();
    held.try_lock().unwrap();
    drop(place.open());
    let left: Vec<String> = names(folder).into_iter().filter(|name| name.contains(".new-")).collect();
    assert_eq!(left, ["oo.db.key.new-12-0", "oo.db.key.new-notes"], "somebody has it, and it is none of ours");
    drop(held);
    drop(place.open());
    assert_eq!(std::fs::read(folder.join("oo.db.key")).unwrap(), key);
}

#[test]
fn a_restore_is_ended_however_often_a_crash_cuts_that_off() {
    for point in ["restore.copied", "restore.linked", "restore.cleared", "restore.swapped"] {
        let (place, shelf) = (Place::new(), tempfile::tempdir().unwrap());
        let store = place.open();
        fill(&store, 10);
        let backup = shelf.path().join("a.backup");
        store.backup(&to_file(&backup)).unwrap();
        append_event(store.as_ref(), samples::mood(100, person(&store, "ann").user)).unwrap();
        drop(store);
        let role = format!("restore {}", backup.display());
        Other::start(&role, &place.path, point).kill_at(point);
        for _ in 0..2 {
            // Who comes next holds the mark that is there, and has done nothing yet.
            Other::start("open", &place.path, "claim.held").kill_at("claim.held");
        }
        let store = place.open();
        assert_eq!(store.head().unwrap(), Position(if point == "restore.swapped" { 10 } else { 11 }), "{point}");
        let left = names(place.folder.path());
        let aside: &[&str] = if point == "restore.swapped" { &["oo.db.replaced"] } else { &[] };
        let known = ["oo.db", "oo.db-shm", "oo.db-wal", "oo.db.key"];
        let unknown: Vec<_> = left.iter().filter(|name| !known.contains(&name.as_str())).collect();
        assert_eq!(unknown, aside, "{point}");
        assert_eq!(store.unreached(), aside.iter().map(|name| place.folder.path().join(name)).collect::<Vec<_>>());
    }
}

#[test]
fn crash_while_its_format_is_changed_leaves_a_database_of_one_format_or_the_other() {
    let fixture = |name: &str| Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/format-1").join(name);
    let version = |path: &Path| {
        let conn = rusqlite::Connection::open(path).unwrap();
        let tables = "SELECT count(*) FROM sqlite_schema WHERE name = 'secrets'";
        let keys = "SELECT count(*) FROM meta WHERE key IN ('store_key', 'incarnation')";
        let number = |query: &str| conn.query_row(query, [], |row| row.get::<_, u32>(0)).unwrap();
        (number("PRAGMA user_version"), number(tables), number(keys))
    };
    for point in ["format.migrated", "format.completed"] {
        let place = Place::new();
        for name in ["oo.db", "oo.db.key"] {
            std::fs::copy(fixture(name), place.folder.path().join(name)).unwrap();
        }
        let events = |path: &Path| {
            let conn = rusqlite::Connection::open(path).unwrap();
            let mut rows = conn.prepare("SELECT position, bytes FROM events ORDER BY position").unwrap();
            let read = |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?));
            rows.query_map([], read).unwrap().collect::<rusqlite::Result<Vec<_>>>().unwrap()
        };
        let before = events(&place.path);
        assert!(!before.is_empty());
        for _ in 0..2 {
            Other::start("open", &place.path, point).kill_at(point);
            assert_eq!(version(&place.path), (1, 0, 0), "{point}: nothing of it happened");
            assert_eq!(events(&place.path), before, "{point}");
        }
        let store = place.open();
        assert_eq!(store.read(Position(0), 1_000).unwrap().len(), before.len());
        drop(store);
        assert_eq!(version(&place.path), (FORMAT, 1, 2), "{point}");
        assert_eq!(events(&place.path), before, "{point}");
        drop(place.open());
    }
}
