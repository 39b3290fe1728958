//! Personal and pooled: exact on both levels, and by the formulas.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use std::sync::Arc;

use common::{World, policy, schema, solve};
use oo_core::candidate::ArmKey;
use oo_core::grid::Grid;
use oo_core::id::Pseudonym;
use oo_core::lesson::Lesson;
use oo_core::personal::PersonalParts;
use oo_core::policy::{Actions, Policy, Scored, Unlearned};
use oo_policies::{PolicySpec, build_population, load, merge};
use proptest::prelude::*;

const DIM: usize = 5;

fn person(number: u64) -> Pseudonym {
    let mut bytes = [0; 16];
    bytes[0] = (number * 97) as u8;
    bytes[8..].copy_from_slice(&number.to_le_bytes());
    Pseudonym(bytes)
}

fn lessons(world: &mut World, count: usize, people: u64) -> Vec<Lesson> {
    (0..count)
        .map(|_| {
            let number = world.below(people + 1);
            // One in so many is nobody's.
            Lesson { person: (number > 0).then(|| person(number)), ..world.lesson(DIM, 1) }
        })
        .collect()
}

/// Scores as bits, for nobody, for people with lessons and for one without.
fn bits(policy: &dyn Policy, values: &[f64]) -> Vec<u64> {
    let arms = vec![ArmKey::new("a"); values.len() / DIM];
    let mut bits = Vec::new();
    for whose in [None, Some(person(1)), Some(person(2)), Some(person(3)), Some(person(99))] {
        let mut out = Scored::default();
        let actions = Actions { person: whose, ..Actions::new(DIM, values, &arms) };
        policy.distribution(&actions, &mut out).unwrap();
        bits.extend(out.scores.iter().chain(out.distribution.pmf()).map(|number| number.to_bits()));
    }
    bits
}

fn exact(unlearned: Unlearned) -> Arc<dyn Policy> {
    match unlearned {
        Unlearned::Exact(policy) | Unlearned::Summed(policy) => policy,
        Unlearned::Rebuild => panic!("both levels subtract"),
    }
}

fn settings() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        r#"{"type":"hierarchical"}"#,
        r#"{"type":"hierarchical","rank":2}"#,
        r#"{"type":"hierarchical","intercept":false,"personal_ridge":0.5}"#,
    ])
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    /// Any order, batches, shards and merges; people cross from stored lessons to sums on the way.
    #[test]
    fn s13_exactness_of_both_levels(json in settings(), seed in 0_u64..1_000_000, count in 1_usize..80, shards in 1_usize..4) {
        let mut world = World::new(seed);
        let lessons = lessons(&mut world, count, 3);
        let values: Vec<f64> = (0..DIM * 4).map(|_| f64::from(world.integer()) / 16384.0).collect();
        let fresh = policy(json, DIM);
        let whole = fresh.learned(&lessons).unwrap();
        let mut parts: Vec<Vec<Lesson>> = vec![Vec::new(); shards];
        for lesson in &lessons {
            parts[world.below(shards as u64) as usize].push(lesson.clone());
        }
        let policies: Vec<_> = parts.iter_mut().map(|part| { part.reverse(); fresh.learned(part).unwrap() }).collect();
        let merged = merge(&policies, &schema(DIM)).unwrap();
        prop_assert_eq!(merged.identity(), whole.identity());
        prop_assert_eq!(bits(merged.as_ref(), &values), bits(exact(whole.unlearned(&[]).unwrap()).as_ref(), &values));
        let mut split = fresh;
        for batch in lessons.chunks(1 + seed as usize % 9) {
            split = split.learned(batch).unwrap();
        }
        prop_assert_eq!(split.save(), whole.save());
        prop_assert_eq!(bits(split.as_ref(), &values), bits(whole.as_ref(), &values));
        let loaded = load(&whole.save(), &schema(DIM)).unwrap();
        prop_assert_eq!(loaded.identity(), whole.identity());
        prop_assert_eq!(bits(loaded.as_ref(), &values), bits(whole.as_ref(), &values));
    }

    /// A person is subtracted from both levels: the hash and the bits of never having seen them.
    #[test]
    fn s23_a_person_is_forgotten_from_both_levels(json in settings(), seed in 0_u64..1_000_000, count in 1_usize..90) {
        let mut world = World::new(seed);
        let lessons = lessons(&mut world, count, 3);
        let values: Vec<f64> = (0..DIM * 4).map(|_| f64::from(world.integer()) / 16384.0).collect();
        let fresh = policy(json, DIM);
        let all = fresh.learned(&lessons).unwrap();
        let (theirs, others): (Vec<_>, Vec<_>) = lessons.iter().cloned().partition(|lesson| lesson.person == Some(person(2)));
        let left = exact(all.unlearned(&theirs).unwrap());
        let never = exact(fresh.learned(&others).unwrap().unlearned(&[]).unwrap());
        prop_assert_eq!(left.identity(), never.identity());
        prop_assert_eq!(left.save(), never.save());
        prop_assert_eq!(bits(left.as_ref(), &values), bits(never.as_ref(), &values));
        // Part of a person too, whose lessons may be sums by then: the hash and the bits, if not the form of storage.
        let (gone, kept): (Vec<_>, Vec<_>) = lessons.iter().cloned().partition(|lesson| lesson.reward % 2 == 0);
        let left = exact(all.unlearned(&gone).unwrap());
        let never = exact(fresh.learned(&kept).unwrap().unlearned(&[]).unwrap());
        prop_assert_eq!(left.identity(), never.identity());
        prop_assert_eq!(bits(left.as_ref(), &values), bits(never.as_ref(), &values));
    }

    /// Whoever keeps the people, the policy itself or its caller: the same bits.
    #[test]
    fn held_or_loaded_is_the_same(json in settings(), seed in 0_u64..1_000_000, count in 1_usize..60) {
        let mut world = World::new(seed);
        let mut lessons = lessons(&mut world, count, 3);
        let revision = Lesson { reward: 77, replaces: Some(lessons[0].reward), ..lessons[0].clone() };
        lessons.push(revision);
        let values: Vec<f64> = (0..DIM * 4).map(|_| f64::from(world.integer()) / 16384.0).collect();
        let arms = vec![ArmKey::new("a"); 4];
        let held = policy(json, DIM).learned(&lessons).unwrap();
        let spec = PolicySpec::parse(json).unwrap();
        let loaded = build_population(&spec, &schema(DIM), Grid::new(-1.0, 1.0).unwrap()).unwrap().learned(&lessons).unwrap();
        for number in [1, 2, 99] {
            let mut parts = PersonalParts::default();
            prop_assert!(parts.ask(loaded.as_ref()) && !parts.ask(loaded.as_ref()));
            for lesson in lessons.iter().filter(|lesson| lesson.person == Some(person(number))) {
                parts.learn(oo_core::id::Position(1), lesson);
            }
            let actions = Actions { person: Some(person(number)), ..Actions::new(DIM, &values, &arms) };
            let (mut a, mut b) = (Scored::default(), Scored::default());
            held.distribution(&actions, &mut a).unwrap();
            loaded.distribution(&Actions { personal: parts.of(loaded.as_ref()), ..actions }, &mut b).unwrap();
            prop_assert_eq!(&a.scores, &b.scores);
            let why = held.explain(&actions, 2).unwrap();
            prop_assert!((why.contributions.iter().sum::<f64>() + why.intercept - why.mean).abs() < 1e-9);
            prop_assert_eq!(why.score.to_bits(), a.scores[2].to_bits());
        }
        prop_assert!(loaded.save().len() < 1_200, "the population alone is small");
    }
}

