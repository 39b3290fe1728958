//! One ridge regression over joint (context, candidate) vectors.

use std::sync::Arc;

use oo_core::Result;
use oo_core::candidate::ArmKey;
use oo_core::lesson::Lesson;
use oo_core::policy::{Actions, Explanation, Policy, PolicyIdentity, Scored, Unlearned};

use crate::frame::{Spare, Work};
use crate::kernel::{Path, dispatch, laned, scratch_len};
use crate::linucb::contest::score_shared;
use crate::linucb::head::{Head, check_index, check_shape, not_finite};
use crate::linucb::sampler::Posterior;
use crate::statistic::Statistic;

/// A linear policy with one statistic.
#[derive(Clone, Debug)]
pub(crate) struct SharedLinear {
    head: Arc<Head>,
    statistic: Statistic,
    spare: Spare,
}

impl SharedLinear {
    /// The policy with `statistic`, or of no lesson.
    pub(crate) fn new(head: Head, statistic: Option<Statistic>) -> Self {
        let statistic = statistic.unwrap_or_else(|| Statistic::new(&head.frame));
        let common = laned(head.frame.size);
        SharedLinear { head: Arc::new(head.sampling(common, 0)), statistic, spare: Spare::default() }
    }
}

impl Posterior for SharedLinear {
    fn lessons(&self) -> u64 {
        self.statistic.sums().lessons()
    }

    fn project(&self, _: &ArmKey, x: &[f64], common: &mut [f64], _: &mut [f64], work: &mut [f64]) {
        self.statistic.project(&self.head.frame, x, work, common);
    }

    fn work(&self) -> usize {
        laned(self.head.frame.size)
    }
}

impl SharedLinear {
    /// Learns `lessons` in their order; after an error this is no policy any more.
    fn learn(&mut self, lessons: &[Lesson]) -> Result<()> {
        let frame = &self.head.frame;
        let mut work = self.spare.take(frame);
        for lesson in lessons {
            self.statistic.learn(frame, lesson, &mut work)?;
        }
        self.statistic.settle(frame, &mut work);
        self.spare.keep(work);
        Ok(())
    }
}

impl Policy for SharedLinear {
    fn distribution(&self, actions: &Actions<'_>, out: &mut Scored) -> Result<()> {
        let frame = &self.head.frame;
        check_shape(actions, frame.dim)?;
        score_shared(&self.statistic, frame, self.head.alpha, self.head.rule.best_only(), actions, out);
        self.head.finish(self, actions, out)
    }

    fn learned(&self, lessons: &[Lesson]) -> Result<Arc<dyn Policy>> {
        let mut next = self.clone();
        next.learn(lessons)?;
        Ok(Arc::new(next))
    }

    fn unlearned(&self, lessons: &[Lesson]) -> Result<Unlearned> {
        let frame = &self.head.frame;
        let mut statistic = self.statistic.clone();
        let mut work = Work::new(frame);
        for lesson in lessons {
            statistic.forget(frame, lesson, &mut work)?;
        }
        let statistic = Statistic::derived(statistic.into_sums(), frame);
        Ok(Unlearned::Exact(Arc::new(SharedLinear { head: self.head.clone(), statistic, spare: Spare::default() })))
    }

    fn explain(&self, actions: &Actions<'_>, index: usize) -> Result<Explanation> {
        let dim = self.head.frame.dim;
        check_shape(actions, dim)?;
        check_index(actions, index)?;
        let x = &actions.values[index * dim..(index + 1) * dim];
        let mut explanation = self.head.explain(&self.statistic, x);
        // The score is the kernel's own, whose lanes add a width's squares in another order.
        let mut scratch = vec![0.0; scratch_len(self.head.frame.size)];
        let mut score = [0.0];
        let linear = self.statistic.linear(dim, self.head.alpha);
        dispatch::score_all(Path::best(), linear, x, false, &mut scratch, &mut score);
        explanation.score = score[0];
        if !explanation.score.is_finite() {
            return Err(not_finite(actions));
        }
        Ok(explanation)
    }

    fn save(&self) -> Vec<u8> {
        self.head.save([("", &self.statistic)].into_iter())
    }

    fn identity(&self) -> PolicyIdentity {
        self.head.identity([("", &self.statistic)].into_iter())
    }

    fn lessons(&self) -> u64 {
        self.statistic.sums().lessons()
    }

    fn learn_in_place(&mut self, lessons: &[Lesson]) -> Result<bool> {
        self.head.check_lessons(lessons)?;
        if !self.statistic.sums().has_room(lessons.len()) {
            return Ok(false);
        }
        self.learn(lessons)?;
        Ok(true)
    }
}
