//! What is derived from weighted sums: the factor of V⁻¹, that of Ṽ, the weights, and the width's factor.

use crate::frame::Frame;
use crate::kernel::{Path, dispatch, laned, packed_start, row_start};

use super::head::Width;
use super::weighted::Weighted;

/// A model to score with; a function of the weighted sums alone.
#[derive(Clone, Debug)]
pub(crate) struct Derived {
    /// U with V⁻¹ = UᵀU, laned.
    inverse: Vec<f64>,
    /// L̃ with Ṽ = L̃L̃ᵀ, laned; empty where Ṽ = V, so that the width is ‖Ux‖.
    spread: Vec<f64>,
    theta: Vec<f64>,
    factor: f64,
}

impl Derived {
    /// The model of `sums`.
    pub(crate) fn new(sums: &Weighted, frame: &Frame, width: &Width) -> Self {
        let (inverse, _) = factors(&sums.gram, frame);
        let spread = if sums.spread.is_empty() { Vec::new() } else { factors(&sums.spread, frame).1 };
        let zeros = vec![0.0; laned(frame.size)];
        let (mut b, mut p, mut theta) = (zeros.clone(), zeros.clone(), zeros);
        for ((b, sum), prior) in b.iter_mut().zip(&sums.rewards).zip(&frame.prior) {
            *b = sum + frame.ridge * prior;
        }
        dispatch::multiply(Path::best(), &inverse, &b, &mut p);
        dispatch::multiply_transposed(Path::best(), &inverse, &p, &mut theta);
        Derived { inverse, spread, theta, factor: width.factor(frame, sums.evidence) }
    }

    /// θ, the intercept last, then zeros.
    pub(crate) fn theta(&self) -> &[f64] {
        &self.theta
    }

    /// What the width is multiplied by.
    pub(crate) fn factor(&self) -> f64 {
        self.factor
    }

    /// The factor of V⁻¹.
    #[cfg(test)]
    pub(super) fn inverse(&self) -> &[f64] {
        &self.inverse
    }

    /// The mean θᵀx and the width √(xᵀV⁻¹ṼV⁻¹x) = ‖L̃ᵀUᵀUx‖ of `x`, filled up to whole lanes; `work` holds two such.
    pub(crate) fn score(&self, x: &[f64], work: &mut [f64]) -> (f64, f64) {
        let mut mean = 0.0;
        for (theta, x) in self.theta.iter().zip(x) {
            mean += theta * x;
        }
        let (p, y) = work.split_at_mut(x.len());
        dispatch::multiply(Path::best(), &self.inverse, x, p);
        if !self.spread.is_empty() {
            dispatch::multiply_transposed(Path::best(), &self.inverse, p, y);
            dispatch::multiply_transposed(Path::best(), &self.spread, y, p);
        }
        let mut squared = 0.0;
        for p in p.iter() {
            squared += p * p;
        }
        (mean, squared.sqrt())
    }
}

/// Of A = λI + `lower`, packed: U with A⁻¹ = UᵀU, and L with A = LLᵀ, both laned.
fn factors(lower: &[f64], frame: &Frame) -> (Vec<f64>, Vec<f64>) {
    let mut lower = lower.to_vec();
    for i in 0..frame.size {
        lower[packed_start(i) + i] += frame.ridge;
    }
    let mut inverse = vec![0.0; row_start(frame.size)];
    dispatch::derive(Path::best(), &mut lower, frame.ridge, &mut inverse);
    let mut rows = vec![0.0; row_start(frame.size)];
    for i in 0..frame.size {
        rows[row_start(i)..=row_start(i) + i].copy_from_slice(&lower[packed_start(i)..=packed_start(i) + i]);
    }
    (inverse, rows)
}
