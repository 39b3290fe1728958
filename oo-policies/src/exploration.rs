//! Exploration: how scores become probabilities. Data, chosen in a policy's settings.

use oo_core::distribution::Distribution;
use oo_core::{Error, Result};
use serde::{Deserialize, Serialize};

/// How scores become a pmf.
///
/// ```
/// use oo_policies::Exploration;
///
/// let floor: Exploration = serde_json::from_str(r#"{"type": "epsilon_floor", "epsilon": 0.1}"#).unwrap();
/// assert_eq!(floor, Exploration::EpsilonFloor { epsilon: 0.1 });
/// assert!(serde_json::from_str::<Exploration>(r#"{"type": "epsilon_floor", "epsilom": 0.1}"#).is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Exploration {
    /// 1−ε split equally over the arg-max's ties, ε spread uniformly; with ε = 0 greedy in the scores.
    EpsilonFloor {
        /// ε in [0, 1].
        epsilon: f64,
    },
    /// softmax(score/τ).
    Softmax {
        /// τ > 0, in units of the score.
        tau: f64,
    },
}

impl Default for Exploration {
    /// The served default, an ε-floor of 0.05.
    fn default() -> Self {
        Exploration::EpsilonFloor { epsilon: 0.05 }
    }
}

impl Exploration {
    /// Checks the numbers.
    ///
    /// # Errors
    /// `invalid_input` for an ε outside [0, 1] or a τ that is not positive and finite.
    pub fn validate(&self) -> Result<()> {
        match self {
            Exploration::EpsilonFloor { epsilon } if !(0.0..=1.0).contains(epsilon) => {
                Err(Error::invalid("epsilon", format!("epsilon is {epsilon}; pass a number in [0, 1], such as 0.05")))
            }
            Exploration::Softmax { tau } if !(1e-9..=1e9).contains(tau) => {
                Err(Error::invalid("tau", format!("tau is {tau}; pass a number in [1e-9, 1e9], such as 0.1")))
            }
            _ => Ok(()),
        }
    }

    /// Whether only the best score matters, and not by how much.
    pub(crate) fn best_only(&self) -> bool {
        matches!(self, Exploration::EpsilonFloor { .. })
    }

    /// Writes the pmf of `scores` into `out`.
    pub fn apply(&self, scores: &[f64], out: &mut Distribution) {
        match self {
            Exploration::EpsilonFloor { epsilon } => out.set_epsilon_floor(scores, *epsilon),
            Exploration::Softmax { tau } => out.set_softmax(scores, *tau),
        }
    }

    /// The same exploration without negative zeros, so that equal settings hash equally.
    #[must_use]
    pub(crate) fn canonical(self) -> Self {
        match self {
            Exploration::EpsilonFloor { epsilon } => Exploration::EpsilonFloor { epsilon: epsilon + 0.0 },
            softmax @ Exploration::Softmax { .. } => softmax,
        }
    }
}
