//! How a bare bandit learns: one decision, many, rows of a log; and how it takes lessons back.

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use oo_core::grid::{GRID_MAX, Grid};
use oo_core::lesson::{Lesson, centre};
use oo_core::policy::{Policy, Unlearned};
use oo_core::{Error, Result};

use super::range::{column_error, remedy};
use super::{Bandit, Decided, Fixed, Rows, integers};

impl Bandit {
    /// Learns the reward of what was decided.
    ///
    /// # Errors
    /// `invalid_input` for a reward that is not finite or outside its range; `incompatible` for another bandit's decision.
    pub fn update(&mut self, decided: &Decided, reward: f64) -> Result<()> {
        let lesson = self.lesson_of(decided, reward, 0)?;
        self.take(&[lesson], None)
    }

    /// Learns the rewards of what was decided, in that order.
    ///
    /// # Errors
    /// As [`update`](Bandit::update), and when there is not one reward a decision; nothing is learned then.
    pub fn update_all(&mut self, decided: &[&Decided], rewards: &[f64]) -> Result<()> {
        let lessons = self.lessons_of_all(decided, rewards)?;
        self.take(&lessons, None)
    }

    /// As [`update_all`](Bandit::update_all), in parts as [`learn_in_parts`](Bandit::learn_in_parts).
    ///
    /// # Errors
    /// As [`update_all`](Bandit::update_all), and what `rest` says.
    pub fn update_all_in_parts(
        &mut self,
        decided: &[&Decided],
        rewards: &[f64],
        part: usize,
        rest: &mut dyn FnMut(usize) -> Result<()>,
    ) -> Result<()> {
        let lessons = self.lessons_of_all(decided, rewards)?;
        let Some(mut policy) = self.fixed.get().map(|fixed| fixed.policy.clone()) else { return Ok(()) };
        let mut done = 0;
        for part in lessons.chunks(part.max(1)) {
            policy = policy.learned(part)?;
            done += part.len();
            rest(done)?;
        }
        self.replace(policy);
        Ok(())
    }

    /// Learns `rewards`, one for each of `rows`, in their order.
    ///
    /// # Errors
    /// As [`decide`](Bandit::decide), and for a reward that is not finite or outside its range; nothing is learned then.
    pub fn learn(&mut self, rows: &Rows<'_>, rewards: &[f64]) -> Result<()> {
        let (lessons, fixed) = self.lessons_of(rows, rewards, None)?;
        self.take(&lessons, fixed)
    }

    /// As [`learn`](Bandit::learn), with `rest` called after every `part` rows with how many are learned; what it fails
    /// with ends the learning, and the bandit is as it was. The bits are those of learning all at once.
    ///
    /// # Errors
    /// As [`learn`](Bandit::learn), and what `rest` says.
    pub fn learn_in_parts(
        &mut self,
        rows: &Rows<'_>,
        rewards: &[f64],
        part: usize,
        rest: &mut dyn FnMut(usize) -> Result<()>,
    ) -> Result<()> {
        self.rows_in_parts(rows, rewards, None, part, rest)
    }

    /// As [`revise`](Bandit::revise), in parts as [`learn_in_parts`](Bandit::learn_in_parts).
    ///
    /// # Errors
    /// As [`revise`](Bandit::revise), and what `rest` says.
    pub fn revise_in_parts(
        &mut self,
        rows: &Rows<'_>,
        rewards: &[f64],
        replaced: &[f64],
        part: usize,
        rest: &mut dyn FnMut(usize) -> Result<()>,
    ) -> Result<()> {
        self.rows_in_parts(rows, rewards, Some(replaced), part, rest)
    }

