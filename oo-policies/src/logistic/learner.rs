//! One logistic regression that can still change its mind: a settled base, the open lessons, and the two together.
//!
//! The live posterior is the fold of the open lessons over the base, bit for bit: a lesson is one step of that fold, a
//! revision changes an open lesson and the fold is done again. Lessons leave in the order they came, once the first of
//! them is older than the horizon or there are too many. What is revised later still is one Newton step at the head.

use oo_core::grid::{GRID_MAX, Grid};
use oo_core::lesson::Lesson;
use oo_core::{Error, Result};

use super::laplace::Laplace;
use super::open::{Entry, Open};
use crate::frame::{Frame, Work};

/// How lessons are read and for how long they stay open.
#[derive(Clone, Debug)]
pub(crate) struct Reading {
    /// The statistics' layout.
    pub(crate) frame: Frame,
    /// The grid of the rewards.
    pub(crate) reward: Grid,
    /// The rewards that are a chance of 0 and of 1.
    pub(crate) rewards: (f64, f64),
    /// For how many days a lesson stays open.
    pub(crate) days: i64,
    /// The most open lessons.
    pub(crate) most: usize,
}

impl Reading {
    /// The chance that grid integer `reward` states.
    fn chance(&self, reward: i16) -> f64 {
        let (lo, hi) = self.rewards;
        // The ends of the range are rounded to the grid, perhaps outwards.
        ((self.reward.value(reward) - lo) / (hi - lo)).clamp(0.0, 1.0)
    }

    /// The reward that a chance is.
    pub(crate) fn value(&self, chance: f64) -> f64 {
        let (lo, hi) = self.rewards;
        lo + (hi - lo) * chance
    }

    /// Lays `lesson` out in `work`, refusing what no grid holds.
    pub(crate) fn check(&self, lesson: &Lesson, work: &mut Work) -> Result<()> {
        work.take(&self.frame, lesson)?;
        if lesson.x.iter().any(|n| !(-GRID_MAX..=GRID_MAX).contains(n)) {
            return Err(Error::invalid("x", "a feature is off the grid; round it with the schema's grids"));
        }
        let (least, most) = (self.reward.round(self.reward.lo()), self.reward.round(self.reward.hi()));
        for reward in [Some(lesson.reward), lesson.replaces].into_iter().flatten() {
            if !(least..=most).contains(&reward) {
                let (lo, hi) = (self.reward.lo(), self.reward.hi());
                let message = format!(
                    "the reward {} is outside its declared range ({lo}, {hi}); rescale it, or declare the range it has",
                    self.reward.value(reward)
                );
                return Err(Error::invalid("reward", message));
            }
        }
        Ok(())
    }

    fn lay(&self, entry: &Entry, work: &mut Work) {
        let frame = &self.frame;
        for ((x, n), step) in work.x.iter_mut().zip(entry.x.iter()).zip(&frame.steps) {
            *x = f64::from(*n) * step;
        }
        if frame.has_intercept() {
            work.x[frame.dim] = 1.0;
        }
    }

    /// One step of the fold.
    fn apply(&self, posterior: &mut Laplace, entry: &Entry, work: &mut Work) {
        self.lay(entry, work);
        match entry.settled {
            None => posterior.learn(self.chance(entry.reward), work),
            Some(settled) => posterior.correct(self.chance(entry.reward) - self.chance(settled), work),
        }
    }
}

/// The model of one arm, or of all of them.
#[derive(Clone, Debug)]
pub(crate) struct Learner {
    base: Laplace,
    open: Open,
    live: Laplace,
    newest: i32,
    lessons: u64,
    stale: bool,
}

impl Learner {
    /// The model of no lesson.
    pub(crate) fn new(frame: &Frame) -> Self {
        let base = Laplace::new(frame);
        Learner { live: base.clone(), base, open: Open::default(), newest: i32::MIN, lessons: 0, stale: false }
    }

    /// A model as it was saved.
    pub(crate) fn restored(base: Laplace, open: Open, newest: i32, lessons: u64, reading: &Reading) -> Self {
        let mut learner = Learner { live: base.clone(), base, open, newest, lessons, stale: true };
        learner.settle(reading, &mut Work::new(&reading.frame));
        learner
    }

    /// The posterior of all lessons.
    pub(crate) fn live(&self) -> &Laplace {
        &self.live
    }

    /// The posterior of the settled lessons.
    pub(crate) fn base(&self) -> &Laplace {
        &self.base
    }

    /// The lessons that are not settled.
    pub(crate) fn open(&self) -> &Open {
        &self.open
    }

    /// The newest day of a lesson.
    pub(crate) fn newest(&self) -> i32 {
        self.newest
    }

    /// How many lessons are in it.
    pub(crate) fn lessons(&self) -> u64 {
        self.lessons
    }

    /// Takes one lesson, which was checked; what is live follows with [`settle`](Learner::settle).
    pub(crate) fn learn(&mut self, reading: &Reading, lesson: &Lesson, work: &mut Work) {
        if lesson.replaces.is_some() {
            if self.open.revise(lesson) {
                self.stale = true;
                return;
            }
        } else {
            self.lessons += 1;
            self.newest = self.newest.max(lesson.day);
        }
        let entry = Entry::of(lesson);
        if !self.stale {
            reading.apply(&mut self.live, &entry, work);
        }
        self.open.push(entry);
        while self.open.front().is_some_and(|entry| self.is_due(reading, entry.day)) {
            if let Some(entry) = self.open.pop() {
                reading.apply(&mut self.base, &entry, work);
            }
        }
    }

    fn is_due(&self, reading: &Reading, day: i32) -> bool {
        self.open.len() > reading.most || i64::from(self.newest) - i64::from(day) > reading.days
    }

    /// Folds the open lessons over the base again, where one of them was revised.
    pub(crate) fn settle(&mut self, reading: &Reading, work: &mut Work) {
        if !std::mem::take(&mut self.stale) {
            return;
        }
        self.live = self.base.clone();
        for entry in self.open.iter() {
            reading.apply(&mut self.live, entry, work);
        }
    }
}
