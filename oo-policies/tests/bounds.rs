//! Candidates that cannot win are skipped: the best, its ties and the pmf are those of scoring all.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use oo_core::candidate::ArmKey;
use oo_core::distribution::Distribution;
use oo_policies::{Bandit, BanditSpec, Decided, PolicySpec, Rows};
use rand_pcg::Pcg64Dxsm;
use rand_pcg::rand_core::{Rng, SeedableRng};

const EPSILON: f64 = 0.1;

struct World(Pcg64Dxsm);

impl World {
    fn numbers(&mut self, count: usize, scale: f64) -> Vec<f64> {
        (0..count).map(|_| ((self.0.next_u64() >> 11) as f64 / 9_007_199_254_740_992.0 * 2.0 - 1.0) * scale).collect()
    }

    fn below(&mut self, most: usize) -> usize {
        (self.0.next_u64() % most as u64) as usize
    }
}

fn bandit(kind: &str, sharing: &str, dim: usize, more: &str) -> Bandit {
    let settings = format!(
        r#"{{"type": "{kind}", "sharing": "{sharing}", "exploration": {{"type": "epsilon_floor", "epsilon": {EPSILON}}}{more}}}"#
    );
    Bandit::new(BanditSpec::new(PolicySpec::parse(&settings).unwrap(), dim)).unwrap()
}

/// The scores of decisions too small for bounds.
fn exact(bandit: &Bandit, values: &[f64], keys: &[ArmKey], dim: usize) -> Vec<f64> {
    let mut scores = Vec::new();
    for (values, keys) in values.chunks(100 * dim).zip(keys.chunks(100)) {
        let decided = bandit.decide(&Rows::new(values, keys.len()).with_arms(keys), 1.into()).unwrap();
        assert!(decided.bounded().is_empty());
        scores.extend_from_slice(decided.scores());
    }
    scores
}

/// Decides, and holds the decision against scoring all; how many were skipped.
fn check(bandit: &Bandit, values: &[f64], keys: &[ArmKey], dim: usize, decided: &mut Decided) -> usize {
    let exact = exact(bandit, values, keys, dim);
    bandit.decide_into(&Rows::new(values, keys.len()).with_arms(keys), 7.into(), decided).unwrap();
    let mut wanted = Distribution::default();
    wanted.set_epsilon_floor(&exact, EPSILON);
    assert_eq!(decided.pmf(), wanted.pmf(), "the pmf is not that of scoring all");
    let best = exact.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let marks = if decided.bounded().is_empty() { vec![false; exact.len()] } else { decided.bounded().to_vec() };
    for ((score, exact), bounded) in decided.scores().iter().zip(&exact).zip(&marks) {
        if *bounded {
            assert!(score >= exact && *score < best, "{score} is no bound between {exact} and {best}");
        } else {
            assert_eq!(score.to_bits(), exact.to_bits());
        }
    }
    marks.iter().filter(|bounded| **bounded).count()
}

/// Rows of which some are zero, some are copies of others, and some are tiny.
fn adversarial(world: &mut World, count: usize, dim: usize) -> Vec<f64> {
    let mut values = world.numbers(count * dim, 1.0);
    for row in 1..count {
        let own = row * dim..(row + 1) * dim;
        match world.below(6) {
            0 => values[own].fill(0.0),
            1 => {
                let other = world.below(row);
                values.copy_within(other * dim..(other + 1) * dim, row * dim);
            }
            2 => values[own].iter_mut().for_each(|value| *value *= 1e-3),
            _ => {}
        }
    }
    values
}

