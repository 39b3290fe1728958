//! The lessons that may still be revised, in the order they were learned.
//!
//! Kept in pieces that a policy and its successors share, so that learning one lesson copies one piece.

use std::collections::VecDeque;
use std::sync::Arc;

use oo_core::id::DecisionId;
use oo_core::lesson::Lesson;

/// How many entries a piece holds.
const PIECE: usize = 64;

/// One lesson, or the revision of one that is settled already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The decision.
    pub(crate) decision: DecisionId,
    /// The features as grid integers, without the intercept.
    pub(crate) x: Arc<[i16]>,
    /// The reward as a grid integer.
    pub(crate) reward: i16,
    /// The UTC day of the decision.
    pub(crate) day: i32,
    /// The reward that a revision of a settled lesson replaces; none for a lesson.
    pub(crate) settled: Option<i16>,
}

impl Entry {
    /// The entry of `lesson`, as a revision of what is settled if it revises.
    pub(crate) fn of(lesson: &Lesson) -> Self {
        Entry {
            decision: lesson.decision,
            x: lesson.x.clone(),
            reward: lesson.reward,
            day: lesson.day,
            settled: lesson.replaces,
        }
    }
}

/// Entries in order, the oldest first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Open {
    pieces: VecDeque<Arc<Vec<Entry>>>,
    /// How many entries of the first piece are gone.
    gone: usize,
    len: usize,
}

impl Open {
    /// The number of entries.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// The entries, the oldest first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.pieces.iter().flat_map(|piece| piece.iter()).skip(self.gone)
    }

    /// The oldest entry.
    pub(crate) fn front(&self) -> Option<&Entry> {
        self.pieces.front().and_then(|piece| piece.get(self.gone))
    }

    /// Appends `entry`.
    pub(crate) fn push(&mut self, entry: Entry) {
        self.len += 1;
        match self.pieces.back_mut() {
            Some(piece) if piece.len() < PIECE => Arc::make_mut(piece).push(entry),
            _ => self.pieces.push_back(Arc::new(vec![entry])),
        }
    }

    /// Takes the oldest entry out.
    pub(crate) fn pop(&mut self) -> Option<Entry> {
        let piece = self.pieces.front()?;
        let entry = piece.get(self.gone).cloned();
        self.gone += 1;
        self.len -= usize::from(entry.is_some());
        if self.gone >= piece.len() {
            self.pieces.pop_front();
            self.gone = 0;
        }
        entry
    }

    /// Gives the newest entry of `revision`'s decision and features whose reward is the replaced one its new reward;
    /// false where there is none.
    pub(crate) fn revise(&mut self, revision: &Lesson) -> bool {
        let gone = self.gone;
        for (index, piece) in self.pieces.iter_mut().enumerate().rev() {
            let first = if index == 0 { gone } else { 0 };
            let place = piece[first..].iter().rposition(|entry| {
                entry.decision == revision.decision
                    && Some(entry.reward) == revision.replaces
                    && (Arc::ptr_eq(&entry.x, &revision.x) || entry.x == revision.x)
            });
            if let Some(place) = place {
                Arc::make_mut(piece)[first + place].reward = revision.reward;
                return true;
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use oo_core::candidate::ArmKey;

    fn lesson(number: i16) -> Lesson {
        let decision = DecisionId([u8::try_from(number % 100).unwrap(); 16]);
        Lesson { decision, ..Lesson::new([number, 1].into(), ArmKey::new("a"), number) }
    }

    #[test]
    fn it_is_a_queue_that_leaves_its_copies_alone() {
        let mut open = Open::default();
        for number in 0..200 {
            open.push(Entry::of(&lesson(number)));
        }
        let copy = open.clone();
        for number in 0..130 {
            assert_eq!(open.pop(), Some(Entry::of(&lesson(number))));
        }
        open.push(Entry::of(&lesson(200)));
        assert_eq!((open.len(), copy.len()), (71, 200));
        let left: Vec<i16> = open.iter().map(|entry| entry.reward).collect();
        assert_eq!(left, (130..=200).collect::<Vec<i16>>());
        assert!(copy.iter().map(|entry| entry.reward).eq(0..200));
        while open.pop().is_some() {}
        assert_eq!((open.len(), open.front()), (0, None));
    }

    #[test]
    fn a_revision_finds_its_lesson_and_only_that() {
        let mut open = Open::default();
        for number in 0..150 {
            open.push(Entry::of(&lesson(number)));
        }
        for _ in 0..70 {
            open.pop();
        }
        let copy = open.clone();
        let revision = |number: i16| Lesson { reward: -1, replaces: Some(number), ..lesson(number) };
        assert!(!open.revise(&revision(69)), "it was popped");
        assert!(!open.revise(&Lesson { replaces: Some(3), ..lesson(149) }), "it had another reward");
        for number in [70, 127, 128, 149] {
            assert!(open.revise(&revision(number)));
            assert!(!open.revise(&revision(number)), "it has another reward now");
        }
        assert_eq!(open.iter().filter(|entry| entry.reward == -1).count(), 4);
        assert!(copy.iter().all(|entry| entry.reward >= 70));
    }
}
