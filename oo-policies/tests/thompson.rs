//! Statement 4: the probabilities that LinTS estimates are those of its posterior.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test fails by panicking")]

mod common;

use std::sync::Arc;

use common::{World, policy};
use oo_core::candidate::ArmKey;
use oo_core::lesson::Lesson;
use oo_core::policy::{Actions, Policy, Scored};

const DIM: usize = 6;

fn scored(policy: &dyn Policy, values: &[f64], arms: &[ArmKey]) -> Scored {
    let mut out = Scored::default();
    policy.distribution(&Actions::new(DIM, values, arms), &mut out).unwrap();
    out
}

fn rows(world: &mut World, count: usize) -> Vec<f64> {
    (0..DIM * count).map(|_| f64::from(world.integer()) / 16384.0).collect()
}

fn json(sharing: &str, draws: u32) -> String {
    format!(r#"{{"type":"lin_ts","sharing":"{sharing}","scale":0.7,"draws":{draws},"epsilon":0}}"#)
}

/// Against 2¹⁴ draws, over many worlds: the root mean square error of the probability at every candidate's place.
#[test]
fn s04_the_standard_error_is_within_its_bound() {
    let worlds = if std::env::var_os("OO_LONG").is_some() { 1000 } else { 60 };
    let draws = [32, 128, 512];
    for sharing in ["shared", "disjoint", "hybrid"] {
        // Some candidates share an arm, one arm is never tried.
        let arms: Vec<ArmKey> = ["arm0", "arm1", "arm1", "arm2", "never"].map(ArmKey::new).to_vec();
        let mut squares = [[0.0; 5]; 3];
        let fresh = draws.map(|draws| policy(&json(sharing, draws), DIM));
        let reference = policy(&json(sharing, 16_384), DIM);
        for seed in 0..worlds {
            let mut world = World::new(seed);
            let lessons: Vec<Lesson> = (0..world.below(60)).map(|_| world.lesson(DIM, 3)).collect();
            let values = rows(&mut world, arms.len());
            let pmf = |fresh: &Arc<dyn Policy>| {
                let out = scored(fresh.learned(&lessons).unwrap().as_ref(), &values, &arms);
                assert!(out.estimated, "more than two candidates are estimated");
                out.distribution.pmf().to_vec()
            };
            let truth = pmf(&reference);
            for (squares, fresh) in squares.iter_mut().zip(&fresh) {
                for ((square, p), truth) in squares.iter_mut().zip(pmf(fresh)).zip(&truth) {
                    *square += (p - truth) * (p - truth) / worlds as f64;
                }
            }
        }
        for (squares, draws) in squares.iter().zip(draws) {
            let bound = 0.5 / f64::from(draws).sqrt();
            let most = squares.iter().copied().fold(0.0, f64::max).sqrt();
            println!("s04: {sharing}, M = {draws}: standard error {most:.4}, bound {bound:.4}");
            assert!(most <= bound, "{sharing}, M = {draws}: {most} is above {bound}");
        }
    }
}

/// Two candidates have a closed form; the estimate of the same two, one of them twice, agrees with it.
#[test]
fn s04_two_candidates_have_a_closed_form() {
    let far = r#"{"type":"lin_ts","sharing":"SHARING","scale":0.7,"draws":16384,"epsilon":0,"intercept":false}"#;
    for sharing in ["shared", "disjoint", "hybrid"] {
        for arms in [["arm0", "arm1"], ["arm1", "arm1"], ["arm0", "never"]] {
            for seed in 0..4 {
                let mut world = World::new(seed);
                let lessons: Vec<Lesson> = (0..40).map(|_| world.lesson(DIM, 2)).collect();
                let mut values = rows(&mut world, 3);
                let keys: Vec<ArmKey> = [arms[0], arms[1], arms[1]].map(ArmKey::new).to_vec();
                let policy = policy(&far.replace("SHARING", sharing), DIM).learned(&lessons).unwrap();
                let two = scored(policy.as_ref(), &values[..2 * DIM], &keys[..2]);
                assert!(!two.estimated, "two candidates are not estimated");
                // A third candidate equal to the second shares its draws: together they are the second.
                values.copy_within(DIM..2 * DIM, 2 * DIM);
                let three = scored(policy.as_ref(), &values, &keys);
                let (p, q) = (two.distribution.pmf(), three.distribution.pmf());
                assert!((q[1] - q[2]).abs() < 1e-12, "{sharing} {arms:?}: equal candidates share equally: {q:?}");
                assert!((p[0] - q[0]).abs() < 0.016, "{sharing} {arms:?}: {p:?} against {q:?}");
            }
        }
    }
}

/// Arms with fewer lessons than dimensions too: with independent arms it is Φ((m₀ − m₁)/(v√(w₀² + w₁²))).
#[test]
fn s04_two_sparse_arms_have_a_closed_form() {
    let dim = 70;
    let json = r#"{"type":"lin_ts","sharing":"disjoint","scale":0.7,"lambda":4,"epsilon":0}"#;
    let mut world = World::new(70);
    let lessons: Vec<Lesson> = (0..30).map(|_| world.lesson(dim, 2)).collect();
    let policy = policy(json, dim).learned(&lessons).unwrap();
    for arms in [["arm0", "arm1"], ["arm1", "never"]] {
        let arms: Vec<ArmKey> = arms.map(ArmKey::new).to_vec();
        let values: Vec<f64> = (0..2 * dim).map(|_| f64::from(world.integer()) / 16_384.0).collect();
        let actions = Actions::new(dim, &values, &arms);
        let mut out = Scored::default();
        policy.distribution(&actions, &mut out).unwrap();
        let [one, two] = [0, 1].map(|index| policy.explain(&actions, index).unwrap());
        let spread = 0.7 * (one.width * one.width + two.width * two.width).sqrt();
        let stated = 0.5 * libm::erfc((two.mean - one.mean) / (spread * 2.0_f64.sqrt()));
        let p = out.distribution.pmf()[0];
        assert!((p - stated).abs() < 1e-9, "{arms:?}: {p} against {stated}");
    }
}

#[test]
fn s04_certainty_and_ties() {
    let arms: Vec<ArmKey> = ["a", "b", "c"].map(ArmKey::new).to_vec();
    let policy = policy(r#"{"type":"lin_ts","scale":0,"epsilon":0.3}"#, DIM);
    let values = rows(&mut World::new(1), 3);
    for count in 1..=3 {
        let out = scored(policy.as_ref(), &values[..count * DIM], &arms[..count]);
        assert!(out.distribution.pmf().iter().all(|p| (p - 1.0 / count as f64).abs() < 1e-15), "{out:?}");
        assert_eq!(out.estimated, count > 2);
    }
}
