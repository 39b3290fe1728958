//! What is sealed opens where it belongs, and keys come from where they are kept, once.

use std::sync::Arc;

use oo_core::ports::{Entropy, KeyProvider, MasterKey, TextField, UserRecord};
use oo_core::{ErrorKind, Result};

use super::*;

/// Other bytes each time.
#[derive(Debug, Default)]
struct Counting(std::sync::atomic::AtomicU8);

impl Entropy for Counting {
    fn bytes(&self, _: &'static str) -> Result<[u8; 32]> {
        Ok([self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed); 32])
    }
}

fn entropy() -> Arc<dyn Entropy> {
    Arc::new(Counting::default())
}

/// One key, whatever happens.
#[derive(Debug)]
struct Given(MasterKey);

impl KeyProvider for Given {
    fn master_key(&self, _create: bool) -> Result<MasterKey> {
        Ok(self.0.clone())
    }
}

fn vault(master: &MasterKey) -> Vault {
    Vault::create(master.clone(), Arc::new(Given(master.clone())), entropy()).unwrap()
}

fn place(number: u8) -> TextPlace {
    TextPlace { user: Pseudonym([number; 16]), item: ItemKey([number; 16]), field: TextField::Title }
}

#[test]
fn what_is_sealed_opens_only_where_it_belongs() {
    let master = MasterKey::new([1; 32]);
    let vault = vault(&master);
    let wrapped_own = vault.wrapped(&master).unwrap();
    let key = UserKey::new([2; 32]);
    let sealed = vault.seal_text(&key, place(1), "File taxes").unwrap();
    assert_eq!(Vault::open_text(&key, place(1), &sealed).unwrap(), "File taxes");
    assert!(!sealed.windows(5).any(|window| window == b"taxes"));
    assert_ne!(vault.seal_text(&key, place(1), "File taxes").unwrap(), sealed, "each seal has a nonce of its own");
    // Another key, person, item or field; any damaged byte; any shorter length.
    let refused = |key: &UserKey, place, sealed: &[u8]| {
        assert_eq!(Vault::open_text(key, place, sealed).unwrap_err().kind(), ErrorKind::Storage);
    };
    refused(&UserKey::new([3; 32]), place(1), &sealed);
    refused(&key, TextPlace { user: Pseudonym([9; 16]), ..place(1) }, &sealed);
    refused(&key, TextPlace { item: ItemKey([9; 16]), ..place(1) }, &sealed);
    refused(&key, TextPlace { field: TextField::Notes, ..place(1) }, &sealed);
    for at in 0..sealed.len() {
        let mut damaged = sealed.clone();
        damaged[at] ^= 1;
        refused(&key, place(1), &damaged);
        refused(&key, place(1), &sealed[..at]);
    }

    let user = Pseudonym([5; 16]);
    let wrapped = vault.wrap(&master, user, &key).unwrap();
    let unwrap = |user, wrapped: &[u8]| Vault::unwrap(&master, user, wrapped).map_err(|error| error.kind());
    assert_eq!(unwrap(user, &wrapped), Ok(key));
    assert_eq!(unwrap(Pseudonym([6; 16]), &wrapped), Err(ErrorKind::Key));
    assert_eq!(unwrap(user, &wrapped_own.lookup), Err(ErrorKind::Key), "a wrapped key has one purpose");
    assert_eq!(unwrap(user, wrapped_own.store.as_ref().unwrap()), Err(ErrorKind::Key));
    for at in 0..wrapped.len() {
        let mut damaged = wrapped.clone();
        damaged[at] ^= 1;
        assert_eq!(unwrap(user, &damaged), Err(ErrorKind::Key), "byte {at}");
    }

    let open = |master: MasterKey, wrapped: &WrappedKeys| {
        Vault::open(master.clone(), wrapped, Arc::new(Given(master)), entropy())
    };
    let again = open(master.clone(), &wrapped_own).unwrap();
    assert_eq!(again.lookup("ann").unwrap(), vault.lookup("ann").unwrap());
    assert_ne!(vault.lookup("ann").unwrap(), vault.lookup("ben").unwrap());
    let other = open(MasterKey::new([2; 32]), &wrapped_own);
    assert_eq!(other.map(|_| ()).unwrap_err().kind(), ErrorKind::Key);
    let exchanged = WrappedKeys { lookup: wrapped_own.store.unwrap(), store: Some(wrapped_own.lookup) };
    assert_eq!(open(master, &exchanged).map(|_| ()).unwrap_err().kind(), ErrorKind::Key);
}

#[test]
fn a_secret_opens_for_its_owner_and_purpose_alone() {
    let vault = vault(&MasterKey::new([1; 32]));
    let purpose = |text: &str| SecretPurpose::parse(text).unwrap();
    let person = |number: u8, key: u8| {
        SecretOwner::Person(UserRecord { user: Pseudonym([number; 16]), key: UserKey::new([key; 32]) })
    };
    let secret = Secret::from("hunter2");
    let owners = [SecretOwner::Store, person(1, 1), person(2, 2)];
    for owner in &owners {
        let sealed = vault.seal_secret(owner, &purpose("todoist.token"), &secret).unwrap();
        assert_eq!(vault.open_secret(owner, &purpose("todoist.token"), &sealed).unwrap(), secret);
        let refused = |owner: &SecretOwner, of: &str, sealed: &[u8]| {
            assert_eq!(vault.open_secret(owner, &purpose(of), sealed).unwrap_err().kind(), ErrorKind::Storage);
        };
        refused(owner, "todoist.tokens", &sealed);
        refused(&person(1, 2), "todoist.token", &sealed);
        refused(&person(2, 1), "todoist.token", &sealed);
        for other in owners.iter().filter(|other| *other != owner) {
            refused(other, "todoist.token", &sealed);
        }
        for at in 0..sealed.len() {
            let mut damaged = sealed.clone();
            damaged[at] ^= 1;
            refused(owner, "todoist.token", &damaged);
        }
    }
    // A text of the same person is no secret of theirs.
    let text = vault.seal_text(&UserKey::new([1; 32]), place(1), "hunter2").unwrap();
    assert!(vault.open_secret(&owners[1], &purpose("todoist.token"), &text).is_err());
}

