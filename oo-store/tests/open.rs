//! Opening what should not, or cannot, be opened: a typed error that says what to do, and the file left as it was.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test fails by panicking and may look at the clock"
)]

mod support;

use std::path::Path;
use std::time::{Duration, Instant};

use oo_core::id::Position;
use oo_core::ports::{EventLog, StateStore};
use oo_core::testing::samples;
use oo_core::{Error, ErrorKind};
use oo_store::{FORMAT, Options};
use support::disk::{read_only_file, small_disk};
use support::{Place, append_event, open, open_with, person};

fn refusal(path: &Path) -> Error {
    match open(path) {
        Err(error) => {
            assert!(
                error.message().contains("; ") || error.message().contains("try again"),
                "it says what to do: {error}"
            );
            error
        }
        Ok(_) => panic!("{} was opened", path.display()),
    }
}

#[test]
fn missing_folders_folders_and_no_path_at_all() {
    let place = Place::new();
    let error = refusal(&place.folder.path().join("nowhere/oo.db"));
    assert_eq!(error.kind(), ErrorKind::Storage);
    assert!(error.message().contains("does not exist"), "{error}");
    let error = refusal(place.folder.path());
    assert_eq!(error.kind(), ErrorKind::Storage);
    assert!(error.message().contains("is a folder"), "{error}");
    for path in ["", ":memory:"] {
        assert_eq!(refusal(Path::new(path)).kind(), ErrorKind::InvalidInput);
    }
    assert_eq!(place.files(), [], "nothing was made on the way");
}

#[test]
fn files_that_are_no_database_are_left_as_they_were() {
    let place = Place::new();
    for bytes in [
        b"just a text, long enough to be looked at as a header of a database, or so it may seem..........".to_vec(),
        vec![0xff; 8192],
    ] {
        std::fs::write(&place.path, &bytes).unwrap();
        assert_eq!(refusal(&place.path).kind(), ErrorKind::Storage);
        assert_eq!(place.files(), [("oo.db".to_owned(), bytes)]);
    }
}

/// A socket and a pipe are said to be none of ours, at once; an empty file is a database that has yet to be made.
#[cfg(unix)]
#[test]
fn sockets_pipes_and_empty_files() {
    let place = Place::new();
    let socket = std::os::unix::net::UnixListener::bind(&place.path).unwrap();
    assert_eq!(refusal(&place.path).kind(), ErrorKind::Storage);
    drop(socket);
    std::fs::remove_file(&place.path).unwrap();

    assert!(std::process::Command::new("mkfifo").arg(&place.path).status().unwrap().success());
    let (path, (sender, receiver)) = (place.path.clone(), std::sync::mpsc::channel());
    std::thread::spawn(move || sender.send(open(&path).err()));
    let refused = receiver.recv_timeout(Duration::from_secs(10)).expect("a pipe must not hold the caller up");
    assert_eq!(refused.map(|error| error.kind()), Some(ErrorKind::Storage));
    std::fs::remove_file(&place.path).unwrap();

    std::fs::write(&place.path, b"").unwrap();
    let store = place.open();
    assert_eq!(store.head().unwrap(), Position(0));
    let ann = person(&store, "ann");
    drop(store);
    assert_eq!(place.open().user("ann", None).unwrap(), Some(ann));
}

#[test]
fn another_programs_database_is_left_as_it_was() {
    let place = Place::new();
    let other = rusqlite::Connection::open(&place.path).unwrap();
    other.execute_batch("CREATE TABLE photos (id INTEGER PRIMARY KEY)").unwrap();
    drop(other);
    let before = place.files();
    let error = refusal(&place.path);
    assert_eq!(error.kind(), ErrorKind::Storage);
    assert!(error.message().contains("another program's"), "{error}");
    assert_eq!(place.files(), before);
}

#[test]
fn a_database_of_a_newer_format_is_left_as_it_was() {
    let place = Place::new();
    drop(place.open());
    let conn = rusqlite::Connection::open(&place.path).unwrap();
    conn.execute_batch(&format!("PRAGMA user_version = {}", FORMAT + 1)).unwrap();
    drop(conn);
    let before = place.files();
    assert_eq!(refusal(&place.path).kind(), ErrorKind::Incompatible);
    assert_eq!(place.files(), before);
}

