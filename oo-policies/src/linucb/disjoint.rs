//! One ridge regression an arm.
//!
//! An arm is its key; the arms a decision does not touch are shared with the predecessor. An [`Arm`] with few lessons
//! is kept as its lessons. An arm that was never tried has no statistic: its mean is θ₀ᵀx and its width exactly ‖x‖/√λ.
//! An arm whose lessons were all unlearned is again one that was never tried.

use std::collections::BTreeSet;
use std::sync::Arc;

use oo_core::candidate::ArmKey;
use oo_core::lesson::Lesson;
use oo_core::policy::{Actions, Explanation, Policy, PolicyIdentity, Scored, Unlearned};
use oo_core::{Error, Result};

use crate::frame::{Spare, Work};
use crate::kernel::{Path, laned};
use crate::linucb::arm::{Arm, projection_len, score_work};
use crate::linucb::arms::Arms;
use crate::linucb::contest::Contest;
use crate::linucb::head::{Head, check_index, check_shape, not_finite};
use crate::linucb::sampler::Posterior;

/// A linear policy with a statistic an arm.
#[derive(Clone, Debug)]
pub(crate) struct DisjointLinear {
    head: Arc<Head>,
    arms: Arms<Arm>,
    spare: Spare,
}

impl DisjointLinear {
    /// The policy with `arms`.
    pub(crate) fn new(head: Head, arms: Arms<Arm>) -> Self {
        let own = projection_len(&head.frame);
        DisjointLinear { head: Arc::new(head.sampling(0, own)), arms, spare: Spare::default() }
    }

    /// Learns `lessons` in their order; after an error this is no policy any more.
    fn learn(&mut self, lessons: &[Lesson]) -> Result<()> {
        let frame = &self.head.frame;
        let mut work = self.spare.take(frame);
        if let [lesson] = lessons {
            let arm = self.arms.change(&lesson.arm, || Arm::new(frame));
            arm.learn(frame, lesson, &mut work)?;
            arm.settle(frame, &mut work);
            self.spare.keep(work);
            return Ok(());
        }
        let mut touched: BTreeSet<&ArmKey> = BTreeSet::new();
        for lesson in lessons {
            self.arms.change(&lesson.arm, || Arm::new(frame)).learn(frame, lesson, &mut work)?;
            touched.insert(&lesson.arm);
        }
        for key in touched {
            self.arms.change(key, || Arm::new(frame)).settle(frame, &mut work);
        }
        self.spare.keep(work);
        Ok(())
    }

    /// The mean and width of a row whose arm was never tried.
    fn cold(&self, x: &[f64]) -> (f64, f64) {
        let frame = &self.head.frame;
        let mut mean = 0.0;
        let mut norm = 0.0;
        for (prior, x) in frame.prior.iter().zip(x) {
            mean += prior * x;
            norm += x * x;
        }
        if frame.has_intercept() {
            norm += 1.0;
        }
        (mean, norm.sqrt() / frame.ridge.sqrt())
    }
}

impl Posterior for DisjointLinear {
    fn lessons(&self) -> u64 {
        self.arms.iter().map(|(_, arm)| arm.lessons()).sum()
    }

    fn project(&self, arm: &ArmKey, x: &[f64], _: &mut [f64], own: &mut [f64], work: &mut [f64]) {
        let frame = &self.head.frame;
        match self.arms.get(arm) {
            Some(arm) => arm.project(frame, x, own, work),
            None => frame.cold_projection(x, own),
        }
    }

    fn work(&self) -> usize {
        laned(self.head.frame.size) + score_work(&self.head.frame)
    }
}

impl Policy for DisjointLinear {
    fn distribution(&self, actions: &Actions<'_>, out: &mut Scored) -> Result<()> {
        let frame = &self.head.frame;
        check_shape(actions, frame.dim)?;
        let contest = Contest {
            arms: &self.arms,
            frame,
            alpha: self.head.alpha,
            work: score_work(frame),
            best_only: self.head.rule.best_only(),
        };
        contest.score(actions, out, |x| self.cold(x));
        self.head.finish(self, actions, out)
    }

    fn learned(&self, lessons: &[Lesson]) -> Result<Arc<dyn Policy>> {
        let mut next = self.clone();
        next.learn(lessons)?;
        Ok(Arc::new(next))
    }

    fn unlearned(&self, lessons: &[Lesson]) -> Result<Unlearned> {
        let frame = &self.head.frame;
        let mut arms = self.arms.clone();
        let mut work = Work::new(frame);
        for lesson in lessons {
            if arms.get(&lesson.arm).is_none() {
                let message =
                    format!("arm {:?} never learned a lesson; unlearn only what was learned", lesson.arm.as_str());
                return Err(Error::invalid("arm", message));
            }
            arms.change(&lesson.arm, || Arm::new(frame)).forget(frame, lesson, &mut work)?;
        }
        let outgrown = lessons.iter().any(|lesson| arms.get(&lesson.arm).is_some_and(|arm| arm.is_outgrown(frame)));
        let entries = arms
            .keys()
            .zip(arms.iter())
            .filter(|(_, (_, arm))| !arm.is_zero())
            .map(|(key, (_, arm))| (key.clone(), arm.derived(frame)))
            .collect();
        let (head, arms) = (self.head.clone(), Arms::new(entries));
        let left = Arc::new(DisjointLinear { head, arms, spare: Spare::default() });
        Ok(if outgrown { Unlearned::Summed(left) } else { Unlearned::Exact(left) })
    }

    fn explain(&self, actions: &Actions<'_>, index: usize) -> Result<Explanation> {
        let dim = self.head.frame.dim;
        check_shape(actions, dim)?;
        check_index(actions, index)?;
        let x = &actions.values[index * dim..(index + 1) * dim];
        let explanation = match self.arms.get(&actions.arms[index]) {
            Some(arm) => {
                let mut memory = vec![0.0; self.work()];
                let (padded, work) = memory.split_at_mut(laned(self.head.frame.size));
                self.head.frame.pad(x, padded);
                let (mean, squared) = arm.score(Path::best(), &self.head.frame, padded, work);
                self.head.explanation(&arm.theta(&self.head.frame), x, mean, squared.sqrt())
            }
            None => {
                let (mean, width) = self.cold(x);
                self.head.explanation(&self.head.frame.prior, x, mean, width)
            }
        };
        if !explanation.score.is_finite() {
            return Err(not_finite(actions));
        }
        Ok(explanation)
    }

    fn save(&self) -> Vec<u8> {
        self.head.save(self.arms.iter())
    }

    fn identity(&self) -> PolicyIdentity {
        self.head.identity(self.arms.iter())
    }

    fn lessons(&self) -> u64 {
        self.arms.iter().map(|(_, arm)| arm.lessons()).sum()
    }

    fn learn_in_place(&mut self, lessons: &[Lesson]) -> Result<bool> {
        self.head.check_lessons(lessons)?;
        let room = |lesson: &Lesson| self.arms.get(&lesson.arm).is_none_or(|arm| arm.has_room(lessons.len()));
        if !lessons.iter().all(room) {
            return Ok(false);
        }
        self.learn(lessons)?;
        Ok(true)
    }
}
