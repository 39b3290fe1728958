//! The newest lessons in the order of the log, shared copy-on-write between a policy and its successors.

use std::collections::VecDeque;
use std::sync::Arc;

use oo_core::Result;
use oo_core::id::DecisionId;
use oo_core::lesson::Lesson;
use sha2::{Digest, Sha256};

use crate::bytes::{Reader, put_len};

/// How many lessons one shared piece holds.
const PIECE: usize = 128;

/// What is kept of a lesson.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Step {
    /// The decision.
    pub(crate) decision: DecisionId,
    /// The features as grid integers, without the intercept.
    pub(crate) x: Arc<[i16]>,
    /// The reward as a grid integer.
    pub(crate) reward: i16,
    /// The UTC day of the decision.
    pub(crate) day: i32,
}

impl From<&Lesson> for Step {
    fn from(lesson: &Lesson) -> Self {
        Step { decision: lesson.decision, x: lesson.x.clone(), reward: lesson.reward, day: lesson.day }
    }
}

/// A queue of steps.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trail {
    pieces: VecDeque<Arc<Vec<Step>>>,
    gone: usize,
    len: usize,
}

impl Trail {
    /// The number of steps.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// The oldest step.
    pub(crate) fn first(&self) -> Option<&Step> {
        self.pieces.front().and_then(|piece| piece.get(self.gone))
    }

    /// Adds the newest step.
    pub(crate) fn push(&mut self, step: Step) {
        self.len += 1;
        match self.pieces.back_mut() {
            Some(piece) if piece.len() < PIECE => Arc::make_mut(piece).push(step),
            _ => {
                let mut piece = Vec::with_capacity(PIECE);
                piece.push(step);
                self.pieces.push_back(Arc::new(piece));
            }
        }
    }

    /// Takes the oldest step away.
    pub(crate) fn pop(&mut self) -> Option<Step> {
        let step = self.first().cloned()?;
        self.len -= 1;
        self.gone += 1;
        if self.pieces.front().is_some_and(|piece| piece.len() == self.gone) {
            self.pieces.pop_front();
            self.gone = 0;
        }
        Some(step)
    }

    /// The steps, oldest first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Step> {
        self.pieces.iter().flat_map(|piece| piece.iter()).skip(self.gone)
    }

    /// Puts the reward of `lesson`, a revision, in the place of `replaced`; false when that lesson is not here.
    pub(crate) fn revise(&mut self, lesson: &Lesson, replaced: i16) -> bool {
        let own = |step: &Step| step.decision == lesson.decision && step.reward == replaced && step.x == lesson.x;
        for (index, piece) in self.pieces.iter_mut().enumerate().rev() {
            let from = if index == 0 { self.gone } else { 0 };
            if let Some(at) = piece[from..].iter().rposition(own) {
                Arc::make_mut(piece)[from + at].reward = lesson.reward;
                return true;
            }
        }
        false
    }

    /// Feeds the steps in their order to `hash`, without the decisions' ids.
    pub(crate) fn hash_into(&self, hash: &mut Sha256) {
        hash.update((self.len as u64).to_le_bytes());
        for step in self.iter() {
            step.x.iter().for_each(|n| hash.update(n.to_le_bytes()));
            hash.update(step.reward.to_le_bytes());
            hash.update(step.day.to_le_bytes());
        }
    }

    /// Writes u32 steps, oldest first, each: decision (16 bytes), features (i16), reward (i16), i32 day.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        put_len(out, self.len);
        for step in self.iter() {
            out.extend_from_slice(&step.decision.0);
            step.x.iter().for_each(|n| out.extend_from_slice(&n.to_le_bytes()));
            out.extend_from_slice(&step.reward.to_le_bytes());
            out.extend_from_slice(&step.day.to_le_bytes());
        }
    }

    /// Reads what [`write`](Trail::write) wrote, of `dim` features.
    pub(crate) fn read(reader: &mut Reader<'_>, dim: usize) -> Result<Self> {
        let mut trail = Trail::default();
        for _ in 0..reader.len()? {
            let decision = DecisionId(reader.array()?);
            let x = reader.bytes(2 * dim)?.as_chunks::<2>().0.iter().map(|bytes| i16::from_le_bytes(*bytes)).collect();
            let reward = i16::from_le_bytes(reader.array()?);
            trail.push(Step { decision, x, reward, day: i32::from_le_bytes(reader.array()?) });
        }
        Ok(trail)
    }
}
