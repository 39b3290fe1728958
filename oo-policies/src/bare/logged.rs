//! A bandit whose choices and lessons are kept elsewhere: in a log, under a name.

use std::sync::Arc;

use oo_core::candidate::ArmKey;
use oo_core::grid::Grid;
use oo_core::lesson::Lesson;
use oo_core::policy::{Policy, Unlearned};
use oo_core::{Error, Result};

use super::{Bandit, Decided, RangeSpec, integers};
use crate::spec::PolicySpec;

impl Bandit {
    /// The policy.
    ///
    /// # Errors
    /// `invalid_input` while the range is `"auto"` and no call has fixed it.
    pub fn policy(&self) -> Result<&Arc<dyn Policy>> {
        self.fixed.get().map(|fixed| &fixed.policy).ok_or_else(unfixed)
    }

    /// The settings of the policy.
    #[must_use]
    pub fn policy_spec(&self) -> &PolicySpec {
        &self.spec.policy
    }

    /// The range of the columns; one that was `"auto"` is the one the first call fixed.
    #[must_use]
    pub fn range(&self) -> RangeSpec {
        self.fixed.get().map_or(self.spec.range, |fixed| RangeSpec::Fixed(fixed.grid))
    }

    /// The range of the rewards.
    #[must_use]
    pub fn reward_range(&self) -> RangeSpec {
        self.spec.reward_range
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

    /// The bandit that never saw `lessons`, at the start of an epoch; none when only a rebuild gives its bits.
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
            Unlearned::Summed(_) | Unlearned::Rebuild => None,
        })
    }
}

impl Decided {
    /// All rows as grid integers, row-major.
    #[must_use]
    pub fn features(&self) -> Arc<[i16]> {
        match self.grid {
            Some(grid) => integers(&self.values, grid).collect(),
            None => Arc::from([]),
        }
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
