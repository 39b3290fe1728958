//! The parts of what is known of one person.

use crate::moment::DAY_MS;

/// The half-life of reaction rates, 14 days.
const RATE_HALF_LIFE_MS: f64 = 14.0 * DAY_MS as f64;

/// A count that halves every [`RATE_HALF_LIFE_MS`].
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Decayed {
    value: f64,
    at_ms: i64,
}

impl Decayed {
    /// The count at `now_ms`.
    #[must_use]
    pub fn at(&self, now_ms: i64) -> f64 {
        let age = now_ms.saturating_sub(self.at_ms).max(0) as f64;
        self.value * libm::exp2(-age / RATE_HALF_LIFE_MS)
    }

    /// Adds `amount` at `now_ms`.
    pub fn add(&mut self, now_ms: i64, amount: f64) {
        self.value = self.at(now_ms) + amount;
        self.at_ms = self.at_ms.max(now_ms);
    }
}

/// Decayed counts of what happened to tips.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rates {
    /// Tips shown.
    pub shown: Decayed,
    /// Tips done.
    pub done: Decayed,
    /// Tips snoozed.
    pub snooze: Decayed,
    /// Tips dismissed.
    pub dismiss: Decayed,
}

/// A habit.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HabitState {
    /// Days a week it is meant for.
    pub per_week: u8,
    /// Local days on which it was kept, ascending, the last 60 at most.
    pub done_days: Vec<i32>,
    /// When it was last heard of (Unix milliseconds).
    pub updated_ms: i64,
}

/// A calendar entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CalendarState {
    /// Begin (Unix milliseconds).
    pub start_ms: i64,
    /// End (Unix milliseconds).
    pub end_ms: i64,
    /// Whether the person is taken.
    pub busy: bool,
    /// Whether it spans whole days.
    pub all_day: bool,
}

/// The mood.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct MoodState {
    /// The last level, 1 to 5.
    pub level: f64,
    /// The last energy, 1 to 5.
    pub energy: Option<f64>,
    /// An exponential mean of the levels before the last (weight ½ each), for the trend.
    pub before: f64,
    /// When it was last said (Unix milliseconds).
    pub at_ms: i64,
}

/// What happened to one candidate.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct CandidateHistory {
    /// How often it was drawn.
    pub drawn: u32,
    /// When it was last drawn or shown (Unix milliseconds).
    pub shown_ms: i64,
    /// When it was last reacted to (Unix milliseconds); 0 for never.
    pub reacted_ms: i64,
    /// Until when it is snoozed (Unix milliseconds); 0 for not.
    pub snoozed_until_ms: i64,
    /// How often it was dismissed.
    pub dismissed: u32,
    /// Whether the person said never.
    pub denied: bool,
}
