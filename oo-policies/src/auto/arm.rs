//! An arm of `auto`: the lessons of the present segment, and the sums of those before it.

use oo_core::Result;

use crate::frame::Frame;
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

impl Arm {
    /// The arm of no lesson.
    pub(super) fn new(frame: &Frame) -> Self {
        Arm { present: Statistic::new(frame), before: None }
    }

    /// The arm of `sums`, all of which count.
    pub(super) fn derived(sums: Sums, frame: &Frame) -> Self {
        Arm { present: Statistic::derived(sums, frame), before: None }
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