#[test]
fn a_vault_asks_again_for_a_key_that_was_exchanged() {
    let master = MasterKey::new([1; 32]);
    let vault = vault(&master);
    assert_eq!(vault.master(master.id()).unwrap(), master);
    let stranger = MasterKey::new([9; 32]);
    assert_eq!(vault.master(stranger.id()).unwrap_err().kind(), ErrorKind::Key);
    let folder = tempfile::tempdir().unwrap();
    let file = FileKey::new(folder.path().join("key"), entropy());
    let old = file.master_key(true).unwrap();
    let vault = Vault::create(old.clone(), Arc::new(FileKey::new(file.path(), entropy())), entropy()).unwrap();
    let next = file.next_key().unwrap();
    assert_ne!(next, old);
    assert_eq!(file.next_key().unwrap(), next, "a rotation that was cut off goes on with the key that is there");
    assert_eq!(vault.master(next.id()).unwrap(), next, "not in its place yet");
    file.adopt(old.id()).unwrap();
    assert_eq!(file.master_key(false).unwrap(), old, "the database does not name the next one yet");
    file.adopt(next.id()).unwrap();
    file.adopt(next.id()).unwrap();
    assert_eq!(file.master_key(false).unwrap(), next);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2, "the one before is kept");
    assert_eq!(file.key_by_id(old.id()).unwrap(), Some(old.clone()));
    assert!(!file.discard(next.id()).unwrap() && file.discard(old.id()).unwrap());
    assert_eq!(file.key_by_id(old.id()).unwrap(), None);
    assert_eq!(file.master_key(false).unwrap(), next);
}

#[test]
fn nothing_secret_is_in_debug_output() {
    let vault = vault(&MasterKey::new([0x5a; 32]));
    let file = FileKey::new("/somewhere.key", entropy());
    let shown = format!("{vault:?} {file:?} {:?} {:?}", MasterKey::new([0x5a; 32]), UserKey::new([0x5a; 32]));
    assert!(!shown.contains("5a") && !shown.contains("90"), "{shown}");
}

#[test]
fn a_key_file_is_made_once_and_read_ever_after() {
    let folder = tempfile::tempdir().unwrap();
    let file = FileKey::beside(folder.path().join("oo.db"), entropy());
    assert_eq!(file.path(), folder.path().join("oo.db.key"));
    assert_eq!(file.master_key(false).unwrap_err().kind(), ErrorKind::Key, "a missing key is never replaced");
    let key = file.master_key(true).unwrap();
    assert_eq!(file.master_key(true).unwrap(), key);
    assert_eq!(file.master_key(false).unwrap(), key);
    let text = std::fs::read_to_string(file.path()).unwrap();
    assert_eq!(text, format!("oo-master-key-v1 {}\n", oo_core::id::hex(key.expose())));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing temporary is left");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(file.path()).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn a_garbled_key_file_is_an_error_that_shows_nothing_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = FileKey::new(folder.path().join("key"), entropy());
    let digits = "ab".repeat(32);
    let garbled = [
        String::new(),
        "oo-master-key-v1 ".to_owned(),
        digits.clone(),
        format!("oo-master-key-v2 {digits}\n"),
        format!("oo-master-key-v1 {digits}ab\n"),
        format!("oo-master-key-v1 {}\n", &digits[1..]),
        format!("oo-master-key-v1 {}g\n", &digits[1..]),
        format!("oo-master-key-v1 {}ü\n", &digits[2..]),
    ];
    for text in garbled {
        std::fs::write(file.path(), &text).unwrap();
        for create in [true, false] {
            let error = file.master_key(create).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Key, "{text:?}");
            assert!(!error.to_string().contains("abab"), "{error}");
        }
        assert_eq!(std::fs::read_to_string(file.path()).unwrap(), text, "it is left as it was");
    }
    std::fs::write(file.path(), format!("oo-master-key-v1 {digits}\r\n")).unwrap();
    assert_eq!(file.master_key(false).unwrap(), MasterKey::new([0xab; 32]));
    std::fs::remove_file(file.path()).unwrap();
    std::fs::create_dir(file.path()).unwrap();
    assert_eq!(file.master_key(true).unwrap_err().kind(), ErrorKind::Key);
}

#[test]
fn of_many_that_make_a_key_file_at_once_one_wins_and_all_get_it() {
    for _ in 0..20 {
        let folder = tempfile::tempdir().unwrap();
        let entropy = entropy();
        let path = folder.path().join("key");
        let keys: Vec<MasterKey> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| FileKey::new(&path, entropy.clone()).master_key(true).unwrap()))
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(keys.iter().all(|key| *key == keys[0]));
    }
}
