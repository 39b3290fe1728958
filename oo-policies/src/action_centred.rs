//! Action-centred Thompson sampling: models only the advantage over doing nothing.
//!
//! The reward is r = f(t) + θᵀx for a shown candidate and f(t) for *hold*, the candidate that does nothing; f, the
//! baseline, may change in any way and is never modelled. The regressor is the drawn candidate's x less what the
//! decision would have shown on average, g = x − Σpᵢxᵢ: E[g] = 0, so that E[g·f] = 0 (Greenewald, Tewari, Murphy & Klasnja,
//! NIPS 2017; with many candidates the centred regressor of Krishnamurthy, Wu & Syrgkanis, ICML 2018). θ = A⁻¹b with
//! A = λI + Σggᵀ, b = λθ₀ + Σrg, exact sums as everywhere. The candidate to show is drawn by Thompson sampling, and shown
//! with the probability π that its advantage is positive, held to [π_min, π_max]; else the decision holds.

use std::sync::Arc;

use oo_core::candidate::ArmKey;
use oo_core::grid::GRID_MAX;
use oo_core::lesson::Lesson;
use oo_core::policy::{Actions, Explanation, Policy, PolicyIdentity, Scored, Unlearned};
use oo_core::{Error, Result};
use serde::{Deserialize, Serialize};
use sha2::Digest;

use crate::bytes::Reader;
use crate::frame::{Frame, Work};
use crate::kernel::{Path, dispatch, laned};
use crate::kind::{Ground, Kind};
use crate::linucb::arm::Arm;
use crate::linucb::body::{Body, misfit};
use crate::linucb::family::check_ridge;
use crate::linucb::head::{check_index, check_shape, not_finite};
use crate::linucb::normals::cdf;
use crate::linucb::rule::Rule;
use crate::linucb::sampler::{Posterior, Sampler};
use crate::saved;
use crate::statistic::Statistic;

/// The settings of action-centred Thompson sampling.
///
/// ```
/// use oo_policies::{ActionCentredSpec, PolicySpec};
///
/// let spec = PolicySpec::parse(r#"{"type": "action_centred", "pi_max": 0.8}"#).unwrap();
/// assert_eq!(spec, PolicySpec::ActionCentred(ActionCentredSpec { pi_max: 0.8, ..ActionCentredSpec::default() }));
/// assert!(PolicySpec::parse(r#"{"type": "action_centred", "pi_min": 0.9, "pi_max": 0.1}"#).is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ActionCentredSpec {
    /// The arm that does nothing; in the engine it is always `hold`.
    pub hold: String,
    /// The least probability of doing anything.
    pub pi_min: f64,
    /// The most probability of doing anything.
    pub pi_max: f64,
    /// v ≥ 0, the scale of the posterior N(θ, v²A⁻¹), in units of the reward.
    pub scale: f64,
    /// How many seeded draws estimate which candidate is the best, 8 to 65,536.
    pub draws: u32,
    /// ε in [0, 1], the share of π that is spread over all candidates but hold.
    pub epsilon: f64,
    /// λ > 0, the ridge.
    pub lambda: f64,
    /// Whether the advantage has a constant part.
    pub intercept: bool,
}

impl Default for ActionCentredSpec {
    /// `hold`, π in [0.1, 0.9], v = 0.5, 128 draws, ε = 0.05, λ = 1, an intercept.
    fn default() -> Self {
        ActionCentredSpec {
            hold: ArmKey::HOLD.to_owned(),
            pi_min: 0.1,
            pi_max: 0.9,
            scale: 0.5,
            draws: 128,
            epsilon: 0.05,
            lambda: 1.0,
            intercept: true,
        }
    }
}

impl Kind for ActionCentredSpec {
    fn validate(&self) -> Result<()> {
        let (least, most) = (self.pi_min, self.pi_max);
        if !(0.0..=1.0).contains(&least) {
            return Err(Error::invalid("pi_min", format!("pi_min is {least}; pass a number in [0, 1], such as 0.1")));
        }
        if !(least..=1.0).contains(&most) {
            return Err(Error::invalid(
                "pi_max",
                format!("pi_max is {most}; pass a number in [pi_min, 1], such as 0.9"),
            ));
        }
        if self.hold.is_empty() {
            return Err(Error::invalid("hold", "hold is empty; name the arm that does nothing, such as \"hold\""));
        }
        check_ridge(self.lambda)?;
        Rule::Thompson { scale: self.scale, draws: self.draws, epsilon: self.epsilon }.validate()
    }

