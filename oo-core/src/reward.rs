//! The reward specification: a versioned, pure function from raw reactions to a number with declared bounds.
//!
//! The reactions are what is stored; changing the specification and replaying the log gives the new model.

use crate::error::{Error, Result};
use crate::grid::Grid;
use crate::moment::{DAY_MS, HOUR_MS, Moment};

/// A specification by its version.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RewardSpec {
    version: u32,
    grid: Grid,
}

/// What a reward depends on, in the order of the log. Small, because a person has one or two for each tip of a week.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was done.
    Done {
        /// When (Unix milliseconds).
        at_ms: i64,
        /// How many milliseconds after it had last been shown.
        after_ms: i64,
        /// Whether that was on the same local day, each by its own recorded offset.
        same_day: bool,
    },
    /// It was put off.
    Snoozed,
    /// It was not wanted.
    Dismissed {
        /// When (Unix milliseconds).
        at_ms: i64,
    },
    /// 24 h passed since it was shown.
    Unanswered,
}

/// How long after the latest shown a reaction still counts, 7 days.
pub const REVISION_WINDOW_MS: i64 = 7 * DAY_MS;
/// How long after the latest shown a tip counts as unanswered, 24 h.
pub const HORIZON_MS: i64 = DAY_MS;

impl Outcome {
    /// Done at `at`, by when it had last been shown at `shown`.
    #[must_use]
    pub fn done(at: &Moment, shown: &Moment) -> Self {
        Outcome::Done {
            at_ms: at.at_ms,
            after_ms: at.at_ms.saturating_sub(shown.at_ms),
            same_day: at.local_day() == shown.local_day(),
        }
    }
}

impl RewardSpec {
    /// Version 1, bounds [−0.3, 1]: done within 2 h of being shown 1.0, later that local day 0.7, on a later day 0.4;
    /// dismissed −0.3; the last of these by occurrence counts (ties: the later in the log); else three or more snoozes
    /// −0.15; else a snooze 0; else −0.05 once 24 h have passed.
    ///
    /// # Errors
    /// Never in practice: the bounds are a valid range.
    pub fn v1() -> Result<Self> {
        Ok(RewardSpec { version: 1, grid: Grid::new(-0.3, 1.0)? })
    }

    /// The specification of `version`.
    ///
    /// # Errors
    /// `incompatible` when this oO does not know it.
    pub fn of_version(version: u32) -> Result<Self> {
        match version {
            1 => RewardSpec::v1(),
            _ => Err(Error::incompatible(format!("reward specification {version} is unknown; upgrade oO"))),
        }
    }

    /// The version.
    #[must_use]
    pub fn version(&self) -> u32 {
        self.version
    }

    /// The grid rewards are learned on.
    #[must_use]
    pub fn grid(&self) -> Grid {
        self.grid
    }

    /// The reward of `outcomes` (in the order of the log), or none while nothing has come of the decision.
    #[must_use]
    pub fn reward(&self, outcomes: &[Outcome]) -> Option<f64> {
        let mut verdict: Option<(i64, f64)> = None;
        let mut snoozes = 0_u32;
        let mut unanswered = false;
        for outcome in outcomes {
            match outcome {
                Outcome::Done { at_ms, after_ms, same_day } => {
                    // `>=`: among equal times the later in the log counts.
                    if verdict.is_none_or(|(latest, _)| *at_ms >= latest) {
                        verdict = Some((*at_ms, done_value(*after_ms, *same_day)));
                    }
                }
                Outcome::Dismissed { at_ms } => {
                    if verdict.is_none_or(|(latest, _)| *at_ms >= latest) {
                        verdict = Some((*at_ms, -0.3));
                    }
                }
                Outcome::Snoozed => snoozes += 1,
                Outcome::Unanswered => unanswered = true,
            }
        }
        match (verdict, snoozes, unanswered) {
            (Some((_, value)), _, _) => Some(value),
            (None, 3.., _) => Some(-0.15),
            (None, 1.., _) => Some(0.0),
            (None, 0, true) => Some(-0.05),
            (None, 0, false) => None,
        }
    }
}

fn done_value(after_ms: i64, same_day: bool) -> f64 {
    if after_ms <= 2 * HOUR_MS {
        1.0
    } else if same_day {
        0.7
    } else {
        0.4
    }
}