#[test]
fn the_master_key_is_needed_and_never_replaced() {
    let place = Place::new();
    let store = place.open();
    let ann = person(&store, "ann");
    drop(store);
    let key = place.folder.path().join("oo.db.key");
    let right = std::fs::read(&key).unwrap();

    std::fs::remove_file(&key).unwrap();
    let error = refusal(&place.path);
    assert_eq!(error.kind(), ErrorKind::Key);
    assert!(!key.exists(), "a new key cannot open an old database");

    std::fs::write(&key, format!("oo-master-key-v1 {}\n", "00".repeat(32))).unwrap();
    let error = refusal(&place.path);
    assert_eq!(error.kind(), ErrorKind::Key);
    assert!(error.message().contains("another master key"), "{error}");
    std::fs::write(&key, "garbled").unwrap();
    assert_eq!(refusal(&place.path).kind(), ErrorKind::Key);

    std::fs::write(&key, right).unwrap();
    assert_eq!(place.open().user("ann", None).unwrap(), Some(ann));
}

#[test]
fn a_locked_database_is_busy_after_a_bounded_wait() {
    let place = Place::new();
    let store = place.open();
    let ann = person(&store, "ann").user;
    let holder = rusqlite::Connection::open(&place.path).unwrap();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    let start = Instant::now();
    assert_eq!(append_event(store.as_ref(), samples::mood(1, ann)).unwrap_err().kind(), ErrorKind::Busy);
    assert!(
        start.elapsed() >= Duration::from_millis(250) && start.elapsed() < Duration::from_secs(3),
        "{:?}",
        start.elapsed()
    );
    assert_eq!(store.head().unwrap(), Position(0), "readers go on");
    assert_eq!(store.user("ben", None).unwrap(), None);
    // Opening an existing database writes nothing, so it needs no lock.
    let second = place.open();
    holder.execute_batch("ROLLBACK").unwrap();
    append_event(second.as_ref(), samples::mood(1, ann)).unwrap();

    // A rollback-journal style exclusive lock keeps everybody out.
    drop((store, second));
    holder.execute_batch("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE").unwrap();
    assert_eq!(refusal(&place.path).kind(), ErrorKind::Busy);
    drop(holder);
    assert_eq!(place.open().head().unwrap(), Position(1));
}

#[test]
fn a_full_disk_undoes_the_write_and_no_more() {
    let place = Place::new();
    let store = open_with(&place.path, Options { max_bytes: Some(400_000), ..support::options() }).unwrap();
    let ann = person(&store, "ann").user;
    let mut written = 0;
    let error = loop {
        match append_event(store.as_ref(), samples::decision(written + 1, ann, 10)) {
            Ok(_) => written += 1,
            Err(error) => break error,
        }
    };
    assert_eq!(error.kind(), ErrorKind::Storage);
    assert!(error.message().contains("full"), "{error}");
    assert!(written > 20);
    assert_eq!(store.head().unwrap(), Position(written));
    drop(store);
    let store = place.open();
    assert_eq!(store.read(Position(0), usize::MAX).unwrap().len() as u64, written);
    append_event(store.as_ref(), samples::decision(written + 1, ann, 10)).unwrap();
}

#[test]
fn a_transaction_with_half_an_entry_in_it_cannot_be_committed() {
    let place = Place::new();
    let store = open_with(&place.path, Options { max_bytes: Some(400_000), ..support::options() }).unwrap();
    let ann = person(&store, "ann").user;
    append_event(store.as_ref(), samples::mood(1, ann)).unwrap();
    let committed = store.transact(&mut |transaction| {
        let entries = (2..1_000).map(|number| oo_core::ports::Entry::new(samples::decision(number, ann, 10)));
        let failed = entries.map(|entry| transaction.append(&entry)).find_map(Result::err).unwrap();
        assert_eq!(failed.kind(), ErrorKind::Storage);
        // A caller that overlooks the error.
        Ok(())
    });
    assert_eq!(committed.unwrap_err().kind(), ErrorKind::Storage);
    assert_eq!(store.head().unwrap(), Position(1));
}

