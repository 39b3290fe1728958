//! Restoring: what is wrong with a backup is found before anything is replaced, and at every moment a whole database is there.
#![cfg(feature = "testing")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test fails by panicking and may look at the clock"
)]

mod support;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use oo_core::id::Position;
use oo_core::ports::{BackupRequest, Entropy, EventLog as _, KeyProvider, StateStore as _, Upkeep as _};
use oo_core::testing::samples;
use oo_core::{Error, ErrorKind};
use oo_store::{FORMAT, FileKey, RestoreRequest, Restored, SqliteStore};
use support::child::{Other, role, say};
use support::disk::small_disk;
use support::{Place, Seeded, append_event, person};

#[test]
#[ignore = "started by the other tests as a process of its own"]
fn child() {
    let Some((role, path)) = role() else { return };
    if role == "live" {
        let store = support::open(&path).unwrap();
        fill(&store, 11..=20);
        say("filled");
        loop {
            std::thread::park();
        }
    }
    restore(&path, Path::new(&role), true).unwrap();
}

fn restore(path: &Path, backup: &Path, replace: bool) -> oo_core::Result<Restored> {
    static RESTORES: AtomicU64 = AtomicU64::new(0);
    let seed = u64::from(std::process::id()) + (RESTORES.fetch_add(1, Ordering::Relaxed) << 32);
    let entropy: Arc<dyn Entropy> = Seeded::new(seed);
    let key: Arc<dyn KeyProvider> = Arc::new(FileKey::beside(path, entropy.clone()));
    let request = RestoreRequest { backup: backup.to_owned(), path: path.to_owned(), replace };
    oo_store::restore(&request, &key, &entropy, &support::options())
}

fn fill(store: &SqliteStore, numbers: std::ops::RangeInclusive<u64>) {
    let ann = person(store, "ann").user;
    for number in numbers {
        append_event(store, samples::decision(number, ann, 10)).unwrap();
    }
}

/// A store with ten events, and a backup of it elsewhere; then ten more.
fn backed_up() -> (Place, tempfile::TempDir, PathBuf) {
    let (place, shelf) = (Place::new(), tempfile::tempdir().unwrap());
    let store = place.open();
    fill(&store, 1..=10);
    let backup = shelf.path().join("a.backup");
    store.backup(&BackupRequest { path: backup.clone(), overwrite: false }).unwrap();
    fill(&store, 11..=20);
    drop(store);
    (place, shelf, backup)
}

fn names(place: &Place) -> Vec<String> {
    place.files().into_iter().map(|(name, _)| name).collect()
}

fn head(path: &Path) -> Position {
    support::open(path).unwrap().head().unwrap()
}

