//! ε-greedy: the ridge regression's best mean, and a uniform draw with probability ε.

use oo_core::Result;
use serde::{Deserialize, Serialize};

use crate::exploration::Exploration;
use crate::linucb::{LinUcbSpec, Sharing, check_ridge};

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
    /// Checks the numbers.
    ///
    /// # Errors
    /// `invalid_input` for an ε outside [0, 1] or a λ that is not positive.
    pub fn validate(&self) -> Result<()> {
        check_ridge(self.lambda)?;
        self.linear().exploration.validate()
    }

    /// The linear settings it acts as.
    pub(crate) fn linear(&self) -> LinUcbSpec {
        LinUcbSpec {
            sharing: self.sharing,
            alpha: 0.0,
            lambda: self.lambda,
            intercept: self.intercept,
            exploration: Exploration::EpsilonFloor { epsilon: self.epsilon },
        }
    }

    /// The same settings without negative zeros, so that equal settings hash equally.
    #[must_use]
    pub(crate) fn canonical(self) -> Self {
        EpsilonGreedySpec { epsilon: self.epsilon + 0.0, ..self }
    }
}
