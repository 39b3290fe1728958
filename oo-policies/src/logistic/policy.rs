//! The logistic policy: scores, pmf, and what it learned, arm by arm.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use oo_core::candidate::ArmKey;
use oo_core::lesson::Lesson;
use oo_core::policy::{Actions, Explanation, Policy, PolicyIdentity, Scored, Unlearned};
use oo_core::{Error, Result};
use sha2::Digest;

use super::LogisticSpec;
use super::body::{self, Models};
use super::laplace::{Laplace, sigmoid};
use super::learner::{Learner, Reading};
use crate::bytes::Reader;
use crate::frame::{Frame, Work};
use crate::kernel::{Path, dispatch, laned, scratch_len};
use crate::kind::Ground;
use crate::linucb::Sharing;
use crate::linucb::head::{check_index, check_shape, not_finite};
use crate::linucb::rule::Rule;
use crate::linucb::sampler::{Posterior, Sampler};
use crate::saved;

/// What every successor of one logistic policy has in common.
#[derive(Debug)]
struct Head {
    ground: Ground,
    reading: Reading,
    shared: bool,
    alpha: f64,
    rule: Rule,
    sampler: Option<Sampler>,
    /// The posterior of an arm that was never tried.
    cold: Laplace,
}

/// A logistic policy.
#[derive(Clone, Debug)]
pub(crate) struct Logistic {
    head: Arc<Head>,
    models: Models,
}

impl Logistic {
    /// The policy on `ground` that has learned nothing.
    ///
    /// # Errors
    /// `invalid_input` when rewards may lie outside those that `settings` reads as chances.
    pub(crate) fn new(ground: Ground, settings: &LogisticSpec) -> Result<Self> {
        let (lo, hi) = settings.reward_range;
        let reward = ground.reward;
        if reward.lo() < lo || reward.hi() > hi {
            let message = format!(
                "a logistic policy reads rewards in ({lo}, {hi}) as chances, and they are declared in ({}, {}); declare \
                 the bandit's reward_range ({lo}, {hi}), or set this to the two rewards that are a chance of 0 and of 1",
                reward.lo(),
                reward.hi()
            );
            return Err(Error::invalid("reward_range", message));
        }
        let frame = Frame::new(&ground.schema, reward, settings.lambda, settings.intercept);
        let cold = Laplace::new(&frame);
        let reading = Reading {
            frame,
            reward,
            rewards: settings.reward_range,
            days: i64::from(settings.horizon_days),
            most: settings.open_lessons as usize,
        };
        let shared = settings.sharing != Sharing::Disjoint;
        let rule = settings.rule();
        let sampler = match rule {
            Rule::Thompson { scale, draws, epsilon } => {
                let size = laned(reading.frame.size);
                let (common, own) = if shared { (size, 0) } else { (0, size) };
                Some(Sampler::new(scale, draws, epsilon, common, own))
            }
            Rule::Explore { .. } | Rule::InverseGap { .. } => None,
        };
        let head = Head { ground, reading, shared, alpha: rule.alpha(), rule, sampler, cold };
        Ok(Logistic { head: Arc::new(head), models: BTreeMap::new() })
    }

    /// This policy with the models in `body`.
    pub(crate) fn restored(self, body: &mut Reader<'_>) -> Result<Self> {
        let models = body::read(body, &self.head.reading)?;
        if self.head.shared && models.keys().any(|key| !key.as_str().is_empty()) {
            return Err(body.corrupt());
        }
        Ok(Logistic { models, ..self })
    }

    /// The key of `arm`'s model.
    fn key(&self, arm: &ArmKey) -> ArmKey {
        if self.head.shared { ArmKey::new("") } else { arm.clone() }
    }

    /// The posterior that scores `arm`.
    fn posterior(&self, arm: &ArmKey) -> &Laplace {
        let model = if self.head.shared { self.models.values().next() } else { self.models.get(arm) };
        model.map_or(&self.head.cold, |model| model.live())
    }

    /// The score of log-odds.
    fn score(&self, eta: f64) -> f64 {
        self.head.reading.value(sigmoid(eta))
    }
}

impl Posterior for Logistic {
    fn lessons(&self) -> u64 {
        Policy::lessons(self)
    }

    fn project(&self, arm: &ArmKey, x: &[f64], common: &mut [f64], own: &mut [f64], work: &mut [f64]) {
        self.head.reading.frame.pad(x, work);
        let out = if self.head.shared { common } else { own };
        self.posterior(arm).factor().project(work, out);
    }

    fn work(&self) -> usize {
        laned(self.head.reading.frame.size)
    }
}

