//! Beta–Bernoulli Thompson sampling (Chapelle & Li, NeurIPS 2011, algorithm 2) with its pmf stated.
//!
//! An arm's chance p has the posterior Beta(a₀+S, b₀+n−S), S the sum of its rewards mapped to [0, 1]; a reward between
//! counts in part. The pmf, the probability that an arm's chance is the greatest, is computed by quadrature (good to
//! 1e-8) instead of estimated by draws, and laid under an ε-floor.

use std::sync::Arc;

use oo_core::candidate::ArmKey;
use oo_core::policy::{Actions, Policy, Scored};
use oo_core::{Error, Result};
use serde::{Deserialize, Serialize};

use super::best::Quadrature;
use super::body::Learned;
use super::counted::{Bounds, Counted, Judged, Rule, check_grid, check_range};
use crate::bytes::Reader;
use crate::kind::{Ground, Kind};

/// The settings of Beta–Bernoulli Thompson sampling.
///
/// ```
/// let spec = oo_policies::PolicySpec::parse(r#"{"type": "beta_ts", "prior": [0.5, 0.5]}"#).unwrap();
/// assert!(spec.needs_arms());
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BetaTsSpec {
    /// (a₀, b₀) > 0, the prior of every arm.
    pub prior: (f64, f64),
    /// (lo, hi), the rewards that may be learned, mapped to [0, 1]; a grid of rewards that goes beyond is an error.
    pub reward_range: (f64, f64),
    /// ε in [0, 1], the floor: (1−ε)·pmf + ε/K.
    pub epsilon: f64,
}

impl Default for BetaTsSpec {
    /// A uniform prior, rewards in [0, 1], an ε-floor of 0.05.
    fn default() -> Self {
        BetaTsSpec { prior: (1.0, 1.0), reward_range: (0.0, 1.0), epsilon: 0.05 }
    }
}

impl BetaTsSpec {
    fn rule(&self, ground: &Ground) -> Arc<dyn Rule> {
        let bounds = Bounds::new(ground, self.reward_range);
        Arc::new(BetaTs { prior: self.prior, epsilon: self.epsilon, bounds, quadrature: Quadrature::new() })
    }
}

impl Kind for BetaTsSpec {
    fn validate(&self) -> Result<()> {
        let (a, b) = self.prior;
        if !((1e-2..=1e9).contains(&a) && (1e-2..=1e9).contains(&b)) {
            let message = format!("the prior is ({a}, {b}); pass two numbers in [0.01, 1e9], such as (1, 1)");
            return Err(Error::invalid("prior", message));
        }
        if !(0.0..=1.0).contains(&self.epsilon) {
            let message = format!("epsilon is {}; pass a number in [0, 1], such as 0.05", self.epsilon);
            return Err(Error::invalid("epsilon", message));
        }
        check_range(self.reward_range)
    }

    fn canonicalise(&mut self) {
        self.reward_range = (self.reward_range.0 + 0.0, self.reward_range.1 + 0.0);
        self.epsilon += 0.0;
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
struct BetaTs {
    prior: (f64, f64),
    epsilon: f64,
    bounds: Bounds,
    quadrature: Quadrature,
}

impl BetaTs {
    /// The posterior's (a, b): exact integers divided last.
    fn posterior(&self, learned: &Learned, arm: &ArmKey) -> (f64, f64) {
        let tally = learned.tally(arm);
        let (count, sum) = (i128::from(tally.lessons()), i128::from(tally.rewards()));
        let Bounds { lo, hi, .. } = self.bounds;
        let (lo, hi) = (i128::from(lo), i128::from(hi));
        let part = |units: i128| units.max(0) as f64 / (hi - lo) as f64;
        (self.prior.0 + part(sum - count * lo), self.prior.1 + part(count * hi - sum))
    }
}

impl Rule for BetaTs {
    fn bounds(&self) -> Option<&Bounds> {
        Some(&self.bounds)
    }

    /// Mean and standard deviation of the posterior in units of the reward; the score is the mean.
    fn judge(&self, learned: &Learned, actions: &Actions<'_>, index: usize) -> Judged {
        let (a, b) = self.posterior(learned, &actions.arms[index]);
        let Bounds { lo, hi, step, .. } = self.bounds;
        let range = (hi - lo) as f64 * step;
        let chance = a / (a + b);
        let width = range * (chance * (b / (a + b)) / (a + b + 1.0)).sqrt();
        let mean = lo as f64 * step + range * chance;
        Judged { mean, width, score: mean }
    }

    /// Candidates of one arm share what the arm gets.
    fn finish(&self, learned: &Learned, actions: &Actions<'_>, out: &mut Scored) {
        let count = actions.count();
        out.scratch.clear();
        out.scratch.resize(4 * count + Quadrature::work(count), 0.0);
        let (order, rest) = out.scratch.split_at_mut(count);
        let (firsts, rest) = rest.split_at_mut(count);
        let (shares, rest) = rest.split_at_mut(count);
        let (pmf, work) = rest.split_at_mut(count);
        for (index, order) in order.iter_mut().enumerate() {
            *order = index as f64;
        }
        let arm = |place: f64| &actions.arms[index(place)];
        order.sort_unstable_by(|a, b| arm(*a).cmp(arm(*b)).then(a.total_cmp(b)));
        // Where each arm's run begins in the order.
        let mut arms = 0;
        for place in 0..count {
            if place == 0 || arm(order[place]) != arm(order[place - 1]) {
                firsts[arms] = place as f64;
                arms += 1;
            }
        }
        let variable = |own: usize| self.posterior(learned, arm(order[index(firsts[own])]));
        self.quadrature.best(variable, &mut shares[..arms], work);
        for own in 0..arms {
            let run = index(firsts[own])..if own + 1 < arms { index(firsts[own + 1]) } else { count };
            let share = shares[own] / run.len() as f64;
            run.for_each(|place| pmf[index(order[place])] = share);
        }
        out.distribution.set_shares(pmf, self.epsilon);
    }
}

/// The index that a scratch number holds.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it was an index")]
fn index(number: f64) -> usize {
    number as usize
}
