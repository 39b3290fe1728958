//! SquareCB: inverse-gap weighting of a regression's means (Foster & Rakhlin, ICML 2020).
//!
//! p = 1/(K + γ(ŷ* − ŷ)) for every candidate but the best, which gets the rest; γ = γ₀·t^ρ grows with the lessons
//! learned. No width is needed, and the regret is optimal for any regression that learns.

use serde::{Deserialize, Serialize};

use crate::linucb::Sharing;
use crate::linucb::family::{Family, linear_kind};
use crate::linucb::rule::Rule;

/// The settings of SquareCB.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SquareCbSpec {
    /// Whether arms share one model.
    pub sharing: Sharing,
    /// γ₀ ≥ 0, in units of one over the reward: the greater, the greedier.
    pub gamma: f64,
    /// ρ in [0, 2], the exponent of the number of lessons.
    pub exponent: f64,
    /// λ > 0, the ridge.
    pub lambda: f64,
    /// Whether a constant 1 is appended to every vector.
    pub intercept: bool,
}

impl Default for SquareCbSpec {
    /// Shared, γ = 10·√t, λ = 1, an intercept.
    fn default() -> Self {
        SquareCbSpec { sharing: Sharing::Shared, gamma: 10.0, exponent: 0.5, lambda: 1.0, intercept: true }
    }
}

impl SquareCbSpec {
    fn family(&self) -> Family {
        let rule = Rule::InverseGap { gamma: self.gamma, exponent: self.exponent };
        Family { sharing: self.sharing, lambda: self.lambda, intercept: self.intercept, rule }
    }
}

linear_kind!(SquareCbSpec, |settings| {
    settings.gamma += 0.0;
    settings.exponent += 0.0;
});
