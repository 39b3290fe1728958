//! Saved bytes that were cut, flipped, forged or written by a newer oO give a typed error, never a panic.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use common::{World, policy, schema};
use oo_core::ErrorKind;
use oo_policies::{Bandit, BanditSpec, PolicySpec, Rows, load};
use sha2::{Digest, Sha256};

/// Puts the right checksum behind changed bytes, so that what lies behind the checksum is reached.
fn forge(bytes: &mut [u8]) {
    if let Some(body) = bytes.len().checked_sub(32) {
        let checksum = Sha256::digest(&bytes[..body]);
        bytes[body..].copy_from_slice(&checksum);
    }
}

fn mutate(world: &mut World, bytes: &mut Vec<u8>) {
    for _ in 0..1 + world.below(4) {
        let at = world.below(bytes.len() as u64) as usize;
        match world.below(5) {
            0 => bytes[at] = 0xff,
            1 => bytes.truncate(at.max(1)),
            2 => bytes.insert(at, world.below(256) as u8),
            3 => {
                bytes.remove(at);
            }
            _ => bytes[at] ^= 1 << world.below(8),
        }
        if bytes.is_empty() {
            bytes.push(b'o');
        }
    }
}

#[test]
fn forged_policies_never_panic() {
    let mut world = World::new(1);
    let arms = [oo_core::candidate::ArmKey::new("arm0")];
    for json in [
        r#"{"type":"linucb"}"#,
        r#"{"type":"linucb","sharing":"disjoint"}"#,
        r#"{"type":"greedy"}"#,
        r#"{"type":"linucb","sharing":"hybrid"}"#,
        r#"{"type":"square_cb","sharing":{"hybrid":{"context":2}}}"#,
        r#"{"type":"lin_ts","sharing":"disjoint","draws":8}"#,
        r#"{"type":"uniform"}"#,
        r#"{"type":"logistic","reward_range":[-1,1],"open_lessons":40}"#,
        r#"{"type":"mixture","members":[{"weight":1,"policy":{"type":"greedy"}},{"weight":1,"policy":{"type":"uniform"}}]}"#,
    ] {
        let lessons: Vec<_> = (0..70).map(|_| world.lesson(3, 3)).collect();
        let saved = policy(json, 3).learned(&lessons).unwrap().save();
        for round in 0..4000 {
            let mut bytes = saved.clone();
            mutate(&mut world, &mut bytes);
            if round % 4 != 0 {
                forge(&mut bytes);
            }
            match load(&bytes, &schema(3)) {
                // A forged state that is possible may load; it must then work.
                Ok(policy) => {
                    let actions = oo_core::policy::Actions::new(3, &[0.5, -0.5, 1.0], &arms);
                    let _ = policy.distribution(&actions, &mut oo_core::policy::Scored::default());
                    let _ = policy.learned(&lessons);
                    let _ = policy.unlearned(&lessons);
                    let _ = policy.identity();
                }
                Err(error) => assert!(
                    matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::Storage | ErrorKind::Incompatible),
                    "{error}"
                ),
            }
        }
    }
}

#[test]
fn forged_bandits_never_panic() {
    let mut world = World::new(2);
    let mut bandit = Bandit::new(BanditSpec::new(PolicySpec::default(), 2)).unwrap();
    bandit.learn(&Rows::new(&[0.5, 0.25, -1.0, 3.0], 2), &[1.0, 0.0]).unwrap();
    let saved = bandit.save();
    for round in 0..4000 {
        let mut bytes = saved.clone();
        mutate(&mut world, &mut bytes);
        if round % 4 != 0 {
            forge(&mut bytes);
        }
        if let Ok(bandit) = Bandit::load(&bytes) {
            let _ = bandit.decide(&Rows::new(&[0.5, 0.25, -1.0, 3.0], 2), 1.into());
        }
    }
    assert_eq!(Bandit::load(&saved).unwrap().save(), saved);
}

#[test]
fn errors_say_what_happened() {
    let policy = policy(r#"{"type":"linucb"}"#, 3);
    let saved = policy.save();
    let kind = |bytes: &[u8]| load(bytes, &schema(3)).unwrap_err().kind();
    assert_eq!(kind(b""), ErrorKind::InvalidInput);
    assert_eq!(kind(b"a pickle of something else"), ErrorKind::InvalidInput);
    assert_eq!(kind(&saved[..saved.len() - 1]), ErrorKind::Storage);
    let mut newer = saved.clone();
    newer[8] = 2;
    forge(&mut newer);
    assert_eq!(kind(&newer), ErrorKind::Incompatible);
    assert_eq!(load(&saved, &schema(4)).unwrap_err().kind(), ErrorKind::Incompatible);
    let mut longer = saved.clone();
    longer.splice(saved.len() - 32..saved.len() - 32, [0; 8]);
    forge(&mut longer);
    assert_eq!(kind(&longer), ErrorKind::Storage, "bytes that nothing reads");
}

/// The first format, as it was first written: must load for ever.
#[test]
fn format_1_loads() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/policy-1.bin");
    let mut world = World::new(3);
    let lessons: Vec<_> = (0..100).map(|_| world.lesson(3, 3)).collect();
    let policy = policy(r#"{"type":"linucb","sharing":"disjoint"}"#, 3).learned(&lessons).unwrap();
    if std::env::var_os("OO_REGENERATE").is_some() {
        std::fs::write(path, policy.save()).unwrap();
    }
    let fixture = std::fs::read(path).unwrap();
    let loaded = load(&fixture, &schema(3)).unwrap();
    assert_eq!(loaded.identity(), policy.identity());
    assert_eq!(loaded.save(), policy.save());
}

/// The hybrid's body, as it was first written.
#[test]
fn format_1_of_a_hybrid_loads() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/hybrid-1.bin");
    let mut world = World::new(4);
    let lessons: Vec<_> = (0..100).map(|_| world.lesson(3, 3)).collect();
    let json = r#"{"type":"linucb","sharing":{"hybrid":{"context":1}}}"#;
    let policy = policy(json, 3).learned(&lessons).unwrap();
    if std::env::var_os("OO_REGENERATE").is_some() {
        std::fs::write(path, policy.save()).unwrap();
    }
    let fixture = std::fs::read(path).unwrap();
    let loaded = load(&fixture, &schema(3)).unwrap();
    assert_eq!(loaded.identity(), policy.identity());
    assert_eq!(loaded.save(), fixture);
}
