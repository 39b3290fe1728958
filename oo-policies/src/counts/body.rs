//! What a context-free policy has learned, and its saved body: u32 arms; each, sorted by key: a text and its
//! [`Tally`]; then, for policies that keep days, what was [`Shown`].

use oo_core::Result;
use oo_core::candidate::ArmKey;
use oo_core::lesson::Lesson;
use sha2::{Digest, Sha256};

use super::sharded::Sharded;
use super::shown::Shown;
use super::tally::{Tally, never};
use crate::bytes::{Reader, put_len, put_text};

/// Exact tallies by arm, and for policies that ask, the days on which people were shown arms.
#[derive(Clone, Debug)]
pub(crate) struct Learned {
    arms: Sharded<ArmKey, Tally>,
    lessons: u64,
    shown: Option<Shown>,
}

impl Learned {
    /// Nothing; `days` says whether days are kept.
    pub(crate) fn new(days: bool) -> Self {
        Learned { arms: Sharded::default(), lessons: 0, shown: days.then(Shown::default) }
    }

    /// The number of lessons.
    pub(crate) fn lessons(&self) -> u64 {
        self.lessons
    }

    /// The tally of `arm`, all zero if it was never tried.
    pub(crate) fn tally(&self, arm: &ArmKey) -> Tally {
        self.arms.get(arm).copied().unwrap_or_default()
    }

    /// The days, where they are kept.
    pub(crate) fn shown(&self) -> Option<&Shown> {
        self.shown.as_ref()
    }

    /// Takes a lesson or a revision.
    pub(crate) fn learn(&mut self, lesson: &Lesson) -> Result<()> {
        self.change(&lesson.arm, |tally| match lesson.replaces {
            Some(replaced) => {
                tally.revise(lesson.reward, replaced);
                Ok(())
            }
            None => tally.add(lesson.reward),
        })?;
        if lesson.replaces.is_none() {
            self.lessons += 1;
            if let Some(shown) = &mut self.shown {
                shown.add(lesson);
            }
        }
        Ok(())
    }

    /// Takes a lesson away.
    pub(crate) fn forget(&mut self, lesson: &Lesson) -> Result<()> {
        self.change(&lesson.arm, |tally| tally.subtract(lesson.reward))?;
        self.lessons = self.lessons.checked_sub(1).ok_or_else(never)?;
        self.shown.as_mut().map_or(Ok(()), |shown| shown.subtract(lesson))
    }

    /// Adds the lessons of `other`.
    pub(crate) fn merge(&mut self, other: &Learned) -> Result<()> {
        for (arm, tally) in other.arms.sorted() {
            self.change(arm, |own| own.merge(tally))?;
        }
        self.lessons += other.lessons;
        if let (Some(own), Some(other)) = (&mut self.shown, &other.shown) {
            own.merge(other);
        }
        Ok(())
    }

    /// Feeds the arms with lessons, in the order of their keys, and the days to `hash`.
    pub(crate) fn hash_into(&self, hash: &mut Sha256) {
        for (arm, tally) in self.arms.sorted() {
            if tally.lessons() > 0 {
                hash.update((arm.as_str().len() as u64).to_le_bytes());
                hash.update(arm.as_str().as_bytes());
                tally.hash_into(hash);
            }
        }
        if let Some(shown) = &self.shown {
            shown.hash_into(hash);
        }
    }

    /// Writes the body.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        let arms = self.arms.sorted();
        put_len(out, arms.len());
        for (arm, tally) in arms {
            put_text(out, arm.as_str());
            tally.write(out);
        }
        if let Some(shown) = &self.shown {
            shown.write(out);
        }
    }

    /// Reads what [`write`](Learned::write) wrote.
    ///
    /// # Errors
    /// `storage` for bytes that cannot be right.
    pub(crate) fn read(reader: &mut Reader<'_>, days: bool) -> Result<Self> {
        let mut learned = Learned::new(days);
        for _ in 0..reader.len()? {
            let arm = ArmKey::new(reader.text()?);
            let tally = Tally::read(reader)?;
            learned.lessons = learned.lessons.saturating_add(tally.lessons());
            if learned.arms.piece_mut(&arm).insert(arm, tally).is_some() {
                return Err(reader.corrupt());
            }
        }
        if days {
            learned.shown = Some(Shown::read(reader)?);
        }
        Ok(learned)
    }

    /// Changes the tally of `arm`; one that is zero again is dropped.
    fn change(&mut self, arm: &ArmKey, change: impl FnOnce(&mut Tally) -> Result<()>) -> Result<()> {
        let piece = self.arms.piece_mut(arm);
        let tally = piece.entry(arm.clone()).or_default();
        change(tally)?;
        if tally.is_zero() {
            piece.remove(arm);
        }
        Ok(())
    }
}