/// δ and the width by the formulas, solved densely and independently.
#[test]
fn delta_is_the_ridge_of_what_is_left() {
    let mut world = World::new(7);
    let lessons = lessons(&mut world, 60, 2);
    let (lambda, kappa) = (1.0, 3.0);
    let json = r#"{"type":"hierarchical","personal_ridge":3,"alpha":0.5,"intercept":false}"#;
    let policy = policy(json, DIM).learned(&lessons).unwrap();
    let value = |n: i16| f64::from(n) / 16384.0;
    let sums = |of: &dyn Fn(&Lesson) -> bool, ridge: f64| {
        let mut a = vec![vec![0.0; DIM]; DIM];
        let mut b = vec![0.0; DIM];
        for lesson in lessons.iter().filter(|lesson| of(lesson)) {
            for i in 0..DIM {
                for (entry, other) in a[i].iter_mut().zip(lesson.x.iter()) {
                    *entry += value(lesson.x[i]) * value(*other);
                }
                b[i] += value(lesson.reward) * value(lesson.x[i]);
            }
        }
        let plain = a.clone();
        (0..DIM).for_each(|i| a[i][i] += ridge);
        (a, b, plain)
    };
    let (a, b, _) = sums(&|_| true, lambda);
    let theta = solve(&a, &b);
    let squares: f64 = lessons.iter().map(|lesson| value(lesson.reward) * value(lesson.reward)).sum();
    let explained: f64 = theta.iter().zip(&b).map(|(theta, b)| theta * b).sum();
    let noise = (1.0 + squares - explained) / (1.0 + lessons.len() as f64);
    let (m, own, plain) = sums(&|lesson| lesson.person == Some(person(1)), kappa);
    let gap: Vec<f64> = (0..DIM)
        .map(|i| own[i] - plain[i].iter().zip(&theta).map(|(entry, theta)| entry * theta).sum::<f64>())
        .collect();
    let delta = solve(&m, &gap);
    let x: Vec<f64> = (0..DIM).map(|_| value(world.integer())).collect();
    let arms = [ArmKey::new("a")];
    let actions = Actions { person: Some(person(1)), ..Actions::new(DIM, &x, &arms) };
    let why = policy.explain(&actions, 0).unwrap();
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let mean = dot(&theta, &x) + dot(&delta, &x);
    let width = (dot(&x, &solve(&a, &x)) + dot(&x, &solve(&m, &x))).sqrt();
    assert!((why.mean - mean).abs() < 1e-10, "{} {mean}", why.mean);
    assert!((why.width - width).abs() < 1e-10, "{} {width}", why.width);
    assert!((why.score - (mean + 0.5 * noise.sqrt() * width)).abs() < 1e-10);
}

