//! An arm of `auto`: the lessons of the present segment, and the sums of those before it.

use oo_core::Result;

use crate::frame::Frame;
use crate::kernel::{Path, dispatch};
use crate::linucb::arms::Ahead;
use crate::linucb::contest::Contender;
use crate::statistic::Statistic;
use crate::sums::Sums;

/// One arm, or all of them when they share a model.
#[derive(Clone, Debug)]
pub(super) struct Arm {
    /// The lessons that count, with factor and weights.
    pub(super) present: Statistic,
    /// The lessons before the newest change, if there was one.
    pub(super) before: Option<Sums>,
}

impl Ahead for Arm {
    fn prefetch(&self, glance: bool) {
        self.present.prefetch(glance);
    }
}

impl Contender for Arm {
    fn score(&self, path: Path, frame: &Frame, x: &[f64], _: &mut [f64]) -> (f64, f64) {
        dispatch::score_one(path, self.present.linear(frame.dim, 1.0), x)
    }

    fn mean(&self, path: Path, _: &Frame, x: &[f64], _: &mut [f64]) -> f64 {
        dispatch::mean_one(path, self.present.theta(), x)
    }

    fn reach(&self, _: &Frame) -> Option<f64> {
        Some(self.present.reach())
    }
}

impl Arm {
    /// The arm of no lesson.
    pub(super) fn new(frame: &Frame) -> Self {
        Arm { present: Statistic::new(frame), before: None }
    }

    /// The arm of `sums`, all of which count.
    pub(super) fn derived(sums: Sums, frame: &Frame) -> Self {
        Arm { present: Statistic::derived(sums, frame), before: None }
    }

    /// The number of all its lessons.
    pub(super) fn lessons(&self) -> u64 {
        self.present.sums().lessons() + self.before.as_ref().map_or(0, Sums::lessons)
    }

    /// The sums of all its lessons, which are what is hashed.
    ///
    /// # Errors
    /// `invalid_input` for more lessons than sums hold.
    pub(super) fn total(&self) -> Result<Sums> {
        let mut total = self.present.sums().clone();
        if let Some(before) = &self.before {
            total.merge(before)?;
        }
        Ok(total)
    }

    /// Derives the present anew under `frame`.
    pub(super) fn rederive(&mut self, frame: &Frame) {
        self.present = Statistic::derived(self.present.sums().clone(), frame);
    }
}