    fn rows_in_parts(
        &mut self,
        rows: &Rows<'_>,
        rewards: &[f64],
        replaced: Option<&[f64]>,
        part: usize,
        rest: &mut dyn FnMut(usize) -> Result<()>,
    ) -> Result<()> {
        check_replaced(rewards, replaced)?;
        self.check_lessons(rows, rewards)?;
        let integers = self.reward_integers(rewards)?;
        let replaced = replaced.map(|replaced| self.reward_integers(replaced)).transpose()?;
        if rewards.is_empty() {
            return Ok(());
        }
        rows.check(self.spec.dim)?;
        let fixed = self.fixed_by(rows.values)?;
        if let Some(at) = rows.values.iter().position(|value| !fixed.grid.holds(*value)) {
            return Err(column_error(rows.values, self.spec.dim, at, Some(fixed.grid)));
        }
        let mut policy = fixed.policy.clone();
        for start in (0..rewards.len()).step_by(part.max(1)) {
            let end = rewards.len().min(start + part.max(1));
            let own = rows.part(start, end, self.spec.dim);
            let replaced = replaced.as_deref().map(|replaced| &replaced[start..end]);
            let lessons = self.lessons_on(fixed.grid, &own, &integers[start..end], replaced)?;
            policy = policy.learned(&lessons)?;
            rest(end)?;
        }
        let new = owned(fixed);
        self.put(policy, new);
        Ok(())
    }

    /// Puts `rewards` of `rows` in the place of `replaced`, which they were learned with: leaves the hash of learning the
    /// last rewards only.
    ///
    /// # Errors
    /// As [`learn`](Bandit::learn).
    pub fn revise(&mut self, rows: &Rows<'_>, rewards: &[f64], replaced: &[f64]) -> Result<()> {
        let (lessons, fixed) = self.lessons_of(rows, rewards, Some(replaced))?;
        self.take(&lessons, fixed)
    }

    /// Takes lessons away again, exactly: the bandit that never saw them, at the start of an epoch.
    ///
    /// # Errors
    /// As [`learn`](Bandit::learn), and for what was never learned.
    pub fn unlearn(&mut self, rows: &Rows<'_>, rewards: &[f64]) -> Result<()> {
        let (lessons, new) = self.lessons_of(rows, rewards, None)?;
        let Some(fixed) = self.fixed.get().or(new.as_ref()) else { return Ok(()) };
        match fixed.policy.unlearned(&lessons)? {
            Unlearned::Exact(policy) | Unlearned::Summed(policy) => {
                self.put(policy, new);
                Ok(())
            }
            Unlearned::Rebuild => {
                Err(Error::incompatible("this policy does not subtract; learn again without those lessons"))
            }
        }
    }

    /// Learns `lessons`, rounded as `new` says where no call has fixed the range before.
    fn take(&mut self, lessons: &[Lesson], new: Option<Fixed>) -> Result<()> {
        match (self.fixed.get_mut(), new) {
            (Some(fixed), _) => fixed.take(lessons),
            (None, Some(mut new)) => {
                new.take(lessons)?;
                self.fixed = OnceLock::from(new);
                Ok(())
            }
            (None, None) => Ok(()),
        }
    }

    /// Puts `policy` in the place of what was learned, under the range of `new` where no call has fixed it before.
    fn put(&mut self, policy: Arc<dyn Policy>, new: Option<Fixed>) {
        match (self.fixed.get_mut(), new) {
            (Some(fixed), _) => fixed.policy = policy,
            (None, Some(new)) => self.fixed = OnceLock::from(Fixed { policy, ..new }),
            (None, None) => {}
        }
    }

    /// The lessons of `decided`.
    fn lessons_of_all(&self, decided: &[&Decided], rewards: &[f64]) -> Result<Vec<Lesson>> {
        if decided.len() != rewards.len() {
            let (want, got) = (decided.len(), rewards.len());
            return Err(Error::invalid("rewards", format!("{want} decisions need {want} rewards, not {got}")));
        }
        let lessons = decided.iter().zip(rewards).enumerate();
        lessons.map(|(row, (decided, reward))| self.lesson_of(decided, *reward, row)).collect()
    }

