//! The ridge behind the policies: agreement with a batch fit, degenerate features.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test fails by panicking")]

mod common;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};

use common::shelf::POLICIES;
use common::{World, policy};
use oo_core::ErrorKind;
use oo_core::candidate::ArmKey;
use oo_core::lesson::Lesson;
use oo_core::policy::{Actions, Explanation, Policy};
use oo_policies::PolicySpec;
use proptest::prelude::*;

fn explain(policy: &dyn Policy, x: &[f64], arm: &str) -> Explanation {
    let arms = [ArmKey::new(arm)];
    policy.explain(&Actions::new(x.len(), x, &arms), 0).unwrap()
}

/// θ, read off the contributions of the unit vectors.
fn theta(policy: &dyn Policy, dim: usize) -> Vec<f64> {
    let mut unit = vec![0.0; dim];
    (0..dim)
        .map(|i| {
            unit[i] = 1.0;
            let share = explain(policy, &unit, "arm0").contributions[i];
            unit[i] = 0.0;
            share
        })
        .collect()
}

/// Solves (λI + Σxxᵀ)θ = Σrx by a plain Cholesky factorisation.
fn batch_ridge(lessons: &[Lesson], dim: usize, lambda: f64) -> Vec<f64> {
    let step = 1.0 / 16384.0;
    let mut a = vec![vec![0_i64; dim]; dim];
    let mut b = vec![0_i64; dim];
    for lesson in lessons {
        for i in 0..dim {
            b[i] += i64::from(lesson.x[i]) * i64::from(lesson.reward);
            for (sum, other) in a[i][..=i].iter_mut().zip(lesson.x.iter()) {
                *sum += i64::from(lesson.x[i]) * i64::from(*other);
            }
        }
    }
    let mut l = vec![vec![0.0_f64; dim]; dim];
    for i in 0..dim {
        for j in 0..=i {
            let mut sum = a[i][j] as f64 * step * step + if i == j { lambda } else { 0.0 };
            sum -= l[i][..j].iter().zip(&l[j]).map(|(a, b)| a * b).sum::<f64>();
            l[i][j] = if i == j { sum.sqrt() } else { sum / l[j][j] };
        }
    }
    let mut theta: Vec<f64> = b.iter().map(|sum| *sum as f64 * step * step).collect();
    for i in 0..dim {
        for k in 0..i {
            theta[i] -= l[i][k] * theta[k];
        }
        theta[i] /= l[i][i];
    }
    for i in (0..dim).rev() {
        for k in i + 1..dim {
            theta[i] -= l[k][i] * theta[k];
        }
        theta[i] /= l[i][i];
    }
    theta
}