impl Policy for Logistic {
    fn distribution(&self, actions: &Actions<'_>, out: &mut Scored) -> Result<()> {
        let frame = &self.head.reading.frame;
        let alpha = self.head.alpha;
        check_shape(actions, frame.dim)?;
        out.scores.clear();
        out.scores.resize(actions.count(), 0.0);
        let need = scratch_len(frame.size).max(laned(frame.size));
        out.scratch.clear();
        out.scratch.resize(need, 0.0);
        let path = Path::best();
        if self.head.shared {
            let linear = self.posterior(&actions.arms[0]).linear(frame.dim, alpha);
            dispatch::score_all(path, linear, actions.values, path.is_wide(), &mut out.scratch, &mut out.scores);
        } else {
            let rows = actions.arms.iter().zip(actions.values.chunks_exact(frame.dim));
            for ((arm, x), score) in rows.zip(&mut out.scores) {
                let padded = &mut out.scratch[..laned(frame.size)];
                frame.pad(x, padded);
                let posterior = self.posterior(arm);
                *score = if alpha > 0.0 {
                    let (mean, squared) = dispatch::score_one(path, posterior.linear(frame.dim, alpha), padded);
                    mean + alpha * squared.sqrt()
                } else {
                    dispatch::mean_one(path, posterior.mean(), padded)
                };
            }
        }
        // m and U are finite and U's diagonal is positive: log-odds are finite exactly if their row is.
        let sum: f64 = out.scores.iter().map(|score| score * 0.0).sum();
        if sum != 0.0 {
            return Err(not_finite(actions));
        }
        out.unmark();
        // The best log-odds are the best chance, so that Thompson sampling needs no chances.
        if let Some(sampler) = &self.head.sampler {
            sampler.apply(self, actions, out);
        }
        for score in &mut out.scores {
            *score = self.score(*score);
        }
        if self.head.sampler.is_none() {
            self.head.rule.apply(&out.scores, self, &mut out.distribution);
        }
        Ok(())
    }

    fn learned(&self, lessons: &[Lesson]) -> Result<Arc<dyn Policy>> {
        let mut next = self.clone();
        next.learn_in_place(lessons)?;
        Ok(Arc::new(next))
    }

    fn learn_in_place(&mut self, lessons: &[Lesson]) -> Result<bool> {
        let head = self.head.clone();
        let reading = &head.reading;
        let mut work = Work::new(&reading.frame);
        lessons.iter().try_for_each(|lesson| reading.check(lesson, &mut work))?;
        let mut touched = BTreeSet::new();
        for lesson in lessons {
            let key = self.key(&lesson.arm);
            let model = self.models.entry(key.clone()).or_insert_with(|| Arc::new(Learner::new(&reading.frame)));
            Arc::make_mut(model).learn(reading, lesson, &mut work);
            touched.insert(key);
        }
        for key in touched {
            if let Some(model) = self.models.get_mut(&key) {
                Arc::make_mut(model).settle(reading, &mut work);
            }
        }
        Ok(true)
    }

    /// Nothing is nothing; lessons do not subtract.
    fn unlearned(&self, lessons: &[Lesson]) -> Result<Unlearned> {
        let mut work = Work::new(&self.head.reading.frame);
        lessons.iter().try_for_each(|lesson| self.head.reading.check(lesson, &mut work))?;
        if lessons.is_empty() { Ok(Unlearned::Exact(Arc::new(self.clone()))) } else { Ok(Unlearned::Rebuild) }
    }

    /// Contributions, intercept, mean and width are log-odds; the score is the expected reward of mean + α·width.
    fn explain(&self, actions: &Actions<'_>, index: usize) -> Result<Explanation> {
        let frame = &self.head.reading.frame;
        check_shape(actions, frame.dim)?;
        check_index(actions, index)?;
        let x = &actions.values[index * frame.dim..(index + 1) * frame.dim];
        let mut padded = vec![0.0; laned(frame.size)];
        frame.pad(x, &mut padded);
        let posterior = self.posterior(&actions.arms[index]);
        let (mean, squared) = dispatch::score_one(Path::best(), posterior.linear(frame.dim, self.head.alpha), &padded);
        let width = squared.sqrt();
        let eta = mean + self.head.alpha * width;
        if !eta.is_finite() {
            return Err(not_finite(actions));
        }
        Ok(Explanation {
            contributions: posterior.mean().iter().zip(x).map(|(weight, x)| weight * x).collect(),
            intercept: posterior.mean().get(frame.dim).copied().unwrap_or(0.0),
            mean,
            width,
            score: self.score(eta),
        })
    }

    fn save(&self) -> Vec<u8> {
        saved::write(&self.head.ground, |out| body::write(out, self.head.reading.frame.size, &self.models))
    }

    /// The hash is of the ordered state: base, open lessons and counts. Equal for the same lessons in the same order.
    fn identity(&self) -> PolicyIdentity {
        let mut state = Vec::new();
        body::write(&mut state, self.head.reading.frame.size, &self.models);
        let mut hash = self.head.ground.hasher();
        hash.update(&state);
        self.head.ground.identity(hash, Policy::lessons(self))
    }

    fn lessons(&self) -> u64 {
        self.models.values().map(|model| model.lessons()).sum()
    }
}
