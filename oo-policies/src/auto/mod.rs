//! `auto`: LinUCB without a knob.
//!
//! Ridge and noise come from the exact sums by empirical Bayes (evidence maximised over all arms together; MacKay,
//! Neural Computation 4, 1992), the width is measured in units of the estimated noise and narrows as the lessons
//! outnumber what there is to learn, and a Bayes factor between "nothing changed" and "all that was learned before ends
//! here" finds the moment from which lessons count, so that a world that drifts needs no half-life. What is hashed are
//! the sums of all lessons; scale, segment and window are live: they follow from the order of the log, are saved with
//! the policy, and are derived from the sums alone at the start of an epoch.

mod arm;
mod body;
mod change;
mod evidence;
mod members;
mod policy;
mod scale;
mod state;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test fails by panicking")]
mod tests;
mod window;

use std::sync::Arc;

use oo_core::policy::Policy;
use oo_core::schema::FeatureSchema;
use oo_core::{Error, Result};
use serde::{Deserialize, Serialize};

use crate::bytes::Reader;
use crate::exploration::Exploration;
use crate::frame::Frame;
use crate::kind::{Ground, Kind};
use crate::linucb::Sharing;
use policy::Auto;
use state::State;

/// The settings of `auto`: what the problem looks like, nothing to tune.
///
/// ```
/// use oo_policies::{AutoSpec, PolicySpec, Sharing};
///
/// let spec = PolicySpec::parse(r#"{"type": "auto", "sharing": "disjoint"}"#).unwrap();
/// assert_eq!(spec, PolicySpec::Auto(AutoSpec { sharing: Sharing::Disjoint, ..AutoSpec::default() }));
/// assert!(PolicySpec::parse(r#"{"type": "auto", "alpha": 1}"#).is_err(), "there is no knob");
/// assert!(PolicySpec::parse(r#"{"type": "auto", "sharing": "hybrid"}"#).is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AutoSpec {
    /// Whether arms share one model: shared or disjoint.
    pub sharing: Sharing,
    /// Whether a constant 1 is appended to every vector.
    pub intercept: bool,
    /// How scores become a pmf.
    pub exploration: Exploration,
}

impl Default for AutoSpec {
    /// Shared, an intercept, an ε-floor of 0.05.
    fn default() -> Self {
        AutoSpec { sharing: Sharing::Shared, intercept: true, exploration: Exploration::default() }
    }
}

impl AutoSpec {
    /// The layout of its statistics before the first estimate: λ = 1.
    fn frame(&self, ground: &Ground) -> Frame {
        Frame::new(&ground.schema, ground.reward, 1.0, self.intercept)
    }
}

impl Kind for AutoSpec {
    fn validate(&self) -> Result<()> {
        if matches!(self.sharing, Sharing::Hybrid { .. }) {
            let message =
                "auto estimates its scale for shared and disjoint models only; pass \"shared\" or \"disjoint\"";
            return Err(Error::invalid("sharing", message));
        }
        self.exploration.validate()
    }

    fn canonicalise(&mut self) {
        self.exploration = self.exploration.canonical();
    }

    fn needs_arms(&self) -> bool {
        self.sharing == Sharing::Disjoint
    }

    fn fresh(&self, ground: Ground) -> Result<Arc<dyn Policy>> {
        let state = State::derived(self.frame(&ground), self.sharing, Vec::new());
        Ok(Arc::new(Auto::new(ground, self, state)))
    }

    fn restore(&self, ground: Ground, body: &mut Reader<'_>) -> Result<Arc<dyn Policy>> {
        let state = body::read(body, self.frame(&ground), self.sharing)?;
        Ok(Arc::new(Auto::new(ground, self, state)))
    }

    fn extend(&self, ground: Ground, columns: usize, body: &mut Reader<'_>) -> Result<Option<Arc<dyn Policy>>> {
        // Of the old columns only their number matters: the sums are integers.
        let old = Frame::new(&FeatureSchema::raw(columns, -1.0, 1.0)?, ground.reward, 1.0, self.intercept);
        let frame = self.frame(&ground);
        let place = |entry: usize| if entry < columns { entry } else { frame.dim };
        let totals = body::totals(&body::read(body, old, self.sharing)?)?;
        let wide = totals.into_iter().map(|(key, sums)| (key, sums.spread(frame.size, place))).collect();
        let state = State::derived(frame.clone(), self.sharing, wide);
        Ok(Some(Arc::new(Auto::new(ground, self, state))))
    }

    fn merge(&self, ground: Ground, bodies: Vec<Reader<'_>>) -> Result<Arc<dyn Policy>> {
        let frame = self.frame(&ground);
        let totals = body::merged(bodies, &frame, self.sharing)?;
        let state = State::derived(frame, self.sharing, totals);
        Ok(Arc::new(Auto::new(ground, self, state)))
    }
}
