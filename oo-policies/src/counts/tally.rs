//! An arm's exact tally: n, Σr and Σr² in grid integers.

use oo_core::{Error, Result};
use sha2::{Digest, Sha256};

use crate::bytes::Reader;
use crate::sums::MAX_LESSONS;

/// n, Σr and Σr² of one arm.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    lessons: u64,
    rewards: i64,
    squares: i64,
}

impl Tally {
    /// The number of lessons.
    pub(crate) fn lessons(&self) -> u64 {
        self.lessons
    }

    /// Σr.
    pub(crate) fn rewards(&self) -> i64 {
        self.rewards
    }

    /// Whether nothing is in it.
    pub(crate) fn is_zero(&self) -> bool {
        *self == Tally::default()
    }

    /// Adds a lesson.
    pub(crate) fn add(&mut self, reward: i16) -> Result<()> {
        if self.lessons >= MAX_LESSONS {
            return Err(too_many());
        }
        self.lessons += 1;
        self.shift(reward, 1);
        Ok(())
    }

    /// Takes a lesson away.
    pub(crate) fn subtract(&mut self, reward: i16) -> Result<()> {
        self.lessons = self.lessons.checked_sub(1).ok_or_else(never)?;
        self.shift(reward, -1);
        Ok(())
    }

    /// Puts `reward` in the place of `replaced`.
    pub(crate) fn revise(&mut self, reward: i16, replaced: i16) {
        self.shift(reward, 1);
        self.shift(replaced, -1);
    }

    /// Adds the lessons of `other`.
    pub(crate) fn merge(&mut self, other: &Tally) -> Result<()> {
        if self.lessons + other.lessons > MAX_LESSONS {
            return Err(too_many());
        }
        self.lessons += other.lessons;
        self.rewards = self.rewards.wrapping_add(other.rewards);
        self.squares = self.squares.wrapping_add(other.squares);
        Ok(())
    }

    /// Feeds n, Σr and Σr² to `hash`, each a little-endian `i128`.
    pub(crate) fn hash_into(&self, hash: &mut Sha256) {
        for sum in [i128::from(self.lessons), i128::from(self.rewards), i128::from(self.squares)] {
            hash.update(sum.to_le_bytes());
        }
    }

    /// Writes u64 n, i64 Σr, i64 Σr².
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.lessons.to_le_bytes());
        out.extend_from_slice(&self.rewards.to_le_bytes());
        out.extend_from_slice(&self.squares.to_le_bytes());
    }

    /// Reads what [`write`](Tally::write) wrote.
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self> {
        let tally = Tally { lessons: reader.u64()?, rewards: reader.i64()?, squares: reader.i64()? };
        // Σr and Σr² may be beyond what n allows in a shard that holds revisions of another shard's lessons.
        let sane = |sum: i64| sum.unsigned_abs() <= 1 << 62;
        if tally.lessons > MAX_LESSONS || !sane(tally.rewards) || !sane(tally.squares) {
            return Err(reader.corrupt());
        }
        Ok(tally)
    }

    fn shift(&mut self, reward: i16, sign: i64) {
        let reward = i64::from(reward);
        self.rewards = self.rewards.wrapping_add(sign * reward);
        self.squares = self.squares.wrapping_add(sign * reward * reward);
    }
}

fn too_many() -> Error {
    Error::invalid("lessons", "an arm holds at most 2^34 lessons exactly; start another policy from a later epoch")
}

/// The error for a lesson that is not there.
pub(crate) fn never() -> Error {
    Error::invalid("lessons", "this lesson was never learned here; unlearn only what was learned")
}
