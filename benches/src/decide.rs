//! The bare decision: a row-major matrix in, the full pmf and the drawn index out. Shared models, 32 features (33 with
//! the intercept), 50 candidates, after 2,000 lessons, one thread, buffers kept.

use std::hint::black_box;
use std::time::Instant;

use oo::{Bandit, BanditSpec, Decided, PolicySpec, Rows, Seed};

use crate::Outcome;
use crate::figure::{Bar, Figures, quantile};

const DIM: usize = 32;
const CANDIDATES: usize = 50;
pub(crate) const LINUCB: &str = r#"{"type": "linucb"}"#;
/// The default policy.
pub(crate) const AUTO: &str = r#"{"type": "auto"}"#;

/// `count` numbers in (−1, 1).
pub(crate) fn numbers(state: &mut u64, count: usize) -> Vec<f64> {
    (0..count)
        .map(|_| {
            *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (*state >> 40) as f64 / f64::from(1 << 24) * 2.0 - 1.0
        })
        .collect()
}

/// Measures LinUCB, and `auto` beside it.
pub(crate) fn run(figures: &mut Figures) -> Outcome<()> {
    figures.put("decide_shared_50x32_us", shared(LINUCB)?, "us", Bar::AtMost(3.0));
    figures.note("decide_auto_50x32_us", shared(AUTO)?, "us");
    Ok(())
}

/// µs of a decision of the policy of `settings` after 2,000 lessons.
fn shared(settings: &str) -> Outcome<f64> {
    let mut state = 7;
    let mut bandit = Bandit::new(BanditSpec::new(PolicySpec::parse(settings)?, DIM))?;
    for _ in 0..20 {
        let rows = numbers(&mut state, 100 * DIM);
        let rewards = numbers(&mut state, 100);
        bandit.learn(&Rows::new(&rows, rewards.len()), &rewards)?;
    }
    let matrices: Vec<Vec<f64>> = (0..64).map(|_| numbers(&mut state, CANDIDATES * DIM)).collect();
    let mut decided = Decided::default();
    let mut times = Vec::new();
    for round in 0..200_u64 {
        let started = Instant::now();
        for (number, matrix) in (0_u64..).zip(&matrices) {
            bandit.decide_into(
                &Rows::new(black_box(matrix), CANDIDATES),
                Seed::Number(round * 64 + number),
                &mut decided,
            )?;
            black_box(decided.pmf());
        }
        times.push(started.elapsed().as_secs_f64() * 1e6 / matrices.len() as f64);
    }
    times.sort_by(f64::total_cmp);
    Ok(quantile(&times, 0.5))
}
