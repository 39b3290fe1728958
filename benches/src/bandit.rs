//! The bare bandit beyond one shared decision: learning in batches, a thousand arms of 512 columns, and the curve of a
//! decision by columns and arms. One thread, buffers kept, every arm with the same number of lessons.
//!
//! What was learned: an arm of few lessons is its lessons, fewer than entries of a vector from 64 entries on, fewer than a
//! quarter of them from 16 on (ADR 0044), so a decision costs K·n·d. From there on a disjoint decision reads K·d²/2 numbers,
//! and from d = 128 on that is the memory's speed, not the processor's.

use std::hint::black_box;
use std::time::Instant;

use oo::{ArmKey, Bandit, BanditSpec, Decided, PolicySpec, Rows};

use crate::Outcome;
use crate::decide::{AUTO, LINUCB, numbers};
use crate::figure::{Bar, Figures, quantile};

const DISJOINT: &str = r#"{"type": "linucb", "sharing": "disjoint"}"#;

/// Measures learning, the thousand arms and the curve.
pub(crate) fn run(figures: &mut Figures) -> Outcome<()> {
    figures.put("learn_d32_us", learn(LINUCB, 32)?, "us", Bar::AtMost(1.5));
    figures.put("learn_d128_us", learn(LINUCB, 128)?, "us", Bar::AtMost(15.0));
    figures.note("learn_auto_d32_us", learn(AUTO, 32)?, "us");
    // The looks for a change fall on few batches: the mean is what a lesson costs.
    figures.note("learn_auto_d32_mean_us", mean(&learning(AUTO, 32)?), "us");
    figures.put("disjoint_1000x512_ms", decide(1_000, 512, 10, 15)? / 1e3, "ms", Bar::AtMost(5.0));
    for dim in [8, 32, 128, 512] {
        for arms in [10, 100, 1_000, 10_000] {
            // Ten lessons an arm, as a catalogue of arms has that is much larger than what was tried of each: statistics
            // at d = 8 and 32, lessons at 128 and 512.
            let rounds = (200_000_000 / (arms * dim * dim)).clamp(5, 200);
            figures.note(&format!("curve_d{dim}_k{arms}_us"), decide(arms, dim, 10, rounds)?, "us");
            // Where those are lessons, the same with more lessons than columns, so that every arm is a statistic: sums and
            // factor of d²/2 numbers each, as far as two gigabytes hold them.
            if dim >= 64 && arms * (dim + 1) * (dim + 1) * 8 <= 2_000_000_000 {
                let dense = decide(arms, dim, dim + 2, rounds)?;
                figures.note(&format!("curve_dense_d{dim}_k{arms}_us"), dense, "us");
            }
        }
    }
    for (settings, lessons) in [(LINUCB, 2), (DISJOINT, 10), (DISJOINT, 100)] {
        for arms in [1_000, 10_000] {
            bounds(figures, settings, arms, 32, lessons)?;
        }
    }
    Ok(())
}

