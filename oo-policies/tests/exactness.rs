//! Statement 13 on random worlds: order, batches, shards and merges leave no trace.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "a test fails by panicking")]

mod common;

use std::sync::Arc;

use common::shelf::{POLICIES, is_a_sum};
use common::{World, bits, policy, schema};
use oo_core::ErrorKind;
use oo_core::grid::Grid;
use oo_core::id::Pseudonym;
use oo_core::lesson::Lesson;
use oo_core::policy::{Policy, Unlearned};
use oo_core::schema::FeatureSchema;
use oo_policies::{PolicySpec, build, merge};
use proptest::prelude::*;

const DIM: usize = 5;
const ARMS: u64 = 3;

fn epoch(policy: &Arc<dyn Policy>) -> Arc<dyn Policy> {
    match policy.unlearned(&[]).unwrap() {
        Unlearned::Exact(policy) | Unlearned::Summed(policy) => policy,
        Unlearned::Rebuild => panic!("linear policies subtract"),
    }
}

fn settings() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        r#"{"type":"linucb"}"#,
        r#"{"type":"linucb","sharing":"disjoint","lambda":0.1}"#,
        r#"{"type":"epsilon_greedy","sharing":"disjoint"}"#,
        r#"{"type":"greedy","intercept":false}"#,
        r#"{"type":"linucb","sharing":"hybrid"}"#,
        r#"{"type":"softmax","sharing":{"hybrid":{"context":2}},"lambda":0.3}"#,
        r#"{"type":"lin_ts","draws":40}"#,
        r#"{"type":"lin_ts","sharing":"disjoint","draws":16,"epsilon":0}"#,
        r#"{"type":"lin_ts","sharing":"hybrid","draws":16,"epsilon":0}"#,
        r#"{"type":"square_cb","sharing":"disjoint"}"#,
        r#"{"type":"uniform"}"#,
    ])
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(48) })]

    #[test]
    fn s13_exactness(json in settings(), seed in 0_u64..1_000_000, count in 1_usize..260, shards in 1_usize..5) {
        let mut world = World::new(seed);
        let lessons: Vec<Lesson> = (0..count).map(|_| world.lesson(DIM, ARMS)).collect();
        let values: Vec<f64> = (0..DIM * 7).map(|_| f64::from(world.integer()) / 16384.0).collect();
        let fresh = policy(json, DIM);
        let whole = fresh.learned(&lessons).unwrap();

        // Any sharding, each shard in its own order, merged in any order.
        let mut parts: Vec<Vec<Lesson>> = vec![Vec::new(); shards];
        for lesson in &lessons {
            parts[world.below(shards as u64) as usize].push(lesson.clone());
        }
        let mut policies: Vec<Arc<dyn Policy>> = parts
            .iter_mut()
            .map(|part| {
                part.reverse();
                fresh.learned(part).unwrap()
            })
            .collect();
        if world.below(2) == 0 {
            policies.reverse();
        }
        let merged = merge(&policies, &schema(DIM)).unwrap();
        prop_assert_eq!(merged.identity(), whole.identity());
        prop_assert_eq!(
            bits(merged.as_ref(), DIM, &values, ARMS + 1),
            bits(epoch(&whole).as_ref(), DIM, &values, ARMS + 1)
        );

        // An ordered log in any batches.
        let mut split = fresh;
        let mut rest = &lessons[..];
        while !rest.is_empty() {
            let (batch, tail) = rest.split_at((1 + world.below(100) as usize).min(rest.len()));
            split = split.learned(batch).unwrap();
            rest = tail;
        }
        prop_assert_eq!(bits(split.as_ref(), DIM, &values, ARMS + 1), bits(whole.as_ref(), DIM, &values, ARMS + 1));
        prop_assert_eq!(split.save(), whole.save());
    }

    #[test]
    fn s23_unlearned_is_never_learned(json in settings(), seed in 0_u64..1_000_000, count in 1_usize..200) {
        let mut world = World::new(seed);
        let lessons: Vec<Lesson> = (0..count).map(|_| world.lesson(DIM, ARMS)).collect();
        let values: Vec<f64> = (0..DIM * 7).map(|_| f64::from(world.integer()) / 16384.0).collect();
        let (theirs, others): (Vec<Lesson>, Vec<Lesson>) = lessons.iter().cloned().partition(|_| world.below(3) == 0);
        let fresh = policy(json, DIM);
        let Unlearned::Exact(left) = fresh.learned(&lessons).unwrap().unlearned(&theirs).unwrap() else {
            panic!("linear policies subtract")
        };
        let never = epoch(&fresh.learned(&others).unwrap());
        prop_assert_eq!(left.save(), never.save());
        prop_assert_eq!(bits(left.as_ref(), DIM, &values, ARMS + 1), bits(never.as_ref(), DIM, &values, ARMS + 1));
    }
}

