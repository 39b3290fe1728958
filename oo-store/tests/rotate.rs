//! Rotating the master key: nothing is lost wherever it is cut off, and others that have the file open go on.
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
use std::time::{Duration, Instant};

use oo_core::ErrorKind;
use oo_core::id::ItemKey;
use oo_core::ports::{
    BackupRequest, Entry, KeyId, KeyProvider, MasterKey, SecretStore as _, StateStore as _, TextField, TextWrite,
    Upkeep as _, UserRecord,
};
use oo_core::secret::{Secret, SecretOwner, SecretPurpose};
use oo_core::testing::samples;
use oo_store::{FileKey, Options, RestoreRequest, SqliteStore};
use support::child::{Other, role, say};
use support::{Place, Seeded, append, open_with, person};

const POINTS: [&str; 5] = ["rotate.next", "rotate.wrapped", "rotate.committed", "key.kept", "rotate.adopted"];

/// What a child does: `rotate` rotates once; `live` makes people and reads them, until it is killed.
#[test]
#[ignore = "started by the other tests as a process of its own"]
fn child() {
    let Some((role, path)) = role() else { return };
    let options = Options { patience: Duration::from_secs(20), ..Options::default() };
    let store = open_with(&path, options).unwrap();
    match role.as_str() {
        "rotate" => {
            store.rotate_key(None).unwrap();
        }
        name => {
            for number in 0.. {
                let caller_id = format!("{name} {number}");
                let made = person(&store, &caller_id);
                assert_eq!(store.user(&caller_id, None).unwrap().as_ref(), Some(&made));
                assert!(store.user(&format!("{name} {}", number / 2), None).unwrap().is_some());
                say(&format!("made {caller_id}"));
            }
        }
    }
}

fn token() -> SecretPurpose {
    SecretPurpose::parse("todoist.token").unwrap()
}

/// People with a text and a token each, and a token of the store.
fn inhabit(store: &SqliteStore) -> Vec<UserRecord> {
    store.put_secret(&SecretOwner::Store, &token(), &Secret::from("the store's token")).unwrap();
    (0..700).map(|number| resident(store, number)).collect()
}

fn resident(store: &SqliteStore, number: u64) -> UserRecord {
    let record = person(store, &format!("caller-{number}"));
    if number < 5 {
        let text = TextWrite { item: ItemKey([7; 16]), field: TextField::Title, text: format!("title {number}") };
        let entry = Entry {
            key: Some(record.key.clone()),
            texts: vec![text],
            ..Entry::new(samples::mood(number + 1, record.user))
        };
        append(store, &entry).unwrap();
        let token_of = Secret::from(format!("token {number}"));
        store.put_secret(&SecretOwner::Person(record.clone()), &token(), &token_of).unwrap();
    }
    record
}

fn all_is_there(store: &SqliteStore, people: &[UserRecord]) {
    let own = store.secret(&SecretOwner::Store, &token()).unwrap().unwrap();
    assert_eq!(own.expose(), b"the store's token");
    for (number, record) in people.iter().enumerate() {
        assert_eq!(store.user(&format!("caller-{number}"), None).unwrap().as_ref(), Some(record));
        if number < 5 {
            let texts = store.texts(record, &[(ItemKey([7; 16]), TextField::Title)]).unwrap();
            assert_eq!(texts, [Some(format!("title {number}"))]);
            let secret = store.secret(&SecretOwner::Person(record.clone()), &token()).unwrap().unwrap();
            assert_eq!(secret.expose(), format!("token {number}").as_bytes());
        }
    }
}

fn key_of(path: &Path) -> Option<MasterKey> {
    path.exists().then(|| FileKey::new(path, Seeded::new(0)).master_key(false).unwrap())
}

fn key_files(place: &Place) -> (PathBuf, PathBuf) {
    (place.folder.path().join("oo.db.key"), place.folder.path().join("oo.db.key.next"))
}

fn previous(place: &Place, key: &MasterKey) -> PathBuf {
    place.folder.path().join(format!("oo.db.key.previous-{}", key.id()))
}

