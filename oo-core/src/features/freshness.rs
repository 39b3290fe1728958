//! Which kinds of signal may be used now: agreed to, heard, and recent enough.
//!
//! Each kind has a limit of its own, because a mood is old by the evening and a list of tasks is not. A kind that fails
//! is masked in the features, left out of prompts, and flagged; it is never an error.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::moment::{HOUR_MS, Moment};
use crate::signal::SignalKind;
use crate::user::UserState;

/// What a consent is while the person has not said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ConsentPolicy {
    /// Whether a kind counts as agreed to until the person says otherwise.
    pub default_granted: bool,
}

impl Default for ConsentPolicy {
    /// The library's default: the embedder asks its people.
    fn default() -> Self {
        ConsentPolicy { default_granted: true }
    }
}

impl ConsentPolicy {
    /// The reference server's default: denied until granted.
    #[must_use]
    pub const fn denied_until_granted() -> Self {
        ConsentPolicy { default_granted: false }
    }

    /// Whether the person agrees to `kind`.
    #[must_use]
    pub fn allows(&self, state: &UserState, kind: SignalKind) -> bool {
        state.consents.get(&kind).copied().unwrap_or(self.default_granted)
    }
}

/// For how long each kind of signal stays of use, in hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FreshnessLimits {
    /// Tasks, since the last signal about any of them.
    pub task_h: u32,
    /// Habits, since the last signal about any of them.
    pub habit_h: u32,
    /// The calendar, since the last signal about any entry.
    pub calendar_h: u32,
    /// The mood, since it was said.
    pub mood_h: u32,
    /// A named number, since it was said.
    pub context_h: u32,
}

impl Default for FreshnessLimits {
    fn default() -> Self {
        FreshnessLimits { task_h: 30 * 24, habit_h: 14 * 24, calendar_h: 7 * 24, mood_h: 12, context_h: 2 }
    }
}

impl FreshnessLimits {
    /// Checks the limits.
    ///
    /// # Errors
    /// `invalid_input` about a limit of 0 or of more than ten years.
    pub fn validate(&self) -> Result<()> {
        for kind in SignalKind::ALL {
            let hours = self.limit_ms(kind) / HOUR_MS;
            if !(1..=87_600).contains(&hours) {
                let field = format!("{}_h", kind.as_str());
                return Err(Error::invalid(
                    field,
                    "a freshness limit is 1 to 87600 hours; to leave a kind out, deny its consent",
                ));
            }
        }
        Ok(())
    }

    /// The limit of `kind` in milliseconds.
    #[must_use]
    pub fn limit_ms(&self, kind: SignalKind) -> i64 {
        let hours = match kind {
            SignalKind::Task => self.task_h,
            SignalKind::Habit => self.habit_h,
            SignalKind::Calendar => self.calendar_h,
            SignalKind::Mood => self.mood_h,
            SignalKind::Context => self.context_h,
        };
        i64::from(hours) * HOUR_MS
    }

    /// Whether something of `kind` that was said at `said_ms` is still of use. A clock that jumped back makes it fresh.
    #[must_use]
    pub fn is_fresh(&self, kind: SignalKind, said_ms: i64, now: &Moment) -> bool {
        now.at_ms.saturating_sub(said_ms) <= self.limit_ms(kind)
    }
}

/// Whether a kind of signal may be used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Freshness {
    /// Heard, and recent enough.
    Fresh,
    /// Heard, but too long ago.
    Stale,
    /// The person does not agree to it.
    Denied,
    /// Never heard.
    #[default]
    Absent,
}

/// The [`Freshness`] of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SignalFreshness([Freshness; SignalKind::ALL.len()]);

impl SignalFreshness {
    /// What may be used of `state` at `now`.
    #[must_use]
    pub fn of(state: &UserState, consent: ConsentPolicy, limits: &FreshnessLimits, now: &Moment) -> Self {
        SignalFreshness(SignalKind::ALL.map(|kind| {
            if !consent.allows(state, kind) {
                return Freshness::Denied;
            }
            match last_said(state, kind) {
                None => Freshness::Absent,
                Some(said_ms) if limits.is_fresh(kind, said_ms, now) => Freshness::Fresh,
                Some(_) => Freshness::Stale,
            }
        }))
    }

    /// The freshness of `kind`.
    #[must_use]
    pub fn get(&self, kind: SignalKind) -> Freshness {
        self.0[kind as usize]
    }

    /// Whether `kind` may be used.
    #[must_use]
    pub fn is_fresh(&self, kind: SignalKind) -> bool {
        self.get(kind) == Freshness::Fresh
    }
}

fn last_said(state: &UserState, kind: SignalKind) -> Option<i64> {
    match kind {
        SignalKind::Mood => state.mood.map(|mood| mood.at_ms),
        SignalKind::Context => state.contexts.values().map(|(_, said_ms)| *said_ms).max(),
        SignalKind::Task | SignalKind::Habit | SignalKind::Calendar => state.heard.get(&kind).copied(),
    }
}
