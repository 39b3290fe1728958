//! ε-greedy: the ridge regression's best mean, and a uniform draw with probability ε.

use std::sync::Arc;

use oo_core::Result;
use oo_core::policy::Policy;
use serde::{Deserialize, Serialize};

use crate::bytes::Reader;
use crate::exploration::Exploration;
use crate::kind::{Ground, Kind};
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
    /// The linear settings it acts as.
    fn linear(&self) -> LinUcbSpec {
        LinUcbSpec {
            sharing: self.sharing,
            alpha: 0.0,
            lambda: self.lambda,
            intercept: self.intercept,
            exploration: Exploration::EpsilonFloor { epsilon: self.epsilon },
        }
    }
}

impl Kind for EpsilonGreedySpec {
    fn validate(&self) -> Result<()> {
        check_ridge(self.lambda)?;
        self.linear().exploration.validate()
    }

    fn canonicalise(&mut self) {
        self.epsilon += 0.0;
    }

    fn needs_arms(&self) -> bool {
        self.sharing == Sharing::Disjoint
    }

    fn fresh(&self, ground: Ground) -> Result<Arc<dyn Policy>> {
        self.linear().fresh(ground)
    }

    fn restore(&self, ground: Ground, body: &mut Reader<'_>) -> Result<Arc<dyn Policy>> {
        self.linear().restore(ground, body)
    }

    fn merge(&self, ground: Ground, bodies: Vec<Reader<'_>>) -> Result<Arc<dyn Policy>> {
        self.linear().merge(ground, bodies)
    }
}
