//! SW-LinUCB: a ridge regression over a sliding window (Cheung, Simchi-Levi & Zhu, AISTATS 2019).
//!
//! In days it is exact: it subtracts, merges and hashes over the integer sums of each day, those before the window
//! included, so that it can slide back when the newest lessons are taken away. In steps it keeps the last τ lessons.

use std::sync::Arc;

use oo_core::policy::Policy;
use oo_core::{Error, Result};
use serde::{Deserialize, Serialize};

use super::body;
use super::daily::{Daily, hybrid_does_not_drift, steps_are_shared};
use super::days::Fading;
use super::head::{Common, Width};
use super::stepped::Stepped;
use super::window::LastSteps;
use crate::bytes::Reader;
use crate::exploration::Exploration;
use crate::kind::{Ground, Kind};
use crate::linucb::Sharing;

/// How much of the past counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Window {
    /// The newest n UTC days of decisions, the newest day with a lesson included. Exact.
    Days(u32),
    /// The last τ lessons. Their order matters: they do not merge, and when somebody is forgotten the policy is rebuilt
    /// by replay.
    Steps(u32),
}

/// The settings of SW-LinUCB.
///
/// ```
/// use oo_policies::{PolicySpec, SwLinUcbSpec, Window};
///
/// let spec = PolicySpec::parse(r#"{"type": "sw_linucb", "window": {"days": 14}}"#).unwrap();
/// assert_eq!(spec, PolicySpec::SwLinUcb(SwLinUcbSpec { window: Window::Days(14), ..SwLinUcbSpec::default() }));
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SwLinUcbSpec {
    /// How much of the past counts.
    pub window: Window,
    /// Whether arms share one model; in steps they do.
    pub sharing: Sharing,
    /// α ≥ 0, the factor of the width √(xᵀV⁻¹x); `null` for the papers' β of `delta`, `bound`, `noise`, `length`.
    pub alpha: Option<f64>,
    /// λ > 0, the ridge.
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

impl Default for SwLinUcbSpec {
    /// The newest 60 days, shared, α = 1, λ = 1, an intercept, an ε-floor of 0.05; δ = 0.01, S = σ = L = 1.
    fn default() -> Self {
        SwLinUcbSpec {
            window: Window::Days(60),
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

impl SwLinUcbSpec {
    fn common(&self) -> Common {
        let SwLinUcbSpec { sharing, lambda, intercept, exploration, .. } = *self;
        let SwLinUcbSpec { alpha, delta, bound, noise, length, .. } = *self;
        Common { sharing, lambda, intercept, width: Width { alpha, delta, bound, noise, length }, exploration }
    }
}

impl Kind for SwLinUcbSpec {
    fn validate(&self) -> Result<()> {
        match self.window {
            Window::Days(0) => {
                return Err(Error::invalid("window", "a window has at least one day; pass {\"days\": 60}"));
            }
            Window::Steps(0) => {
                return Err(Error::invalid("window", "a window has at least one lesson; pass {\"steps\": 1000}"));
            }
            Window::Steps(_) if self.sharing != Sharing::Shared => return Err(steps_are_shared("window")),
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
        Ok(match self.window {
            Window::Days(days) => Arc::new(Daily::new(Arc::new(head), Fading::Window(days), body::Models::new())?),
            Window::Steps(steps) => {
                let fold = LastSteps::new(steps as usize, &head.frame);
                Arc::new(Stepped::new(head, fold))
            }
        })
    }

    fn restore(&self, ground: Ground, body: &mut Reader<'_>) -> Result<Arc<dyn Policy>> {
        let head = self.common().head(ground);
        Ok(match self.window {
            Window::Days(days) => Arc::new(Daily::restored(Arc::new(head), Fading::Window(days), body::read(body)?)?),
            Window::Steps(steps) => {
                let fold = LastSteps::read(body, steps as usize, &head.frame)?;
                Arc::new(Stepped::new(head, fold))
            }
        })
    }

    fn extend(&self, ground: Ground, columns: usize, body: &mut Reader<'_>) -> Result<Option<Arc<dyn Policy>>> {
        let Window::Days(days) = self.window else { return Ok(None) };
        let head = self.common().head(ground);
        let models = body::extended(body, columns, &head.frame)?;
        Ok(Some(Arc::new(Daily::restored(Arc::new(head), Fading::Window(days), models)?)))
    }

    fn merge(&self, ground: Ground, bodies: Vec<Reader<'_>>) -> Result<Arc<dyn Policy>> {
        match self.window {
            Window::Days(days) => {
                let head = Arc::new(self.common().head(ground));
                Ok(Arc::new(Daily::restored(head, Fading::Window(days), body::merged(bodies)?)?))
            }
            Window::Steps(_) => Err(Error::incompatible(
                "the last lessons of several logs have no common order; learn all in one, or use a window of days",
            )),
        }
    }
}
