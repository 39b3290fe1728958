//! The linear family: a ridge regression, its width, and a rule that acts on them.
//!
//! A = λI + Σxxᵀ, b = λθ₀ + Σrx, θ = A⁻¹b, width √(xᵀA⁻¹x). LinUCB scores θᵀx + α·width, optimism in the face of
//! uncertainty (Li, Chu, Langford & Schapire, WWW 2010; *shared* keeps one model over joint (context, candidate)
//! vectors, *disjoint* one an arm, *hybrid* both). The other kinds of the family read the same exact statistics under
//! another [`rule`]. All state a pmf, because a policy that cannot cannot be served. θ₀ comes from the schema's priors.

pub(crate) mod arm;
pub(crate) mod arms;
pub(crate) mod body;
pub(crate) mod contest;
mod cross;
pub(crate) mod disjoint;
pub(crate) mod family;
pub(crate) mod head;
mod hybrid;
mod hybrid_body;
mod hybrid_state;
mod joint;
pub(crate) mod normals;
pub(crate) mod rule;
pub(crate) mod sampler;
pub(crate) mod shared;
mod sharing;
pub(crate) mod sparse;

use serde::{Deserialize, Serialize};

use crate::exploration::Exploration;
use family::{Family, linear_kind};
use rule::Rule;
pub use sharing::Sharing;

/// The settings of LinUCB.
///
/// ```
/// use oo_policies::{LinUcbSpec, PolicySpec};
///
/// let spec = PolicySpec::parse(r#"{"type": "linucb", "alpha": 0.7}"#).unwrap();
/// assert_eq!(spec, PolicySpec::LinUcb(LinUcbSpec { alpha: 0.7, ..LinUcbSpec::default() }));
/// assert!(PolicySpec::parse(r#"{"type": "linucb", "lambda": 0}"#).is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LinUcbSpec {
    /// Whether arms share one model.
    pub sharing: Sharing,
    /// α ≥ 0, the factor of the width.
    pub alpha: f64,
    /// λ > 0, the ridge.
    pub lambda: f64,
    /// Whether a constant 1 is appended to every vector.
    pub intercept: bool,
    /// How scores become a pmf.
    pub exploration: Exploration,
}

impl Default for LinUcbSpec {
    /// Shared, α = 1, λ = 1, an intercept, an ε-floor of 0.05.
    fn default() -> Self {
        LinUcbSpec {
            sharing: Sharing::Shared,
            alpha: 1.0,
            lambda: 1.0,
            intercept: true,
            exploration: Exploration::default(),
        }
    }
}

impl LinUcbSpec {
    fn family(&self) -> Family {
        Family {
            sharing: self.sharing,
            lambda: self.lambda,
            intercept: self.intercept,
            rule: Rule::Explore { alpha: self.alpha, exploration: self.exploration },
        }
    }
}

linear_kind!(LinUcbSpec, |settings| {
    settings.alpha += 0.0;
    settings.exploration = settings.exploration.canonical();
});
