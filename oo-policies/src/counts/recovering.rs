//! Recovering softmax: an arm shown lately waits until it has recovered (Yancey & Settles, KDD 2020, equations 5 and 6).
//!
//! The score of an arm is its mean reward less γ·0.5^(d/h) for an arm that this person was shown d days ago; the pmf is
//! softmax(score/τ). The paper's base score is a difference of arms' means; a constant shared by all arms does not change
//! a softmax, so here it is the arm's exact mean, shrunk towards a prior of so many lessons.

use std::sync::Arc;

use oo_core::policy::{Actions, Policy, Scored};
use oo_core::{Error, Result};
use serde::{Deserialize, Serialize};

use super::body::Learned;
use super::counted::{Counted, Judged, Rule};
use crate::bytes::Reader;
use crate::kind::{Ground, Kind};

/// The settings of recovering softmax.
///
/// ```
/// let spec = oo_policies::PolicySpec::parse(r#"{"type": "recovering_softmax", "half_life_days": 7}"#).unwrap();
/// assert!(spec.needs_arms());
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RecoveringSoftmaxSpec {
    /// h > 0: after so many days half of the penalty is left.
    pub half_life_days: f64,
    /// γ ≥ 0, the penalty on the day it was shown, in units of the reward.
    pub penalty: f64,
    /// τ > 0, in units of the reward.
    pub tau: f64,
    /// The mean that an arm without lessons has.
    pub prior_mean: f64,
    /// How many lessons the prior mean counts for, > 0.
    pub prior_lessons: f64,
    /// ε in [0, 1], the floor: (1−ε)·softmax + ε/K.
    pub epsilon: f64,
}

impl Default for RecoveringSoftmaxSpec {
    /// h = 15 days, γ = 0.017, τ = 0.0025, as in the paper; a prior of 0 for one lesson; an ε-floor of 0.05.
    fn default() -> Self {
        RecoveringSoftmaxSpec {
            half_life_days: 15.0,
            penalty: 0.017,
            tau: 0.0025,
            prior_mean: 0.0,
            prior_lessons: 1.0,
            epsilon: 0.05,
        }
    }
}

impl Kind for RecoveringSoftmaxSpec {
    fn validate(&self) -> Result<()> {
        let check = |name: &str, value: f64, lo: f64, hi: f64, such: f64| {
            if (lo..=hi).contains(&value) {
                return Ok(());
            }
            Err(Error::invalid(name, format!("{name} is {value}; pass a number in [{lo}, {hi}], such as {such}")))
        };
        check("half_life_days", self.half_life_days, 1e-3, 1e6, 15.0)?;
        check("penalty", self.penalty, 0.0, 1e9, 0.017)?;
        check("tau", self.tau, 1e-9, 1e9, 0.0025)?;
        check("prior_mean", self.prior_mean, -1e9, 1e9, 0.0)?;
        check("prior_lessons", self.prior_lessons, 1e-9, 1e9, 1.0)?;
        check("epsilon", self.epsilon, 0.0, 1.0, 0.05)
    }

    fn canonicalise(&mut self) {
        for number in [&mut self.penalty, &mut self.prior_mean, &mut self.epsilon] {
            *number += 0.0;
        }
    }

    fn needs_arms(&self) -> bool {
        true
    }

    fn fresh(&self, ground: Ground) -> Result<Arc<dyn Policy>> {
        let rule = Arc::new(Recovering { settings: self.clone(), step: ground.reward.step() });
        Ok(Counted::fresh(ground, rule))
    }

    fn restore(&self, ground: Ground, body: &mut Reader<'_>) -> Result<Arc<dyn Policy>> {
        let rule = Arc::new(Recovering { settings: self.clone(), step: ground.reward.step() });
        Counted::restore(ground, rule, body)
    }

    fn extend(&self, ground: Ground, _columns: usize, body: &mut Reader<'_>) -> Result<Option<Arc<dyn Policy>>> {
        // No column is in what it learns.
        self.restore(ground, body).map(Some)
    }

    fn merge(&self, ground: Ground, bodies: Vec<Reader<'_>>) -> Result<Arc<dyn Policy>> {
        let rule = Arc::new(Recovering { settings: self.clone(), step: ground.reward.step() });
        Counted::merge(ground, rule, bodies)
    }
}

#[derive(Debug)]
struct Recovering {
    settings: RecoveringSoftmaxSpec,
    step: f64,
}

impl Rule for Recovering {
    fn keeps_days(&self) -> bool {
        true
    }

    fn judge(&self, learned: &Learned, actions: &Actions<'_>, index: usize) -> Judged {
        let RecoveringSoftmaxSpec { half_life_days, penalty, prior_mean, prior_lessons, .. } = self.settings;
        let arm = &actions.arms[index];
        let tally = learned.tally(arm);
        let count = tally.lessons() as f64 + prior_lessons;
        let mean = (tally.rewards() as f64 * self.step + prior_lessons * prior_mean) / count;
        let last = learned.shown().and_then(|shown| shown.last(actions.person, arm));
        let waiting = last.map_or(0.0, |last| {
            let days = (i64::from(actions.day) - i64::from(last)).max(0) as f64;
            penalty * libm::exp2(-days / half_life_days)
        });
        Judged { mean, width: 0.0, score: mean - waiting }
    }

    fn finish(&self, _: &Learned, _: &Actions<'_>, out: &mut Scored) {
        out.distribution.set_softmax(&out.scores, self.settings.tau);
        if self.settings.epsilon > 0.0 {
            out.distribution.mix_uniform(self.settings.epsilon);
        }
    }
}
