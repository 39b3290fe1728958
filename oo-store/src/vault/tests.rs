use std::sync::Arc;

use oo_core::ports::{Entropy, KeyProvider, MasterKey, TextField};
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

fn place(number: u8) -> TextPlace {
    TextPlace { user: Pseudonym([number; 16]), item: ItemKey([number; 16]), field: TextField::Title }
}

#[test]
fn what_is_sealed_opens_only_where_it_belongs() {
    let (vault, wrapped_lookup) = Vault::create(MasterKey::new([1; 32]), entropy()).unwrap();
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
    let wrapped = vault.wrap(user, &key).unwrap();
    assert_eq!(vault.unwrap(user, &wrapped).unwrap(), key);
    assert_eq!(vault.unwrap(Pseudonym([6; 16]), &wrapped).unwrap_err().kind(), ErrorKind::Key);
    assert_eq!(
        vault.unwrap(user, &wrapped_lookup).unwrap_err().kind(),
        ErrorKind::Key,
        "a wrapped key has one purpose"
    );

    let again = Vault::open(MasterKey::new([1; 32]), &wrapped_lookup, entropy()).unwrap();
    assert_eq!(again.lookup("ann").unwrap(), vault.lookup("ann").unwrap());
    assert_ne!(vault.lookup("ann").unwrap(), vault.lookup("ben").unwrap());
    let other = Vault::open(MasterKey::new([2; 32]), &wrapped_lookup, entropy());
    assert_eq!(other.map(|_| ()).unwrap_err().kind(), ErrorKind::Key);
}

#[test]
fn nothing_secret_is_in_debug_output() {
    let (vault, _) = Vault::create(MasterKey::new([0x5a; 32]), entropy()).unwrap();
    let file = FileKey::new("somewhere.key", entropy());
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
