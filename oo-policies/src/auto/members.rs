//! The lessons of the segment that a change began, by which a revision finds its side of the change.
//!
//! Ids do not tell: a caller may name decisions as it likes, or not at all. A fingerprint of all that a revision names
//! (decision, model, features, the reward it replaces) does; only the newest are kept, and only after a change.

use std::collections::VecDeque;
use std::sync::Arc;

use oo_core::lesson::Lesson;

/// Fingerprints in a block.
const BLOCK: usize = 128;
/// The most blocks.
const BLOCKS: usize = 32;

/// At most 4096 fingerprints, the oldest leaving in blocks that predecessor and successor share.
#[derive(Clone, Debug, Default)]
pub(super) struct Members {
    blocks: VecDeque<Arc<Vec<u64>>>,
}

impl Members {
    /// The most fingerprints.
    pub(super) const MOST: usize = BLOCK * BLOCKS;

    /// Adds `lesson`, the newest.
    pub(super) fn push(&mut self, lesson: &Lesson) {
        self.push_fingerprint(fingerprint(lesson, lesson.reward));
    }

    /// Adds what was saved.
    pub(super) fn push_fingerprint(&mut self, fingerprint: u64) {
        match self.blocks.back_mut() {
            Some(block) if block.len() < BLOCK => Arc::make_mut(block).push(fingerprint),
            _ => {
                let mut block = Vec::with_capacity(BLOCK);
                block.push(fingerprint);
                self.blocks.push_back(Arc::new(block));
                if self.blocks.len() > BLOCKS {
                    self.blocks.pop_front();
                }
            }
        }
    }

    /// The fingerprints, oldest first.
    pub(super) fn iter(&self) -> impl Iterator<Item = u64> {
        self.blocks.iter().flat_map(|block| block.iter().copied())
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.blocks.iter().map(|block| block.len()).sum()
    }

    /// Whether the lesson that `revision` replaces is here; its fingerprint is the revision's then.
    pub(super) fn revise(&mut self, revision: &Lesson, replaced: i16) -> bool {
        let (old, new) = (fingerprint(revision, replaced), fingerprint(revision, revision.reward));
        for block in self.blocks.iter_mut().rev() {
            if let Some(at) = block.iter().rposition(|own| *own == old) {
                Arc::make_mut(block)[at] = new;
                return true;
            }
        }
        false
    }

    /// Forgets them all.
    pub(super) fn clear(&mut self) {
        self.blocks.clear();
    }
}

/// FNV-1a over the lesson with `reward` in the place of its own.
fn fingerprint(lesson: &Lesson, reward: i16) -> u64 {
    let integers = lesson.x.iter().chain([&reward]).flat_map(|n| n.to_le_bytes());
    let bytes = lesson.decision.0.into_iter().chain(integers).chain(lesson.arm.as_str().bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use oo_core::candidate::ArmKey;

    fn lesson(x: i16, reward: i16) -> Lesson {
        Lesson::new([x].into(), ArmKey::new("a"), reward)
    }

    #[test]
    fn the_newest_are_members_until_they_are_revised() {
        let mut members = Members::default();
        for x in 0..5000 {
            members.push(&lesson(x, 7));
        }
        assert!(members.len() <= Members::MOST && members.len() > Members::MOST - BLOCK);
        assert!(!members.revise(&lesson(3, 1), 7), "it left long ago");
        assert!(!members.revise(&lesson(4999, 1), 8), "that was not its reward");
        assert!(members.revise(&lesson(4999, 1), 7));
        assert!(!members.revise(&lesson(4999, 2), 7) && members.revise(&lesson(4999, 2), 1));
    }
}
