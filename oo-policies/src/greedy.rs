//! Greedy: the ridge regression's best mean, no exploration. A surprisingly close second in many comparisons
//! (Bietti, Agarwal & Langford, JMLR 2021), and a deterministic log: it cannot evaluate another policy offline.

use serde::{Deserialize, Serialize};

use crate::exploration::Exploration;
use crate::linucb::Sharing;
use crate::linucb::family::{Family, linear_kind};
use crate::linucb::rule::Rule;

/// The settings of greedy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GreedySpec {
    /// Whether arms share one model.
    pub sharing: Sharing,
    /// λ > 0, the ridge.
    pub lambda: f64,
    /// Whether a constant 1 is appended to every vector.
    pub intercept: bool,
}

impl Default for GreedySpec {
    /// Shared, λ = 1, an intercept.
    fn default() -> Self {
        GreedySpec { sharing: Sharing::Shared, lambda: 1.0, intercept: true }
    }
}

impl GreedySpec {
    fn family(&self) -> Family {
        let exploration = Exploration::EpsilonFloor { epsilon: 0.0 };
        let rule = Rule::Explore { alpha: 0.0, exploration };
        Family { sharing: self.sharing, lambda: self.lambda, intercept: self.intercept, rule }
    }
}

linear_kind!(GreedySpec, |_| {});