/// Every policy of the shelf whose statistics add: shards, merged in any order, are the whole, and decide as it does at
/// the start of an epoch. The others say that they do not merge.
#[test]
fn s13_every_kind_that_adds_merges() {
    let mut world = World::new(31);
    let lessons: Vec<Lesson> = (0..150)
        .map(|index| {
            let centre = Some((0..=DIM).map(|_| world.integer() / 2).collect());
            let person = Some(Pseudonym([1 + (index % 4) as u8; 16]));
            Lesson { person, centre, day: 20_000 + index / 40, ..world.lesson(DIM, ARMS) }
        })
        .collect();
    let values: Vec<f64> = (0..DIM * 7).map(|_| f64::from(world.integer()) / 16384.0).collect();
    let mut parts: Vec<Vec<Lesson>> = vec![Vec::new(); 4];
    for lesson in lessons.iter().rev() {
        parts[world.below(4) as usize].push(lesson.clone());
    }
    for (json, _) in POLICIES {
        let fresh = policy(json, DIM);
        let shards: Vec<Arc<dyn Policy>> = parts.iter().map(|part| fresh.learned(part).unwrap()).collect();
        if !is_a_sum(json) {
            assert_eq!(merge(&shards, &schema(DIM)).unwrap_err().kind(), ErrorKind::Incompatible, "{json}");
            continue;
        }
        let whole = fresh.learned(&lessons).unwrap();
        assert_ne!(whole.identity(), fresh.identity(), "{json}: nothing was learned");
        let epoch = bits(epoch(&whole).as_ref(), DIM, &values, ARMS + 1);
        for order in [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1]] {
            let merged = merge(&order.map(|shard| shards[shard].clone()), &schema(DIM)).unwrap();
            assert_eq!(merged.identity(), whole.identity(), "{json}: shards {order:?} leave a trace");
            assert_eq!(
                bits(merged.as_ref(), DIM, &values, ARMS + 1),
                epoch,
                "{json}: shards {order:?} decide otherwise"
            );
        }
        println!("s13: 4 shards in 3 orders are the whole: {}", json.split_whitespace().collect::<Vec<_>>().join(" "));
    }
}

#[test]
fn s15_a_revision_may_meet_its_lesson_in_a_merge() {
    let mut world = World::new(15);
    let first = world.lesson(DIM, 1);
    let revision = Lesson { reward: 100, replaces: Some(first.reward), ..first.clone() };
    for json in [
        r#"{"type":"linucb"}"#,
        r#"{"type":"linucb","sharing":"disjoint"}"#,
        r#"{"type":"linucb","sharing":{"hybrid":{"context":1}}}"#,
    ] {
        let fresh = policy(json, DIM);
        let shards = [
            fresh.learned(std::slice::from_ref(&revision)).unwrap(),
            fresh.learned(std::slice::from_ref(&first)).unwrap(),
        ];
        let merged = merge(&shards, &schema(DIM)).unwrap();
        let once = fresh.learned(&[Lesson { reward: 100, ..first.clone() }]).unwrap();
        assert_eq!(merged.identity(), once.identity());
    }
}

#[test]
fn what_differs_does_not_merge() {
    let (a, b) = (policy(r#"{"type":"linucb"}"#, DIM), policy(r#"{"type":"linucb","alpha":0.5}"#, DIM));
    assert!(merge(&[a.clone(), b], &schema(DIM)).is_err());
    assert!(merge(&[a.clone(), policy(r#"{"type":"linucb"}"#, 4)], &schema(DIM)).is_err());
    assert!(merge(&[], &schema(DIM)).is_err());
    // The same columns over another range, and the same settings over other rewards.
    let spec = PolicySpec::parse(r#"{"type":"linucb"}"#).unwrap();
    let wide = FeatureSchema::raw(DIM, -2.0, 2.0).unwrap();
    let others = [
        build(&spec, &wide, Grid::new(-1.0, 1.0).unwrap()).unwrap(),
        build(&spec, &schema(DIM), Grid::new(-1.0, 2.0).unwrap()).unwrap(),
    ];
    for other in others {
        let error = merge(&[a.clone(), other], &schema(DIM)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Incompatible, "{error}");
    }
    assert!(merge(&[a.clone(), a], &schema(DIM)).is_ok());
}

#[test]
fn s13_the_hash_tells_what_was_learned() {
    let mut world = World::new(13);
    let lesson = world.lesson(DIM, 1);
    let mut x = lesson.x.to_vec();
    x[2] ^= 1;
    let others = [
        Lesson { reward: lesson.reward ^ 1, ..lesson.clone() },
        Lesson { x: x.into(), ..lesson.clone() },
        Lesson { arm: oo_core::candidate::ArmKey::new("another"), ..lesson.clone() },
    ];
    for (json, told) in [(r#"{"type":"linucb"}"#, 2), (r#"{"type":"linucb","sharing":"disjoint"}"#, 3)] {
        let state = |lesson: &Lesson| policy(json, DIM).learned(std::slice::from_ref(lesson)).unwrap().identity().state;
        for other in &others[..told] {
            assert_ne!(state(&lesson), state(other), "{json}");
        }
    }
    let state = |json| policy(json, DIM).learned(std::slice::from_ref(&lesson)).unwrap().identity().state;
    assert_ne!(state(r#"{"type":"linucb"}"#), state(r#"{"type":"linucb","alpha":2}"#));
    assert_eq!(state(r#"{"type":"linucb"}"#), state(r#"{"type":"linucb","alpha":1}"#));
}