    fn canonicalise(&mut self) {
        for number in [&mut self.pi_min, &mut self.pi_max, &mut self.scale, &mut self.epsilon] {
            *number += 0.0;
        }
    }

    fn hold(&self) -> Option<&str> {
        Some(&self.hold)
    }

    fn fresh(&self, ground: Ground) -> Result<Arc<dyn Policy>> {
        let head = Arc::new(Head::new(ground, self));
        Ok(Arc::new(ActionCentred { statistic: Statistic::new(&head.frame), head }))
    }

    fn restore(&self, ground: Ground, body: &mut Reader<'_>) -> Result<Arc<dyn Policy>> {
        let head = Head::new(ground, self);
        ActionCentred::of(Body::read(body)?.restored(&head.frame)?, head)
    }

    fn extend(&self, ground: Ground, columns: usize, body: &mut Reader<'_>) -> Result<Option<Arc<dyn Policy>>> {
        let head = Head::new(ground, self);
        let body = Body::read(body)?.spread(columns, head.dim, head.frame.size)?;
        ActionCentred::of(body.derived(&head.frame)?, head).map(Some)
    }

    fn merge(&self, ground: Ground, bodies: Vec<Reader<'_>>) -> Result<Arc<dyn Policy>> {
        let head = Head::new(ground, self);
        ActionCentred::of(Body::merged(bodies)?.derived(&head.frame)?, head)
    }
}

/// What every successor of one action-centred policy has in common.
#[derive(Debug)]
struct Head {
    ground: Ground,
    spec: ActionCentredSpec,
    /// The layout of the regressors: the columns and perhaps the intercept, on grids of twice the step.
    frame: Frame,
    /// The number of the caller's columns.
    dim: usize,
    sampler: Sampler,
}

impl Head {
    fn new(ground: Ground, spec: &ActionCentredSpec) -> Self {
        let Frame { dim, mut steps, prior, reward_step, ridge, .. } =
            Frame::new(&ground.schema, ground.reward, spec.lambda, spec.intercept);
        // A difference of two grid integers spans twice the grid: its step doubles. The intercept, 1 for whatever is
        // shown and 0 for hold, has a centre between them, on the grid of (0, 1).
        if let Some(intercept) = steps.get_mut(dim) {
            *intercept = 1.0 / f64::from(GRID_MAX);
        }
        steps.iter_mut().for_each(|step| *step *= 2.0);
        let frame = Frame::of(steps.len(), steps, prior, reward_step, ridge);
        let sampler = Sampler::new(spec.scale, spec.draws, 0.0, laned(frame.size), 0);
        Head { ground, spec: spec.clone(), frame, dim, sampler }
    }

    fn is_hold(&self, arm: &ArmKey) -> bool {
        arm.as_str() == self.spec.hold
    }

    /// Writes row `x` with its intercept.
    fn pad(&self, x: &[f64], padded: &mut [f64]) {
        padded[..self.dim].copy_from_slice(x);
        if self.frame.size > self.dim {
            padded[self.dim] = 1.0;
        }
    }

    /// The lesson whose features are the regressor g, of twice the step. Without a centre nothing is known of the
    /// alternative, so g is 0: the lesson counts and teaches nothing.
    fn centred(&self, lesson: &Lesson) -> Result<Lesson> {
        if lesson.x.len() != self.dim {
            let message = format!("the lesson has {} features, the policy's schema {}", lesson.x.len(), self.dim);
            return Err(Error::invalid("x", message));
        }
        let size = self.frame.size;
        let x = match &lesson.centre {
            None => std::iter::repeat_n(0, size).collect(),
            Some(centre) => {
                if centre.len() != self.dim + 1 {
                    let (want, got) = (self.dim + 1, centre.len());
                    let message =
                        format!("a centre has {want} numbers here, not {got}; pass what lesson::centre gives");
                    return Err(Error::invalid("centre", message));
                }
                let off = |n: &i16| !(-GRID_MAX..=GRID_MAX).contains(n);
                if lesson.x.iter().chain(centre.iter()).any(off) {
                    return Err(Error::invalid("x", "a feature is off the grid; round it with the schema's grids"));
                }
                let holds = self.is_hold(&lesson.arm);
                let shown = lesson.x.iter().copied().chain([GRID_MAX]).take(size);
                shown.zip(centre.iter()).map(|(n, centre)| halved(if holds { 0 } else { n }, *centre)).collect()
            }
        };
        Ok(Lesson { x, centre: None, ..lesson.clone() })
    }
}

