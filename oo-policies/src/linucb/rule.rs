//! The rule of a linear policy: how means and widths become scores, and scores a pmf.

use oo_core::distribution::Distribution;
use oo_core::{Error, Result};

use super::sampler::Posterior;
use crate::exploration::Exploration;

/// The fewest and the most draws of an estimate.
const DRAWS: std::ops::RangeInclusive<u32> = 8..=65_536;

/// How a linear policy acts on its posterior.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Rule {
    /// score = mean + α·width, then an exploration; α = 0 are the means.
    Explore {
        /// α.
        alpha: f64,
        /// How scores become a pmf.
        exploration: Exploration,
    },
    /// Inverse-gap weighting of the means with γ = γ₀·tᵖ, t the lessons learned.
    InverseGap {
        /// γ₀.
        gamma: f64,
        /// The exponent of t.
        exponent: f64,
    },
    /// The probability of being the best under θ̃ ~ N(θ, v²A⁻¹), with a floor.
    Thompson {
        /// v.
        scale: f64,
        /// How many draws estimate it.
        draws: u32,
        /// ε, spread uniformly.
        epsilon: f64,
    },
}

impl Rule {
    /// The factor of the width in a score.
    pub(crate) fn alpha(&self) -> f64 {
        match self {
            Rule::Explore { alpha, .. } => *alpha,
            Rule::InverseGap { .. } | Rule::Thompson { .. } => 0.0,
        }
    }

    /// Whether only the best score matters.
    pub(crate) fn best_only(&self) -> bool {
        matches!(self, Rule::Explore { exploration, .. } if exploration.best_only())
    }

    /// Checks the numbers.
    ///
    /// # Errors
    /// `invalid_input`, with the setting as its field.
    pub(crate) fn validate(&self) -> Result<()> {
        let within = |field: &'static str, value: f64, most: f64, such: &str| {
            if (0.0..=most).contains(&value) {
                return Ok(());
            }
            let message = format!("{field} is {value}; pass a number in [0, {most:e}], such as {such}");
            Err(Error::invalid(field, message))
        };
        match self {
            Rule::Explore { alpha, exploration } => {
                within("alpha", *alpha, 1e9, "1")?;
                exploration.validate()
            }
            Rule::InverseGap { gamma, exponent } => {
                within("gamma", *gamma, 1e9, "10")?;
                within("exponent", *exponent, 2.0, "0.5")
            }
            Rule::Thompson { scale, draws, epsilon } => {
                within("scale", *scale, 1e9, "1")?;
                if !DRAWS.contains(draws) {
                    let (least, most) = (DRAWS.start(), DRAWS.end());
                    let message = format!("draws is {draws}; pass a number in [{least}, {most}], such as 128");
                    return Err(Error::invalid("draws", message));
                }
                Exploration::EpsilonFloor { epsilon: *epsilon }.validate()
            }
        }
    }

    /// Writes the pmf of `scores` under `posterior`; Thompson sampling's probabilities are the sampler's.
    pub(crate) fn apply(&self, scores: &[f64], posterior: &dyn Posterior, out: &mut Distribution) {
        match self {
            Rule::Explore { exploration, .. } => exploration.apply(scores, out),
            Rule::InverseGap { gamma, exponent } => {
                out.set_inverse_gap(scores, gamma * libm::pow(posterior.lessons() as f64, *exponent));
            }
            Rule::Thompson { epsilon, .. } => out.set_epsilon_floor(scores, *epsilon),
        }
    }
}
