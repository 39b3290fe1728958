//! Logistic regression for rewards that are chances: online Laplace, with any exploration.
//!
//! p = σ(wᵀx), σ(η) = 1/(1+e^(−η)), w ~ N(m, H⁻¹) (Chapelle & Li, NeurIPS 2011, algorithm 3, with the full covariance
//! in the place of its diagonal). A lesson moves m to the mode of its own likelihood times the posterior before it, and
//! adds p(1−p)·xxᵀ to H. That is no sum: the order matters, so what was learned neither subtracts nor merges, and the
//! state hash is that of the ordered state. Lessons that may still be revised stay *open* in front of a settled base.

mod body;
mod laplace;
mod learner;
mod open;
mod policy;

use std::sync::Arc;

use oo_core::policy::Policy;
use oo_core::{Error, Result};
use serde::{Deserialize, Serialize};

use crate::bytes::Reader;
use crate::exploration::Exploration;
use crate::kind::{Ground, Kind};
use crate::linucb::Sharing;
use crate::linucb::family::check_ridge;
use crate::linucb::rule::Rule;
use policy::Logistic;

/// The settings of logistic regression.
///
/// Rewards are read on the range `reward_range`: its lower end is a chance of 0, its upper end of 1. A reward range that
/// reaches beyond it is refused when the policy is made, not when a lesson comes.
///
/// ```
/// use oo_core::grid::Grid;
/// use oo_core::schema::FeatureSchema;
/// use oo_policies::{LogisticSpec, PolicySpec, build};
///
/// let spec = PolicySpec::parse(r#"{"type": "logistic", "alpha": 0.5}"#)?;
/// assert_eq!(spec, PolicySpec::Logistic(LogisticSpec { alpha: 0.5, ..LogisticSpec::default() }));
/// let schema = FeatureSchema::raw(2, -1.0, 1.0)?;
/// assert!(build(&spec, &schema, Grid::new(0.0, 1.0)?).is_ok());
/// assert!(build(&spec, &schema, Grid::new(-16.0, 16.0)?).is_err());
/// # Ok::<(), oo_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LogisticSpec {
    /// Whether arms share one model.
    pub sharing: Sharing,
    /// α ≥ 0, the factor of the width √(xᵀH⁻¹x), on the scale of log-odds. Thompson sampling and inverse-gap weighting have
    /// no use for it.
    pub alpha: f64,
    /// λ > 0, the precision of the prior. The schema's prior weights are its mean, in log-odds.
    pub lambda: f64,
    /// Whether a constant 1 is appended to every vector.
    pub intercept: bool,
    /// The rewards that are a chance of 0 and of 1.
    pub reward_range: (f64, f64),
    /// How scores, which are expected rewards, become a pmf.
    pub exploration: LogisticExploration,
    /// For how many days a lesson stays open to revision, by the day of its decision; 7 is the engine's horizon.
    pub horizon_days: u32,
    /// The most open lessons a model keeps, 1 to 1,000,000; beyond it the oldest is settled early.
    pub open_lessons: u32,
}

impl Default for LogisticSpec {
    /// Shared, α = 1, λ = 1, an intercept, rewards in [0, 1], an ε-floor of 0.05; 7 days and 4096 lessons stay open.
    fn default() -> Self {
        LogisticSpec {
            sharing: Sharing::Shared,
            alpha: 1.0,
            lambda: 1.0,
            intercept: true,
            reward_range: (0.0, 1.0),
            exploration: LogisticExploration::default(),
            horizon_days: 7,
            open_lessons: 4096,
        }
    }
}

/// How a logistic policy turns scores into a pmf.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum LogisticExploration {
    /// 1−ε split equally over the arg-max's ties, ε spread uniformly; with ε = 0 and α = 0 greedy.
    EpsilonFloor {
        /// ε in [0, 1].
        epsilon: f64,
    },
    /// softmax(score/τ).
    Softmax {
        /// τ > 0, in units of the reward.
        tau: f64,
    },
    /// The probability of being the best under w ~ N(m, v²H⁻¹), under a floor (Chapelle & Li, section 4). For more than
    /// two candidates it is estimated.
    Thompson {
        /// v ≥ 0.
        #[serde(default = "scale")]
        scale: f64,
        /// How many seeded draws estimate it, 8 to 65,536.
        #[serde(default = "draws")]
        draws: u32,
        /// ε in [0, 1], spread uniformly.
        #[serde(default = "epsilon")]
        epsilon: f64,
    },
    /// p = 1/(K + γ(p̂* − p̂)) for every candidate but the best, which gets the rest; p̂ is the expected reward and
    /// γ = γ₀·tᵖ for t lessons (Foster & Rakhlin, ICML 2020).
    InverseGap {
        /// γ₀ ≥ 0, in units of one over the reward: the greater, the greedier.
        #[serde(default = "gamma")]
        gamma: f64,
        /// The exponent of t, in [0, 2].
        #[serde(default = "exponent")]
        exponent: f64,
    },
}