/// (n − centre)/2, half to even.
fn halved(n: i16, centre: i16) -> i16 {
    let difference = i32::from(n) - i32::from(centre);
    let half = (difference + ((difference >> 1) & 1)) >> 1;
    // Both lie within ±2¹⁴, and so does half of their difference.
    i16::try_from(half).unwrap_or(GRID_MAX)
}

/// An action-centred policy.
#[derive(Clone, Debug)]
struct ActionCentred {
    head: Arc<Head>,
    statistic: Statistic,
}

impl ActionCentred {
    fn of(mut statistics: Vec<(ArmKey, Arm)>, head: Head) -> Result<Arc<dyn Policy>> {
        match (statistics.pop(), statistics.is_empty()) {
            (Some((key, Arm::Dense(statistic))), true) if key.as_str().is_empty() => {
                Ok(Arc::new(ActionCentred { head: Arc::new(head), statistic }))
            }
            _ => Err(misfit()),
        }
    }

    /// The mean and the width of row `x`'s advantage.
    fn advantage(&self, x: &[f64], padded: &mut [f64]) -> (f64, f64) {
        self.head.pad(x, padded);
        let linear = self.statistic.linear(self.head.frame.size, 1.0);
        let (mean, squared) = dispatch::score_one(Path::best(), linear, padded);
        (mean, squared.sqrt())
    }

    /// The probability that an advantage of this mean and width is positive, held to its bounds.
    fn probability(&self, mean: f64, width: f64) -> f64 {
        let deviation = self.head.spec.scale * width;
        let p = if deviation > 0.0 {
            cdf(mean / deviation)
        } else if mean == 0.0 {
            0.5
        } else {
            f64::from(u8::from(mean > 0.0))
        };
        p.clamp(self.head.spec.pi_min, self.head.spec.pi_max)
    }

    /// Turns the probabilities of being the best, in `out`, into those of being shown.
    fn show(&self, actions: &Actions<'_>, holds: usize, out: &mut Scored) {
        let dim = self.head.dim;
        let shown = (actions.count() - holds) as f64;
        let (epsilon, len) = (self.head.spec.epsilon, laned(self.head.frame.size));
        out.scratch.clear();
        out.scratch.resize(len + actions.count(), 0.0);
        let (padded, shares) = out.scratch.split_at_mut(len);
        let rows = actions.arms.iter().zip(actions.values.chunks_exact(dim));
        let mut all = 0.0;
        for (((arm, x), best), share) in rows.zip(out.distribution.pmf()).zip(shares.iter_mut()) {
            if self.head.is_hold(arm) {
                continue;
            }
            let (mean, width) = self.advantage(x, padded);
            let pi = if holds == 0 { 1.0 } else { self.probability(mean, width) };
            *share = ((1.0 - epsilon) * best + epsilon / shown) * pi;
            all += *share;
        }
        let hold = (1.0 - all).max(0.0) / holds.max(1) as f64;
        for (arm, share) in actions.arms.iter().zip(shares.iter_mut()) {
            if self.head.is_hold(arm) {
                *share = hold;
            }
        }
        out.distribution.set_shares(shares, 0.0);
    }
}

impl Posterior for ActionCentred {
    fn lessons(&self) -> u64 {
        self.statistic.sums().lessons()
    }

    fn project(&self, arm: &ArmKey, x: &[f64], common: &mut [f64], _: &mut [f64], work: &mut [f64]) {
        if !self.head.is_hold(arm) {
            self.head.pad(x, work);
            self.statistic.factor().project(work, common);
        }
    }

    fn work(&self) -> usize {
        laned(self.head.frame.size)
    }
}