#[test]
fn a_backup_comes_back_with_a_life_of_its_own() {
    let (place, shelf, backup) = backed_up();
    let bytes = std::fs::read(&backup).unwrap();
    let life = |path: &Path| match support::open(path).unwrap().query(&oo_core::ports::Query::Info).unwrap() {
        oo_core::ports::Rows::Info(info) => info.incarnation,
        other => panic!("{other:?}"),
    };
    let first = life(&place.path);
    assert_eq!(first, life(&place.path), "opening begins no new life");
    std::fs::remove_file(&place.path).unwrap();
    let restored = restore(&place.path, &backup, false).unwrap();
    assert_eq!((restored.position, restored.keys, &restored.replaced), (Position(10), 3, &None));
    let list = place.folder.path().join("oo.db.forgotten");
    assert_eq!((&restored.forgotten, restored.listed), (&list, None), "nobody was forgotten");
    std::fs::write(&list, format!("{}\nno line\n{}", "ab".repeat(32), "cd".repeat(32))).unwrap();
    assert_eq!(head(&place.path), Position(10));
    assert_eq!(life(&place.path), restored.incarnation);
    let again = restore(&place.path, &backup, true).unwrap();
    assert_eq!((&again.forgotten, again.listed), (&list, Some(2)));
    let lives = [first, restored.incarnation, again.incarnation];
    assert!(lives[0] != lives[1] && lives[1] != lives[2] && lives[0] != lives[2], "{lives:?}");
    assert_eq!(std::fs::read(&backup).unwrap(), bytes, "a backup is only read");
    assert_eq!(std::fs::read_dir(shelf.path()).unwrap().count(), 1, "and nothing is made beside it");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(&place.path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn a_database_is_replaced_only_when_asked_and_then_kept_aside() {
    let (place, _shelf, backup) = backed_up();
    let before = place.files();
    let error = restore(&place.path, &backup, false).unwrap_err();
    assert_eq!((error.kind(), error.field()), (ErrorKind::InvalidInput, Some("path")), "{error}");
    assert_eq!(place.files(), before);

    let restored = restore(&place.path, &backup, true).unwrap();
    assert_eq!(restored.replaced.as_deref(), Some(place.folder.path().join("oo.db.replaced").as_path()));
    assert_eq!(names(&place), ["oo.db", "oo.db.key", "oo.db.replaced"]);
    assert_eq!(head(&place.path), Position(10));
    let again = restore(&place.path, &backup, true).unwrap();
    assert_eq!(again.replaced.as_deref(), Some(place.folder.path().join("oo.db.replaced-2").as_path()));
    // What was set aside is whole.
    let entropy = Seeded::new(5);
    let key = Arc::new(FileKey::beside(&place.path, entropy.clone()));
    let old = oo_store::open_with(restored.replaced.unwrap(), key, entropy, support::options()).unwrap();
    assert_eq!(old.head().unwrap(), Position(20));
}

#[test]
fn a_database_in_use_is_not_replaced() {
    let (place, _shelf, backup) = backed_up();
    let store = place.open();
    let error = restore(&place.path, &backup, true).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Busy, "{error}");
    assert!(error.message().contains("stop it"), "{error}");
    let ann = person(&store, "ann").user;
    append_event(store.as_ref(), samples::mood(100, ann)).unwrap();
    drop(store);
    // By another process.
    let mut other = Other::start("live", &place.path, "");
    other.until("filled");
    assert_eq!(restore(&place.path, &backup, true).unwrap_err().kind(), ErrorKind::Busy);
    other.kill();
    assert_eq!(head(&place.path), Position(21));
    assert!(!names(&place).iter().any(|name| name.contains("rest") || name.contains("repl")), "{:?}", names(&place));
}

/// A database whose last events stand in its write-ahead log alone, as after a crash.
fn crashed() -> (Place, tempfile::TempDir, PathBuf) {
    let (place, shelf) = (Place::new(), tempfile::tempdir().unwrap());
    let store = place.open();
    fill(&store, 1..=10);
    let backup = shelf.path().join("a.backup");
    store.backup(&BackupRequest { path: backup.clone(), overwrite: false }).unwrap();
    drop(store);
    let mut other = Other::start("live", &place.path, "");
    other.until("filled");
    other.kill();
    assert!(std::fs::metadata(place.folder.path().join("oo.db-wal")).unwrap().len() > 0);
    (place, shelf, backup)
}

#[test]
fn crash_at_any_point_of_a_restore_leaves_it_done_or_undone() {
    let points = ["restore.copied", "restore.linked", "restore.cleared", "restore.swapped"];
    // Whoever opens it next undoes it or ends it; whoever restores next, too.
    for (point, opened) in points.into_iter().flat_map(|point| [(point, true), (point, false)]) {
        let (place, _shelf, backup) = crashed();
        Other::start(backup.to_str().unwrap(), &place.path, point).kill_at(point);
        if opened {
            let swapped = point == "restore.swapped";
            assert_eq!(head(&place.path), Position(if swapped { 10 } else { 20 }), "{point}");
            let expected: &[&str] =
                if swapped { &["oo.db", "oo.db.key", "oo.db.replaced"] } else { &["oo.db", "oo.db.key"] };
            assert_eq!(names(&place), expected, "{point}");
        }
        restore(&place.path, &backup, true).unwrap();
        assert_eq!(head(&place.path), Position(10), "{point}");
        let left: Vec<String> = names(&place).into_iter().filter(|name| !name.starts_with("oo.db.replaced")).collect();
        assert_eq!(left, ["oo.db", "oo.db.key"], "{point}");
        let aside = place.folder.path().join("oo.db.replaced");
        let conn = rusqlite::Connection::open(aside).unwrap();
        let events: i64 = conn.query_row("SELECT count(*) FROM events", [], |row| row.get(0)).unwrap();
        assert_eq!(events, 20, "{point}: the old database is whole, its write-ahead log included");
    }
}

#[test]
fn while_a_restore_is_under_way_nobody_opens_the_database() {
    let (place, _shelf, backup) = backed_up();
    let mut other = Other::start(backup.to_str().unwrap(), &place.path, "restore.swapped");
    other.until("@stopped at restore.swapped");
    assert_eq!(support::open(&place.path).unwrap_err().kind(), ErrorKind::Busy);
    assert_eq!(restore(&place.path, &backup, true).unwrap_err().kind(), ErrorKind::Busy);
    other.kill();
    assert_eq!(head(&place.path), Position(10));
}

/// Damages a database and its log beyond opening; what the database is then.
fn damage(place: &Place) -> Vec<u8> {
    let damaged = |name: &str| {
        let mut bytes = std::fs::read(place.folder.path().join(name)).unwrap();
        bytes[..100].fill(0x5a);
        std::fs::write(place.folder.path().join(name), &bytes).unwrap();
        bytes
    };
    damaged("oo.db-wal");
    damaged("oo.db")
}

#[test]
fn a_stale_write_ahead_log_is_not_applied_to_what_is_restored() {
    // The database is gone and its log is there.
    let (place, _shelf, backup) = crashed();
    std::fs::remove_file(&place.path).unwrap();
    let restored = restore(&place.path, &backup, false).unwrap();
    assert_eq!(restored.replaced, None);
    assert_eq!(head(&place.path), Position(10));
    assert_eq!(names(&place), ["oo.db", "oo.db.key", "oo.db.replaced-wal"], "kept, where it does no harm");
    // The database is damaged beyond opening, and its log is there.
    let (place, _shelf, backup) = crashed();
    let bytes = damage(&place);
    let restored = restore(&place.path, &backup, true).unwrap();
    assert_eq!(head(&place.path), Position(10));
    assert_eq!(std::fs::read(restored.replaced.unwrap()).unwrap(), bytes, "as it was");
}

#[test]
fn a_damaged_database_is_there_again_when_a_crash_cuts_a_restore_off() {
    for point in ["restore.linked", "restore.cleared"] {
        let (place, _shelf, backup) = crashed();
        let sound = std::fs::read(&place.path).unwrap();
        let whole = std::fs::read(place.folder.path().join("oo.db-wal")).unwrap();
        let bytes = damage(&place);
        Other::start(backup.to_str().unwrap(), &place.path, point).kill_at(point);
        assert_eq!(support::open(&place.path).unwrap_err().kind(), ErrorKind::Storage);
        assert_eq!(std::fs::read(&place.path).unwrap(), bytes);
        std::fs::write(&place.path, &sound).unwrap();
        std::fs::write(place.folder.path().join("oo.db-wal"), &whole).unwrap();
        assert_eq!(head(&place.path), Position(20));
    }
}

/// Restores what must be refused, over a database and where there is none: neither changes.
fn refused(place: &Place, backup: &Path) -> Error {
    let before = place.files();
    let error = restore(&place.path, backup, true).unwrap_err();
    assert_eq!(place.files(), before, "{error}");
    let empty = tempfile::tempdir().unwrap();
    std::fs::copy(place.folder.path().join("oo.db.key"), empty.path().join("oo.db.key")).unwrap();
    let again = restore(&empty.path().join("oo.db"), backup, false).unwrap_err();
    assert_eq!(again.kind(), error.kind());
    assert_eq!(std::fs::read_dir(empty.path()).unwrap().count(), 1, "nothing is left");
    assert!(error.message().contains(';'), "it says what to do: {error}");
    error
}

#[test]
fn what_is_no_sound_backup_of_ours_is_refused() {
    let (place, shelf, good) = backed_up();
    let at = |name: &str| shelf.path().join(name);
    let bytes = std::fs::read(&good).unwrap();
    let kind = |name: &str| refused(&place, &at(name)).kind();

    assert_eq!(refused(&place, &at("nowhere")).field(), Some("backup"));
    assert_eq!(refused(&place, shelf.path()).field(), Some("backup"));
    let itself = restore(&place.path, &place.path, true).unwrap_err();
    assert_eq!((itself.kind(), itself.field()), (ErrorKind::InvalidInput, Some("backup")));

    let other = rusqlite::Connection::open(at("photos.db")).unwrap();
    other.execute_batch("CREATE TABLE photos (id INTEGER PRIMARY KEY)").unwrap();
    drop(other);
    let error = refused(&place, &at("photos.db"));
    assert_eq!(error.kind(), ErrorKind::Storage);
    assert!(error.message().contains("another program's"), "{error}");
    std::fs::write(at("text"), "no database at all, however long one looks at it. ".repeat(40)).unwrap();
    std::fs::write(at("empty"), "").unwrap();
    for name in ["text", "empty"] {
        assert_eq!(kind(name), ErrorKind::Storage, "{name}");
    }
    for cut in [bytes.len() - 1, bytes.len() / 2, 4096, 100, 17] {
        std::fs::write(at("cut"), &bytes[..cut]).unwrap();
        assert_eq!(kind("cut"), ErrorKind::Storage, "{cut}");
    }
    let mut damaged = 0;
    for page in 0..bytes.len() / 4096 {
        let mut bytes = bytes.clone();
        bytes[page * 4096..][..4096].iter_mut().skip(if page == 0 { 100 } else { 0 }).for_each(|byte| *byte ^= 0x5a);
        std::fs::write(at("damaged"), &bytes).unwrap();
        match restore(&place.folder.path().join("other.db"), &at("damaged"), false) {
            // Overflow pages hold nothing but contents, whose seals and events are checked when they are read.
            Ok(_) => std::fs::remove_file(place.folder.path().join("other.db")).unwrap(),
            Err(error) => {
                assert!(matches!(error.kind(), ErrorKind::Storage | ErrorKind::Key), "page {page}: {error}");
                damaged += 1;
            }
        }
    }
    assert!(damaged >= 10, "{damaged} of {} damaged pages were found", bytes.len() / 4096);

    std::fs::copy(&good, at("newer")).unwrap();
    let conn = rusqlite::Connection::open(at("newer")).unwrap();
    conn.execute_batch(&format!("PRAGMA user_version = {}", FORMAT + 1)).unwrap();
    drop(conn);
    assert_eq!(kind("newer"), ErrorKind::Incompatible);
    std::fs::copy(&good, at("living")).unwrap();
    std::fs::write(at("living-wal"), "frames").unwrap();
    let error = refused(&place, &at("living"));
    assert_eq!((error.kind(), error.field()), (ErrorKind::InvalidInput, Some("backup")));
    assert_eq!(head(&place.path), Position(20));
}

#[test]
fn a_backup_that_the_master_key_does_not_open_is_refused() {
    let (place, shelf, backup) = backed_up();
    let tampered = shelf.path().join("tampered");
    for tamper in [
        "UPDATE keys SET wrapped = zeroblob(length(wrapped))",
        "UPDATE meta SET value = zeroblob(73) WHERE key = 'lookup_key'",
        "UPDATE meta SET value = (SELECT value FROM meta WHERE key = 'lookup_key') WHERE key = 'store_key'",
        "UPDATE meta SET value = zeroblob(16) WHERE key = 'master_key_id'",
    ] {
        std::fs::copy(&backup, &tampered).unwrap();
        let conn = rusqlite::Connection::open(&tampered).unwrap();
        conn.execute_batch(tamper).unwrap();
        drop(conn);
        assert_eq!(refused(&place, &tampered).kind(), ErrorKind::Key, "{tamper}");
    }
    // Made before a rotation: it needs the key of then.
    let key = place.folder.path().join("oo.db.key");
    let old = std::fs::read(&key).unwrap();
    let store = place.open();
    let rotated = store.rotate_key(None).unwrap();
    assert!(store.discard_key(rotated.from).unwrap());
    drop(store);
    let new = std::fs::read(&key).unwrap();
    let error = refused(&place, &backup);
    assert_eq!(error.kind(), ErrorKind::Key);
    assert!(error.message().contains("another master key"), "{error}");
    std::fs::remove_file(&key).unwrap();
    let missing = restore(&place.path, &backup, true).unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::Key);
    assert!(!key.exists(), "never a new key for old data");
    std::fs::write(&key, &new).unwrap();
    assert_eq!(head(&place.path), Position(20));
    std::fs::write(&key, old).unwrap();
    restore(&place.path, &backup, true).unwrap();
    place.open().rotate_key(None).unwrap();
    assert_eq!(head(&place.path), Position(10));
}

