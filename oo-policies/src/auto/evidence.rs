//! The evidence of a ridge regression from its exact sums.
//!
//! With θ ~ N(θ₀, (σ²/λ)I) and rewards θᵀx + N(0, σ²): log p = −½(log|A| − d·log λ) − ½σ⁻²(Σr² + λθ₀ᵀθ₀ − bᵀA⁻¹b)
//! − ½n·log(2πσ²), A = λI + Σxxᵀ, b = λθ₀ + Σrx.

use crate::factor::Factor;
use crate::frame::Frame;
use crate::kernel::{Path, dispatch, laned};
use crate::sums::Sums;

/// b = λθ₀ + Σrx, into the first `size` entries of `out`.
pub(super) fn right_side(sums: &Sums, frame: &Frame, out: &mut [f64]) {
    for (i, out) in out[..frame.size].iter_mut().enumerate() {
        *out = sums.rewards()[i] as f64 * (frame.steps[i] * frame.reward_step) + frame.ridge * frame.prior[i];
    }
}

/// Σr² as a number.
pub(super) fn squares(sums: &Sums, frame: &Frame) -> f64 {
    sums.squares() as f64 * (frame.reward_step * frame.reward_step)
}

/// θᵀx and 1 + xᵀA⁻¹x of the row `x`, for A's factor and the right side b: θᵀx = (Ub)ᵀ(Ux). `p` becomes Ux, `y` Ub.
pub(super) fn foresee(factor: &Factor, x: &[f64], rhs: &[f64], p: &mut [f64], y: &mut [f64]) -> (f64, f64) {
    factor.project(x, p);
    factor.project(&rhs[..x.len()], y);
    let (mut mean, mut squared) = (0.0, 0.0);
    for (p, y) in p.iter().zip(y.iter()) {
        mean += p * y;
        squared += p * p;
    }
    (mean, 1.0 + squared)
}

/// The log evidence of `sums` under noise of `variance`, without n·log(2πσ²)/2, which any division of the same lessons
/// has in common.
pub(super) fn log_evidence(sums: &Sums, frame: &Frame, variance: f64) -> f64 {
    if sums.lessons() == 0 {
        return 0.0;
    }
    let factor = Factor::derived(sums, frame);
    let mut b = vec![0.0; laned(frame.size)];
    let mut p = b.clone();
    right_side(sums, frame, &mut b);
    dispatch::multiply(Path::best(), factor.rows(), &b, &mut p);
    let explained: f64 = p[..frame.size].iter().map(|p| p * p).sum();
    let prior: f64 = frame.prior.iter().map(|prior| prior * prior).sum();
    let misfit = (squares(sums, frame) + frame.ridge * prior - explained).max(0.0);
    // log|A| = −2·Σ log Uᵢᵢ.
    let mut shrunk = 0.0;
    let (mut row, mut next) = (0, 0);
    for (place, entry) in factor.packed(frame.size).enumerate() {
        if place == next {
            shrunk += libm::log(entry * entry * frame.ridge);
            row += 1;
            next += row + 1;
        }
    }
    0.5 * shrunk - 0.5 * misfit / variance
}

#[cfg(test)]
mod tests {
    use super::*;
    use oo_core::grid::Grid;
    use oo_core::schema::FeatureSchema;

    /// The same density as a product of one-step predictions, each from the definition.
    #[test]
    fn the_evidence_is_the_product_of_the_predictions() {
        let schema = FeatureSchema::raw(3, -1.0, 1.0).unwrap();
        let mut frame = Frame::new(&schema, Grid::new(-1.0, 1.0).unwrap(), 0.7, true);
        frame.prior = vec![0.25, -0.5, 0.0, 0.125];
        let variance = 0.3;
        let rows: [([i16; 4], i16); 4] =
            [([9000, -300, 70, 1], 4000), ([-500, 16000, 3, 1], -900), ([12, 13, -14, 1], 16384), ([9000, 0, 0, 1], 1)];
        let mut sums = Sums::new(4);
        let mut product = 0.0;
        for (x, reward) in rows {
            let factor = Factor::derived(&sums, &frame);
            let (mut b, mut p, mut theta) = (vec![0.0; 8], vec![0.0; 8], vec![0.0; 8]);
            right_side(&sums, &frame, &mut b);
            factor.solve(&b, &mut p, &mut theta);
            let mut value = vec![0.0; 8];
            for i in 0..4 {
                value[i] = f64::from(x[i]) * frame.steps[i];
            }
            let mut y = vec![0.0; 8];
            factor.solve(&value, &mut p, &mut y);
            let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
            let spread = 1.0 + dot(&value, &y);
            let off = f64::from(reward) * frame.reward_step - dot(&value, &theta);
            product -= 0.5 * (libm::log(spread) + off * off / (variance * spread));
            sums.add(&x, reward).unwrap();
        }
        let whole = log_evidence(&sums, &frame, variance);
        assert!((whole - product).abs() < 1e-9, "{whole} against {product}");
    }
}