    /// The lesson of `decided`, the decision `row`.
    fn lesson_of(&self, decided: &Decided, reward: f64, row: usize) -> Result<Lesson> {
        let (Some(_), Some(arm)) = (self.grid_of(decided), decided.arm()) else {
            return Err(Error::incompatible(
                "this decision is not of this bandit; update with what its own decide returned",
            ));
        };
        let reward = self.reward_integer(reward, row)?;
        Ok(Lesson {
            person: decided.person,
            day: decided.day,
            propensity: decided.propensity,
            centre: self.centre_integers(decided),
            ..Lesson::new(decided.x.as_slice().into(), arm.clone(), reward)
        })
    }

    /// Checks what lessons need beside rewards and values.
    fn check_lessons(&self, rows: &Rows<'_>, rewards: &[f64]) -> Result<()> {
        if rows.context {
            return Err(Error::invalid("x", "a lesson is one row of one arm; pass a row for each"));
        }
        if rows.arms.is_none() && self.spec.policy.needs_arms() {
            return Err(Error::invalid("arms", "a disjoint policy learns by arm; pass the arm of each row"));
        }
        if rows.centres.is_empty() && self.spec.policy.hold().is_some() {
            let message = "this policy learns the advantage over doing nothing; update with what its decide returned, or \
                           pass as `centres` what its `centre` gives for each row's decision";
            return Err(Error::invalid("centres", message));
        }
        if rewards.len() != rows.count {
            let (count, got) = (rows.count, rewards.len());
            return Err(Error::invalid("x", format!("{got} rewards are of {got} rows, not of {count}")));
        }
        Ok(())
    }

    /// The lessons of `rows`, and what follows from their range where no call has fixed it before.
    fn lessons_of(
        &self,
        rows: &Rows<'_>,
        rewards: &[f64],
        replaced: Option<&[f64]>,
    ) -> Result<(Vec<Lesson>, Option<Fixed>)> {
        if rewards.is_empty() && rows.values.is_empty() {
            return Ok((Vec::new(), None));
        }
        check_replaced(rewards, replaced)?;
        self.check_lessons(rows, rewards)?;
        let rewards = self.reward_integers(rewards)?;
        let replaced = replaced.map(|replaced| self.reward_integers(replaced)).transpose()?;
        rows.check(self.spec.dim)?;
        let fixed = self.fixed_by(rows.values)?;
        let lessons = self.lessons_on(fixed.grid, rows, &rewards, replaced.as_deref())?;
        Ok((lessons, owned(fixed)))
    }

    /// The lessons of `rows`, whose shape was checked, on `grid`.
    fn lessons_on(
        &self,
        grid: Grid,
        rows: &Rows<'_>,
        rewards: &[i16],
        replaced: Option<&[i16]>,
    ) -> Result<Vec<Lesson>> {
        let mut rounded = Decided::default();
        rounded.set_arms(rows.count, rows.arms);
        self.round_on(grid, rows, &mut rounded)?;
        let lessons = rounded.values.chunks_exact(self.spec.dim).zip(&rounded.arms).zip(rewards).enumerate();
        lessons
            .map(|(index, ((x, arm), reward))| {
                let centre = rows.centre(index, self.spec.dim).map(|centre| self.rounded_centre(grid, centre));
                let x = integers(x, grid).collect();
                Ok(Lesson {
                    person: rows.person(index),
                    day: rows.day(index),
                    propensity: rows.propensity(index),
                    centre: centre.transpose()?,
                    replaces: replaced.map(|replaced| replaced[index]),
                    ..Lesson::new(x, arm.clone(), *reward)
                })
            })
            .collect()
    }

