//! Logistic regression: it learns steep chances better than a line does, and what is settled can still be corrected.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test fails by panicking")]

mod common;

use std::sync::Arc;

use common::{World, bits, policy, schema};
use oo_core::ErrorKind;
use oo_core::candidate::ArmKey;
use oo_core::id::DecisionId;
use oo_core::lesson::Lesson;
use oo_core::policy::{Actions, Policy, Scored};
use oo_policies::{Bandit, BanditSpec, Decided, PolicySpec, RangeSpec, Rows, load, merge};

fn chance(eta: f64) -> f64 {
    1.0 / (1.0 + libm::exp(-eta))
}

/// Twelve signs, each there or not: six that are rare make a reward much likelier, six that are common speak against it.
struct Signs {
    world: World,
    theta: Vec<f64>,
}

const DIM: usize = 12;
const COUNT: usize = 4;

impl Signs {
    fn new(seed: u64) -> Self {
        let mut world = World::new(seed);
        let theta = (0..DIM).map(|j| if j < 6 { -3.0 } else { 1.0 + 7.0 * world.unit() }).collect();
        Signs { world, theta }
    }

    /// The candidates of one decision and their chances σ(θᵀx − 3).
    fn candidates(&mut self) -> (Vec<f64>, Vec<f64>) {
        let rows: Vec<f64> = (0..DIM * COUNT)
            .map(|index| f64::from(u8::from(self.world.unit() < if index % DIM < 6 { 0.5 } else { 0.2 })))
            .collect();
        let eta = |x: &[f64]| self.theta.iter().zip(x).map(|(theta, x)| theta * x).sum::<f64>() - 3.0;
        let chances = rows.chunks_exact(DIM).map(|x| chance(eta(x))).collect();
        (rows, chances)
    }
}

fn bandit(json: &str) -> Bandit {
    let range = RangeSpec::fixed(0.0, 1.0).unwrap();
    let spec = BanditSpec { range, reward_range: range, ..BanditSpec::new(PolicySpec::parse(json).unwrap(), DIM) };
    Bandit::new(spec).unwrap()
}

/// The regret of `json` over `rounds` decisions.
fn regret(json: &str, seed: u64, rounds: u64) -> f64 {
    let (mut bandit, mut world) = (bandit(json), Signs::new(seed));
    let (mut decided, mut total) = (Decided::default(), 0.0);
    for round in 0..rounds {
        let (rows, chances) = world.candidates();
        bandit.decide_into(&Rows::new(&rows, COUNT), (seed << 32 | round).into(), &mut decided).unwrap();
        let p = chances[decided.index];
        bandit.update(&decided, f64::from(u8::from(world.world.unit() < p))).unwrap();
        total += chances.iter().copied().fold(0.0, f64::max) - p;
    }
    total
}

/// The regret a decision of what `json` learned from `count` uniform decisions.
fn regret_of_log(json: &str, seed: u64, count: usize) -> f64 {
    let (mut bandit, mut world) = (bandit(json), Signs::new(seed));
    for _ in 0..count {
        let (rows, chances) = world.candidates();
        let reward = f64::from(u8::from(world.world.unit() < chances[0]));
        bandit.learn(&Rows::new(&rows[..DIM], 1), &[reward]).unwrap();
    }
    let mut total = 0.0;
    for round in 0..2_000_u64 {
        let (rows, chances) = world.candidates();
        let p = chances[bandit.decide(&Rows::new(&rows, COUNT), round.into()).unwrap().index];
        total += chances.iter().copied().fold(0.0, f64::max) - p;
    }
    total / 2_000.0
}

