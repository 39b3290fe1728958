//! LinUCB: a ridge regression and its width, optimism in the face of uncertainty.
//!
//! A = λI + Σxxᵀ, b = λθ₀ + Σrx, θ = A⁻¹b, score s = θᵀx + α√(xᵀA⁻¹x) (Li, Chu, Langford & Schapire, WWW 2010,
//! algorithm 1; *shared* keeps one model over joint (context, candidate) vectors, *disjoint* one an arm). Served through
//! an [`Exploration`], because a policy that cannot state its pmf cannot be served. θ₀ comes from the schema's priors.

pub(crate) mod arms;
pub(crate) mod body;
pub(crate) mod disjoint;
pub(crate) mod head;
pub(crate) mod shared;

use std::sync::Arc;

use oo_core::policy::Policy;
use oo_core::{Error, Result};
use serde::{Deserialize, Serialize};

use crate::bytes::Reader;
use crate::exploration::Exploration;
use crate::kind::{Ground, Kind};
use arms::Arms;
use body::{Body, misfit};
use disjoint::DisjointLinear;
use head::Head;
use shared::SharedLinear;

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
    /// The linear policy on `ground` that acts as these settings say, with `body` or of no lesson.
    pub(crate) fn policy(&self, ground: Ground, body: Option<Stored>) -> Result<Arc<dyn Policy>> {
        let head = Head::new(ground, self);
        let mut statistics = match body {
            None if self.sharing == Sharing::Shared => return Ok(Arc::new(SharedLinear::new(head, None))),
            None => Vec::new(),
            Some(Stored::AsItWas(body)) => body.restored(&head.frame)?,
            Some(Stored::Merged(body)) => body.derived(&head.frame)?,
        };
        match self.sharing {
            Sharing::Disjoint => Ok(Arc::new(DisjointLinear::new(head, Arms::new(statistics)))),
            Sharing::Shared => match (statistics.pop(), statistics.is_empty()) {
                (Some((key, statistic)), true) if key.as_str().is_empty() => {
                    Ok(Arc::new(SharedLinear::new(head, Some(statistic))))
                }
                _ => Err(misfit()),
            },
        }
    }
}

/// A body, and what becomes of its factors.
#[derive(Debug)]
pub(crate) enum Stored {
    /// The factors are those that were saved.
    AsItWas(Body),
    /// The factors are derived anew.
    Merged(Body),
}

impl Kind for LinUcbSpec {
    fn validate(&self) -> Result<()> {
        if !(0.0..=1e9).contains(&self.alpha) {
            let message = format!("alpha is {}; pass a number in [0, 1e9], such as 1", self.alpha);
            return Err(Error::invalid("alpha", message));
        }
        check_ridge(self.lambda)?;
        self.exploration.validate()
    }

    fn canonicalise(&mut self) {
        self.alpha += 0.0;
        self.exploration = self.exploration.canonical();
    }

    fn needs_arms(&self) -> bool {
        self.sharing == Sharing::Disjoint
    }

    fn fresh(&self, ground: Ground) -> Result<Arc<dyn Policy>> {
        self.policy(ground, None)
    }

    fn restore(&self, ground: Ground, body: &mut Reader<'_>) -> Result<Arc<dyn Policy>> {
        self.policy(ground, Some(Stored::AsItWas(Body::read(body)?)))
    }

    fn merge(&self, ground: Ground, bodies: Vec<Reader<'_>>) -> Result<Arc<dyn Policy>> {
        self.policy(ground, Some(Stored::Merged(Body::merged(bodies)?)))
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
