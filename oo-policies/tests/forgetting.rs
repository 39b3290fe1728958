//! Statement 13 where lessons have days: order, batches, shards and forgetting leave no trace.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use std::sync::Arc;

use common::{World, bits, policy, schema};
use oo_core::ErrorKind;
use oo_core::lesson::Lesson;
use oo_core::policy::{Policy, Unlearned};
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
        Unlearned::Exact(policy) => policy,
        Unlearned::Rebuild => panic!("it does not subtract"),
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
