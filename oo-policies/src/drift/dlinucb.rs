//! D-LinUCB: a ridge regression that forgets (Russac, Vernade & Cappé, NeurIPS 2019).
//!
//! By half-life in days it is exact: it subtracts, merges and hashes over the integer sums of each day. By the factor a
//! step it is the papers' algorithm, for experiments.

use std::sync::Arc;

use oo_core::policy::Policy;
use oo_core::{Error, Result};
use serde::{Deserialize, Serialize};

use super::body;
use super::daily::{Daily, hybrid_does_not_drift, steps_are_shared};
use super::days::Fading;
use super::decay::Decay;
use super::head::{Common, Width};
use super::stepped::Stepped;
use crate::bytes::Reader;
use crate::exploration::Exploration;
use crate::kind::{Ground, Kind};
use crate::linucb::Sharing;

/// How fast lessons fade.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Forgetting {
    /// A lesson weighs half as much after so many days, counted from the newest UTC day of a decision. Exact.
    HalfLifeDays(f64),
    /// Every lesson multiplies the weight of those before it by γ in (0, 1]. The order of lessons matters: they do not
    /// merge, and when somebody is forgotten the policy is rebuilt by replay.
    PerStep(f64),
}

/// The settings of D-LinUCB.
///
/// ```
/// use oo_policies::{DLinUcbSpec, Forgetting, PolicySpec};
///
/// let spec = PolicySpec::parse(r#"{"type": "dlinucb", "forgetting": {"half_life_days": 30}}"#).unwrap();
/// let forgetting = Forgetting::HalfLifeDays(30.0);
/// assert_eq!(spec, PolicySpec::DLinUcb(DLinUcbSpec { forgetting, ..DLinUcbSpec::default() }));
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DLinUcbSpec {
    /// How fast lessons fade.
    pub forgetting: Forgetting,
    /// Whether arms share one model; by the step they do.
    pub sharing: Sharing,
    /// α ≥ 0, the factor of the width √(xᵀV⁻¹ṼV⁻¹x); `null` for the papers' β of `delta`, `bound`, `noise`, `length`.
    pub alpha: Option<f64>,
    /// λ > 0, the ridge, which is never forgotten.
    pub lambda: f64,
    /// δ in (0, 1) of the papers' β.
    pub delta: f64,
    /// S ≥ 0 of the papers' β, the bound on ‖θ‖.
    pub bound: f64,
    /// σ ≥ 0 of the papers' β, the noise of rewards.
    pub noise: f64,
    /// L ≥ 0 of the papers' β, the bound on ‖x‖.
    pub length: f64,
    /// Whether a constant 1 is appended to every vector.
    pub intercept: bool,
    /// How scores become a pmf.
    pub exploration: Exploration,
}

impl Default for DLinUcbSpec {
    /// A half-life of 30 days, shared, α = 1, λ = 1, an intercept, an ε-floor of 0.05; δ = 0.01, S = σ = L = 1.
    fn default() -> Self {
        DLinUcbSpec {
            forgetting: Forgetting::HalfLifeDays(30.0),
            sharing: Sharing::Shared,
            alpha: Some(1.0),
            lambda: 1.0,
            delta: 0.01,
            bound: 1.0,
            noise: 1.0,
            length: 1.0,
            intercept: true,
            exploration: Exploration::default(),
        }
    }
}

impl DLinUcbSpec {
    fn common(&self) -> Common {
        let DLinUcbSpec { sharing, lambda, intercept, exploration, .. } = *self;
        let DLinUcbSpec { alpha, delta, bound, noise, length, .. } = *self;
        Common { sharing, lambda, intercept, width: Width { alpha, delta, bound, noise, length }, exploration }
    }
}

impl Kind for DLinUcbSpec {
    fn validate(&self) -> Result<()> {
        match self.forgetting {
            Forgetting::HalfLifeDays(days) if !(1e-3..=1e6).contains(&days) => {
                let message = format!("the half-life is {days} days; pass a number in [0.001, 1e6], such as 30");
                return Err(Error::invalid("forgetting", message));
            }
            Forgetting::PerStep(gamma) if !(1e-3..=1.0).contains(&gamma) => {
                let message = format!("the factor a step is {gamma}; pass a number in [0.001, 1], such as 0.995");
                return Err(Error::invalid("forgetting", message));
            }
            Forgetting::PerStep(_) if self.sharing != Sharing::Shared => return Err(steps_are_shared("forgetting")),
            _ => {}
        }
        if matches!(self.sharing, Sharing::Hybrid { .. }) {
            return Err(hybrid_does_not_drift());
        }
        self.common().validate()
    }

    fn canonicalise(&mut self) {
        self.alpha = self.alpha.map(|alpha| alpha + 0.0);
        for number in [&mut self.bound, &mut self.noise, &mut self.length] {
            *number += 0.0;
        }
        self.exploration = self.exploration.canonical();
    }

    fn needs_arms(&self) -> bool {
        self.sharing != Sharing::Shared
    }

    fn fresh(&self, ground: Ground) -> Result<Arc<dyn Policy>> {
        let head = self.common().head(ground);
        Ok(match self.forgetting {
            Forgetting::HalfLifeDays(days) => {
                Arc::new(Daily::new(Arc::new(head), Fading::HalfLife(days), body::Models::new())?)
            }
            Forgetting::PerStep(gamma) => {
                let fold = Decay::new(gamma, &head.frame);
                Arc::new(Stepped::new(head, fold))
            }
        })
    }

    fn restore(&self, ground: Ground, body: &mut Reader<'_>) -> Result<Arc<dyn Policy>> {
        let head = self.common().head(ground);
        Ok(match self.forgetting {
            Forgetting::HalfLifeDays(days) => {
                Arc::new(Daily::restored(Arc::new(head), Fading::HalfLife(days), body::read(body)?)?)
            }
            Forgetting::PerStep(gamma) => {
                let fold = Decay::read(body, gamma, &head.frame)?;
                Arc::new(Stepped::new(head, fold))
            }
        })
    }

    fn extend(&self, ground: Ground, columns: usize, body: &mut Reader<'_>) -> Result<Option<Arc<dyn Policy>>> {
        let Forgetting::HalfLifeDays(days) = self.forgetting else { return Ok(None) };
        let head = self.common().head(ground);
        let models = body::extended(body, columns, &head.frame)?;
        Ok(Some(Arc::new(Daily::restored(Arc::new(head), Fading::HalfLife(days), models)?)))
    }

    fn merge(&self, ground: Ground, bodies: Vec<Reader<'_>>) -> Result<Arc<dyn Policy>> {
        match self.forgetting {
            Forgetting::HalfLifeDays(days) => {
                let head = Arc::new(self.common().head(ground));
                Ok(Arc::new(Daily::restored(head, Fading::HalfLife(days), body::merged(bodies)?)?))
            }
            Forgetting::PerStep(_) => Err(Error::incompatible(
                "lessons that fade by the step have one order and do not merge; learn all in one, or fade by the day",
            )),
        }
    }
}