impl Policy for ActionCentred {
    /// The scores are the mean advantages over doing nothing; hold's is 0.
    fn distribution(&self, actions: &Actions<'_>, out: &mut Scored) -> Result<()> {
        let dim = self.head.dim;
        check_shape(actions, dim)?;
        out.scores.clear();
        out.scratch.clear();
        out.scratch.resize(laned(self.head.frame.size), 0.0);
        let mut holds = 0;
        let mut sum = 0.0;
        for (arm, x) in actions.arms.iter().zip(actions.values.chunks_exact(dim)) {
            // A row of hold is not scored, and must be a row of numbers all the same.
            let (mean, width) = self.advantage(x, &mut out.scratch);
            sum += mean * 0.0 + width * 0.0;
            let holding = self.head.is_hold(arm);
            holds += usize::from(holding);
            // Doing nothing is never the best thing to do: whether to do it is another question.
            out.scores.push(if holding { f64::NEG_INFINITY } else { mean });
        }
        if sum != 0.0 {
            return Err(not_finite(actions));
        }
        out.unmark();
        if holds == actions.count() {
            out.distribution.set_uniform(holds);
        } else {
            self.head.sampler.apply(self, actions, out);
            out.estimated &= actions.count() - holds > 1;
            self.show(actions, holds, out);
        }
        for (score, arm) in out.scores.iter_mut().zip(actions.arms) {
            if self.head.is_hold(arm) {
                *score = 0.0;
            }
        }
        Ok(())
    }

    fn learned(&self, lessons: &[Lesson]) -> Result<Arc<dyn Policy>> {
        let frame = &self.head.frame;
        let mut next = self.clone();
        let mut work = Work::new(frame);
        for lesson in lessons {
            next.statistic.learn(frame, &self.head.centred(lesson)?, &mut work)?;
        }
        next.statistic.settle(frame, &mut work);
        Ok(Arc::new(next))
    }

    fn unlearned(&self, lessons: &[Lesson]) -> Result<Unlearned> {
        let frame = &self.head.frame;
        let mut statistic = self.statistic.clone();
        let mut work = Work::new(frame);
        for lesson in lessons {
            statistic.forget(frame, &self.head.centred(lesson)?, &mut work)?;
        }
        statistic = Statistic::derived(statistic.into_sums(), frame);
        Ok(Unlearned::Exact(Arc::new(ActionCentred { statistic, ..self.clone() })))
    }

    /// Mean, width and score are the advantage over doing nothing; hold has none.
    fn explain(&self, actions: &Actions<'_>, index: usize) -> Result<Explanation> {
        let dim = self.head.dim;
        check_shape(actions, dim)?;
        check_index(actions, index)?;
        if self.head.is_hold(&actions.arms[index]) {
            return Ok(Explanation { contributions: vec![0.0; dim], ..Explanation::default() });
        }
        let x = &actions.values[index * dim..(index + 1) * dim];
        let (mean, width) = self.advantage(x, &mut vec![0.0; laned(self.head.frame.size)]);
        if !(mean.is_finite() && width.is_finite()) {
            return Err(not_finite(actions));
        }
        let theta = self.statistic.theta();
        Ok(Explanation {
            contributions: theta.iter().zip(x).map(|(theta, x)| theta * x).collect(),
            intercept: theta.get(dim).copied().unwrap_or(0.0),
            mean,
            width,
            score: mean,
        })
    }

    fn save(&self) -> Vec<u8> {
        let statistics = [("", &self.statistic)].into_iter();
        saved::write(&self.head.ground, |out| Body::write(out, self.head.frame.size, statistics))
    }

    fn identity(&self) -> PolicyIdentity {
        let sums = self.statistic.sums();
        let mut hash = self.head.ground.hasher();
        hash.update((self.head.frame.size as u64).to_le_bytes());
        sums.hash_into(&mut hash);
        self.head.ground.identity(hash, sums.lessons())
    }

    fn lessons(&self) -> u64 {
        self.statistic.sums().lessons()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s13_a_difference_is_halved_half_to_even() {
        for (n, centre, half) in [(3, 0, 2), (1, 0, 0), (5, 0, 2), (-1, 0, 0), (-3, 0, -2), (-5, 0, -2), (8, 2, 3)] {
            assert_eq!(halved(n, centre), half, "{n} less {centre}");
        }
        assert_eq!(halved(GRID_MAX, -GRID_MAX), GRID_MAX);
        assert_eq!(halved(-GRID_MAX, GRID_MAX), -GRID_MAX);
    }
}
