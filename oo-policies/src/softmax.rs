//! Softmax: each candidate in proportion to exp(mean/τ) of the ridge regression (Boltzmann exploration).

use serde::{Deserialize, Serialize};

use crate::exploration::Exploration;
use crate::linucb::Sharing;
use crate::linucb::family::{Family, linear_kind};
use crate::linucb::rule::Rule;

/// The settings of softmax.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SoftmaxSpec {
    /// Whether arms share one model.
    pub sharing: Sharing,
    /// τ > 0, in units of the reward: a candidate whose mean is τ lower is e times less probable.
    pub tau: f64,
    /// λ > 0, the ridge.
    pub lambda: f64,
    /// Whether a constant 1 is appended to every vector.
    pub intercept: bool,
}

impl Default for SoftmaxSpec {
    /// Shared, τ = 0.1, λ = 1, an intercept.
    fn default() -> Self {
        SoftmaxSpec { sharing: Sharing::Shared, tau: 0.1, lambda: 1.0, intercept: true }
    }
}

impl SoftmaxSpec {
    fn family(&self) -> Family {
        let rule = Rule::Explore { alpha: 0.0, exploration: Exploration::Softmax { tau: self.tau } };
        Family { sharing: self.sharing, lambda: self.lambda, intercept: self.intercept, rule }
    }
}

linear_kind!(SoftmaxSpec, |_| {});