#[test]
fn a_really_full_disk_and_a_read_only_one() {
    let folder = tempfile::tempdir().unwrap();
    let Some(mount) = small_disk(folder.path()) else { return };
    let path = folder.path().join("oo.db");
    let store = open(&path).unwrap();
    let ann = person(&store, "ann").user;
    let mut written = 0;
    let error = loop {
        match append_event(store.as_ref(), samples::decision(written + 1, ann, 10)) {
            Ok(_) => written += 1,
            Err(error) => break error,
        }
    };
    assert_eq!(error.kind(), ErrorKind::Storage, "{error}");
    assert_eq!(store.head().unwrap(), Position(written), "what was acknowledged is there");
    mount.remount("size=8m");
    append_event(store.as_ref(), samples::decision(written + 1, ann, 10)).unwrap();
    assert_eq!(store.head().unwrap(), Position(written + 1));
    drop(store);

    mount.remount("ro");
    assert_eq!(refusal(&path).kind(), ErrorKind::Storage);
    let error = refusal(&folder.path().join("new.db"));
    assert_eq!(error.kind(), ErrorKind::Storage);
    mount.remount("rw");
    assert_eq!(open(&path).unwrap().head().unwrap(), Position(written + 1));
}

#[test]
fn a_read_only_file_is_refused() {
    let place = Place::new();
    drop(place.open());
    let Some(_mount) = read_only_file(&place.path) else { return };
    let error = refusal(&place.path);
    assert_eq!(error.kind(), ErrorKind::Storage);
    assert!(error.message().contains("read-only"), "{error}");
}

#[test]
fn a_damaged_page_is_said_to_be_damage() {
    let place = Place::new();
    let store = place.open();
    let ann = person(&store, "ann").user;
    for number in 1..=200 {
        append_event(store.as_ref(), samples::decision(number, ann, 10)).unwrap();
    }
    drop(store);
    let mut bytes = std::fs::read(&place.path).unwrap();
    let half = bytes.len() / 2;
    bytes[half..].fill(0x5a);
    std::fs::write(&place.path, bytes).unwrap();
    match open(&place.path).and_then(|store| store.read(Position(0), usize::MAX).map(|_| ())) {
        Err(error) => assert_eq!(error.kind(), ErrorKind::Storage, "{error}"),
        Ok(()) => panic!("damage was not noticed"),
    }
}

#[test]
fn a_stores_connections_come_back_after_a_fork_was_prepared() {
    let place = Place::new();
    let store = place.open();
    let ann = person(&store, "ann").user;
    append_event(store.as_ref(), samples::mood(1, ann)).unwrap();
    store.before_fork();
    assert!(!place.folder.path().join("oo.db-wal").exists(), "every connection is closed");
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| append_event(store.as_ref(), samples::mood(2, ann)));
        std::thread::sleep(Duration::from_millis(50));
        assert!(!waiting.is_finished(), "calls wait meanwhile");
        store.after_fork();
        waiting.join().unwrap().unwrap();
    });
    assert_eq!(store.head().unwrap(), Position(2));
}

#[test]
fn a_write_inside_a_write_is_an_error_and_no_deadlock() {
    let place = Place::new();
    let store = place.open();
    let ann = person(&store, "ann").user;
    let inner = std::cell::Cell::new(None);
    store
        .transact(&mut |transaction| {
            inner.set(append_event(store.as_ref(), samples::mood(2, ann)).err().map(|error| error.kind()));
            transaction.append(&oo_core::ports::Entry::new(samples::mood(1, ann))).map(|_| ())
        })
        .unwrap();
    assert_eq!(inner.get(), Some(ErrorKind::Internal));
    assert_eq!(store.head().unwrap(), Position(1));
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        store.transact(&mut |transaction| {
            transaction.append(&oo_core::ports::Entry::new(samples::mood(3, ann)))?;
            panic!("in the middle of a transaction")
        })
    }));
    assert!(panicked.is_err());
    assert_eq!(store.head().unwrap(), Position(1), "a panic undoes the transaction and breaks nothing");
    append_event(store.as_ref(), samples::mood(4, ann)).unwrap();
}