    /// What `decided` would have shown on average, for policies that learn the advantage over doing nothing: Σ pᵢxᵢ, and
    /// the probability of doing anything; empty for other policies. [`Rows::with_centres`] takes it, so that a decision's
    /// lesson can be learned from a log, revised or taken back.
    ///
    /// # Errors
    /// `incompatible` for another bandit's decision.
    pub fn centre(&self, decided: &Decided) -> Result<Vec<f64>> {
        let Some(grid) = self.grid_of(decided) else {
            return Err(Error::incompatible("this decision is not of this bandit; pass what its own decide returned"));
        };
        let Some(integers) = self.centre_integers(decided) else { return Ok(Vec::new()) };
        let steps = std::iter::repeat_n(grid.step(), self.spec.dim).chain([1.0 / f64::from(GRID_MAX)]);
        Ok(integers.iter().zip(steps).map(|(n, step)| f64::from(*n) * step).collect())
    }

    /// The grid of a decision of this bandit, or of one with equal settings and ranges: a saved one that was loaded, say.
    fn grid_of(&self, decided: &Decided) -> Option<Grid> {
        let own = self.fixed.get().map(|fixed| fixed.grid);
        let same = decided.grid == own && decided.x.len() == self.spec.dim && decided.settings == self.settings;
        own.filter(|_| same)
    }

    fn centre_integers(&self, decided: &Decided) -> Option<Arc<[i16]>> {
        let (hold, dim) = (self.spec.policy.hold()?, self.spec.dim);
        let all = decided.features();
        let rows = decided.arms.iter().zip(decided.pmf()).zip(all.chunks_exact(dim));
        Some(centre(dim, rows.map(|((arm, p), x)| (arm.as_str(), *p, x)), hold))
    }

    fn rounded_centre(&self, grid: Grid, centre: &[f64]) -> Result<Arc<[i16]>> {
        let dim = self.spec.dim;
        let unit = Grid::new(0.0, 1.0)?;
        let grids = std::iter::repeat_n(grid, dim).chain([unit]);
        centre
            .iter()
            .zip(grids)
            .enumerate()
            .map(|(column, (value, grid))| {
                if grid.holds(*value) {
                    return Ok(grid.round(*value));
                }
                let message = format!("column {column} of a centre is {value}, outside ({}, {})", grid.lo(), grid.hi());
                Err(Error::invalid("centres", message))
            })
            .collect()
    }

    fn reward_integers(&self, rewards: &[f64]) -> Result<Vec<i16>> {
        rewards.iter().enumerate().map(|(row, reward)| self.reward_integer(*reward, row)).collect()
    }

    pub(super) fn reward_integer(&self, reward: f64, row: usize) -> Result<i16> {
        let (lo, hi) = (self.reward.lo(), self.reward.hi());
        if self.reward.holds(reward) {
            return Ok(self.reward.round(reward));
        }
        let message = if reward.is_finite() {
            let remedy = remedy(reward, Some(self.reward), "reward range");
            format!("reward {row} is {reward}, outside ({lo}, {hi}); {remedy}")
        } else {
            format!("reward {row} is {reward}; pass a finite number in ({lo}, {hi})")
        };
        Err(Error::invalid("reward", message))
    }
}

impl Fixed {
    fn take(&mut self, lessons: &[Lesson]) -> Result<()> {
        if let Some(own) = Arc::get_mut(&mut self.policy)
            && own.learn_in_place(lessons)?
        {
            return Ok(());
        }
        self.policy = self.policy.learned(lessons)?;
        Ok(())
    }
}

fn check_replaced(rewards: &[f64], replaced: Option<&[f64]>) -> Result<()> {
    if replaced.is_some_and(|replaced| replaced.len() != rewards.len()) {
        return Err(Error::invalid("replaced", "each revised reward needs the one it replaces"));
    }
    Ok(())
}

/// What a call would fix, if it does.
fn owned(fixed: Cow<'_, Fixed>) -> Option<Fixed> {
    match fixed {
        Cow::Borrowed(_) => None,
        Cow::Owned(new) => Some(new),
    }
}