fn settings(kind: &str, alpha: f64) -> String {
    let floor = r#""exploration":{"type":"epsilon_floor","epsilon":0.0}"#;
    format!(r#"{{"type":"{kind}","alpha":{alpha},{floor}}}"#)
}

#[test]
fn logistic_beats_linear_where_chances_bend() {
    let (seeds, rounds) = if std::env::var_os("OO_LONG").is_some() { (20, 10_000) } else { (5, 3_000) };
    let mean = |of: &dyn Fn(u64) -> f64| (1..=seeds).map(of).sum::<f64>() / seeds as f64;
    let [logistic, linear] =
        ["logistic", "linucb"].map(|kind| mean(&|seed| regret_of_log(&settings(kind, 0.0), seed, 2_000)));
    println!("regret a decision after 2000 uniform lessons, {seeds} seeds: logistic {logistic:.4}, linear {linear:.4}");
    assert!(logistic < 0.3 * linear, "{logistic} against {linear}");
    let mut best = [f64::INFINITY; 2];
    for alpha in [0.0, 0.1, 0.3, 1.0, 2.0] {
        for (kind, best) in ["logistic", "linucb"].iter().zip(&mut best) {
            let regret = mean(&|seed| regret(&settings(kind, alpha), seed, rounds));
            println!("regret at T={rounds}, {seeds} seeds: {kind} with alpha {alpha}: {regret:.1}");
            *best = best.min(regret);
        }
    }
    // A line that learns from what it chose itself fits where it plays, so online the two are close.
    assert!(best[0] < 1.05 * best[1], "tuned: {} against {}", best[0], best[1]);
}

/// Lessons of chances σ(θᵀx), on rewards of −1 and 1.
fn lessons(world: &mut World, theta: &[f64], count: usize) -> Vec<Lesson> {
    (0..count)
        .map(|index| {
            let mut lesson = world.lesson(theta.len(), 1);
            let eta: f64 = theta.iter().zip(lesson.x.iter()).map(|(theta, n)| theta * f64::from(*n) / 16384.0).sum();
            lesson.reward = if world.unit() < chance(eta) { 16_384 } else { -16_384 };
            lesson.decision.0[..8].copy_from_slice(&(index as u64).to_le_bytes());
            lesson
        })
        .collect()
}

const READS: &str = r#"{"type":"logistic","reward_range":[-1,1],"alpha":0,"intercept":false"#;

fn weights(policy: &dyn Policy, dim: usize) -> Vec<f64> {
    let x = vec![1.0; dim];
    policy.explain(&Actions::new(dim, &x, &[ArmKey::new("arm0")]), 0).unwrap().contributions
}

/// One pass of online Laplace lands where batch estimation does, up to the noise of the sample.
#[test]
fn one_pass_finds_the_weights() {
    let theta = [3.0, -2.0, 0.5, 0.0];
    let learned = policy(&format!("{READS}}}"), 4).learned(&lessons(&mut World::new(5), &theta, 20_000)).unwrap();
    for (found, theta) in weights(learned.as_ref(), 4).iter().zip(theta) {
        println!("one pass over 20000 lessons: weight {found:.3}, in the world {theta}");
        assert!((found - theta).abs() < 0.12, "{found} against {theta}");
    }
}

/// Inverse-gap weighting is of the chances themselves, whatever α: p = 1/(K + γ(p̂* − p̂)) with γ = γ₀·tᵖ, the best the rest.
#[test]
fn inverse_gaps_weigh_expected_rewards() {
    let theta = [3.0, -2.0, 0.5, 0.0];
    let rows = [1.0, 0.0, 0.0, 0.0, 0.5, 0.5, 0.0, 0.0, -1.0, 0.0, 0.0, 0.0];
    let arms = ["a", "b", "c"].map(ArmKey::new);
    for (alpha, sharing) in [(0, "shared"), (2, "shared"), (2, "disjoint")] {
        let json = format!(
            r#"{{"type":"logistic","reward_range":[-1,1],"alpha":{alpha},"sharing":"{sharing}",
                "exploration":{{"type":"inverse_gap","gamma":3,"exponent":0.25}}}}"#
        );
        let mut log = lessons(&mut World::new(9), &theta, 300);
        for (index, lesson) in log.iter_mut().enumerate() {
            lesson.arm = arms[index % 3].clone();
        }
        let learned = policy(&json, 4).learned(&log).unwrap();
        let mut out = Scored::default();
        learned.distribution(&Actions::new(4, &rows, &arms), &mut out).unwrap();
        let expected: Vec<f64> = (0..3)
            .map(|index| 2.0 * chance(learned.explain(&Actions::new(4, &rows, &arms), index).unwrap().mean) - 1.0)
            .collect();
        let gamma = 3.0 * libm::pow(300.0, 0.25);
        let other = |index: usize| 1.0 / (3.0 + gamma * (expected[0] - expected[index]));
        let pmf = [1.0 - other(1) - other(2), other(1), other(2)];
        for (stated, wanted) in out.distribution.pmf().iter().zip(pmf) {
            assert!((stated - wanted).abs() < 1e-12, "{json}: {:?} is not {pmf:?}", out.distribution.pmf());
        }
        assert!(!out.estimated && pmf[0] > 0.7, "{pmf:?}");
    }
    // What is left out has SquareCB's defaults, and it learns online as the other explorations do.
    let given = r#"{"type":"logistic","exploration":{"type":"inverse_gap","gamma":10,"exponent":0.5}}"#;
    let left = r#"{"type":"logistic","exploration":{"type":"inverse_gap"}}"#;
    assert_eq!(PolicySpec::parse(given).unwrap(), PolicySpec::parse(left).unwrap());
    let mean = |json: &str| (1..=3).map(|seed| regret(json, seed, 2_000)).sum::<f64>() / 3.0;
    let (gap, uniform) = (mean(left), mean(r#"{"type":"uniform"}"#));
    println!("regret at T=2000, 3 seeds: logistic by inverse gaps {gap:.1}, uniform {uniform:.1}");
    assert!(gap < 0.1 * uniform, "{gap} against {uniform}");
}

/// A revision of what is settled is a Newton step: near what learning the last reward would have given.
#[test]
fn a_revision_of_what_is_settled_still_counts() {
    let theta = [1.0, -1.0, 0.5];
    let mut log = lessons(&mut World::new(6), &theta, 400);
    for (index, lesson) in log.iter_mut().enumerate() {
        lesson.day = (index / 40) as i32;
    }
    let json = format!(r#"{READS},"horizon_days":2}}"#);
    let fresh = policy(&json, 3);
    let learned = fresh.learned(&log).unwrap();
    let mut last = log.clone();
    let mut revisions = Vec::new();
    for lesson in last[..40].iter_mut() {
        let replaces = Some(lesson.reward);
        lesson.reward = 16_384;
        if replaces != Some(lesson.reward) {
            revisions.push(Lesson { replaces, ..lesson.clone() });
        }
    }
    let revised = learned.learned(&revisions).unwrap();
    let once = fresh.learned(&last).unwrap();
    assert_eq!(revised.identity().lessons, 400);
    let distance = |a: &dyn Policy, b: &dyn Policy| -> f64 {
        weights(a, 3).iter().zip(weights(b, 3)).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
    };
    let (before, after) = (distance(learned.as_ref(), once.as_ref()), distance(revised.as_ref(), once.as_ref()));
    println!("revised behind the horizon: {after:.4} from the last rewards only, {before:.4} before");
    assert!(after < 0.35 * before, "{after} against {before}");
    let loaded = load(&revised.save(), &schema(3)).unwrap();
    assert_eq!(loaded.identity(), revised.identity());
    let rows = [0.5, -0.25, 1.0, 0.0, 0.5, -1.0];
    assert_eq!(bits(loaded.as_ref(), 3, &rows, 1), bits(revised.as_ref(), 3, &rows, 1));
}

/// Whatever was settled, the open lessons over it give the bits of one pass in order.
#[test]
fn s13_settling_changes_no_bit() {
    let mut world = World::new(7);
    let mut log: Vec<Lesson> = (0..500).map(|_| world.lesson(5, 3)).collect();
    for (index, lesson) in log.iter_mut().enumerate() {
        lesson.day = (index / 20) as i32;
        lesson.decision = DecisionId([u8::try_from(index % 251).unwrap(); 16]);
    }
    let rows: Vec<f64> = (0..40).map(|_| f64::from(world.integer()) / 16384.0).collect();
    for sharing in ["shared", "disjoint"] {
        let scores = |open: u32, days: u32| {
            let json = format!(
                r#"{{"type":"logistic","reward_range":[-1,1],"sharing":"{sharing}","horizon_days":{days},"open_lessons":{open}}}"#
            );
            bits(policy(&json, 5).learned(&log).unwrap().as_ref(), 5, &rows, 3)
        };
        let all_open = scores(1_000, 1_000);
        assert_eq!(all_open, scores(30, 1_000));
        assert_eq!(all_open, scores(1_000, 3));
        assert_eq!(all_open, scores(1, 0));
    }
}

#[test]
fn what_it_cannot_do_says_what_to_do() {
    let json = format!("{READS}}}");
    let fresh = policy(&json, 2);
    let learned = fresh.learned(&lessons(&mut World::new(8), &[1.0, 1.0], 3)).unwrap();
    let error = merge(&[learned.clone(), fresh], &schema(2)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Incompatible);
    assert!(error.message().contains("learn all lessons in one"), "{}", error.message());

    let spec = BanditSpec::new(PolicySpec::parse(r#"{"type":"logistic"}"#).unwrap(), 2);
    let error = Bandit::new(spec.clone()).unwrap_err();
    assert!(error.message().contains("reward_range (0, 1)"), "{}", error.message());
    let mut bandit = Bandit::new(BanditSpec { reward_range: RangeSpec::fixed(0.0, 1.0).unwrap(), ..spec }).unwrap();
    let row = [0.5, -0.5];
    assert!(bandit.learn(&Rows::new(&row, 1), &[1.5]).is_err());
    bandit.learn(&Rows::new(&row, 1), &[1.0]).unwrap();
    assert_eq!(bandit.unlearn(&Rows::new(&row, 1), &[1.0]).unwrap_err().kind(), ErrorKind::Incompatible);
    bandit.revise(&Rows::new(&row, 1), &[0.0], &[1.0]).unwrap();
    for (field, json) in [
        ("reward_range", r#"{"type":"logistic","reward_range":[1,0]}"#),
        ("alpha", r#"{"type":"logistic","alpha":-1}"#),
        ("lambda", r#"{"type":"logistic","lambda":0}"#),
        ("open_lessons", r#"{"type":"logistic","open_lessons":0}"#),
        ("horizon_days", r#"{"type":"logistic","horizon_days":1000000}"#),
        ("tau", r#"{"type":"logistic","exploration":{"type":"softmax","tau":0}}"#),
        ("gamma", r#"{"type":"logistic","exploration":{"type":"inverse_gap","gamma":-1}}"#),
        ("exponent", r#"{"type":"logistic","exploration":{"type":"inverse_gap","exponent":3}}"#),
        ("policy", r#"{"type":"logistic","exploration":{"type":"inverse_gap","tau":1}}"#),
    ] {
        assert_eq!(PolicySpec::parse(json).unwrap_err().field(), Some(field), "{json}");
    }
}

/// A chance that is all but certain, and rows far outside: finite scores.
#[test]
fn s09_certain_chances_stay_finite() {
    let fresh = policy(r#"{"type":"logistic","reward_range":[-1,1],"lambda":1e-6}"#, 2);
    let lesson = |n: i16, reward| Lesson::new(Arc::from([n, 0]), ArmKey::new("arm0"), reward);
    let log: Vec<Lesson> = (0..2_000).flat_map(|_| [lesson(16_384, 16_384), lesson(-16_384, -16_384)]).collect();
    let learned = fresh.learned(&log).unwrap();
    let mut out = Scored::default();
    let arms = [ArmKey::new("a"), ArmKey::new("b"), ArmKey::new("c")];
    let values = [1.0, 0.0, -1.0, 0.0, 1e6, -1e6];
    learned.distribution(&Actions::new(2, &values, &arms), &mut out).unwrap();
    assert!(out.scores.iter().all(|score| score.abs() <= 1.0), "{:?}", out.scores);
    assert!(out.scores[0] > 0.9, "{:?}", out.scores);
}
