//! Greedy: the ridge regression's best mean, no exploration. A surprisingly close second in many comparisons
//! (Bietti, Agarwal & Langford, JMLR 2021), and a deterministic log: it cannot evaluate another policy offline.

use std::sync::Arc;

use oo_core::Result;
use oo_core::policy::Policy;
use serde::{Deserialize, Serialize};

use crate::bytes::Reader;
use crate::exploration::Exploration;
use crate::kind::{Ground, Kind};
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
    /// The linear settings it acts as.
    fn linear(&self) -> LinUcbSpec {
        LinUcbSpec {
            sharing: self.sharing,
            alpha: 0.0,
            lambda: self.lambda,
            intercept: self.intercept,
            exploration: Exploration::EpsilonFloor { epsilon: 0.0 },
        }
    }
}

impl Kind for GreedySpec {
    fn validate(&self) -> Result<()> {
        check_ridge(self.lambda)
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
