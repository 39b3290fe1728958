//! Greedy: the ridge regression's best mean, no exploration. A surprisingly close second in many comparisons
//! (Bietti, Agarwal & Langford, JMLR 2021), and a deterministic log: it cannot evaluate another policy offline.

use oo_core::Result;
use serde::{Deserialize, Serialize};

use crate::exploration::Exploration;
use crate::linucb::{LinUcbSpec, Sharing, check_ridge};

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
    /// Checks the numbers.
    ///
    /// # Errors
    /// `invalid_input` for a λ that is not positive.
    pub fn validate(&self) -> Result<()> {
        check_ridge(self.lambda)
    }

    /// The linear settings it acts as.
    pub(crate) fn linear(&self) -> LinUcbSpec {
        LinUcbSpec {
            sharing: self.sharing,
            alpha: 0.0,
            lambda: self.lambda,
            intercept: self.intercept,
            exploration: Exploration::EpsilonFloor { epsilon: 0.0 },
        }
    }
}