/// Two people with opposite tastes are told apart after a few lessons, and a stranger starts from the population.
#[test]
fn opposite_tastes() {
    let mut world = World::new(3);
    let mut lessons = Vec::new();
    for _ in 0..20 {
        for (who, sign) in [(1, 1), (2, -1)] {
            let lesson = world.lesson(DIM, 1);
            let reward = sign * lesson.x[0] / 2;
            lessons.push(Lesson { person: Some(person(who)), reward, ..lesson });
        }
    }
    let policy = policy(r#"{"type":"hierarchical","exploration":{"type":"epsilon_floor","epsilon":0}}"#, DIM);
    let policy = policy.learned(&lessons).unwrap();
    let mut values = [0.0; 2 * DIM];
    (values[0], values[DIM]) = (1.0, -1.0);
    let arms = [ArmKey::new("a"), ArmKey::new("b")];
    let told = |whose: Option<Pseudonym>| {
        let actions = Actions { person: whose, ..Actions::new(DIM, &values, &arms) };
        [0, 1].map(|row| policy.explain(&actions, row).unwrap())
    };
    let (one, two) = (told(Some(person(1))), told(Some(person(2))));
    let (stranger, nobody) = (told(Some(person(9))), told(None));
    assert!(one[0].score > one[1].score + 0.3 && two[1].score > two[0].score + 0.3, "{one:?} {two:?}");
    assert_eq!(stranger[0].mean.to_bits(), nobody[0].mean.to_bits(), "a stranger starts from the population");
    assert!(stranger[0].width > nobody[0].width, "and is less certain");
}

#[test]
fn the_hash_tells_whose_lessons_they_are() {
    let mut world = World::new(41);
    let all = lessons(&mut world, 12, 2);
    let state = |whose: &dyn Fn(&Lesson) -> Option<Pseudonym>| {
        let all: Vec<Lesson> = all.iter().map(|lesson| Lesson { person: whose(lesson), ..lesson.clone() }).collect();
        policy(r#"{"type":"hierarchical"}"#, DIM).learned(&all).unwrap().identity().state
    };
    let own = state(&|lesson| lesson.person);
    assert_ne!(own, state(&|_| Some(person(1))));
    assert_ne!(own, state(&|_| None));
}

#[test]
fn s15_a_persons_lesson_is_revised() {
    // Kept as lessons, and as sums.
    for count in [4, 40] {
        let mut world = World::new(count as u64);
        let mut all: Vec<Lesson> =
            (0..count).map(|_| Lesson { person: Some(person(1)), ..world.lesson(DIM, 1) }).collect();
        let values: Vec<f64> = (0..DIM * 4).map(|_| f64::from(world.integer()) / 16384.0).collect();
        let fresh = policy(r#"{"type":"hierarchical"}"#, DIM);
        let revision = Lesson { reward: -all[2].reward / 3, replaces: Some(all[2].reward), ..all[2].clone() };
        let revised = fresh.learned(&all).unwrap().learned(std::slice::from_ref(&revision)).unwrap();
        all[2].reward = revision.reward;
        let once = fresh.learned(&all).unwrap();
        assert_eq!(revised.identity(), once.identity(), "{count}");
        assert_eq!(bits(revised.as_ref(), &values), bits(once.as_ref(), &values), "{count}");
    }
}

/// With fewer dimensions than columns, people differ where the population's features vary most.
#[test]
fn people_differ_in_the_leading_columns() {
    let mut world = World::new(5);
    let lesson = |world: &mut World, index: usize| {
        let x: Vec<i16> = (0..DIM).map(|i| world.integer() / if i % 2 == 1 { 1 } else { 8 }).collect();
        let (who, reward) = (1 + index as u64 % 2, x[1] / 2 - x[3] / 4);
        let reward = if who == 1 { reward } else { -reward };
        Lesson { person: Some(person(who)), ..Lesson::new(x.into(), ArmKey::new("a"), reward) }
    };
    let all: Vec<Lesson> = (0..60).map(|index| lesson(&mut world, index)).collect();
    let policy = policy(r#"{"type":"hierarchical","rank":2,"intercept":false}"#, DIM).learned(&all).unwrap();
    let arms = [ArmKey::new("a")];
    let shares = |whose| {
        let actions = Actions { person: whose, ..Actions::new(DIM, &[0.5; DIM], &arms) };
        policy.explain(&actions, 0).unwrap().contributions
    };
    let (own, nobody) = (shares(Some(person(1))), shares(None));
    for (column, (own, nobody)) in own.iter().zip(nobody).enumerate() {
        let off = (own - nobody).abs();
        assert!(if column % 2 == 1 { off > 0.05 } else { off == 0.0 }, "column {column}: {own} and {nobody}");
    }
}
