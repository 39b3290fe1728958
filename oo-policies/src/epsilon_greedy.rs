//! ε-greedy: the ridge regression's best mean, and a uniform draw with probability ε.

use serde::{Deserialize, Serialize};

use crate::exploration::Exploration;
use crate::linucb::Sharing;
use crate::linucb::family::{Family, linear_kind};
use crate::linucb::rule::Rule;

/// The settings of ε-greedy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EpsilonGreedySpec {
    /// Whether arms share one model.
    pub sharing: Sharing,
    /// ε in [0, 1].
    pub epsilon: f64,
    /// λ > 0, the ridge.
    pub lambda: f64,
    /// Whether a constant 1 is appended to every vector.
    pub intercept: bool,
}

impl Default for EpsilonGreedySpec {
    /// Shared, ε = 0.1, λ = 1, an intercept.
    fn default() -> Self {
        EpsilonGreedySpec { sharing: Sharing::Shared, epsilon: 0.1, lambda: 1.0, intercept: true }
    }
}

impl EpsilonGreedySpec {
    fn family(&self) -> Family {
        let exploration = Exploration::EpsilonFloor { epsilon: self.epsilon };
        let rule = Rule::Explore { alpha: 0.0, exploration };
        Family { sharing: self.sharing, lambda: self.lambda, intercept: self.intercept, rule }
    }
}

linear_kind!(EpsilonGreedySpec, |settings| settings.epsilon += 0.0);
