//! LinUCB: a ridge regression and its width, optimism in the face of uncertainty.
//!
//! A = λI + Σxxᵀ, b = λθ₀ + Σrx, θ = A⁻¹b, score s = θᵀx + α√(xᵀA⁻¹x) (Li, Chu, Langford & Schapire, WWW 2010,
//! algorithm 1; *shared* keeps one model over joint (context, candidate) vectors, *disjoint* one an arm). Served through
//! an [`Exploration`], because a policy that cannot state its pmf cannot be served. θ₀ comes from the schema's priors.

pub(crate) mod arms;
pub(crate) mod disjoint;
pub(crate) mod head;
pub(crate) mod shared;

use oo_core::{Error, Result};
use serde::{Deserialize, Serialize};

use crate::exploration::Exploration;

/// Whether arms share one model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sharing {
    /// One model over joint (context, candidate) vectors.
    #[default]
    Shared,
    /// One model an arm key; an untried arm's width is exactly α‖x‖/√λ.
    Disjoint,
}

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
    /// Checks the numbers.
    ///
    /// # Errors
    /// `invalid_input` for a negative α, a λ that is not positive, or a wrong exploration.
    pub fn validate(&self) -> Result<()> {
        if !(0.0..=1e9).contains(&self.alpha) {
            return Err(Error::invalid(
                "alpha",
                format!("alpha is {}; pass a number in [0, 1e9], such as 1", self.alpha),
            ));
        }
        check_ridge(self.lambda)?;
        self.exploration.validate()
    }

    /// The same settings without negative zeros, so that equal settings hash equally.
    #[must_use]
    pub(crate) fn canonical(self) -> Self {
        LinUcbSpec { alpha: self.alpha + 0.0, exploration: self.exploration.canonical(), ..self }
    }
}

/// Checks a ridge λ.
pub(crate) fn check_ridge(lambda: f64) -> Result<()> {
    if (1e-12..=1e12).contains(&lambda) {
        return Ok(());
    }
    let message = format!(
        "lambda is {lambda}; A = lambda*I + sums must be positive definite: pass a number in [1e-12, 1e12], such as 1"
    );
    Err(Error::invalid("lambda", message))
}