#[test]
fn another_programs_database_is_not_moved_aside() {
    let (place, shelf, backup) = backed_up();
    let photos = shelf.path().join("photos.db");
    let other = rusqlite::Connection::open(&photos).unwrap();
    other.execute_batch("CREATE TABLE photos (id INTEGER PRIMARY KEY)").unwrap();
    drop(other);
    std::fs::copy(place.folder.path().join("oo.db.key"), shelf.path().join("photos.db.key")).unwrap();
    let before = std::fs::read(&photos).unwrap();
    let error = restore(&photos, &backup, true).unwrap_err();
    assert_eq!((error.kind(), error.field()), (ErrorKind::InvalidInput, Some("path")));
    assert_eq!(std::fs::read(&photos).unwrap(), before);
    assert_eq!(std::fs::read_dir(shelf.path()).unwrap().count(), 3);
}

#[test]
fn a_restore_without_room_is_an_error_and_leaves_what_was_there() {
    let (place, _shelf, backup) = backed_up();
    let store = place.open();
    fill(&store, 21..=600);
    let large = backup.with_extension("large");
    store.backup(&BackupRequest { path: large.clone(), overwrite: false }).unwrap();
    let small = tempfile::tempdir().unwrap();
    let Some(mount) = small_disk(small.path()) else { return };
    let path = small.path().join("oo.db");
    std::fs::copy(place.folder.path().join("oo.db.key"), small.path().join("oo.db.key")).unwrap();
    restore(&path, &backup, false).unwrap();
    let error = restore(&path, &large, true).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Storage, "{error}");
    assert_eq!(std::fs::read_dir(small.path()).unwrap().count(), 2, "what was there is there, and no more");
    assert_eq!(head(&path), Position(10));
    mount.remount("size=16m");
    restore(&path, &large, true).unwrap();
    assert_eq!(head(&path), Position(600));
}

#[test]
fn a_database_of_format_1_is_opened_and_restored_by_this_one() {
    let folder = tempfile::tempdir().unwrap();
    let fixture = |name: &str| Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/format-1").join(name);
    let path = folder.path().join("oo.db");
    std::fs::copy(fixture("oo.db.key"), folder.path().join("oo.db.key")).unwrap();
    let check = |path: &Path| {
        let store = support::open(path).unwrap();
        assert!(store.user("u-42", None).unwrap().is_some());
        assert!(store.head().unwrap() > Position(3));
        assert_eq!(store.key_state().unwrap().wrapped, 3);
        store.head().unwrap()
    };
    std::fs::copy(fixture("oo.db"), &path).unwrap();
    let head = check(&path);
    support::open(&path).unwrap().rotate_key(None).unwrap();
    assert_eq!(check(&path), head);
    std::fs::remove_file(&path).unwrap();
    std::fs::copy(fixture("oo.db.key"), folder.path().join("oo.db.key")).unwrap();
    assert_eq!(restore(&path, &fixture("oo.db"), false).unwrap().position, head);
    assert_eq!(check(&path), head);
}
