//! Statement 13 where lessons have days: order, batches, shards and forgetting leave no trace.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use std::sync::Arc;

use common::{World, bits, policy, schema, solve};
use oo_core::ErrorKind;
use oo_core::candidate::ArmKey;
use oo_core::lesson::Lesson;
use oo_core::policy::{Actions, Policy, Unlearned};
use oo_policies::{PolicySpec, load, merge};

const DIM: usize = 5;
const DAILY: [&str; 4] = [
    r#"{"type": "dlinucb", "forgetting": {"half_life_days": 3}}"#,
    r#"{"type": "dlinucb", "forgetting": {"half_life_days": 2.5}, "sharing": "disjoint", "alpha": null}"#,
    r#"{"type": "sw_linucb", "window": {"days": 4}}"#,
    r#"{"type": "sw_linucb", "window": {"days": 7}, "sharing": "disjoint"}"#,
];
const STEPPED: [&str; 2] =
    [r#"{"type": "dlinucb", "forgetting": {"per_step": 0.99}}"#, r#"{"type": "sw_linucb", "window": {"steps": 50}}"#];

/// Lessons of twelve days; some days have many, some have few.
fn lessons(world: &mut World, count: usize) -> Vec<Lesson> {
    (0..count)
        .map(|_| {
            let day = (world.below(12) * world.below(12) / 11) as i32;
            Lesson { day: 20_000 - day, ..world.lesson(DIM, 3) }
        })
        .collect()
}

fn rows(world: &mut World) -> Vec<f64> {
    (0..6 * DIM).map(|_| world.unit() * 2.0 - 1.0).collect()
}

fn exact(unlearned: Unlearned) -> Arc<dyn Policy> {
    match unlearned {
        Unlearned::Exact(policy) | Unlearned::Summed(policy) => policy,
        Unlearned::Rebuild => panic!("it does not subtract"),
    }
}

/// Which of two equal lessons was revised shows nowhere, also once the other one is gone.
#[test]
fn s13_alike_lessons_are_saved_alike() {
    for json in DAILY {
        let mut world = World::new(14);
        let alike = Lesson { day: 20_000, ..world.lesson(DIM, 1) };
        let between = Lesson { day: 20_000, ..world.lesson(DIM, 1) };
        let revision = Lesson { reward: alike.reward / 2 + 1, replaces: Some(alike.reward), ..alike.clone() };
        let fresh = policy(json, DIM);
        let taught = [alike.clone(), between.clone(), alike.clone(), revision.clone()];
        let left = exact(fresh.learned(&taught).unwrap().unlearned(&taught[2..3]).unwrap());
        let never = fresh.learned(&[alike, between, revision]).unwrap();
        assert_eq!(left.identity(), never.identity(), "{json}");
        assert!(left.save() == never.save(), "{json}: what is saved tells of a lesson that is gone");
    }
}

#[test]
fn s13_days_leave_no_trace_of_order() {
    for json in DAILY {
        let mut world = World::new(13);
        let all = lessons(&mut world, 240);
        let rows = rows(&mut world);
        let fresh = policy(json, DIM);
        let whole = fresh.learned(&all).unwrap();
        let same = |other: &Arc<dyn Policy>, what: &str| {
            assert_eq!(whole.identity(), other.identity(), "{json}: {what} changes the hash");
            assert_eq!(bits(whole.as_ref(), DIM, &rows, 3), bits(other.as_ref(), DIM, &rows, 3), "{json}: {what}");
        };
        let mut sorted = all.clone();
        sorted.sort_by_key(|lesson| (lesson.day, lesson.reward));
        same(&fresh.learned(&sorted).unwrap(), "the order of days");
        sorted.reverse();
        let mut single = fresh.clone();
        for lesson in &sorted {
            single = single.learned(std::slice::from_ref(lesson)).unwrap();
            // A model that was derived in between must not stay.
            bits(single.as_ref(), DIM, &rows, 3);
        }
        same(&single, "newest first, one by one");
        let mut single = fresh.clone();
        for lesson in sorted.iter().rev() {
            single = single.learned(std::slice::from_ref(lesson)).unwrap();
            bits(single.as_ref(), DIM, &rows, 3);
        }
        same(&single, "oldest first, one by one");
        let shards: Vec<_> = all.chunks(37).map(|shard| fresh.learned(shard).unwrap()).collect();
        same(&merge(&shards, &schema(DIM)).unwrap(), "merging shards");
        same(&load(&whole.save(), &schema(DIM)).unwrap(), "saving");

        // Taking the newest days away turns the clock back.
        let (newest, older): (Vec<_>, Vec<_>) = all.iter().cloned().partition(|lesson| lesson.day > 19_997);
        let left = exact(whole.unlearned(&newest).unwrap());
        let never = fresh.learned(&older).unwrap();
        assert_eq!(left.identity(), never.identity(), "{json}");
        assert_eq!(bits(left.as_ref(), DIM, &rows, 3), bits(never.as_ref(), DIM, &rows, 3), "{json}");
        assert_ne!(bits(left.as_ref(), DIM, &rows, 3), bits(whole.as_ref(), DIM, &rows, 3), "{json}");

        // Also for the arms that had no lesson on it.
        let late = Lesson { day: 20_002, ..world.lesson(DIM, 1) };
        let later = whole.learned(std::slice::from_ref(&late)).unwrap();
        assert_ne!(bits(later.as_ref(), DIM, &rows, 3), bits(whole.as_ref(), DIM, &rows, 3), "{json}");
        same(&exact(later.unlearned(&[late]).unwrap()), "a newer day that is gone again");
    }
}

/// V = λI + Σwxxᵀ, Ṽ = λI + Σw²xxᵀ, θ = V⁻¹Σwrx and the width √(xᵀV⁻¹ṼV⁻¹x), solved densely and independently.
#[test]
fn s08_lessons_weigh_by_the_age_of_their_day() {
    let half = |age: i32| libm::exp2(-f64::from(age) / 3.0);
    let window = |age: i32| if age < 4 { 1.0 } else { 0.0 };
    let weights: [(&str, &dyn Fn(i32) -> f64); 2] = [
        (r#"{"type": "dlinucb", "forgetting": {"half_life_days": 3}, "lambda": 0.5, "intercept": false}"#, &half),
        (r#"{"type": "sw_linucb", "window": {"days": 4}, "lambda": 0.5, "intercept": false}"#, &window),
    ];
    for (json, weight) in weights {
        let mut world = World::new(8);
        let all = lessons(&mut world, 60);
        let newest = all.iter().map(|lesson| lesson.day).max().unwrap();
        let value = |n: i16| f64::from(n) / 16_384.0;
        let (mut v, mut spread, mut b) = (vec![vec![0.0; DIM]; DIM], vec![vec![0.0; DIM]; DIM], vec![0.0; DIM]);
        for lesson in &all {
            let weight = weight(newest - lesson.day);
            for i in 0..DIM {
                for j in 0..DIM {
                    let product = value(lesson.x[i]) * value(lesson.x[j]);
                    v[i][j] += weight * product;
                    spread[i][j] += weight * weight * product;
                }
                b[i] += weight * value(lesson.reward) * value(lesson.x[i]);
            }
        }
        (0..DIM).for_each(|i| (v[i][i], spread[i][i]) = (v[i][i] + 0.5, spread[i][i] + 0.5));
        let x = &rows(&mut world)[..DIM];
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let pulled = solve(&v, x);
        let stretched: Vec<f64> = spread.iter().map(|row| dot(row, &pulled)).collect();
        let (mean, width) = (dot(&solve(&v, &b), x), dot(&pulled, &stretched).sqrt());
        let arms = [ArmKey::new("arm0")];
        let why = policy(json, DIM).learned(&all).unwrap().explain(&Actions::new(DIM, x, &arms), 0).unwrap();
        assert!((why.mean - mean).abs() < 1e-10, "{json}: {} {mean}", why.mean);
        assert!((why.width - width).abs() < 1e-10, "{json}: {} {width}", why.width);
    }
}

#[test]
fn s15_a_revision_counts_on_its_own_day() {
    for json in DAILY.iter().chain(&STEPPED) {
        let mut world = World::new(15);
        let mut last = lessons(&mut world, 120);
        last.sort_by_key(|lesson| lesson.day);
        let fresh = policy(json, DIM);
        let mut revised = fresh.learned(&last).unwrap();
        for index in [119, 100, 97, 60] {
            let reward = -last[index].reward / 2;
            let revision = Lesson { reward, replaces: Some(last[index].reward), ..last[index].clone() };
            revised = revised.learned(&[revision]).unwrap();
            // What is out of the window, or was closed a week ago, is out.
            if !json.contains("steps") || index >= 70 {
                last[index].reward = reward;
            }
        }
        let once = fresh.learned(&last).unwrap();
        let rows = rows(&mut world);
        assert_eq!(revised.identity(), once.identity(), "{json}");
        assert_eq!(bits(revised.as_ref(), DIM, &rows, 3), bits(once.as_ref(), DIM, &rows, 3), "{json}");
    }
}

#[test]
fn s13_steps_are_an_ordered_log() {
    for json in STEPPED {
        let mut world = World::new(14);
        let all = lessons(&mut world, 200);
        let rows = rows(&mut world);
        let fresh = policy(json, DIM);
        let whole = fresh.learned(&all).unwrap();
        let mut split = fresh.clone();
        for batch in all.chunks(23) {
            split = load(&split.learned(batch).unwrap().save(), &schema(DIM)).unwrap();
        }
        assert_eq!(whole.identity(), split.identity(), "{json}");
        assert_eq!(bits(whole.as_ref(), DIM, &rows, 3), bits(split.as_ref(), DIM, &rows, 3), "{json}");
        assert!(matches!(whole.unlearned(&all[..1]).unwrap(), Unlearned::Rebuild), "{json}");
        let refused = merge(&[whole.clone(), split], &schema(DIM)).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Incompatible, "{json}");
    }
}

#[test]
fn wrong_settings_are_refused() {
    for json in [
        r#"{"type": "dlinucb", "forgetting": {"half_life_days": 0}}"#,
        r#"{"type": "dlinucb", "forgetting": {"per_step": 1.5}}"#,
        r#"{"type": "dlinucb", "forgetting": {"per_step": 0.9}, "sharing": "disjoint"}"#,
        r#"{"type": "dlinucb", "forgetting": {"half_life": 3}}"#,
        r#"{"type": "dlinucb", "lambda": 0}"#,
        r#"{"type": "dlinucb", "alpha": null, "delta": 0}"#,
        r#"{"type": "sw_linucb", "window": {"days": 0}}"#,
        r#"{"type": "sw_linucb", "window": {"steps": 5}, "sharing": "disjoint"}"#,
    ] {
        assert_eq!(PolicySpec::parse(json).unwrap_err().kind(), ErrorKind::InvalidInput, "{json}");
    }
}