#[test]
fn bounds_change_no_probability_of_a_shared_model() {
    let (mut world, mut decided) = (World(Pcg64Dxsm::seed_from_u64(1)), Decided::default());
    for kind in ["linucb", "auto"] {
        for (dim, count) in [(16, 256), (17, 300), (40, 1000)] {
            let mut bandit = bandit(kind, "shared", dim, "");
            let mut skipped = 0;
            for round in 0..8 {
                let values = adversarial(&mut world, count, dim);
                let keys: Vec<ArmKey> = (0..count).map(|row| ArmKey::new(row.to_string())).collect();
                skipped += check(&bandit, &values, &keys, dim, &mut decided);
                let lessons = 1 + round * 40;
                let rows = world.numbers(lessons * dim, 1.0);
                let rewards: Vec<f64> = rows.chunks_exact(dim).map(|row| row[0] - row[dim - 1]).collect();
                bandit.learn(&Rows::new(&rows, lessons), &rewards).unwrap();
            }
            assert!(skipped > count, "bounds skipped only {skipped} of {}", 8 * count);
        }
    }
}

#[test]
fn bounds_change_no_probability_of_disjoint_arms() {
    let (mut world, mut decided) = (World(Pcg64Dxsm::seed_from_u64(2)), Decided::default());
    for (kind, more) in
        [("linucb", ""), ("linucb", r#", "lambda": 1e-9"#), ("linucb", r#", "alpha": 0.0"#), ("auto", "")]
    {
        for (dim, count) in [(16, 256), (33, 400), (70, 600)] {
            let mut bandit = bandit(kind, "disjoint", dim, more);
            // A third is never tried; the others have none to many lessons, some the same as others.
            let keys: Vec<ArmKey> = (0..count).map(|row| ArmKey::new(format!("a{row:05}"))).collect();
            for _ in 0..6 {
                let values = adversarial(&mut world, count, dim);
                check(&bandit, &values, &keys, dim, &mut decided);
                let lessons = 2 * count;
                let rows = world.numbers(lessons * dim, 1.0);
                let arms: Vec<ArmKey> =
                    (0..lessons).map(|_| keys[world.below(count * 2 / 3) / 2 * 2].clone()).collect();
                let rewards: Vec<f64> = rows.chunks_exact(dim).map(|row| row[0] + row[1]).collect();
                bandit.learn(&Rows::new(&rows, lessons).with_arms(&arms), &rewards).unwrap();
            }
            let tried: Vec<ArmKey> = keys[..count * 2 / 3].iter().step_by(2).cycle().take(count).cloned().collect();
            let context = world.numbers(dim, 1.0);
            let values: Vec<f64> = context.iter().cycle().take(count * dim).copied().collect();
            check(&bandit, &values, &tried, dim, &mut decided);
        }
    }
}

#[test]
fn ten_thousand_arms_leave_most_to_their_bounds() {
    let (dim, count) = (16, 10_000);
    let (mut world, mut decided) = (World(Pcg64Dxsm::seed_from_u64(3)), Decided::default());
    let mut bandit = bandit("linucb", "disjoint", dim, r#", "alpha": 0.2"#);
    let keys: Vec<ArmKey> = (0..count).map(|row| ArmKey::new(format!("a{row:05}"))).collect();
    for _ in 0..20 {
        let rows = world.numbers(count * dim, 1.0);
        let rewards: Vec<f64> = rows.chunks_exact(dim).enumerate().map(|(arm, row)| row[arm % dim]).collect();
        bandit.learn(&Rows::new(&rows, count).with_arms(&keys), &rewards).unwrap();
    }
    let values = world.numbers(count * dim, 1.0);
    let skipped = check(&bandit, &values, &keys, dim, &mut decided);
    assert!(skipped > count / 2, "bounds skipped only {skipped}");
}

#[test]
fn who_needs_every_score_gets_it() {
    let (dim, count) = (16, 300);
    let mut world = World(Pcg64Dxsm::seed_from_u64(4));
    let values = world.numbers(count * dim, 1.0);
    for settings in [
        r#"{"type": "linucb", "exploration": {"type": "softmax", "tau": 0.1}}"#,
        r#"{"type": "square_cb"}"#,
        r#"{"type": "lin_ts", "draws": 16}"#,
    ] {
        let bandit = Bandit::new(BanditSpec::new(PolicySpec::parse(settings).unwrap(), dim)).unwrap();
        assert!(bandit.decide(&Rows::new(&values, count), 1.into()).unwrap().bounded().is_empty(), "{settings}");
    }
}
