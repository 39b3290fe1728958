//! Times of choose and update, disjoint LinUCB, by arms and columns.
//!
//! All learners have the same lessons, as many an arm as a size says, and a few more with every round; a round times a few
//! calls of each in turn. The figure is the median of rounds, the ratio the median of the rounds' ratios. With more lessons
//! than columns every learner reads its whole model. With fewer, oO keeps an arm of 64 columns and more as its lessons:
//! such a size is measured beside the other and stands for itself.

use std::hint::black_box;
use std::time::Instant;

use serde_json::{Value, json};

use crate::Outcome;
use crate::learner::all;

/// Arms, columns and lessons an arm that are measured.
const SIZES: [(usize, usize, usize); 5] = [(10, 32, 34), (10, 64, 66), (100, 32, 34), (100, 128, 130), (100, 128, 20)];
const CONTEXTS: usize = 256;

/// Measures every size for about `seconds` a learner.
pub(crate) fn run(seconds: f64) -> Outcome<Value> {
    let sizes = SIZES.iter().map(|at| size(*at, seconds)).collect::<Outcome<Vec<_>>>()?;
    Ok(Value::Array(sizes.concat()))
}

/// Contexts of unit length, kept for the life of the program, as one of the peers borrows them as long as it lives.
fn contexts(dim: usize) -> Vec<&'static [f64]> {
    let mut state = 7_u64;
    let mut number = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f64 / f64::from(1 << 24) * 2.0 - 1.0
    };
    let unit = |mut row: Vec<f64>| {
        let length = row.iter().map(|x| x * x).sum::<f64>().sqrt();
        row.iter_mut().for_each(|x| *x /= length);
        &*row.leak()
    };
    (0..CONTEXTS).map(|_| unit((0..dim).map(|_| number()).collect())).collect()
}

fn size((arms, dim, lessons): (usize, usize, usize), seconds: f64) -> Outcome<Vec<Value>> {
    let contexts = contexts(dim);
    let mut learners = all(arms, dim)?;
    for lesson in 0..arms * lessons {
        let context = contexts[lesson % CONTEXTS];
        for (_, learner) in &mut learners {
            learner.update(context, lesson % arms, context[lesson % dim])?;
        }
    }
    // [learner][choose, update] → µs of each round
    let mut times = vec![[Vec::new(), Vec::new()]; learners.len()];
    // A round of each is shorter than a turn of the scheduler.
    let timed = if arms * dim * dim > 500_000 { 2 } else { 8 };
    let started = Instant::now();
    let mut round = 0;
    while round < 30 || (started.elapsed().as_secs_f64() < seconds * learners.len() as f64 && round < 4_000) {
        for ((_, learner), times) in learners.iter_mut().zip(&mut times) {
            // The others have had the caches: the first call brings them back.
            black_box(learner.choose(contexts[round % CONTEXTS])?);
            let calls = contexts.iter().cycle().skip(round * timed).take(timed);
            let begun = Instant::now();
            for context in calls.clone() {
                black_box(learner.choose(black_box(context))?);
            }
            let chosen = Instant::now();
            for (number, context) in calls.enumerate() {
                learner.update(black_box(context), (round * timed + number) % arms, 0.5)?;
            }
            times[0].push((chosen - begun).as_secs_f64() * 1e6 / timed as f64);
            times[1].push(chosen.elapsed().as_secs_f64() * 1e6 / timed as f64);
        }
        round += 1;
    }
    let ours = times[0].clone();
    Ok(learners
        .iter()
        .zip(&times)
        .map(|((name, _), [choose, update])| {
            json!({
                "peer": name, "arms": arms, "dim": dim, "lessons": lessons, "rounds": round,
                "lessons_after": lessons + round * timed / arms,
                "choose_us": median(choose), "update_us": median(update),
                "ours_to_its_choose": median(&ratios(&ours[0], choose)),
                "ours_to_its_update": median(&ratios(&ours[1], update)),
            })
        })
        .collect())
}

fn ratios(ours: &[f64], its: &[f64]) -> Vec<f64> {
    ours.iter().zip(its).map(|(ours, its)| ours / its).collect()
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}