/// A decision among `arms` arms of `dim` columns with `lessons` an arm, whose rewards tell the arms apart: µs with bounds,
/// µs of scoring every row (in decisions too small for bounds), and the share of the rows that bounds skip.
fn bounds(figures: &mut Figures, settings: &str, arms: usize, dim: usize, lessons: usize) -> Outcome<()> {
    let mut state = 17;
    let policy = PolicySpec::parse(settings)?;
    let disjoint = policy.needs_arms();
    let mut bandit = Bandit::new(BanditSpec::new(policy, dim))?;
    let keys: Vec<ArmKey> = (0..arms).map(|arm| ArmKey::new(format!("arm{arm:05}"))).collect();
    let weights = numbers(&mut state, arms * dim);
    for _ in 0..lessons {
        let rows = numbers(&mut state, arms * dim);
        let models = weights.chunks_exact(dim).cycle().step_by(if disjoint { 1 } else { arms });
        let rewards = rows.chunks_exact(dim).zip(models);
        let rewards: Vec<f64> = rewards.map(|(x, w)| x.iter().zip(w).map(|(x, w)| x * w).sum::<f64>() / 4.0).collect();
        bandit.learn(&Rows::new(&rows, arms).with_arms(&keys), &rewards)?;
    }
    let rows = numbers(&mut state, arms * dim);
    let rounds = 2_000_000 / (arms * dim);
    let mut decided = Decided::default();
    let (mut with, mut without) = (Vec::new(), Vec::new());
    for round in 0..5 + rounds as u64 {
        let started = Instant::now();
        bandit.decide_into(&Rows::new(black_box(&rows), arms).with_arms(&keys), round.into(), &mut decided)?;
        with.push(started.elapsed().as_secs_f64() * 1e6);
    }
    let skipped = decided.bounded().iter().filter(|bounded| **bounded).count();
    let mut parts = vec![Decided::default(); arms.div_ceil(250)];
    for round in 0..5 + rounds as u64 {
        let started = Instant::now();
        for ((rows, keys), decided) in rows.chunks(250 * dim).zip(keys.chunks(250)).zip(&mut parts) {
            bandit.decide_into(&Rows::new(black_box(rows), keys.len()).with_arms(keys), round.into(), decided)?;
        }
        without.push(started.elapsed().as_secs_f64() * 1e6);
    }
    with.sort_by(f64::total_cmp);
    without.sort_by(f64::total_cmp);
    let sharing = if disjoint { "disjoint" } else { "shared" };
    let name = format!("bounds_{sharing}_d{dim}_k{arms}_n{lessons}");
    figures.note(&format!("{name}_us"), quantile(&with, 0.5), "us");
    figures.note(&format!("{name}_without_us"), quantile(&without, 0.5), "us");
    figures.note(&format!("{name}_skipped_share"), skipped as f64 / arms as f64, "share");
    Ok(())
}

/// µs of a lesson of a shared policy, learned in batches of 64: the median over the batches.
fn learn(settings: &str, dim: usize) -> Outcome<f64> {
    let mut times = learning(settings, dim)?;
    times.sort_by(f64::total_cmp);
    Ok(quantile(&times, 0.5))
}

fn mean(times: &[f64]) -> f64 {
    times.iter().sum::<f64>() / times.len() as f64
}

/// µs a lesson of each of 500 batches of 64 whose rewards are noise.
fn learning(settings: &str, dim: usize) -> Outcome<Vec<f64>> {
    let mut state = 11;
    let mut bandit = Bandit::new(BanditSpec::new(PolicySpec::parse(settings)?, dim))?;
    let mut times = Vec::new();
    for _ in 0..500 {
        let rows = numbers(&mut state, 64 * dim);
        let rewards = numbers(&mut state, 64);
        let started = Instant::now();
        bandit.learn(&Rows::new(black_box(&rows), rewards.len()), black_box(&rewards))?;
        times.push(started.elapsed().as_secs_f64() * 1e6 / 64.0);
    }
    Ok(times)
}

/// µs of a decision among `arms` arms of `dim` columns after `lessons` an arm, each arm with a row of its own.
fn decide(arms: usize, dim: usize, lessons: usize, rounds: usize) -> Outcome<f64> {
    let mut state = 13;
    let mut bandit = Bandit::new(BanditSpec::new(PolicySpec::parse(DISJOINT)?, dim))?;
    let keys: Vec<ArmKey> = (0..arms).map(|arm| ArmKey::new(format!("arm{arm:05}"))).collect();
    let rows = numbers(&mut state, arms * dim);
    for _ in 0..lessons {
        let lessons = numbers(&mut state, arms * dim);
        let rewards = numbers(&mut state, arms);
        bandit.learn(&Rows::new(&lessons, arms).with_arms(&keys), &rewards)?;
    }
    let mut decided = Decided::default();
    let mut times = Vec::new();
    for round in 0..rounds as u64 {
        let started = Instant::now();
        bandit.decide_into(&Rows::new(black_box(&rows), arms).with_arms(&keys), round.into(), &mut decided)?;
        black_box(decided.pmf());
        times.push(started.elapsed().as_secs_f64() * 1e6);
    }
    times.sort_by(f64::total_cmp);
    Ok(quantile(&times, 0.5))
}
