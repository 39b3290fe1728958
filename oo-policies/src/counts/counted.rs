//! A context-free policy: what it learned, and the rule that turns it into scores and a pmf.

use std::fmt::Debug;
use std::sync::Arc;

use oo_core::grid::Grid;
use oo_core::lesson::Lesson;
use oo_core::policy::{Actions, Explanation, Policy, PolicyIdentity, Scored, Unlearned};
use oo_core::{Error, Result};

use super::body::Learned;
use crate::bytes::Reader;
use crate::kind::Ground;
use crate::linucb::head::{check_index, check_shape, not_finite};
use crate::saved;

/// What a rule says of a candidate.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Judged {
    /// The expected reward.
    pub(crate) mean: f64,
    /// How unsure it is.
    pub(crate) width: f64,
    /// The score.
    pub(crate) score: f64,
}

/// A range of rewards in grid integers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// The least.
    pub(crate) lo: i64,
    /// The most.
    pub(crate) hi: i64,
    /// A grid step.
    pub(crate) step: f64,
    declared: (f64, f64),
}

/// Steps of the grid beyond which a bound makes no difference: rewards are within 2¹⁵ of them.
const FARTHEST: f64 = (1_u64 << 60) as f64;

impl Bounds {
    /// The range `declared`, its bounds rounded to the grid of `ground`'s rewards.
    #[allow(clippy::cast_possible_truncation, reason = "what is cast fits")]
    pub(crate) fn new(ground: &Ground, declared: (f64, f64)) -> Self {
        let step = ground.reward.step();
        let round = |bound: f64| (bound / step).round_ties_even().clamp(-FARTHEST, FARTHEST) as i64;
        Bounds { lo: round(declared.0), hi: round(declared.1).max(round(declared.0) + 1), step, declared }
    }

    fn check(&self, reward: i16) -> Result<()> {
        if (self.lo..=self.hi).contains(&i64::from(reward)) {
            return Ok(());
        }
        let (lo, hi) = self.declared;
        let value = f64::from(reward) * self.step;
        let message = format!(
            "the reward {value} is outside ({lo}, {hi}), the policy's reward_range; declare a range that holds all rewards"
        );
        Err(Error::invalid("reward", message))
    }
}

/// Checks a declared range of rewards.
pub(crate) fn check_range((lo, hi): (f64, f64)) -> Result<()> {
    if lo.is_finite() && hi.is_finite() && lo < hi && lo.abs().max(hi.abs()) <= 1e30 {
        return Ok(());
    }
    Err(Error::invalid(
        "reward_range",
        format!("({lo}, {hi}) is no range; pass finite bounds with lo < hi, such as (0, 1)"),
    ))
}

/// Checks that every reward on the grid `reward` may be learned under the declared range.
///
/// # Errors
/// `invalid_input` when the grid goes beyond it: such a reward would be refused only when it comes.
pub(crate) fn check_grid((lo, hi): (f64, f64), reward: Grid) -> Result<()> {
    if reward.lo() >= lo && reward.hi() <= hi {
        return Ok(());
    }
    let message = format!(
        "this policy learns rewards in ({lo}, {hi}), and they are declared in ({}, {}); declare the bandit's reward_range \
         ({lo}, {hi}), or set this one to hold all rewards",
        reward.lo(),
        reward.hi()
    );
    Err(Error::invalid("reward_range", message))
}

/// How tallies become scores and a pmf.
pub(crate) trait Rule: Debug + Send + Sync {
    /// The rewards that may be learned, if not all on the grid.
    fn bounds(&self) -> Option<&Bounds> {
        None
    }

    /// Whether it needs the days on which people were shown arms.
    fn keeps_days(&self) -> bool {
        false
    }

