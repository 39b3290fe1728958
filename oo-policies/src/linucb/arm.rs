//! What a disjoint policy keeps of an arm: its lessons while they are few, then a statistic.
//!
//! Which of the two it is follows from the number of lessons alone, so replaying a log gives the same bits. A statistic
//! whose lessons become few again would have to be its lessons again, and these are no longer known one by
//! one: such an arm stays a statistic, and its policy says so ([`Unlearned::Summed`](oo_core::policy::Unlearned)).

use std::borrow::Cow;

use oo_core::Result;
use oo_core::lesson::Lesson;

use super::arms::Ahead;
use super::contest::Contender;
use super::sparse::{Sparse, dense_from};
use crate::factor::Factor;
use crate::frame::{Frame, Work};
use crate::kernel::{Path, dispatch, dual_work_len, laned};
use crate::statistic::Statistic;
use crate::sums::Sums;

/// One arm in either form.
#[derive(Clone, Debug)]
pub(crate) enum Arm {
    /// Fewer lessons than [`dense_from`] says.
    Sparse(Sparse),
    /// As many or more.
    Dense(Statistic),
}

/// The working memory that scoring an arm on `frame` needs besides the row.
pub(crate) fn score_work(frame: &Frame) -> usize {
    if dense_from(frame.size) == 0 { 0 } else { dual_work_len(laned(frame.size), frame.size) }
}

/// The length of an arm's projection on `frame`.
pub(crate) fn projection_len(frame: &Frame) -> usize {
    laned(frame.size) * if dense_from(frame.size) == 0 { 1 } else { 2 }
}

impl Ahead for Arm {
    fn prefetch(&self, glance: bool) {
        match self {
            Arm::Dense(statistic) => statistic.prefetch(glance),
            Arm::Sparse(sparse) => sparse.prefetch(glance),
        }
    }
}

impl Contender for Arm {
    fn score(&self, path: Path, frame: &Frame, x: &[f64], work: &mut [f64]) -> (f64, f64) {
        self.score(path, frame, x, work)
    }

    fn mean(&self, path: Path, frame: &Frame, x: &[f64], work: &mut [f64]) -> f64 {
        match self {
            Arm::Dense(statistic) => dispatch::mean_one(path, statistic.theta(), x),
            Arm::Sparse(sparse) => sparse.mean(path, frame, x, work),
        }
    }

    fn reach(&self, frame: &Frame) -> Option<f64> {
        match self {
            Arm::Dense(statistic) => Some(statistic.reach()),
            Arm::Sparse(sparse) => sparse.reach(frame),
        }
    }
}

impl Arm {
    /// The arm of no lesson.
    pub(crate) fn new(frame: &Frame) -> Self {
        if dense_from(frame.size) == 0 { Arm::Dense(Statistic::new(frame)) } else { Arm::Sparse(Sparse::new()) }
    }

    /// The number of lessons.
    pub(crate) fn lessons(&self) -> u64 {
        match self {
            Arm::Sparse(sparse) => sparse.count() as u64,
            Arm::Dense(statistic) => statistic.sums().lessons(),
        }
    }

    /// Whether `more` lessons fit.
    pub(crate) fn has_room(&self, more: usize) -> bool {
        match self {
            Arm::Sparse(_) => true,
            Arm::Dense(statistic) => statistic.sums().has_room(more),
        }
    }

