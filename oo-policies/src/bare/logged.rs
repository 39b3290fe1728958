//! A bandit whose choices and lessons are kept elsewhere: in a log, under a name.

use std::sync::Arc;

use oo_core::candidate::ArmKey;
use oo_core::grid::Grid;
use oo_core::lesson::Lesson;
use oo_core::policy::{Policy, Unlearned};
use oo_core::{Error, Result};

use super::{Bandit, Decided};

impl Bandit {
    /// The policy.
    ///
    /// # Errors
    /// `invalid_input` while the range is `"auto"` and no call has fixed it.
    pub fn policy(&self) -> Result<&Arc<dyn Policy>> {
        self.fixed.get().map(|fixed| &fixed.policy).ok_or_else(unfixed)
    }

    /// The grid of the columns.
    ///
    /// # Errors
    /// As [`policy`](Bandit::policy).
    pub fn grid(&self) -> Result<Grid> {
        self.fixed.get().map(|fixed| fixed.grid).ok_or_else(unfixed)
    }

    /// The grid of the rewards.
    #[must_use]
    pub fn reward_grid(&self) -> Grid {
        self.reward
    }

    /// `reward` as an integer of the reward grid.
    ///
    /// # Errors
    /// `invalid_input` for a reward that is not finite or outside its range.
    pub fn reward_on_grid(&self, reward: f64) -> Result<i16> {
        self.reward_integer(reward, 0)
    }

    /// The bandit after `lessons`, in their order.
    ///
    /// # Errors
    /// As [`policy`](Bandit::policy), and what the policy says of a lesson.
    pub fn learned(&self, lessons: &[Lesson]) -> Result<Bandit> {
        let policy = self.policy()?.learned(lessons)?;
        let mut next = self.clone();
        next.replace(policy);
        Ok(next)
    }

    /// The bandit that never saw `lessons`, at the start of an epoch; none when its policy does not subtract.
    ///
    /// # Errors
    /// As [`learned`](Bandit::learned).
    pub fn unlearned(&self, lessons: &[Lesson]) -> Result<Option<Bandit>> {
        Ok(match self.policy()?.unlearned(lessons)? {
            Unlearned::Exact(policy) => {
                let mut next = self.clone();
                next.replace(policy);
                Some(next)
            }
            Unlearned::Rebuild => None,
        })
    }
}

impl Decided {
    /// All rows as grid integers, row-major.
    #[must_use]
    pub fn features(&self) -> Vec<i16> {
        let Some(grid) = self.grid else { return Vec::new() };
        self.values.iter().map(|value| grid.round(*value)).collect()
    }

    /// The arms of the rows, where the caller named them.
    #[must_use]
    pub fn named_arms(&self) -> &[ArmKey] {
        if self.numbered { &[] } else { &self.arms }
    }

    /// Whether the probabilities are an estimate of the policy's own.
    #[must_use]
    pub fn estimated(&self) -> bool {
        self.scored.estimated
    }

    /// Whether each score is only an upper bound; empty when none is.
    #[must_use]
    pub fn bounded(&self) -> &[bool] {
        &self.scored.bounded
    }
}

fn unfixed() -> Error {
    Error::invalid("range", "the range is \"auto\" and not fixed yet; decide or learn once, or declare a range")
}
