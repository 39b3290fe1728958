//! `auto` is exact also across a change of the world: segment, window and scale are live, the hashed sums are not.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use std::sync::Arc;

use common::{World, bits, policy, schema};
use oo_core::candidate::ArmKey;
use oo_core::id::DecisionId;
use oo_core::lesson::Lesson;
use oo_core::policy::{Actions, Explanation, Policy, Unlearned};
use oo_policies::{load, merge};

const DIM: usize = 5;
const CHANGE: usize = 300;
const COUNT: usize = 500;
const SPECS: [&str; 2] = [r#"{"type":"auto"}"#, r#"{"type":"auto","sharing":"disjoint"}"#];

/// Lessons of two arms whose weights turn round at `CHANGE`.
fn lessons() -> Vec<Lesson> {
    let mut world = World::new(7);
    let lesson = |index: usize| {
        let x: Vec<i16> = (0..DIM).map(|_| world.integer()).collect();
        let sign = if index < CHANGE { 1 } else { -1 };
        let arm = world.below(2) as usize;
        let reward = sign * (i32::from(x[arm]) / 2 + i32::from(x[2]) / 4) + i32::from(world.integer()) / 16;
        let mut decision = DecisionId::default();
        decision.0[..4].copy_from_slice(&u32::try_from(index).unwrap().to_be_bytes());
        let arm = ArmKey::new(format!("arm{arm}"));
        Lesson { decision, ..Lesson::new(x.into(), arm, i16::try_from(reward).unwrap()) }
    };
    (0..COUNT).map(lesson).collect()
}

fn seen(policy: &dyn Policy) -> Vec<u64> {
    let mut world = World::new(8);
    let values: Vec<f64> = (0..6 * DIM).map(|_| f64::from(world.integer()) / 16_384.0).collect();
    bits(policy, DIM, &values, 3)
}

fn exact(unlearned: Unlearned) -> Arc<dyn Policy> {
    let Unlearned::Exact(policy) = unlearned else { panic!("sums subtract") };
    policy
}

/// The mean of the first candidate's reward on `arm0`, which the change turned round.
fn mean(policy: &dyn Policy) -> f64 {
    let values = [0.5, 0.0, 0.0, 0.0, 0.0];
    let arms = [ArmKey::new("arm0")];
    policy.explain(&Actions::new(DIM, &values, &arms), 0).unwrap().mean
}

#[test]
fn auto_starts_a_segment_where_the_world_changed() {
    let lessons = lessons();
    let fresh = policy(SPECS[1], DIM);
    let before = fresh.learned(&lessons[..CHANGE]).unwrap();
    let after = fresh.learned(&lessons).unwrap();
    assert!(mean(before.as_ref()) > 0.2 && mean(after.as_ref()) < -0.2, "{}", mean(after.as_ref()));
    let whole = exact(after.unlearned(&[]).unwrap());
    assert!(mean(whole.as_ref()).abs() < 0.2, "an epoch starts from all lessons, {}", mean(whole.as_ref()));
    assert_eq!(after.identity(), whole.identity(), "the hash knows no segment");
}

fn explained(policy: &dyn Policy) -> Explanation {
    let values = [0.5, -0.25, 0.0, 0.75, 0.0];
    policy.explain(&Actions::new(DIM, &values, &[ArmKey::new("arm0")]), 0).unwrap()
}

/// By how much a row of `arm0` scores above its mean: its width in units of the noise.
fn bonus(policy: &dyn Policy) -> f64 {
    let explained = explained(policy);
    explained.score - explained.mean
}

/// Lessons whose rewards turn round for a moment look like a change, until it shows that nothing lasted.
#[test]
fn auto_takes_a_false_change_back() {
    let mut lessons = lessons();
    let turn = |lesson: &mut Lesson| lesson.reward = -lesson.reward;
    lessons[CHANGE + 30..].iter_mut().for_each(turn);
    for json in SPECS {
        let at = |count: usize| {
            let live = policy(json, DIM).learned(&lessons[..count]).unwrap();
            let whole = exact(live.unlearned(&[]).unwrap());
            explained(live.as_ref()).width / explained(whole.as_ref()).width
        };
        let (during, after) = (at(CHANGE + 30), at(COUNT));
        assert!((during - 1.0).abs() > 0.2, "{json}: no change was found, {during}");
        assert!((after - 1.0).abs() < 0.02, "{json}: only what followed the moment counts, {after}");
    }
}

/// A new segment begins with the noise of the one before, which a policy that begins with the same lessons has to learn.
#[test]
fn auto_knows_the_noise_from_before_a_change() {
    let mut world = World::new(12);
    let lesson = |index: usize| {
        let x: Vec<i16> = (0..DIM).map(|_| world.integer()).collect();
        let sign = if index < CHANGE { 1 } else { -1 };
        let reward = sign * (i32::from(x[0]) / 2 + i32::from(x[2]) / 4) + i32::from(world.integer()) / 64;
        Lesson::new(x.into(), ArmKey::new("arm0"), i16::try_from(reward).unwrap())
    };
    let lessons: Vec<Lesson> = (0..CHANGE + 28).map(lesson).collect();
    for json in SPECS {
        // The change is found after its 20th lesson, and the scale estimated anew after the 25th.
        let changed = policy(json, DIM).learned(&lessons).unwrap();
        let began = policy(json, DIM).learned(&lessons[CHANGE..]).unwrap();
        let share = bonus(changed.as_ref()) / bonus(began.as_ref());
        assert!(mean(changed.as_ref()) < -0.2, "{json}: no change was found");
        assert!(share < 0.5, "{json}: {share} of the bonus of a policy that knows nothing from before");
    }
}

#[test]
fn s13_auto_across_a_change() {
    let lessons = lessons();
    for json in SPECS {
        let fresh = policy(json, DIM);
        let whole = fresh.learned(&lessons).unwrap();
        let mut world = World::new(9);
        for most in [1, 50] {
            let mut split = fresh.clone();
            let mut rest = &lessons[..];
            while !rest.is_empty() {
                let (batch, tail) = rest.split_at(rest.len().min(1 + world.below(most) as usize));
                split = load(&split.learned(batch).unwrap().save(), &schema(DIM)).unwrap();
                rest = tail;
            }
            assert_eq!(whole.save(), split.save(), "{json}: batches and loading change the state");
            assert_eq!(seen(whole.as_ref()), seen(split.as_ref()), "{json}: batches and loading change bits");
        }
        let mut shuffled = lessons.clone();
        for index in (1..COUNT).rev() {
            shuffled.swap(index, world.below(index as u64 + 1) as usize);
        }
        let other = fresh.learned(&shuffled).unwrap();
        assert_eq!(whole.identity(), other.identity(), "{json}: the hash depends on the order");
        let derived = exact(whole.unlearned(&[]).unwrap());
        assert_eq!(
            seen(derived.as_ref()),
            seen(exact(other.unlearned(&[]).unwrap()).as_ref()),
            "{json}: what is derived depends on the order"
        );
        let shards: Vec<Arc<dyn Policy>> = lessons.chunks(170).map(|shard| fresh.learned(shard).unwrap()).collect();
        let merged = merge(&shards, &schema(DIM)).unwrap();
        assert_eq!(merged.identity(), whole.identity(), "{json}: a merge leaves a trace");
        assert_eq!(seen(merged.as_ref()), seen(derived.as_ref()), "{json}: a merge is not derived");
    }
}

#[test]
fn s15_auto_revises_lessons_on_both_sides_of_a_change() {
    let lessons = lessons();
    for json in SPECS {
        let mut last = lessons.clone();
        let mut policy = policy(json, DIM).learned(&lessons).unwrap();
        for index in [3, CHANGE - 1, CHANGE + 40, COUNT - 1] {
            let reward = lessons[index].reward / 3 - 50;
            let revision = Lesson { reward, replaces: Some(lessons[index].reward), ..lessons[index].clone() };
            policy = policy.learned(&[revision]).unwrap();
            last[index].reward = reward;
        }
        let once = common::policy(json, DIM).learned(&last).unwrap();
        assert_eq!(policy.identity(), once.identity(), "{json}: a revision leaves a trace");
    }
}

/// A reward that is revised before the next lesson leaves no bit, also in the lessons a change is found among.
#[test]
fn s15_auto_revises_at_once_across_a_change() {
    let lessons = lessons();
    for json in SPECS {
        let once = policy(json, DIM).learned(&lessons).unwrap();
        let mut revised = policy(json, DIM);
        for (index, lesson) in lessons.iter().enumerate() {
            if index % 3 == 0 {
                let first = Lesson { reward: -lesson.reward / 2, ..lesson.clone() };
                let revision = Lesson { replaces: Some(first.reward), ..lesson.clone() };
                revised = revised.learned(&[first]).unwrap().learned(&[revision]).unwrap();
            } else {
                revised = revised.learned(std::slice::from_ref(lesson)).unwrap();
            }
        }
        assert_eq!(revised.identity(), once.identity(), "{json}");
        assert_eq!(seen(revised.as_ref()), seen(once.as_ref()), "{json}: a revision leaves a trace");
    }
}

/// What no longer counts may be revised without a trace in what does, whatever the decisions are called.
#[test]
fn s15_auto_revises_what_a_change_has_closed() {
    let mut world = World::new(10);
    let mut random = || DecisionId(std::array::from_fn(|_| u8::try_from(world.below(256)).unwrap()));
    let rising = lessons();
    let unnamed: Vec<Lesson> =
        rising.iter().map(|own| Lesson { decision: DecisionId::default(), ..own.clone() }).collect();
    let random: Vec<Lesson> = rising.iter().map(|own| Lesson { decision: random(), ..own.clone() }).collect();
    for (lessons, json) in [rising, unnamed, random].iter().flat_map(|lessons| SPECS.map(|json| (lessons, json))) {
        let policy = policy(json, DIM).learned(lessons).unwrap();
        let policy = load(&policy.save(), &schema(DIM)).unwrap();
        let revised = |index: usize| {
            let own: &Lesson = &lessons[index];
            let first = Lesson { reward: own.reward / 3 - 50, replaces: Some(own.reward), ..own.clone() };
            let second = Lesson { reward: first.reward + 9, replaces: Some(first.reward), ..own.clone() };
            policy.learned(&[first]).unwrap().learned(&[second]).unwrap()
        };
        for index in [3, 100, 101, 102, 103, CHANGE - 30] {
            assert_eq!(
                seen(revised(index).as_ref()),
                seen(policy.as_ref()),
                "{json}: lesson {index} before the change"
            );
        }
        for index in [CHANGE + 20, CHANGE + 21, COUNT - 90, COUNT - 3] {
            assert_ne!(seen(revised(index).as_ref()), seen(policy.as_ref()), "{json}: lesson {index} after it");
        }
    }
}

#[test]
fn s23_auto_forgets_people_on_both_sides_of_a_change() {
    let lessons = lessons();
    let (theirs, others): (Vec<_>, Vec<_>) = lessons.iter().cloned().enumerate().partition(|(index, _)| index % 5 == 0);
    let plain = |lessons: Vec<(usize, Lesson)>| lessons.into_iter().map(|(_, lesson)| lesson).collect::<Vec<_>>();
    let (theirs, others) = (plain(theirs), plain(others));
    for json in SPECS {
        let left = exact(policy(json, DIM).learned(&lessons).unwrap().unlearned(&theirs).unwrap());
        let never = policy(json, DIM).learned(&others).unwrap();
        assert_eq!(left.identity(), never.identity(), "{json}: unlearning leaves a trace");
        let never = exact(never.unlearned(&[]).unwrap());
        assert_eq!(left.save(), never.save(), "{json}: an epoch is not derived from the sums alone");
        let saved = left.save();
        let trace =
            |lesson: &Lesson| saved.windows(16).any(|bytes| bytes == lesson.decision.0 && lesson.decision.0 != [0; 16]);
        assert!(!theirs.iter().any(trace), "{json}: a decision of theirs is still in the saved policy");
    }
}
