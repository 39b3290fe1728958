//! Backups: whole and consistent while others write, under the asked-for name or not at all.
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
use std::sync::atomic::{AtomicBool, Ordering};

use oo_core::id::{ItemKey, Position};
use oo_core::ports::{
    BackupDone, BackupRequest, Entry, EventLog as _, KeyProvider as _, SecretStore as _, StateStore as _, TextField,
    TextWrite, Upkeep as _,
};
use oo_core::secret::{Secret, SecretOwner, SecretPurpose};
use oo_core::testing::samples;
use oo_core::{Error, ErrorKind};
use oo_store::{FileKey, Options, RestoreRequest, SqliteStore};
use support::child::{Other, role};
use support::disk::small_disk;
use support::{Place, Seeded, append, append_event, open_with, person};

#[test]
#[ignore = "started by the other tests as a process of its own"]
fn child() {
    let Some((target, path)) = role() else { return };
    backup(&support::open(&path).unwrap(), Path::new(&target)).unwrap();
}

fn backup(store: &SqliteStore, path: &Path) -> oo_core::Result<BackupDone> {
    store.backup(&BackupRequest { path: path.to_owned(), overwrite: false })
}

fn over(store: &SqliteStore, path: &Path) -> oo_core::Result<BackupDone> {
    store.backup(&BackupRequest { path: path.to_owned(), overwrite: true })
}

/// The backup as a database of its own, opened with the key of `place`.
fn opened(place: &Place, backup: &Path) -> (tempfile::TempDir, Arc<SqliteStore>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("again.db");
    let entropy: Arc<dyn oo_core::ports::Entropy> = Seeded::new(77);
    let key: Arc<dyn oo_core::ports::KeyProvider> = Arc::new(FileKey::beside(&place.path, entropy.clone()));
    let request = RestoreRequest { backup: backup.to_owned(), path: path.clone(), replace: false };
    oo_store::restore(&request, &key, &entropy, &support::options()).unwrap();
    let store = oo_store::open_with(&path, key, entropy, support::options()).unwrap();
    (folder, store)
}

#[test]
fn a_backup_is_one_moment_of_a_store_that_others_write_to() {
    let place = Place::new();
    let store = open_with(&place.path, Options::default()).unwrap();
    let people: Vec<_> = (0..3).map(|number| person(&store, &format!("caller-{number}"))).collect();
    let done = AtomicBool::new(false);
    let backups: Vec<(PathBuf, BackupDone)> = std::thread::scope(|scope| {
        for (lane, record) in people.iter().enumerate() {
            let (place, done) = (&place, &done);
            scope.spawn(move || {
                // Each with a store of its own, as another process would.
                let store = open_with(&place.path, Options::default()).unwrap();
                let mut number = 1;
                while !done.load(Ordering::Relaxed) {
                    let serial = lane as u64 * 1_000_000 + number;
                    let text = TextWrite {
                        item: ItemKey([lane as u8; 16]),
                        field: TextField::Title,
                        text: number.to_string(),
                    };
                    let entry = Entry {
                        key: Some(record.key.clone()),
                        texts: vec![text],
                        ..Entry::new(samples::mood(serial, record.user))
                    };
                    append(store.as_ref(), &entry).unwrap();
                    number += 1;
                }
            });
        }
        let backups = (0..6)
            .map(|number| {
                std::thread::sleep(std::time::Duration::from_millis(60));
                let path = place.folder.path().join(format!("{number}.backup"));
                let made = backup(&store, &path).unwrap();
                (path, made)
            })
            .collect();
        done.store(true, Ordering::Relaxed);
        backups
    });
    let head = store.head().unwrap();
    assert!(backups[5].1.position > backups[0].1.position && head > backups[0].1.position, "others wrote meanwhile");
    for (path, made) in &backups {
        assert_eq!(made.bytes, std::fs::metadata(path).unwrap().len());
        assert_eq!(Some(made.path.as_path()), path.canonicalize().ok().as_deref());
        let (_folder, copy) = opened(&place, path);
        let events = copy.read(Position(0), usize::MAX).unwrap();
        assert_eq!(events.len() as u64, made.position.0);
        for (lane, record) in people.iter().enumerate() {
            let of_lane = events.iter().filter(|stored| stored.event.user == Some(record.user)).count();
            let text = copy.texts(record, &[(ItemKey([lane as u8; 16]), TextField::Title)]).unwrap().remove(0);
            let expected = (of_lane > 0).then(|| of_lane.to_string());
            assert_eq!(text, expected, "an event and its text are in it together or not at all");
        }
    }
}