/// A hybrid is one ridge over the joint vector of z and every arm's x: solved as such, it agrees.
#[test]
fn s07_a_hybrid_is_the_ridge_over_the_joint_vector() {
    let (dim, arms, lambda) = (3, 4, 0.5);
    for count in [1_usize, 37, 300] {
        let mut world = World::new(count as u64);
        let lessons: Vec<Lesson> = (0..count).map(|_| world.lesson(dim, arms as u64)).collect();
        // z, then a block of x for each arm.
        let size = dim * (1 + arms);
        let lay = |x: &[i16], arm: usize| -> Vec<i16> {
            let mut row = vec![0; size];
            row[..dim].copy_from_slice(x);
            row[dim * (1 + arm)..dim * (2 + arm)].copy_from_slice(x);
            row
        };
        let joint: Vec<Lesson> = lessons
            .iter()
            .map(|lesson| {
                let arm = lesson.arm.as_str()[3..].parse().unwrap();
                Lesson { x: lay(&lesson.x, arm).into(), ..lesson.clone() }
            })
            .collect();
        let spec =
            |sharing: &str| format!(r#"{{"type":"linucb","sharing":"{sharing}","intercept":false,"lambda":{lambda}}}"#);
        let mut hybrid = policy(&spec("hybrid"), dim);
        for batch in lessons.chunks(7) {
            hybrid = hybrid.learned(batch).unwrap();
        }
        let whole = policy(&spec("shared"), size).learned(&joint).unwrap();
        let mut worst: f64 = 0.0;
        for arm in 0..arms {
            for _ in 0..50 {
                let n: Vec<i16> = (0..dim).map(|_| world.integer()).collect();
                let value = |n: &[i16]| n.iter().map(|n| f64::from(*n) / 16384.0).collect::<Vec<f64>>();
                let a = explain(hybrid.as_ref(), &value(&n), &format!("arm{arm}"));
                let b = explain(whole.as_ref(), &value(&lay(&n, arm)), "");
                worst = worst.max((a.mean - b.mean).abs()).max((a.width - b.width).abs());
            }
        }
        println!("s07: after {count} lessons a hybrid is within {worst:e} of the ridge over the joint vector");
        assert!(worst < 1e-10, "{worst}");
    }
}

#[test]
fn s07_after_many_updates_theta_is_the_batch_ridge() {
    // Every 64th lesson derives the factor anew; 63 live updates follow the last derivation.
    let count = if std::env::var_os("OO_LONG").is_some() { 1_000_063 } else { 20_031 };
    assert_eq!(count % 64, 63);
    let dim = 64;
    let mut world = World::new(7);
    let truth = world.direction(dim);
    let lessons: Vec<Lesson> = (0..count)
        .map(|_| {
            let mut lesson = world.lesson(dim, 1);
            let mean: f64 = lesson.x.iter().zip(&truth).map(|(n, theta)| f64::from(*n) * theta).sum();
            lesson.reward = ((mean + 1638.4 * world.normal()) / 8.0).clamp(-16384.0, 16384.0) as i16;
            lesson
        })
        .collect();
    let mut live = policy(r#"{"type":"linucb","intercept":false}"#, dim);
    for batch in lessons.chunks(61) {
        live = live.learned(batch).unwrap();
    }
    let batch = batch_ridge(&lessons, dim, 1.0);
    let worst = theta(live.as_ref(), dim).iter().zip(&batch).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    println!("s07: after {count} updates at d={dim}, theta is within {worst:e} of the batch ridge");
    assert!(worst < 1e-9, "{worst}");
}

#[test]
fn s09_constant_duplicate_and_zero_features_stay_finite() {
    let dim = 6;
    for lambda in ["1e-12", "1e-6", "1.0"] {
        for sharing in ["\"shared\"", "\"disjoint\"", "\"hybrid\"", "{\"hybrid\":{\"context\":2}}"] {
            let json = format!(r#"{{"type":"linucb","lambda":{lambda},"sharing":{sharing}}}"#);
            let mut policy = policy(&json, dim);
            let mut world = World::new(9);
            for _ in 0..60 {
                let lessons: Vec<Lesson> = (0..50)
                    .map(|_| {
                        let n = world.integer();
                        // A constant, three copies of one, a zero, and the smallest step.
                        Lesson { x: [16384, n, n, -n, 0, 1].into(), ..world.lesson(dim, 2) }
                    })
                    .collect();
                policy = policy.learned(&lessons).unwrap();
            }
            let (mut least, mut most) = (f64::INFINITY, 0.0_f64);
            for _ in 0..200 {
                let x: Vec<f64> = (0..dim).map(|_| f64::from(world.integer()) / 16384.0).collect();
                let why = explain(policy.as_ref(), &x, "arm1");
                (least, most) = (least.min(why.width), most.max(why.width));
                assert!(why.width.is_finite() && why.width > 0.0, "{json}: width {}", why.width);
                assert!(why.mean.is_finite() && why.score.is_finite(), "{json}: {why:?}");
            }
            println!("s09: with constant, duplicate and zero features widths are {least:e} to {most:e}: {json}");
        }
    }
}

#[test]
fn s09_a_ridge_that_is_not_positive_is_an_error() {
    for lambda in ["0", "0.0", "-0.0", "-1", "1e-300", "1e300"] {
        let error = PolicySpec::parse(&format!(r#"{{"type":"linucb","lambda":{lambda}}}"#)).unwrap_err();
        assert_eq!(error.field(), Some("lambda"), "{lambda}: {error}");
    }
    let spec = oo_policies::LinUcbSpec { lambda: f64::NAN, ..Default::default() };
    assert!(PolicySpec::LinUcb(spec).validate().is_err());
}

/// Every kind that takes a ridge, in every form of the shelf, also as a member of a mixture.
#[test]
fn s09_no_kind_takes_a_ridge_of_zero() {
    let mut kinds = BTreeSet::new();
    for (json, _) in POLICIES {
        let whole = serde_json::to_value(PolicySpec::parse(json).unwrap()).unwrap();
        let members = whole["members"].as_array().into_iter().flatten().map(|member| &member["policy"]);
        for settings in members.chain([&whole]) {
            if settings.get("lambda").is_none() {
                continue;
            }
            kinds.insert(settings["type"].as_str().unwrap().to_owned());
            for lambda in [0.0, -1.0] {
                let mut settings = settings.clone();
                settings["lambda"] = lambda.into();
                let mixture = serde_json::json!({"type": "mixture", "members": [{"weight": 1, "policy": settings}]});
                for json in [settings, mixture] {
                    let error = PolicySpec::parse(&json.to_string()).unwrap_err();
                    assert_eq!((error.kind(), error.field()), (ErrorKind::InvalidInput, Some("lambda")), "{json}");
                }
            }
        }
    }
    let ridged = "action_centred dlinucb epsilon_greedy greedy hierarchical lin_ts linucb logistic softmax square_cb";
    assert_eq!(Vec::from_iter(kinds).join(" "), format!("{ridged} sw_linucb"));
}

/// The worst error of the parallelogram law, as bits, which are in the order of numbers that are not negative.
static LAW: AtomicU64 = AtomicU64::new(0);

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    /// The inverse is symmetric: xᵀA⁻¹y = yᵀA⁻¹x by polarisation of the widths, and it shrinks with every lesson.
    #[test]
    fn s09_the_inverse_is_symmetric_and_positive(seed in 0_u64..1_000_000, dim in 1_usize..12, count in 0_usize..150) {
        let mut world = World::new(seed);
        let json = r#"{"type":"linucb","intercept":false,"lambda":0.5}"#;
        let lessons: Vec<Lesson> = (0..count).map(|_| world.lesson(dim, 1)).collect();
        let before = policy(json, dim).learned(&lessons).unwrap();
        let after = before.learned(&[world.lesson(dim, 1)]).unwrap();
        let row = |world: &mut World| -> Vec<f64> { (0..dim).map(|_| f64::from(world.integer()) / 32768.0).collect() };
        let (x, y) = (row(&mut world), row(&mut world));
        let width = |x: &[f64]| explain(before.as_ref(), x, "arm0").width;
        let sum: Vec<f64> = x.iter().zip(&y).map(|(x, y)| x + y).collect();
        let difference: Vec<f64> = x.iter().zip(&y).map(|(x, y)| x - y).collect();
        let (plus, minus) = (width(&sum), width(&difference));
        // The parallelogram law holds for norms that come from a symmetric positive form, and for no others.
        let law = plus * plus + minus * minus - 2.0 * width(&x) * width(&x) - 2.0 * width(&y) * width(&y);
        prop_assert!(law.abs() < 1e-9, "{law}");
        if LAW.fetch_max(law.abs().to_bits(), Ordering::Relaxed) < law.abs().to_bits() {
            println!("s09: the parallelogram law holds within {:e} so far", law.abs());
        }
        prop_assert!(explain(after.as_ref(), &x, "arm0").width <= width(&x) * (1.0 + 1e-12));
    }
}
