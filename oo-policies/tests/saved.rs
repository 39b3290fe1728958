//! Saved bytes that were cut, flipped, forged or written by a newer oO give a typed error, never a panic.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use common::shelf::POLICIES;
use common::{World, policy, schema};
use oo_core::ErrorKind;
use oo_core::candidate::ArmKey;
use oo_core::id::Pseudonym;
use oo_core::lesson::Lesson;
use oo_core::policy::{Actions, Scored};
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

/// Lessons with all that some policy wants to know, over a few days and turning round in the middle.
fn lessons(world: &mut World, dim: usize, count: usize) -> Vec<Lesson> {
    let turned = |index: usize, lesson: &Lesson| if index < count / 2 { lesson.x[0] / 2 } else { -lesson.x[0] / 2 };
    (0..count)
        .map(|index| {
            let (person, centre) = (Some(Pseudonym([world.below(3) as u8; 16])), (0..=dim).map(|_| 8_192).collect());
            let lesson = world.lesson(dim, 3);
            let reward = turned(index, &lesson);
            Lesson { person, day: 20_000 + index as i32 / 20, centre: Some(centre), reward, ..lesson }
        })
        .collect()
}

/// Loads forged bytes of `json` over `dim` columns; what loads must work.
fn try_forged(world: &mut World, json: &str, dim: usize, taught: usize, rounds: usize) {
    let arms = [ArmKey::new("arm0"), ArmKey::new("arm9")];
    let lessons = lessons(world, dim, taught);
    let saved = policy(json, dim).learned(&lessons).unwrap().save();
    let values: Vec<f64> = (0..2 * dim).map(|index| 0.5 - (index % 3) as f64 / 2.0).collect();
    let mut loaded = 0;
    for round in 0..rounds {
        let mut bytes = saved.clone();
        mutate(world, &mut bytes);
        if round % 4 != 0 {
            forge(&mut bytes);
        }
        match load(&bytes, &schema(dim)) {
            // A forged state that is possible may load; it must then work.
            Ok(policy) => {
                loaded += 1;
                let person = Some(Pseudonym([1; 16]));
                let actions = Actions { person, day: 20_003, ..Actions::new(dim, &values, &arms) };
                let _ = policy.distribution(&actions, &mut Scored::default());
                let _ = policy.explain(&actions, 1);
                let _ = policy.unlearned(&lessons);
                let _ = policy.identity();
                let again = load(&policy.save(), &schema(dim)).unwrap();
                assert!(again.save() == policy.save(), "{json}: reading changes what was saved");
                // What no lessons lead to may learn its way to what is refused, and that is all.
                if let Ok(learned) = policy.learned(&lessons)
                    && let Err(error) = load(&learned.save(), &schema(dim))
                {
                    assert_eq!(error.kind(), ErrorKind::Storage, "{json}");
                }
            }
            Err(error) => assert!(
                matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::Storage | ErrorKind::Incompatible),
                "{error}"
            ),
        }
    }
    assert!(loaded > 0, "{json}: no forged state was possible, so nothing behind the checks was tried");
}

#[test]
fn forged_policies_never_panic() {
    let rounds = if std::env::var_os("OO_LONG").is_some() { 4000 } else { 400 };
    let mut world = World::new(1);
    for (json, _) in POLICIES {
        try_forged(&mut world, json, 5, 120, rounds);
    }
    // Arms that keep their few lessons, and a segment that a change began.
    for (json, dim, taught) in [(r#"{"type":"linucb","sharing":"disjoint"}"#, 64, 12), (r#"{"type":"auto"}"#, 2, 400)] {
        try_forged(&mut world, json, dim, taught, rounds / 2);
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

/// A posterior is refused unless it can be saved again whatever it learns.
#[test]
fn a_logistic_policy_beyond_its_ridge_is_refused() {
    let json = r#"{"type":"logistic","reward_range":[-1,1],"intercept":false,"open_lessons":1}"#;
    let mut world = World::new(5);
    let taught: Vec<_> = (0..40).map(|_| world.lesson(2, 1)).collect();
    let policy = policy(json, 2).learned(&taught[..1]).unwrap();
    let saved = policy.save();
    // One lesson is open, so the base is the prior: m = (0, 0) and U = I, packed as 1, -0, 1.
    let prior: Vec<u8> = [0.0, 0.0, 1.0, -0.0, 1.0_f64].iter().flat_map(|number| number.to_le_bytes()).collect();
    let at = saved.windows(prior.len()).position(|window| window == prior).unwrap();
    let forged = |numbers: [f64; 5]| {
        let mut bytes = saved.clone();
        let numbers: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
        bytes[at..at + numbers.len()].copy_from_slice(&numbers);
        forge(&mut bytes);
        load(&bytes, &schema(2))
    };
    for numbers in [
        [0.0, 0.0, 3.0, 0.0, 1.0],
        [0.0, 0.0, 1.0, 3.0, 1.0],
        [0.0, 0.0, 1.0, 1e300, 1.0],
        [0.0, 0.0, 1.0, f64::NAN, 1.0],
        [0.0, 0.0, 1.0, 0.0, 0.0],
        [0.0, 0.0, 1.0, 0.0, -1.0],
        [1e300, 0.0, 1.0, 0.0, 1.0],
        [0.0, f64::INFINITY, 1.0, 0.0, 1.0],
    ] {
        assert_eq!(forged(numbers).unwrap_err().kind(), ErrorKind::Storage, "{numbers:?}");
    }
    // What no lessons lead to, but is a posterior, goes on as one.
    for numbers in
        [[0.0, 0.0, 1.0, 0.0, f64::MIN_POSITIVE], [1e100, -1e100, 1.0, 1.0, 1e-300], [0.5, 0.0, 2.0, 0.0, 2.0]]
    {
        let mut policy = forged(numbers).unwrap();
        for lesson in &taught {
            policy = policy.learned(std::slice::from_ref(lesson)).unwrap();
            assert_eq!(load(&policy.save(), &schema(2)).unwrap().save(), policy.save(), "{numbers:?}");
        }
    }
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
