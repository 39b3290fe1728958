//! Arms that vanish from the candidates, or from what was learned, and return: in every kind and form of the shelf.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use common::shelf::{POLICIES, is_a_sum};
use common::{World, policy};
use oo_core::candidate::ArmKey;
use oo_core::id::Pseudonym;
use oo_core::lesson::Lesson;
use oo_core::policy::{Actions, Policy, Scored, Unlearned};

const DIM: usize = 5;
const DAY: i32 = 20_005;

/// A lesson of one of three arms, with all that any kind learns from.
fn lesson(world: &mut World, index: i32) -> Lesson {
    let centre = Some((0..=DIM).map(|_| world.integer() / 2).collect());
    let person = Some(Pseudonym([1 + (index % 2) as u8; 16]));
    Lesson { person, centre, propensity: 0.5, day: 20_000 + index / 60, ..world.lesson(DIM, 3) }
}

fn arms(names: &[u8]) -> Vec<ArmKey> {
    names.iter().map(|name| ArmKey::new(format!("arm{name}"))).collect()
}

/// Scores and pmf as bits, and the marks, of `rows`, each of the arm of that place in `arms`.
fn said(policy: &dyn Policy, rows: &[f64], arms: &[ArmKey], out: &mut Scored) -> (Vec<u64>, Vec<u64>, bool, Vec<bool>) {
    let actions = Actions { day: DAY, person: Some(Pseudonym([1; 16])), ..Actions::new(DIM, rows, arms) };
    policy.distribution(&actions, out).unwrap();
    let bits = |numbers: &[f64]| numbers.iter().map(|number| number.to_bits()).collect();
    (bits(&out.scores), bits(out.distribution.pmf()), out.estimated, out.bounded.clone())
}

/// What a decision left in its buffer of where arms were is only a guess: the next one may be of other arms, in another
/// order, of none that is known, or of more.
#[test]
fn an_arm_that_was_no_candidate_for_a_while_is_the_same_arm() {
    for (json, _) in POLICIES {
        let mut world = World::new(41);
        let (mut policy, mut used) = (policy(json, DIM), Scored::default());
        let sets: [&[u8]; 8] = [&[0, 1, 2], &[0, 2], &[2, 1, 0], &[9], &[1], &[1, 9, 0, 2, 8], &[2, 2, 1], &[0, 1, 2]];
        for round in 0..3 {
            for set in sets {
                let keys = arms(set);
                let rows: Vec<f64> = (0..set.len() * DIM).map(|_| f64::from(world.integer()) / 16_384.0).collect();
                let fresh = said(policy.as_ref(), &rows, &keys, &mut Scored::default());
                assert_eq!(said(policy.as_ref(), &rows, &keys, &mut used), fresh, "{json}: {set:?} in round {round}");
            }
            // One arm is not tried in this round, and so learns nothing.
            let away = ArmKey::new(format!("arm{round}"));
            let lessons: Vec<Lesson> = (0..90).map(|index| lesson(&mut world, 90 * round + index)).collect();
            let lessons: Vec<Lesson> = lessons.into_iter().filter(|lesson| lesson.arm != away).collect();
            policy = policy.learned(&lessons).unwrap();
        }
    }
}

/// All lessons of an arm are taken back, and come again: it is cold between, and as it was in the end.
#[test]
fn an_arm_that_was_forgotten_and_returns_is_as_it_was() {
    for (json, _) in POLICIES {
        let mut world = World::new(43);
        let lessons: Vec<Lesson> = (0..240).map(|index| lesson(&mut world, index)).collect();
        let (gone, others): (Vec<Lesson>, Vec<Lesson>) =
            lessons.iter().cloned().partition(|lesson| lesson.arm.as_str() == "arm1");
        let fresh = policy(json, DIM);
        let whole = fresh.learned(&lessons).unwrap();
        let without = match whole.unlearned(&gone).unwrap() {
            Unlearned::Exact(without) | Unlearned::Summed(without) => without,
            Unlearned::Rebuild => {
                assert!(!is_a_sum(json), "{json} does not subtract");
                continue;
            }
        };
        let never = fresh.learned(&others).unwrap();
        assert_eq!(without.identity(), never.identity(), "{json}");
        let keys = arms(&[0, 1, 2, 9]);
        let rows: Vec<f64> = [0.5, -0.25, 1.0, 0.0, 0.125].repeat(4);
        let epoch = |policy: &dyn Policy| match policy.unlearned(&[]).unwrap() {
            Unlearned::Exact(policy) | Unlearned::Summed(policy) => policy,
            Unlearned::Rebuild => panic!("{json} cannot start an epoch"),
        };
        let bits = |policy: &dyn Policy| said(policy, &rows, &keys, &mut Scored::default());
        let between = bits(epoch(without.as_ref()).as_ref());
        assert_eq!(between, bits(epoch(never.as_ref()).as_ref()), "{json}: a forgotten arm leaves a trace");
        assert_eq!(between.0[1], between.0[3], "{json}: a forgotten arm is one that was never tried");
        let back = without.learned(&gone).unwrap();
        assert_eq!(back.identity(), whole.identity(), "{json}: the arm came back as another");
        assert_eq!(bits(epoch(back.as_ref()).as_ref()), bits(epoch(whole.as_ref()).as_ref()), "{json}");
    }
}
