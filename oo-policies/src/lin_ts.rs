//! LinTS: Thompson sampling on the ridge regression (Agrawal & Goyal, ICML 2013).
//!
//! θ̃ ~ N(θ, v²A⁻¹), and the candidate that is best under θ̃ is taken. The probability of being the best has a closed
//! form for two candidates; for more it is estimated by M seeded draws, marked as estimated, floored, and drawn from as
//! any other. Its standard error is at most 1/(2√M).

use serde::{Deserialize, Serialize};

use crate::linucb::Sharing;
use crate::linucb::family::{Family, linear_kind};
use crate::linucb::rule::Rule;

/// The settings of LinTS.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LinTsSpec {
    /// Whether arms share one model.
    pub sharing: Sharing,
    /// v ≥ 0, the scale of the posterior: with noise σ and λ = σ²/τ² it is σ.
    pub scale: f64,
    /// M, the draws that estimate the probabilities of more than two candidates.
    pub draws: u32,
    /// ε in [0, 1], spread uniformly, so that a candidate that no draw preferred keeps a probability.
    pub epsilon: f64,
    /// λ > 0, the ridge.
    pub lambda: f64,
    /// Whether a constant 1 is appended to every vector.
    pub intercept: bool,
}

impl Default for LinTsSpec {
    /// Shared, v = 1, 128 draws, a floor of 0.05, λ = 1, an intercept.
    fn default() -> Self {
        LinTsSpec { sharing: Sharing::Shared, scale: 1.0, draws: 128, epsilon: 0.05, lambda: 1.0, intercept: true }
    }
}

impl LinTsSpec {
    fn family(&self) -> Family {
        let rule = Rule::Thompson { scale: self.scale, draws: self.draws, epsilon: self.epsilon };
        Family { sharing: self.sharing, lambda: self.lambda, intercept: self.intercept, rule }
    }
}

linear_kind!(LinTsSpec, |settings| {
    settings.scale += 0.0;
    settings.epsilon += 0.0;
});
