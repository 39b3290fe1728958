//! Snapshots of the registry and the named bandits. The first byte says whether the hash is put right.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sha2::{Digest, Sha256};

fuzz_target!(|data: &[u8]| {
    let Some((choice, rest)) = data.split_first() else { return };
    let bytes = match choice & 1 {
        0 => rest.to_vec(),
        _ => [b"oo.mind2", &Sha256::digest(rest)[..], rest].concat(),
    };
    if let Ok(saved) = oo::testing::saved_again(&bytes) {
        assert_eq!(oo::testing::saved_again(&saved).expect("what was saved can be read"), saved);
    }
});