fn wrapped_keys(place: &Place) -> support::Needles {
    let conn = rusqlite::Connection::open(&place.path).unwrap();
    let mut rows = conn.prepare("SELECT number, wrapped FROM keys").unwrap();
    let mut found: support::Needles = rows
        .query_map([], |row| Ok((format!("key {}", row.get::<_, i64>(0)?), row.get(1)?)))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    for name in ["lookup_key", "store_key"] {
        let wrapped = conn.query_row("SELECT value FROM meta WHERE key = ?1", [name], |row| row.get(0)).unwrap();
        found.insert(name.to_owned(), wrapped);
    }
    found
}

#[test]
fn a_rotation_wraps_everything_anew_and_leaves_no_old_key_behind() {
    let place = Place::new();
    let store = place.open();
    let people = inhabit(&store);
    let second = place.open();
    let (key, next) = key_files(&place);
    let old = key_of(&key).unwrap();
    let before = wrapped_keys(&place);
    assert_eq!(before.len(), 702);

    let rotated = store.rotate_key(None).unwrap();
    assert_eq!((rotated.from, rotated.wrapped, rotated.wiped), (old.id(), 702, true));
    let new = key_of(&key).unwrap();
    assert_eq!(rotated.to, new.id());
    assert_ne!(old, new);
    assert!(!next.exists());
    let kept = previous(&place, &old);
    assert_eq!(key_of(&kept), Some(old.clone()), "backups need it");
    #[cfg(unix)]
    for file in [&key, &kept] {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let after = wrapped_keys(&place);
    assert!(before.iter().all(|(name, bytes)| after[name] != *bytes && after[name].len() == bytes.len()));
    for (name, bytes) in place.files() {
        assert!(support::found_in(&bytes, &before).is_empty(), "{name} holds a key wrapped by the old master key");
    }
    assert_eq!(store.key_state().unwrap().key, new.id());
    assert!(!store.key_state().unwrap().unwiped);
    // Whoever had it open goes on, reading and making people.
    all_is_there(&store, &people);
    all_is_there(&second, &people);
    person(&second, "somebody new");
    assert!(store.user("somebody new", None).unwrap().is_some());
    drop((store, second));
    all_is_there(&place.open(), &people);
    // Again, and again.
    let store = place.open();
    for _ in 0..3 {
        store.rotate_key(None).unwrap();
    }
    all_is_there(&store, &people);
    // What is given up is gone, and the key in use is never given up.
    assert!(store.discard_key(old.id()).unwrap() && !store.discard_key(old.id()).unwrap());
    assert!(!kept.exists() && previous(&place, &new).exists());
    let error = store.discard_key(store.key_state().unwrap().key).unwrap_err();
    assert_eq!((error.kind(), error.field()), (ErrorKind::InvalidInput, Some("key_id")));
}

#[test]
fn a_backup_of_before_a_rotation_opens_with_the_key_that_was_kept() {
    let place = Place::new();
    let store = place.open();
    let people = inhabit(&store);
    let (key, _) = key_files(&place);
    let old = key_of(&key).unwrap();
    let backup = place.folder.path().join("monday");
    store.backup(&BackupRequest { path: backup.clone(), overwrite: false }).unwrap();
    store.rotate_key(None).unwrap();
    let new = key_of(&key).unwrap();
    drop(store);
    let entropy: Arc<dyn oo_core::ports::Entropy> = Seeded::new(40);
    let provider: Arc<dyn KeyProvider> = Arc::new(FileKey::new(&key, entropy.clone()));
    let request = RestoreRequest { backup, path: place.path.clone(), replace: true };
    let restored = oo_store::restore(&request, &provider, &entropy, &support::options()).unwrap();
    assert_eq!(restored.key, old.id());
    assert_eq!(key_of(&key), Some(new.clone()), "a restore changes no key");
    for _ in 0..2 {
        all_is_there(&place.open(), &people);
        // The key in the file is the one in use, and the other one is kept for the database that was moved aside.
        assert_eq!((key_of(&key), key_of(&previous(&place, &new))), (Some(old.clone()), Some(new.clone())));
        assert!(!previous(&place, &old).exists());
    }
}

#[test]
fn crash_at_any_point_of_a_rotation_leaves_it_done_or_to_be_done_again() {
    for point in POINTS {
        let place = Place::new();
        let store = place.open();
        let people = inhabit(&store);
        let (key, next) = key_files(&place);
        let old = key_of(&key).unwrap();
        // With another process beside it, and without.
        let beside = (point != "rotate.wrapped").then_some(store);
        Other::start("rotate", &place.path, point).kill_at(point);
        if let Some(store) = &beside {
            all_is_there(store, &people);
            person(store, "somebody new");
        }
        let prepared = key_of(&next);
        let committed = matches!(point, "rotate.committed" | "key.kept" | "rotate.adopted");
        assert_eq!(prepared.is_some(), point != "rotate.adopted", "{point}");
        drop(beside);

        let store = place.open();
        all_is_there(&store, &people);
        let state = store.key_state().unwrap();
        assert!(!state.unwiped, "{point}: whoever opens it next wipes what a rotation left");
        let current = key_of(&key).unwrap();
        assert_eq!(state.key, current.id(), "{point}");
        assert_eq!(current != old, committed, "{point}");
        if committed {
            assert!(!next.exists(), "{point}: the key is in its place");
            assert_eq!(key_of(&previous(&place, &old)), Some(old), "{point}: and the one before is kept");
        } else {
            assert_eq!(key_of(&next), prepared, "{point}");
        }
        let rotated = store.rotate_key(None).unwrap();
        if let (false, Some(prepared)) = (committed, prepared) {
            assert_eq!(rotated.to, prepared.id(), "{point}: the key that is there is used");
        }
        drop(store);
        all_is_there(&place.open(), &people);
        assert_eq!(key_of(&key).unwrap().id(), rotated.to);
    }
}

#[test]
fn processes_that_make_people_go_on_while_the_key_is_rotated() {
    let place = Place::new();
    let store = open_with(&place.path, Options { patience: Duration::from_secs(20), ..Options::default() }).unwrap();
    let people = inhabit(&store);
    let mut others: Vec<Other> = ["ann", "ben"].iter().map(|name| Other::start(name, &place.path, "")).collect();
    others.iter_mut().zip(["ann", "ben"]).for_each(|(other, name)| other.until(&format!("made {name} 0")));
    let start = Instant::now();
    let mut rotations = 0;
    while rotations < 8 || start.elapsed() < Duration::from_secs(1) {
        store.rotate_key(None).unwrap();
        rotations += 1;
        person(&store, &format!("between {rotations}"));
    }
    let said: Vec<String> = others.into_iter().map(Other::kill).collect();
    let store = place.open();
    all_is_there(&store, &people);
    for (name, said) in ["ann", "ben"].iter().zip(&said) {
        let made: Vec<&str> = said.lines().filter_map(|line| line.strip_prefix("made ")).collect();
        println!("{rotations} rotations; {name} made {} people meanwhile", made.len());
        assert!(made.len() > 3, "{name} went on");
        for caller_id in made {
            let record = store.user(caller_id, None).unwrap().unwrap();
            assert_eq!(record, person(&store, caller_id));
        }
    }
}

#[test]
fn a_tampered_wrapped_key_stops_a_rotation_before_it_began() {
    let place = Place::new();
    let store = place.open();
    let people = inhabit(&store);
    let (key, _) = key_files(&place);
    let old = key_of(&key).unwrap();
    let conn = rusqlite::Connection::open(&place.path).unwrap();
    let sound: Vec<u8> = conn.query_row("SELECT wrapped FROM keys WHERE number = 650", [], |row| row.get(0)).unwrap();
    let mut damaged = sound.clone();
    damaged[40] ^= 1;
    conn.execute("UPDATE keys SET wrapped = ?1 WHERE number = 650", [&damaged]).unwrap();
    let before = wrapped_keys(&place);
    assert_eq!(store.rotate_key(None).unwrap_err().kind(), ErrorKind::Key);
    assert_eq!(store.user("caller-649", None).unwrap_err().kind(), ErrorKind::Key, "an error, not a wrong key");
    assert_eq!(wrapped_keys(&place), before);
    assert_eq!((key_of(&key).unwrap(), store.key_state().unwrap().key), (old.clone(), old.id()));
    conn.execute("UPDATE keys SET wrapped = ?1 WHERE number = 650", [&sound]).unwrap();
    store.rotate_key(None).unwrap();
    all_is_there(&store, &people);
}

#[test]
fn old_keys_that_a_reader_holds_in_the_write_ahead_log_go_when_it_ends() {
    let place = Place::new();
    let store = place.open();
    let people = inhabit(&store);
    let before = wrapped_keys(&place);
    let reader = rusqlite::Connection::open(&place.path).unwrap();
    reader.execute_batch("BEGIN; SELECT * FROM keys LIMIT 1").unwrap();
    assert!(!store.rotate_key(None).unwrap().wiped);
    assert!(store.key_state().unwrap().unwiped);
    reader.execute_batch("ROLLBACK").unwrap();
    drop((reader, store));
    let store = place.open();
    assert!(!store.key_state().unwrap().unwiped);
    for (name, bytes) in place.files() {
        assert!(support::found_in(&bytes, &before).is_empty(), "{name}");
    }
    all_is_there(&store, &people);
}

/// A key that oO may not replace, as one from the environment.
#[derive(Debug)]
struct Fixed(MasterKey);

impl KeyProvider for Fixed {
    fn master_key(&self, _create: bool) -> oo_core::Result<MasterKey> {
        Ok(self.0.clone())
    }
}

fn open_fixed(path: &Path, key: u8) -> oo_core::Result<Arc<SqliteStore>> {
    let keys = Arc::new(Fixed(MasterKey::new([key; 32])));
    oo_store::open_with(path, keys, Seeded::new(u64::from(key) + 900), support::options())
}

#[test]
fn a_key_from_elsewhere_is_rotated_to_one_that_is_given() {
    let place = Place::new();
    let store = open_fixed(&place.path, 1).unwrap();
    let people = inhabit(&store);
    let other = open_fixed(&place.path, 1).unwrap();
    let error = store.rotate_key(None).unwrap_err();
    assert_eq!((error.kind(), error.field()), (ErrorKind::InvalidInput, Some("new_key")));
    let same = store.rotate_key(Some(Arc::new(Fixed(MasterKey::new([1; 32]))))).unwrap_err();
    assert_eq!((same.kind(), same.field()), (ErrorKind::InvalidInput, Some("new_key")));
    let rotated = store.rotate_key(Some(Arc::new(Fixed(MasterKey::new([2; 32]))))).unwrap();
    assert_eq!(rotated.to, MasterKey::new([2; 32]).id());
    all_is_there(&store, &people);
    // A process with the old key alone is told so; it makes nobody that the new key could not open.
    let told = other.user("caller-1", None).unwrap_err();
    assert_eq!(told.kind(), ErrorKind::Key);
    assert!(told.message().contains("exchanged"), "{told}");
    let new = oo_core::ports::NewUser { user: people[0].user, key: people[0].key.clone() };
    assert_eq!(other.user("nobody yet", Some(new)).unwrap_err().kind(), ErrorKind::Key);
    assert!(store.user("nobody yet", None).unwrap().is_none());
    drop((store, other));
    assert_eq!(open_fixed(&place.path, 1).unwrap_err().kind(), ErrorKind::Key);
    all_is_there(&open_fixed(&place.path, 2).unwrap(), &people);
}

#[test]
fn of_a_file_and_the_next_one_the_right_key_is_the_one_the_database_names() {
    let place = Place::new();
    drop(place.open());
    let (key, next) = key_files(&place);
    let line = |byte: &str| format!("oo-master-key-v1 {}\n", byte.repeat(32));
    let right = std::fs::read_to_string(&key).unwrap();
    // A foreign next key changes nothing and stays.
    std::fs::write(&next, line("11")).unwrap();
    drop(place.open());
    assert_eq!(
        (std::fs::read_to_string(&key).unwrap(), std::fs::read_to_string(&next).unwrap()),
        (right.clone(), line("11"))
    );
    // The right one waits as the next; what has its place is another one, garbled, or nothing.
    for wrong in [Some(line("22")), Some("garbled".to_owned()), None] {
        std::fs::write(&next, &right).unwrap();
        std::fs::remove_file(&key).unwrap();
        if let Some(wrong) = wrong {
            std::fs::write(&key, wrong).unwrap();
        }
        drop(place.open());
        assert_eq!(std::fs::read_to_string(&key).unwrap(), right);
        assert!(!next.exists());
    }
    // Neither is right.
    std::fs::write(&key, line("33")).unwrap();
    std::fs::write(&next, line("44")).unwrap();
    let error = support::open(&place.path).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Key);
    assert!(!error.message().contains("3333") && !error.message().contains("4444"), "{error}");
    let kept = (std::fs::read_to_string(&key).unwrap(), std::fs::read_to_string(&next).unwrap());
    assert_eq!(kept, (line("33"), line("44")), "nothing is replaced");
    assert_ne!(MasterKey::new([0x33; 32]).id(), KeyId([0; 16]));
}
