//! Propensities: the one type that may hold them.
//!
//! A [`Distribution`] sums to 1 and knows its floor. Scores become a distribution through one of a few pure functions
//! (after the shape of Langford & Strehl's exploration scavenging and VW's `explore`), and only the engine draws from
//! it, by the logged probabilities, always.

use crate::error::{Error, Result};

/// A probability for each candidate, in the candidates' order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Distribution {
    pmf: Vec<f64>,
}

impl Distribution {
    /// A distribution that was stored: `pmf` must be finite, not negative, and sum to 1 within 1e-9.
    ///
    /// # Errors
    /// `invalid_input` otherwise.
    pub fn new(pmf: Vec<f64>) -> Result<Self> {
        let sum: f64 = pmf.iter().sum();
        if pmf.is_empty() || pmf.iter().any(|p| !(0.0..=1.0).contains(p)) || (sum - 1.0).abs() > 1e-9 {
            return Err(Error::invalid("pmf", "probabilities must lie in [0, 1] and sum to 1"));
        }
        Ok(Distribution { pmf })
    }

    /// The probabilities, in the candidates' order.
    #[must_use]
    pub fn pmf(&self) -> &[f64] {
        &self.pmf
    }

    /// The smallest probability.
    #[must_use]
    pub fn floor(&self) -> f64 {
        self.pmf.iter().copied().fold(1.0, f64::min)
    }

    /// Sets 1/K for each of `count` candidates.
    pub fn set_uniform(&mut self, count: usize) {
        let p = 1.0 / count.max(1) as f64;
        self.pmf.clear();
        self.pmf.resize(count, p);
    }

    /// Sets the ε-floor mixture: 1−ε split equally over the arg-max's ties, ε uniform. With ε = 0 this is greedy.
    pub fn set_epsilon_floor(&mut self, scores: &[f64], epsilon: f64) {
        let count = scores.len().max(1) as f64;
        let best = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let ties = scores.iter().filter(|score| **score == best).count().max(1) as f64;
        let floor = epsilon / count;
        let top = floor + (1.0 - epsilon) / ties;
        self.pmf.clear();
        self.pmf.extend(scores.iter().map(|score| if *score == best { top } else { floor }));
    }

    /// Sets softmax(s/τ), computed with the libm exponential so that every machine gives the same bits.
    pub fn set_softmax(&mut self, scores: &[f64], tau: f64) {
        let best = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        self.pmf.clear();
        self.pmf.extend(scores.iter().map(|score| libm::exp((score - best) / tau)));
        let sum: f64 = self.pmf.iter().sum();
        for p in &mut self.pmf {
            *p /= sum;
        }
    }

    /// Sets inverse-gap weighting (Foster & Rakhlin, ICML 2020): 1/(K + γ·(s* − s)) for a score below the best s*, what
    /// is left of 1 split equally over the arg-max's ties. γ ≥ 0; with γ = 0 it is uniform.
    pub fn set_inverse_gap(&mut self, scores: &[f64], gamma: f64) {
        let count = scores.len().max(1) as f64;
        let best = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let (mut others, mut ties) = (0.0, 0.0);
        self.pmf.clear();
        for score in scores {
            if *score == best {
                ties += 1.0;
                self.pmf.push(0.0);
            } else {
                let p = 1.0 / (count + gamma * (best - score));
                others += p;
                self.pmf.push(p);
            }
        }
        // K−1 others at most 1/K each leave at least 1/K.
        let top = (1.0 - others) / f64::max(ties, 1.0);
        for (p, score) in self.pmf.iter_mut().zip(scores) {
            if *score == best {
                *p = top;
            }
        }
    }

    /// Sets (1−ε)·share + ε/K of `shares`, which are not negative and sum to 1: a policy's own probabilities, or its
    /// estimates of them, under a floor.
    pub fn set_shares(&mut self, shares: &[f64], epsilon: f64) {
        let floor = epsilon / shares.len().max(1) as f64;
        self.pmf.clear();
        self.pmf.extend(shares.iter().map(|share| floor + (1.0 - epsilon) * share));
    }

    /// Mixes in the uniform holdout: p ← (1−h)·p + h/K.
    pub fn mix_uniform(&mut self, holdout: f64) {
        let share = holdout / self.pmf.len().max(1) as f64;
        for p in &mut self.pmf {
            *p = (1.0 - holdout) * *p + share;
        }
    }

    /// The index at which the running sum of probabilities first exceeds `u` in [0, 1); never one of probability 0.
    #[must_use]
    pub fn invert(&self, u: f64) -> usize {
        let mut sum = 0.0;
        let mut last = 0;
        for (index, p) in self.pmf.iter().enumerate() {
            if *p > 0.0 {
                sum += p;
                last = index;
                if u < sum {
                    return index;
                }
            }
        }
        last
    }
}