    /// What it says of candidate `index`.
    fn judge(&self, learned: &Learned, actions: &Actions<'_>, index: usize) -> Judged;

    /// Writes the pmf; the scores are in `out`.
    fn finish(&self, learned: &Learned, actions: &Actions<'_>, out: &mut Scored);
}

/// A policy of `rule`.
#[derive(Clone, Debug)]
pub(crate) struct Counted {
    ground: Arc<Ground>,
    rule: Arc<dyn Rule>,
    learned: Learned,
}

impl Counted {
    /// The policy that has learned nothing.
    pub(crate) fn fresh(ground: Ground, rule: Arc<dyn Rule>) -> Arc<dyn Policy> {
        let learned = Learned::new(rule.keeps_days());
        Arc::new(Counted { ground: Arc::new(ground), rule, learned })
    }

    /// The policy of a saved body.
    pub(crate) fn restore(ground: Ground, rule: Arc<dyn Rule>, body: &mut Reader<'_>) -> Result<Arc<dyn Policy>> {
        let learned = Learned::read(body, rule.keeps_days())?;
        Ok(Arc::new(Counted { ground: Arc::new(ground), rule, learned }))
    }

    /// The policy of all `bodies` together.
    pub(crate) fn merge(ground: Ground, rule: Arc<dyn Rule>, bodies: Vec<Reader<'_>>) -> Result<Arc<dyn Policy>> {
        let mut learned = Learned::new(rule.keeps_days());
        for mut body in bodies {
            learned.merge(&Learned::read(&mut body, rule.keeps_days())?)?;
            body.end()?;
        }
        Ok(Arc::new(Counted { ground: Arc::new(ground), rule, learned }))
    }

    fn check(&self, lesson: &Lesson) -> Result<()> {
        let dim = self.ground.schema.dim();
        if lesson.x.len() != dim {
            let message = format!("the lesson has {} features, the policy's schema {dim}", lesson.x.len());
            return Err(Error::invalid("x", message));
        }
        self.rule.bounds().map_or(Ok(()), |bounds| {
            bounds.check(lesson.reward)?;
            lesson.replaces.map_or(Ok(()), |replaced| bounds.check(replaced))
        })
    }

    fn check_actions(&self, actions: &Actions<'_>) -> Result<()> {
        check_shape(actions, self.ground.schema.dim())?;
        if actions.values.iter().any(|value| !value.is_finite()) {
            return Err(not_finite(actions));
        }
        Ok(())
    }
}

impl Policy for Counted {
    fn distribution(&self, actions: &Actions<'_>, out: &mut Scored) -> Result<()> {
        self.check_actions(actions)?;
        out.unmark();
        out.scores.clear();
        out.scores.extend((0..actions.count()).map(|index| self.rule.judge(&self.learned, actions, index).score));
        self.rule.finish(&self.learned, actions, out);
        Ok(())
    }

    fn learned(&self, lessons: &[Lesson]) -> Result<Arc<dyn Policy>> {
        let mut next = self.clone();
        for lesson in lessons {
            self.check(lesson)?;
            next.learned.learn(lesson)?;
        }
        Ok(Arc::new(next))
    }

    fn unlearned(&self, lessons: &[Lesson]) -> Result<Unlearned> {
        let mut next = self.clone();
        for lesson in lessons {
            self.check(lesson)?;
            next.learned.forget(lesson)?;
        }
        Ok(Unlearned::Exact(Arc::new(next)))
    }

    fn explain(&self, actions: &Actions<'_>, index: usize) -> Result<Explanation> {
        self.check_actions(actions)?;
        check_index(actions, index)?;
        let Judged { mean, width, score } = self.rule.judge(&self.learned, actions, index);
        Ok(Explanation { contributions: Vec::new(), intercept: mean, mean, width, score })
    }

    fn save(&self) -> Vec<u8> {
        saved::write(&self.ground, |out| self.learned.write(out))
    }

    fn identity(&self) -> PolicyIdentity {
        let mut hash = self.ground.hasher();
        self.learned.hash_into(&mut hash);
        self.ground.identity(hash, self.learned.lessons())
    }

    fn lessons(&self) -> u64 {
        self.learned.lessons()
    }
}