#[test]
fn a_backup_is_for_its_owner_alone_and_holds_no_key_of_the_master() {
    let place = Place::new();
    let store = place.open();
    let ann = person(&store, "ann");
    let purpose = SecretPurpose::parse("todoist.token").unwrap();
    store.put_secret(&SecretOwner::Person(ann.clone()), &purpose, &Secret::from("a token of ann")).unwrap();
    let path = place.folder.path().join("a.backup");
    let made = backup(&store, &path).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let master = FileKey::beside(&place.path, Seeded::new(0)).master_key(false).unwrap();
    assert_eq!(made.key, master.id());
    let mut needles = support::Needles::new();
    needles.insert("master key".to_owned(), master.expose().to_vec());
    needles.insert("its digits".to_owned(), oo_core::id::hex(master.expose()).into_bytes());
    needles.insert("ann's key".to_owned(), ann.key.expose().to_vec());
    needles.insert("a secret".to_owned(), b"a token of ann".to_vec());
    let bytes = std::fs::read(&path).unwrap();
    assert_eq!(support::found_in(&bytes, &needles), std::collections::BTreeSet::new());
    let beside: Vec<String> = place.files().into_iter().map(|(name, _)| name).collect();
    assert_eq!(beside, ["a.backup", "oo.db", "oo.db-shm", "oo.db-wal", "oo.db.key"], "nothing temporary is left");
    let (_folder, copy) = opened(&place, &path);
    assert_eq!(copy.user("ann", None).unwrap(), Some(ann.clone()));
    assert_eq!(copy.secret(&SecretOwner::Person(ann), &purpose).unwrap(), Some(Secret::from("a token of ann")));
}

#[test]
fn nothing_is_overwritten_unasked_and_nothing_but_a_backup_when_asked() {
    let place = Place::new();
    let store = place.open();
    let at = |name: &str| place.folder.path().join(name);
    let first = backup(&store, &at("a.backup")).unwrap();
    let refused = |path: &Path, overwrite: bool| -> Error {
        let before = std::fs::read(path).ok();
        let error = store.backup(&BackupRequest { path: path.to_owned(), overwrite }).unwrap_err();
        assert_eq!(std::fs::read(path).ok(), before, "{} is as it was", path.display());
        error
    };
    let input =
        |error: Error| assert_eq!((error.kind(), error.field()), (ErrorKind::InvalidInput, Some("path")), "{error}");
    input(refused(&at("a.backup"), false));
    let ann = person(&store, "ann").user;
    append_event(store.as_ref(), samples::mood(1, ann)).unwrap();
    let second = over(&store, &at("a.backup")).unwrap();
    assert_eq!((first.position, second.position), (Position(0), Position(1)));
    assert_eq!(opened(&place, &at("a.backup")).1.head().unwrap(), Position(1));
    over(&store, &at("b.backup")).unwrap();

    std::fs::write(at("thesis"), "three hundred pages").unwrap();
    let other = rusqlite::Connection::open(at("photos.db")).unwrap();
    other.execute_batch("CREATE TABLE photos (id INTEGER PRIMARY KEY)").unwrap();
    let living = support::open(&at("living.db")).unwrap();
    for name in ["thesis", "photos.db", "living.db"] {
        input(refused(&at(name), true));
    }
    drop(living);
    // The store's own files, by whatever name.
    for name in ["oo.db", "oo.db-wal", "oo.db-shm", "oo.db.key", "oo.db.forgotten", "oo.db.key.next"] {
        input(refused(&at(name), true));
    }
    #[cfg(unix)]
    {
        std::fs::hard_link(at("oo.db"), at("linked")).unwrap();
        std::os::unix::fs::symlink(at("oo.db"), at("symlinked")).unwrap();
        input(refused(&at("linked"), true));
        input(refused(&at("symlinked"), true));
    }
    input(store.backup(&BackupRequest { path: place.folder.path().to_owned(), overwrite: true }).unwrap_err());
    input(store.backup(&BackupRequest { path: PathBuf::new(), overwrite: true }).unwrap_err());
    let nowhere = refused(&at("nowhere/a.backup"), false);
    assert_eq!(nowhere.kind(), ErrorKind::Storage);
    assert!(nowhere.message().contains("create it first"), "{nowhere}");
    assert_eq!(store.head().unwrap(), Position(1));
}

#[test]
fn crash_in_the_middle_of_a_backup_leaves_none_and_the_next_one_is_whole() {
    let place = Place::new();
    let store = place.open();
    person(&store, "ann");
    let path = place.folder.path().join("a.backup");
    let partial = place.folder.path().join("a.backup.partial");
    let mut other = Other::start(path.to_str().unwrap(), &place.path, "backup.written");
    other.until("@stopped at backup.written");
    assert!(partial.exists() && !path.exists());
    assert_eq!(backup(&store, &path).unwrap_err().kind(), ErrorKind::Busy, "somebody else writes it");
    backup(&store, &place.folder.path().join("b.backup")).unwrap();
    other.kill();
    assert!(partial.exists() && !path.exists());
    backup(&store, &path).unwrap();
    assert!(!partial.exists() && path.exists());
    assert!(opened(&place, &path).1.user("ann", None).unwrap().is_some());
}

#[test]
fn a_backup_without_room_is_an_error_and_leaves_nothing() {
    let place = Place::new();
    let store = place.open();
    let ann = person(&store, "ann").user;
    for number in 1..=600 {
        append_event(store.as_ref(), samples::decision(number, ann, 10)).unwrap();
    }
    let small = tempfile::tempdir().unwrap();
    let Some(mount) = small_disk(small.path()) else { return };
    let path = small.path().join("a.backup");
    let error = backup(&store, &path).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Storage, "{error}");
    assert_eq!(std::fs::read_dir(small.path()).unwrap().count(), 0, "nothing is left");
    mount.remount("size=16m");
    assert_eq!(backup(&store, &path).unwrap().position, Position(600));
}
