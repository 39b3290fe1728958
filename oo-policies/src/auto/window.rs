//! The newest lessons as they were foreseen, to look back on for a change.

use std::collections::VecDeque;
use std::sync::Arc;

use oo_core::lesson::Lesson;

use crate::auto::change::misfit;
use crate::frame::Frame;

/// Lessons in a block.
pub(super) const BLOCK: usize = 32;
/// The most blocks.
pub(super) const BLOCKS: usize = 16;

/// A lesson and what the policy expected of it the moment before.
#[derive(Clone, Debug)]
pub(super) struct Foreseen {
    /// What was learned: features, model and newest reward; nobody's.
    pub(super) lesson: Lesson,
    /// θᵀx.
    pub(super) mean: f64,
    /// 1 + xᵀA⁻¹x, the variance of the reward in units of the noise.
    pub(super) spread: f64,
    /// [`misfit`] under the present noise; it follows from the rest.
    pub(super) misfit: f64,
}

impl Foreseen {
    /// By how much the reward missed the mean.
    pub(super) fn off(&self, frame: &Frame) -> f64 {
        f64::from(self.lesson.reward) * frame.reward_step - self.mean
    }
}

/// At most 512 lessons, the oldest leaving in blocks that predecessor and successor share.
#[derive(Clone, Debug, Default)]
pub(super) struct Window {
    blocks: VecDeque<Arc<Vec<Foreseen>>>,
}

impl Window {
    /// Adds the newest.
    pub(super) fn push(&mut self, foreseen: Foreseen) {
        match self.blocks.back_mut() {
            Some(block) if block.len() < BLOCK => Arc::make_mut(block).push(foreseen),
            _ => {
                let mut block = Vec::with_capacity(BLOCK);
                block.push(foreseen);
                self.blocks.push_back(Arc::new(block));
                if self.blocks.len() > BLOCKS {
                    self.blocks.pop_front();
                }
            }
        }
    }

    /// The lessons, oldest first.
    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = &Foreseen> {
        self.blocks.iter().flat_map(|block| block.iter())
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.blocks.iter().map(|block| block.len()).sum()
    }

    /// Puts the reward of the revision `lesson` in the place of `replaced`; false when it is not here.
    pub(super) fn revise(&mut self, lesson: &Lesson, replaced: i16, frame: &Frame, variance: f64) -> bool {
        let same = |other: &Lesson| {
            other.decision == lesson.decision
                && other.reward == replaced
                && other.arm == lesson.arm
                && other.x == lesson.x
        };
        for block in self.blocks.iter_mut().rev() {
            if let Some(at) = block.iter().rposition(|foreseen| same(&foreseen.lesson)) {
                let foreseen = &mut Arc::make_mut(block)[at];
                foreseen.lesson.reward = lesson.reward;
                foreseen.misfit = misfit(foreseen.off(frame), foreseen.spread, variance);
                return true;
            }
        }
        false
    }

    /// Says anew how surprising each was, under noise of `variance`.
    pub(super) fn surprised(&mut self, frame: &Frame, variance: f64) {
        for block in &mut self.blocks {
            for foreseen in Arc::make_mut(block) {
                foreseen.misfit = misfit(foreseen.off(frame), foreseen.spread, variance);
            }
        }
    }

    /// Forgets them all.
    pub(super) fn clear(&mut self) {
        self.blocks.clear();
    }
}