fn scale() -> f64 {
    1.0
}

fn draws() -> u32 {
    128
}

fn epsilon() -> f64 {
    0.05
}

fn gamma() -> f64 {
    10.0
}

fn exponent() -> f64 {
    0.5
}

impl Default for LogisticExploration {
    /// The served default, an ε-floor of 0.05.
    fn default() -> Self {
        LogisticExploration::EpsilonFloor { epsilon: 0.05 }
    }
}

impl LogisticSpec {
    /// What becomes of log-odds and widths.
    fn rule(&self) -> Rule {
        match self.exploration {
            LogisticExploration::EpsilonFloor { epsilon } => {
                Rule::Explore { alpha: self.alpha, exploration: Exploration::EpsilonFloor { epsilon } }
            }
            LogisticExploration::Softmax { tau } => {
                Rule::Explore { alpha: self.alpha, exploration: Exploration::Softmax { tau } }
            }
            LogisticExploration::Thompson { scale, draws, epsilon } => Rule::Thompson { scale, draws, epsilon },
            LogisticExploration::InverseGap { gamma, exponent } => Rule::InverseGap { gamma, exponent },
        }
    }
}

impl Kind for LogisticSpec {
    fn validate(&self) -> Result<()> {
        if !(0.0..=1e9).contains(&self.alpha) {
            let message = format!("alpha is {}; pass a number in [0, 1e9], such as 1", self.alpha);
            return Err(Error::invalid("alpha", message));
        }
        let (lo, hi) = self.reward_range;
        if !(lo.is_finite() && hi.is_finite() && lo < hi) {
            let message =
                format!("reward_range is ({lo}, {hi}); pass the rewards of a chance of 0 and of 1, such as (0, 1)");
            return Err(Error::invalid("reward_range", message));
        }
        if self.horizon_days > 36_500 {
            let message = format!("horizon_days is {}; pass days in [0, 36500], such as 7", self.horizon_days);
            return Err(Error::invalid("horizon_days", message));
        }
        if !(1..=1_000_000).contains(&self.open_lessons) {
            let message = format!("open_lessons is {}; pass a number in [1, 1000000], such as 4096", self.open_lessons);
            return Err(Error::invalid("open_lessons", message));
        }
        if matches!(self.sharing, Sharing::Hybrid { .. }) {
            let message = "a logistic policy is shared or disjoint; pass one of them";
            return Err(Error::invalid("sharing", message));
        }
        check_ridge(self.lambda)?;
        self.rule().validate()
    }

    fn canonicalise(&mut self) {
        self.alpha += 0.0;
        self.reward_range = (self.reward_range.0 + 0.0, self.reward_range.1 + 0.0);
        match &mut self.exploration {
            LogisticExploration::EpsilonFloor { epsilon } => *epsilon += 0.0,
            LogisticExploration::Softmax { .. } => {}
            LogisticExploration::Thompson { scale, epsilon, .. } => {
                *scale += 0.0;
                *epsilon += 0.0;
            }
            LogisticExploration::InverseGap { gamma, exponent } => {
                *gamma += 0.0;
                *exponent += 0.0;
            }
        }
    }

    fn needs_arms(&self) -> bool {
        self.sharing == Sharing::Disjoint
    }

    fn fresh(&self, ground: Ground) -> Result<Arc<dyn Policy>> {
        Ok(Arc::new(Logistic::new(ground, self)?))
    }

    fn restore(&self, ground: Ground, body: &mut Reader<'_>) -> Result<Arc<dyn Policy>> {
        Ok(Arc::new(Logistic::new(ground, self)?.restored(body)?))
    }
}
