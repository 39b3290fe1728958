//! An arm that is kept as its lessons decides as the ridge regression it stands for.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "a test fails by panicking")]

mod common;

use std::sync::Arc;

use common::{World, bits, policy, schema};
use oo_core::candidate::ArmKey;
use oo_core::grid::Grid;
use oo_core::lesson::Lesson;
use oo_core::policy::{Actions, Policy, Scored, Unlearned};
use oo_core::schema::{FeatureSchema, FeatureSpec};
use oo_policies::{PolicySpec, build, load, merge};

/// Numbers of columns above and below the 64 entries from which on lessons fewer than dimensions are kept.
const DIMS: [usize; 2] = [70, 32];
const DIM: usize = DIMS[0];

fn settings(lambda: f64) -> String {
    format!(r#"{{"type":"linucb","sharing":"disjoint","lambda":{lambda}}}"#)
}

/// How many lessons make an arm of `dim` columns and an intercept a statistic.
fn many(dim: usize) -> usize {
    if dim < 63 { (dim + 1) / 4 } else { dim + 1 }
}

fn lessons(dim: usize, seed: u64, count: usize, arms: u64) -> Vec<Lesson> {
    let mut world = World::new(seed);
    (0..count).map(|_| world.lesson(dim, arms)).collect()
}

fn row(dim: usize, world: &mut World) -> Vec<f64> {
    (0..dim).map(|_| f64::from(world.integer()) / 16384.0).collect()
}

fn explain(policy: &dyn Policy, x: &[f64]) -> (f64, f64) {
    let arms = [ArmKey::new("arm0")];
    let why = policy.explain(&Actions::new(x.len(), x, &arms), 0).unwrap();
    (why.mean, why.width)
}

fn epoch(policy: &Arc<dyn Policy>) -> Arc<dyn Policy> {
    unlearned(policy, &[])
}

fn unlearned(policy: &Arc<dyn Policy>, lessons: &[Lesson]) -> Arc<dyn Policy> {
    match policy.unlearned(lessons).unwrap() {
        Unlearned::Exact(policy) | Unlearned::Summed(policy) => policy,
        Unlearned::Rebuild => panic!("linear policies subtract"),
    }
}

/// A policy that uses no width computes none: its scores are still the means of those that do, to the bit.
#[test]
fn s13_means_alone_are_the_means_of_scores() {
    // From 64 entries on, from 16 on and below, on both sides of what makes an arm a statistic.
    for dim in [9, 32, 70, 128] {
        for count in [1, many(dim) / 2, 3 * many(dim)] {
            let log = lessons(dim, 41, count * 3, 3);
            let mut world = World::new(42);
            let values: Vec<f64> = (0..8).flat_map(|_| row(dim, &mut world)).collect();
            let arms: Vec<ArmKey> = (0..8).map(|arm| ArmKey::new(format!("arm{}", arm % 4))).collect();
            let actions = Actions::new(dim, &values, &arms);
            let linucb = policy(&settings(1.0), dim).learned(&log).unwrap();
            let means: Vec<u64> = (0..8).map(|at| linucb.explain(&actions, at).unwrap().mean.to_bits()).collect();
            for kind in ["greedy", "epsilon_greedy", "softmax", "square_cb", "lin_ts"] {
                let json = format!(r#"{{"type":"{kind}","sharing":"disjoint"}}"#);
                let learned = policy(&json, dim).learned(&log).unwrap();
                let mut out = Scored::default();
                learned.distribution(&actions, &mut out).unwrap();
                let scores: Vec<u64> = out.scores.iter().map(|score| score.to_bits()).collect();
                assert_eq!(scores, means, "{json}: {count} lessons an arm of {dim} columns");
                for (at, score) in scores.into_iter().enumerate() {
                    let why = learned.explain(&actions, at).unwrap();
                    assert_eq!(why.score.to_bits(), score, "{json}: explained otherwise");
                    assert!(why.width > 0.0, "{json}: an explanation has its width");
                }
            }
        }
    }
}

/// The mean and the width of `x` by a plain Cholesky factorisation of λI + Σxxᵀ, intercept included, around `prior`.
fn reference(lessons: &[Lesson], lambda: f64, prior: &[f64], x: &[f64]) -> (f64, f64) {
    let size = x.len() + 1;
    let lay = |x: &[i16]| -> Vec<f64> { x.iter().map(|n| f64::from(*n) / 16384.0).chain([1.0]).collect() };
    let mut a = vec![vec![0.0; size]; size];
    let mut b: Vec<f64> = prior.iter().map(|prior| lambda * prior).chain([0.0]).collect();
    for (i, row) in a.iter_mut().enumerate() {
        row[i] = lambda;
    }
    for lesson in lessons {
        let row = lay(&lesson.x);
        for i in 0..size {
            b[i] += row[i] * f64::from(lesson.reward) / 16384.0;
            for j in 0..size {
                a[i][j] += row[i] * row[j];
            }
        }
    }
    for i in 0..size {
        for j in 0..=i {
            let dot: f64 = (0..j).map(|k| a[i][k] * a[j][k]).sum();
            let rest = a[i][j] - dot;
            a[i][j] = if i == j { rest.sqrt() } else { rest / a[j][j] };
        }
    }
    let solve = |b: &[f64]| -> Vec<f64> {
        let mut y = vec![0.0; size];
        for i in 0..size {
            let dot: f64 = (0..i).map(|k| a[i][k] * y[k]).sum();
            y[i] = (b[i] - dot) / a[i][i];
        }
        y
    };
    let x: Vec<f64> = x.iter().copied().chain([1.0]).collect();
    let (p, q) = (solve(&x), solve(&b));
    (p.iter().zip(&q).map(|(p, q)| p * q).sum(), p.iter().map(|p| p * p).sum::<f64>().sqrt())
}

#[test]
fn scores_are_those_of_the_ridge_regression() {
    let mut world = World::new(70);
    for (dim, lambda) in DIMS.into_iter().flat_map(|dim| [1e-6, 0.1, 1.0, 10.0].map(|lambda| (dim, lambda))) {
        let all = lessons(dim, 7, many(dim) + 3, 1);
        // One, some, the last few before the arm becomes a statistic, and the first few after.
        for count in [1, many(dim) / 3, many(dim) - 2, many(dim) - 1, many(dim), many(dim) + 3] {
            let learned = policy(&settings(lambda), dim).learned(&all[..count]).unwrap();
            for x in [row(dim, &mut world), all[0].x.iter().map(|n| f64::from(*n) / 16384.0).collect()] {
                let (mean, width) = explain(learned.as_ref(), &x);
                let (mean0, width0) = reference(&all[..count], lambda, &vec![0.0; dim], &x);
                let tolerance = 1e-9 / lambda.min(1.0).sqrt();
                assert!((width - width0).abs() <= tolerance * (1.0 + width0), "λ {lambda}, {count}: {width} {width0}");
                assert!((mean - mean0).abs() <= tolerance * (1.0 + mean0.abs()), "λ {lambda}, {count}: {mean} {mean0}");
            }
        }
    }
}

#[test]
fn a_prior_is_where_an_arm_starts() {
    let prior: Vec<f64> = (0..DIM).map(|i| 0.125 * (i % 4) as f64 - 0.125).collect();
    let feature = |(i, prior): (usize, &f64)| FeatureSpec::new(format!("f{i}"), -1.0, 1.0).unwrap().with_prior(*prior);
    let schema = FeatureSchema::new(prior.iter().enumerate().map(feature).collect(), None).unwrap();
    let spec = PolicySpec::parse(&settings(3.0)).unwrap();
    let fresh = build(&spec, &schema, Grid::new(-1.0, 1.0).unwrap()).unwrap();
    let (all, x) = (lessons(DIM, 7, DIM + 4, 1), row(DIM, &mut World::new(71)));
    for count in [0, 1, 9, DIM - 1, DIM + 4] {
        let (mean, width) = explain(fresh.learned(&all[..count]).unwrap().as_ref(), &x);
        let (mean0, width0) = reference(&all[..count], 3.0, &prior, &x);
        assert!(
            (mean - mean0).abs() < 1e-9 && (width - width0).abs() < 1e-9,
            "{count}: {mean} {mean0} {width} {width0}"
        );
    }
}

#[test]
fn s13_sparse_exactness() {
    let mut world = World::new(13);
    for (dim, count) in [(70, 5), (70, 60), (70, 150), (70, 260), (32, 5), (32, 18), (32, 30)] {
        let values: Vec<f64> = (0..4).flat_map(|_| row(dim, &mut world)).collect();
        let all = lessons(dim, count as u64, count, 3);
        let fresh = policy(&settings(0.5), dim);
        let whole = fresh.learned(&all).unwrap();
        let mut split = fresh.clone();
        for part in all.chunks(7) {
            split = split.learned(part).unwrap();
        }
        assert_eq!(split.save(), whole.save(), "{dim}, {count}: batches leave a trace");
        assert_eq!(bits(split.as_ref(), dim, &values, 4), bits(whole.as_ref(), dim, &values, 4));
        let loaded = load(&whole.save(), &schema(dim)).unwrap();
        assert_eq!(loaded.save(), whole.save());
        assert_eq!(bits(loaded.as_ref(), dim, &values, 4), bits(whole.as_ref(), dim, &values, 4));
        let (a, b): (Vec<Lesson>, Vec<Lesson>) = all.iter().cloned().partition(|lesson| lesson.reward % 2 == 0);
        let shards = [fresh.learned(&b).unwrap(), fresh.learned(&a).unwrap()];
        let merged = merge(&shards, &schema(dim)).unwrap();
        assert_eq!(merged.identity(), whole.identity(), "{dim}, {count}: shards leave a trace");
        assert_eq!(
            bits(merged.as_ref(), dim, &values, 4),
            bits(epoch(&whole).as_ref(), dim, &values, 4),
            "{dim}, {count}: a merge is not the epoch of the whole"
        );
    }
}

/// At every 64th lesson since its epoch began an arm is what its sums say, also if it was its lessons for the first of them.
#[test]
fn s13_sparse_lessons_count_towards_a_derivation() {
    let mut world = World::new(64);
    let values: Vec<f64> = (0..4).flat_map(|_| row(DIM, &mut world)).collect();
    let all = lessons(DIM, 64, 128, 1);
    let is_derived = |count: usize| {
        let live = policy(&settings(0.5), DIM).learned(&all[..count]).unwrap();
        bits(live.as_ref(), DIM, &values, 1) == bits(epoch(&live).as_ref(), DIM, &values, 1)
    };
    assert!(is_derived(128), "the 128th lesson derives nothing");
    assert!(!is_derived(127), "every lesson derives, or none of the bits tells");
}

#[test]
fn s23_sparse_lessons_are_forgotten() {
    let mut world = World::new(23);
    for (dim, theirs, others) in [(70, 10, 40), (70, 40, 180), (70, 60, 90), (32, 4, 12), (32, 10, 14), (32, 20, 40)] {
        let values: Vec<f64> = (0..4).flat_map(|_| row(dim, &mut world)).collect();
        let fresh = policy(&settings(1.0), dim);
        let all = lessons(dim, theirs as u64, theirs + others, 3);
        let left = unlearned(&fresh.learned(&all).unwrap(), &all[..theirs]);
        let never = epoch(&fresh.learned(&all[theirs..]).unwrap());
        assert_eq!(left.identity(), never.identity(), "{theirs} of {others}: unlearning leaves a trace");
        let scores = |policy: &Arc<dyn Policy>| -> Vec<f64> {
            bits(policy.as_ref(), dim, &values, 4).into_iter().map(f64::from_bits).collect()
        };
        for (a, b) in scores(&left).iter().zip(scores(&never)) {
            assert!((a - b).abs() < 1e-12, "{theirs} of {others}: {a} and {b}");
        }
    }
    let fresh = policy(&settings(1.0), DIM);
    let all = lessons(DIM, 1, 30, 2);
    let learned = fresh.learned(&all).unwrap();
    assert!(learned.unlearned(&lessons(DIM, 2, 1, 1)).is_err(), "forgets what was never learned");
    assert_eq!(unlearned(&learned, &all).save(), fresh.save());
}

#[test]
fn s15_a_sparse_arm_is_revised() {
    let all = lessons(DIM, 15, 30, 2);
    let fresh = policy(&settings(1.0), DIM);
    let revision = Lesson { reward: 77, replaces: Some(all[4].reward), ..all[4].clone() };
    let revised = fresh.learned(&all).unwrap().learned(std::slice::from_ref(&revision)).unwrap();
    let mut last = all.clone();
    last[4].reward = 77;
    assert_eq!(revised.save(), fresh.learned(&last).unwrap().save());
    // The revision of a lesson that another shard holds.
    let shards = [fresh.learned(&[revision]).unwrap(), fresh.learned(&all).unwrap()];
    assert_eq!(merge(&shards, &schema(DIM)).unwrap().identity(), fresh.learned(&last).unwrap().identity());
}

#[test]
fn few_lessons_take_little_room() {
    for (dim, each) in [(70, 1), (32, 5)] {
        let mut all = lessons(dim, 1, 100 * each, 1);
        all.iter_mut().enumerate().for_each(|(index, lesson)| lesson.arm = ArmKey::new(format!("arm{}", index % 100)));
        let learned = policy(&settings(1.0), dim).learned(&all).unwrap();
        let (saved, dense) = (learned.save().len(), 100 * (dim * dim / 2 * 16));
        assert!(saved < dense / 15, "{dim} columns, {each} lessons an arm: {saved} of {dense} bytes");
    }
}

/// The same row again and again under next to no ridge: the small matrix of an arm's lessons is all but singular.
#[test]
fn s09_duplicate_rows_of_a_sparse_arm_stay_finite() {
    let mut world = World::new(91);
    for (dim, lambda) in [16, 32, 70].into_iter().flat_map(|dim| [1e-12, 1e-9, 1e-6].map(|lambda| (dim, lambda))) {
        let mut worst: f64 = 0.0;
        for count in 1..many(dim) {
            let first = world.lesson(dim, 1);
            let rewards: Vec<i16> = (0..count).map(|_| world.integer()).collect();
            let same = |reward: &i16| Lesson { reward: *reward, ..first.clone() };
            let learned =
                policy(&settings(lambda), dim).learned(&rewards.iter().map(same).collect::<Vec<_>>()).unwrap();
            let v: Vec<f64> = first.x.iter().map(|n| f64::from(*n) / 16384.0).collect();
            let n = count as f64;
            let norm = v.iter().map(|v| v * v).sum::<f64>() + 1.0;
            let average = rewards.iter().map(|reward| f64::from(*reward) / 16384.0).sum::<f64>() / n;
            // Where the lessons are, one row with n times its weight; everywhere else nothing is known.
            let (mean, width) = explain(learned.as_ref(), &v);
            let expected = (norm / (lambda + n * norm)).sqrt();
            worst = worst.max((width - expected).abs() / expected).max((mean - average).abs());
            for _ in 0..20 {
                let x = row(dim, &mut world);
                let (mean, width) = explain(learned.as_ref(), &x);
                let length = x.iter().map(|x| x * x).sum::<f64>() + 1.0;
                let along = x.iter().zip(&v).map(|(x, v)| x * v).sum::<f64>() + 1.0;
                let expected = ((length - n * along * along / (lambda + n * norm)) / lambda).sqrt();
                assert!(mean.is_finite() && width.is_finite() && width > 0.0, "{dim}, λ {lambda}: {mean} {width}");
                worst = worst.max((width - expected).abs() / expected);
            }
        }
        println!("s09: a sparse arm of one row under a ridge of {lambda:e}, d={dim}: worst error {worst:e}");
        // Rounding of the small matrix, whose condition is that of n rows over the ridge.
        let rounding = 5e-15 * many(dim) as f64 / lambda;
        assert!(worst < rounding.max(1e-6), "{dim}, λ {lambda}: {worst}");
    }
}
