//! The file of the master key: a key only where it is exactly one, and never a new one in its place.
#![no_main]

use std::sync::{Arc, LazyLock};

use libfuzzer_sys::fuzz_target;
use oo_core::ErrorKind;
use oo_core::ports::KeyProvider;
use oo_core::testing::world::SeededWorld;
use oo_store::FileKey;

static FOLDER: LazyLock<tempfile::TempDir> = LazyLock::new(|| tempfile::tempdir().expect("a folder"));
static WORLD: LazyLock<Arc<SeededWorld>> = LazyLock::new(|| Arc::new(SeededWorld::new(0, "key")));

fuzz_target!(|data: &[u8]| {
    let path = FOLDER.path().join("oo.key");
    std::fs::write(&path, data).expect("a file");
    let keys = FileKey::new(&path, WORLD.clone());
    for create in [false, true] {
        match keys.master_key(create) {
            Ok(_) => {
                let text = std::str::from_utf8(data).expect("a key is text");
                let digits = text.trim_end_matches(['\r', '\n', ' ']).strip_prefix("oo-master-key-v1 ");
                let digits = digits.expect("a key begins with its tag");
                assert!(digits.len() == 64 && digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
            }
            Err(error) => assert_eq!(error.kind(), ErrorKind::Key),
        }
    }
    assert_eq!(std::fs::read(&path).expect("the file is there"), data, "a key file is never replaced");
});
