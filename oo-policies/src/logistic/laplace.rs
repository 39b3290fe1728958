//! The posterior of a logistic regression: its mode, and its covariance as a triangular factor.
//!
//! Before a lesson (x, y) the weights are N(m, H⁻¹). Its mode lies on the line m + t·H⁻¹x, where t solves
//! t = y − σ(mᵀx + t·xᵀH⁻¹x): one number, found by Newton's method inside the bracket [y−1, y]. Then H gains
//! σ'(η)·xxᵀ at the new η, a rank-one update of the factor U with H⁻¹ = UᵀU (Chapelle & Li, NeurIPS 2011, algorithm 3;
//! Spiegelhalter & Lauritzen, Networks 1990).

use crate::factor::Factor;
use crate::frame::{Frame, Work};
use crate::kernel::Linear;
use crate::sums::Sums;

/// Steps of Newton's method; it takes a handful, the rest is for absurd vectors, which bisect.
const STEPS: u32 = 64;

/// More than any weight: a lesson moves m by at most ‖H⁻¹x‖ ≤ ‖x‖/λ, features reach 1.3e30 and 1/λ 1e12. Far above what
/// a lesson adds, so that no lesson leads beyond it.
const MOST_WEIGHT: f64 = 1e100;

/// N(m, H⁻¹).
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Laplace {
    mean: Vec<f64>,
    factor: Factor,
}

impl Laplace {
    /// The prior N(θ₀, I/λ) of `frame`.
    pub(crate) fn new(frame: &Frame) -> Self {
        Laplace { mean: frame.prior.clone(), factor: Factor::derived(&Sums::new(frame.size), frame) }
    }

    /// A posterior as it was saved; none when it is none of `frame`'s. One that is can be saved whatever it learns.
    pub(crate) fn restored(mean: Vec<f64>, packed: &[f64], frame: &Frame) -> Option<Self> {
        let factor = Factor::restored(packed, mean.len())?;
        // Also false for what is no number.
        let sound = mean.iter().all(|weight| weight.abs() <= MOST_WEIGHT) && factor.is_within(frame.ridge, frame.size);
        sound.then_some(Laplace { mean, factor })
    }

    /// m, the intercept last.
    pub(crate) fn mean(&self) -> &[f64] {
        &self.mean
    }

    /// U.
    pub(crate) fn factor(&self) -> &Factor {
        &self.factor
    }

    /// What the kernel scores with.
    pub(crate) fn linear(&self, dim: usize, alpha: f64) -> Linear<'_> {
        Linear { rows: self.factor.rows(), theta: &self.mean, dim, alpha }
    }

    /// Learns that the vector laid out in `work` had the chance `y`.
    pub(crate) fn learn(&mut self, y: f64, work: &mut Work) {
        self.factor.solve(&work.x, &mut work.p, &mut work.y);
        let squared: f64 = work.p.iter().map(|p| p * p).sum();
        let eta: f64 = self.mean.iter().zip(&work.x).map(|(weight, x)| weight * x).sum();
        let t = step(eta, squared, y);
        self.shift(t, work);
        let p = sigmoid(eta + t * squared);
        let root = (p * (1.0 - p)).sqrt();
        for x in &mut work.x {
            *x *= root;
        }
        self.factor.update(&work.x, &mut work.p, &mut work.spare);
        self.factor.keep_positive(self.mean.len());
    }

    /// Learns that the chance of the vector laid out in `work`, long since learned, was `change` higher: one Newton step.
    /// H does not depend on what came of a lesson, so it stays.
    pub(crate) fn correct(&mut self, change: f64, work: &mut Work) {
        self.factor.solve(&work.x, &mut work.p, &mut work.y);
        self.shift(change, work);
    }

    /// m ← m + t·H⁻¹x.
    fn shift(&mut self, t: f64, work: &Work) {
        for (weight, direction) in self.mean.iter_mut().zip(&work.y) {
            *weight += t * direction;
        }
    }
}

/// σ(η).
pub(crate) fn sigmoid(eta: f64) -> f64 {
    1.0 / (1.0 + libm::exp(-eta))
}

/// The t in [y−1, y] with t = y − σ(η + s·t).
fn step(eta: f64, s: f64, y: f64) -> f64 {
    let (mut lo, mut hi) = (y - 1.0, y);
    let mut t = y - sigmoid(eta);
    for _ in 0..STEPS {
        let p = sigmoid(eta + s * t);
        let off = t - y + p;
        if off.abs() <= 1e-15 {
            break;
        }
        if off > 0.0 {
            hi = t;
        } else {
            lo = t;
        }
        let newton = t - off / (1.0 + s * p * (1.0 - p));
        let next = if newton > lo && newton < hi { newton } else { 0.5 * (lo + hi) };
        if next == t {
            break;
        }
        t = next;
    }
    t
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_step_solves_its_equation() {
        for eta in [-400.0, -30.0, -3.0, -0.1, 0.0, 2.0, 50.0, 1e4] {
            for s in [0.0, 1e-9, 0.3, 7.0, 1e3, 1e6] {
                for y in [0.0, 0.25, 1.0] {
                    let t = step(eta, s, y);
                    let off = t - y + sigmoid(eta + s * t);
                    // Where σ is steep in t, the last bit of t is worth s/4 of it.
                    assert!(off.abs() <= 1e-15 * (1.0 + s), "{eta} {s} {y}: {t} is {off} off");
                }
            }
        }
    }
}
