//! UCB1: the arm of the greatest mean + α·(hi−lo)·√(2·ln t / n) (Auer, Cesa-Bianchi & Fischer, Machine Learning 2002,
//! figure 1, with rewards of (lo, hi) instead of [0, 1]). Arms that were never tried come first.

use std::sync::Arc;

use oo_core::policy::{Actions, Policy, Scored};
use oo_core::{Error, Result};
use serde::{Deserialize, Serialize};

use super::body::Learned;
use super::counted::{Bounds, Counted, Judged, Rule, check_grid, check_range};
use crate::bytes::Reader;
use crate::exploration::Exploration;
use crate::kind::{Ground, Kind};

/// The settings of UCB1.
///
/// ```
/// let spec = oo_policies::PolicySpec::parse(r#"{"type": "ucb1", "reward_range": [-1, 1]}"#).unwrap();
/// assert!(spec.needs_arms());
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Ucb1Spec {
    /// α ≥ 0, the factor of the width; 1 is the paper's.
    pub alpha: f64,
    /// (lo, hi), the rewards that may be learned; a grid of rewards that goes beyond is an error.
    pub reward_range: (f64, f64),
    /// How scores become a pmf.
    pub exploration: Exploration,
}

impl Default for Ucb1Spec {
    /// α = 1, rewards in [0, 1], an ε-floor of 0.05.
    fn default() -> Self {
        Ucb1Spec { alpha: 1.0, reward_range: (0.0, 1.0), exploration: Exploration::default() }
    }
}

impl Ucb1Spec {
    fn rule(&self, ground: &Ground) -> Arc<dyn Rule> {
        let bounds = Bounds::new(ground, self.reward_range);
        Arc::new(Ucb1 { alpha: self.alpha, exploration: self.exploration, bounds })
    }
}

impl Kind for Ucb1Spec {
    fn validate(&self) -> Result<()> {
        if !(0.0..=1e9).contains(&self.alpha) {
            let message = format!("alpha is {}; pass a number in [0, 1e9], such as 1", self.alpha);
            return Err(Error::invalid("alpha", message));
        }
        check_range(self.reward_range)?;
        self.exploration.validate()
    }

    fn canonicalise(&mut self) {
        self.alpha += 0.0;
        self.reward_range = (self.reward_range.0 + 0.0, self.reward_range.1 + 0.0);
        self.exploration = self.exploration.canonical();
    }

    fn needs_arms(&self) -> bool {
        true
    }

    fn fresh(&self, ground: Ground) -> Result<Arc<dyn Policy>> {
        check_grid(self.reward_range, ground.reward)?;
        let rule = self.rule(&ground);
        Ok(Counted::fresh(ground, rule))
    }

    fn restore(&self, ground: Ground, body: &mut Reader<'_>) -> Result<Arc<dyn Policy>> {
        let rule = self.rule(&ground);
        Counted::restore(ground, rule, body)
    }

    fn extend(&self, ground: Ground, _columns: usize, body: &mut Reader<'_>) -> Result<Option<Arc<dyn Policy>>> {
        // No column is in what it learns.
        self.restore(ground, body).map(Some)
    }

    fn merge(&self, ground: Ground, bodies: Vec<Reader<'_>>) -> Result<Arc<dyn Policy>> {
        let rule = self.rule(&ground);
        Counted::merge(ground, rule, bodies)
    }
}

#[derive(Debug)]
struct Ucb1 {
    alpha: f64,
    exploration: Exploration,
    bounds: Bounds,
}

impl Rule for Ucb1 {
    fn bounds(&self) -> Option<&Bounds> {
        Some(&self.bounds)
    }

    /// An arm that was never tried scores above every tried one, whose mean is at most hi and whose n is at least 1.
    fn judge(&self, learned: &Learned, actions: &Actions<'_>, index: usize) -> Judged {
        let Bounds { lo, hi, step, .. } = self.bounds;
        let range = (hi - lo) as f64 * step;
        let tally = learned.tally(&actions.arms[index]);
        let widest = range * (2.0 * libm::log(learned.lessons().max(1) as f64)).sqrt();
        if tally.lessons() == 0 {
            let mean = hi as f64 * step;
            return Judged { mean, width: widest, score: mean + range + self.alpha * widest };
        }
        let count = tally.lessons() as f64;
        let mean = tally.rewards() as f64 * step / count;
        let width = widest / count.sqrt();
        Judged { mean, width, score: mean + self.alpha * width }
    }

    fn finish(&self, _: &Learned, _: &Actions<'_>, out: &mut Scored) {
        self.exploration.apply(&out.scores, &mut out.distribution);
    }
}
