//! One person's exact statistic: their lessons while these are fewer than a vector has entries, then their sums.
//!
//! Which of the two is stored is invisible: whatever is derived or hashed goes through the sums, which are integers.
//! The intercept is always an entry; a policy without one reads the sums before it.

use std::any::Any;
use std::borrow::Cow;
use std::sync::Arc;

use oo_core::grid::GRID_MAX;
use oo_core::lesson::Lesson;
use oo_core::personal::Personal;
use oo_core::{Error, Result};

use crate::sums::Sums;

/// What a person's statistic is called where policies ask for it.
pub(crate) const NAME: &str = "ridge";

/// Σxxᵀ, Σrx, Σr² and n of one person's lessons.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    dim: usize,
    kept: Kept,
}

#[derive(Clone, Debug)]
pub(crate) enum Kept {
    /// Rows of the features and then the reward.
    Lessons(Vec<i16>),
    Sums(Sums),
}

impl Person {
    /// A person without lessons, over `dim` columns.
    pub(crate) fn new(dim: usize) -> Self {
        Person { dim, kept: Kept::Lessons(Vec::new()) }
    }

    /// A person as they were saved.
    pub(crate) fn restored(dim: usize, kept: Kept) -> Self {
        Person { dim, kept }
    }

    /// What is stored.
    pub(crate) fn kept(&self) -> &Kept {
        &self.kept
    }

    /// How many lessons there are.
    pub(crate) fn lessons(&self) -> u64 {
        match &self.kept {
            Kept::Lessons(rows) => (rows.len() / (self.dim + 1)) as u64,
            Kept::Sums(sums) => sums.lessons(),
        }
    }

    /// Whether no lesson is left.
    pub(crate) fn is_empty(&self) -> bool {
        match &self.kept {
            Kept::Lessons(rows) => rows.is_empty(),
            Kept::Sums(sums) => sums.is_zero(),
        }
    }

    /// Whether it is sums and would be lessons, had those never come that were taken away.
    pub(crate) fn is_outgrown(&self) -> bool {
        matches!(self.kept, Kept::Sums(_)) && !self.is_empty() && self.lessons() <= self.dim as u64
    }

    /// The sums, the intercept last.
    pub(crate) fn sums(&self) -> Result<Cow<'_, Sums>> {
        match &self.kept {
            Kept::Sums(sums) => Ok(Cow::Borrowed(sums)),
            Kept::Lessons(rows) => {
                let mut sums = Sums::new(self.dim + 1);
                let mut x = vec![1_i16; self.dim + 1];
                for row in rows.chunks_exact(self.dim + 1) {
                    x[..self.dim].copy_from_slice(&row[..self.dim]);
                    sums.add(&x, row[self.dim])?;
                }
                Ok(Cow::Owned(sums))
            }
        }
    }

    /// Takes a lesson or a revision.
    ///
    /// # Errors
    /// `invalid_input` for a wrong number of features or an integer off the grid; nothing is learned then.
    pub(crate) fn learn(&mut self, lesson: &Lesson) -> Result<()> {
        self.check(lesson)?;
        match (lesson.replaces, self.place(&lesson.x, lesson.replaces)) {
            (Some(replaced), None) => {
                // Its lesson is in another shard, or already in the sums.
                let x = self.padded(lesson);
                self.summed()?.revise(&x, lesson.reward, replaced)
            }
            (Some(_), Some(place)) => {
                if let Kept::Lessons(rows) = &mut self.kept {
                    rows[place + self.dim] = lesson.reward;
                }
                Ok(())
            }
            (None, _) => {
                let x = self.padded(lesson);
                if self.lessons() >= self.dim as u64 {
                    return self.summed()?.add(&x, lesson.reward);
                }
                match &mut self.kept {
                    Kept::Sums(sums) => sums.add(&x, lesson.reward),
                    Kept::Lessons(rows) => {
                        // Four at a time: most people have few, and there are many people.
                        if rows.len() + self.dim >= rows.capacity() {
                            rows.reserve_exact(4 * (self.dim + 1));
                        }
                        rows.extend_from_slice(&lesson.x);
                        rows.push(lesson.reward);
                        Ok(())
                    }
                }
            }
        }
    }

    /// Takes a lesson away, with the last reward it had.
    ///
    /// # Errors
    /// `invalid_input` as [`learn`](Person::learn), or when such a lesson cannot be in it.
    pub(crate) fn forget(&mut self, lesson: &Lesson) -> Result<()> {
        self.check(lesson)?;
        let x = self.padded(lesson);
        let place = self.place(&lesson.x, Some(lesson.reward));
        match (&mut self.kept, place) {
            (Kept::Sums(sums), _) => sums.subtract(&x, lesson.reward),
            (Kept::Lessons(rows), Some(place)) => {
                rows.drain(place..=place + self.dim);
                Ok(())
            }
            (Kept::Lessons(_), None) => {
                Err(Error::invalid("lessons", "this person never had such a lesson; unlearn only what was learned"))
            }
        }
    }

    /// Adds the lessons of `other`.
    ///
    /// # Errors
    /// `invalid_input` for other columns or too many lessons.
    pub(crate) fn merge(&mut self, other: &Person) -> Result<()> {
        if let (Kept::Lessons(rows), Kept::Lessons(more)) = (&mut self.kept, &other.kept)
            && self.dim == other.dim
            && rows.len() + more.len() <= self.dim * (self.dim + 1)
        {
            rows.extend_from_slice(more);
            return Ok(());
        }
        self.summed()?.merge(&*other.sums()?)
    }

    fn summed(&mut self) -> Result<&mut Sums> {
        if let Kept::Lessons(_) = self.kept {
            self.kept = Kept::Sums(self.sums()?.into_owned());
        }
        match &mut self.kept {
            Kept::Sums(sums) => Ok(sums),
            Kept::Lessons(_) => Err(Error::internal("a person's lessons were not summed; report this as a defect")),
        }
    }

    /// Where the row of `x` with `reward` starts.
    fn place(&self, x: &[i16], reward: Option<i16>) -> Option<usize> {
        let (Kept::Lessons(rows), Some(reward)) = (&self.kept, reward) else { return None };
        let mut places = rows.chunks_exact(self.dim + 1).enumerate();
        let found = places.find(|(_, row)| row[self.dim] == reward && row[..self.dim] == *x);
        found.map(|(index, _)| index * (self.dim + 1))
    }

    fn padded(&self, lesson: &Lesson) -> Vec<i16> {
        let mut x = lesson.x.to_vec();
        x.push(1);
        x
    }

    fn check(&self, lesson: &Lesson) -> Result<()> {
        if lesson.x.len() != self.dim {
            let message = format!("the lesson has {} features, the policy's schema {}", lesson.x.len(), self.dim);
            return Err(Error::invalid("x", message));
        }
        let off = |n: &i16| *n > GRID_MAX || *n < -GRID_MAX;
        if lesson.x.iter().any(off) || off(&lesson.reward) || lesson.replaces.as_ref().is_some_and(off) {
            return Err(Error::invalid("x", "a feature or reward is off the grid; round it with the schema's grids"));
        }
        Ok(())
    }
}

impl Personal for Person {
    fn name(&self) -> &str {
        NAME
    }

    fn learned(mut self: Arc<Self>, lesson: &Lesson) -> Arc<dyn Personal> {
        // What does not fit is refused by the policy itself, with an error.
        let _ = Arc::make_mut(&mut self).learn(lesson);
        self
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
