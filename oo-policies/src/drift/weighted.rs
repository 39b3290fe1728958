//! Weighted sums: lessons by their age, in the units of features and rewards, without the ridge.

use crate::frame::Frame;
use crate::kernel::{packed_len, packed_start};
use crate::sums::Sums;

/// Σwxxᵀ, Σw²xxᵀ, Σwrx and Σw².
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Weighted {
    /// Σwxxᵀ, its lower triangle packed.
    pub(crate) gram: Vec<f64>,
    /// Σw²xxᵀ likewise; empty where every weight is 1.
    pub(crate) spread: Vec<f64>,
    /// Σwrx.
    pub(crate) rewards: Vec<f64>,
    /// N = Σw².
    pub(crate) evidence: f64,
}

impl Weighted {
    /// The sums of no lesson; `spread` says whether weights differ from 1.
    pub(crate) fn new(size: usize, spread: bool) -> Self {
        let gram = vec![0.0; packed_len(size)];
        let spread = if spread { gram.clone() } else { Vec::new() };
        Weighted { gram, spread, rewards: vec![0.0; size], evidence: 0.0 }
    }

    /// Adds exact `sums`, each lesson with weight `weight`.
    pub(crate) fn add(&mut self, sums: &Sums, weight: f64, frame: &Frame) {
        let squared = weight * weight;
        for (i, step) in frame.steps.iter().enumerate() {
            let row = packed_start(i)..=packed_start(i) + i;
            for ((k, sum), other) in row.clone().zip(&sums.products()[row]).zip(&frame.steps) {
                // The steps are powers of two, so only the conversion of a sum beyond 2⁵³ rounds, once.
                let sum = *sum as f64 * (step * other);
                self.gram[k] += weight * sum;
                if let Some(spread) = self.spread.get_mut(k) {
                    *spread += squared * sum;
                }
            }
            self.rewards[i] += weight * (sums.rewards()[i] as f64 * (step * frame.reward_step));
        }
        self.evidence += squared * sums.lessons() as f64;
    }

    /// One step of forgetting, S ← γS + xxᵀ, S̃ ← γ²S̃ + xxᵀ, b ← γb + rx; with V = λI + S this is
    /// V ← γV + xxᵀ + (1−γ)λI.
    pub(crate) fn step(&mut self, gamma: f64, x: &[f64], reward: f64) {
        let squared = gamma * gamma;
        for (i, own) in x.iter().enumerate() {
            let row = packed_start(i)..=packed_start(i) + i;
            for ((gram, spread), other) in self.gram[row.clone()].iter_mut().zip(&mut self.spread[row]).zip(x) {
                *gram = gamma * *gram + own * other;
                *spread = squared * *spread + own * other;
            }
        }
        discount(&mut self.rewards, gamma, x, reward);
        self.evidence = squared * self.evidence + 1.0;
    }
}

/// b ← γb + rx.
pub(crate) fn discount(sums: &mut [f64], gamma: f64, x: &[f64], reward: f64) {
    for (sum, x) in sums.iter_mut().zip(x) {
        *sum = gamma * *sum + reward * x;
    }
}