    /// The weights, the intercept last.
    pub(crate) fn theta(&self, frame: &Frame) -> Cow<'_, [f64]> {
        match self {
            Arm::Sparse(sparse) => Cow::Owned(sparse.theta(frame)),
            Arm::Dense(statistic) => Cow::Borrowed(statistic.theta()),
        }
    }

    /// The mean and the squared width of the padded row `x`; `work` is [`score_work`] long.
    pub(crate) fn score(&self, path: Path, frame: &Frame, x: &[f64], work: &mut [f64]) -> (f64, f64) {
        match self {
            Arm::Sparse(sparse) => sparse.score(path, frame, x, work),
            Arm::Dense(statistic) => dispatch::score_one(path, statistic.linear(frame.dim, 1.0), x),
        }
    }

    /// Writes the projection of the row `x`, whose length is the width, into `out`, which is zero and
    /// [`projection_len`] long; `work` is a padded row and [`score_work`] long.
    pub(crate) fn project(&self, frame: &Frame, x: &[f64], out: &mut [f64], work: &mut [f64]) {
        let stride = laned(frame.size);
        let (padded, work) = work.split_at_mut(stride);
        padded.fill(0.0);
        match self {
            Arm::Dense(statistic) => statistic.project(frame, x, padded, &mut out[..stride]),
            Arm::Sparse(sparse) => {
                frame.pad(x, padded);
                sparse.score(Path::best(), frame, padded, work);
                let root = frame.ridge.sqrt();
                let (left, q) = out.split_at_mut(stride);
                for (out, left) in left.iter_mut().zip(&*work) {
                    *out = left / root;
                }
                q[..sparse.count()].copy_from_slice(&work[stride..stride + sparse.count()]);
            }
        }
    }

    /// Takes one lesson; what is derived follows with [`settle`](Arm::settle).
    pub(crate) fn learn(&mut self, frame: &Frame, lesson: &Lesson, work: &mut Work) -> Result<()> {
        let sparse = match self {
            Arm::Dense(statistic) => return statistic.learn(frame, lesson, work),
            Arm::Sparse(sparse) => sparse,
        };
        work.take(frame, lesson)?;
        if let Some(replaced) = lesson.replaces {
            if !sparse.revise(&work.integers, lesson.reward, replaced)? {
                // The lesson is in another shard: from here on only sums tell the truth.
                let mut sums = sparse.sums(frame.size);
                sums.revise(&work.integers, lesson.reward, replaced)?;
                *self = dense(sums, sparse.since_epoch(), frame);
            }
            return Ok(());
        }
        if sparse.count() + 1 < dense_from(frame.size) {
            return sparse.learn(frame, lesson, work);
        }
        let mut sums = sparse.sums(frame.size);
        sums.add(&work.integers, lesson.reward)?;
        *self = dense(sums, sparse.since_epoch() + 1, frame);
        Ok(())
    }

    /// Derives the weights of what was learned.
    pub(crate) fn settle(&mut self, frame: &Frame, work: &mut Work) {
        match self {
            Arm::Sparse(sparse) => sparse.settle(frame),
            Arm::Dense(statistic) => statistic.settle(frame, work),
        }
    }

    /// Takes one lesson away; [`derived`](Arm::derived) makes an arm of the rest again.
    pub(crate) fn forget(&mut self, frame: &Frame, lesson: &Lesson, work: &mut Work) -> Result<()> {
        match self {
            Arm::Dense(statistic) => statistic.forget(frame, lesson, work),
            Arm::Sparse(sparse) => {
                work.take(frame, lesson)?;
                sparse.forget(&work.integers, lesson.reward)
            }
        }
    }

    /// Whether it is a statistic and would be its lessons, had those never come that were taken away.
    pub(crate) fn is_outgrown(&self, frame: &Frame) -> bool {
        let lessons = self.lessons();
        let few = lessons > 0 && lessons < dense_from(frame.size) as u64;
        few && matches!(self, Arm::Dense(_))
    }

    /// Whether no lesson is left.
    pub(crate) fn is_zero(&self) -> bool {
        match self {
            Arm::Sparse(sparse) => sparse.count() == 0,
            Arm::Dense(statistic) => statistic.sums().is_zero(),
        }
    }

    /// The same lessons at the start of an epoch.
    pub(crate) fn derived(&self, frame: &Frame) -> Self {
        match self {
            Arm::Sparse(sparse) => Arm::Sparse(sparse.derived(frame)),
            Arm::Dense(statistic) => Arm::Dense(Statistic::derived(statistic.sums().clone(), frame)),
        }
    }
}

fn dense(sums: Sums, since_epoch: u64, frame: &Frame) -> Arm {
    let factor = Factor::derived(&sums, frame);
    Arm::Dense(Statistic::restored(sums, factor, since_epoch, frame))
}
