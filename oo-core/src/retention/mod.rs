//! Retention: what of a person has been held for long enough, or rests on a consent that was taken back.
//!
//! Both are plans over one person's events, pure functions of the log. Where a decision's time is up, the events around
//! it go and each lesson it gave stays at its place ([`LessonFact`]), so whoever folds the log learns the same lessons in
//! the same order and arrives at the same bits. Where a consent is taken back, what rested on it goes whole, and its
//! lessons are subtracted.

mod trim;

use std::sync::Arc;

use crate::candidate::ArmKey;
use crate::error::{Error, Result};
use crate::event::{Event, EventBody};
use crate::id::{DecisionId, Pseudonym};
use crate::lesson::Lesson;
use crate::moment::DAY_MS;
use crate::schema::SchemaHash;
use crate::signal::SignalKind;

pub use trim::{Folded, Trim};

/// The least days for which decisions are held: a reward can be revised for 7 days after the tip was last shown, and the
/// timers that follow take another.
pub const LEAST_DECISION_DAYS: u32 = 9;

/// For how many days what is held; none is for ever.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Tasks.
    pub task: Option<u32>,
    /// Habits.
    pub habit: Option<u32>,
    /// Calendar entries.
    pub calendar: Option<u32>,
    /// Moods.
    pub mood: Option<u32>,
    /// Named numbers of the moment.
    pub context: Option<u32>,
    /// Decisions with what came of them, choices of named bandits included.
    pub decision: Option<u32>,
}

impl Limits {
    /// Checks the numbers.
    ///
    /// # Errors
    /// `invalid_input` for a limit that is too short.
    pub fn validate(&self) -> Result<()> {
        for kind in SignalKind::ALL {
            if self.of(kind) == Some(0) {
                let field = format!("retain_{}_days", kind.as_str());
                return Err(Error::invalid(
                    &field,
                    "hold it for one day at least, or leave it out to hold it for ever",
                ));
            }
        }
        match self.decision {
            Some(days) if days < LEAST_DECISION_DAYS => Err(Error::invalid(
                "retain_decision_days",
                format!("decisions can be revised for a week; hold them for {LEAST_DECISION_DAYS} days at least"),
            )),
            _ => Ok(()),
        }
    }

    /// Whether everything is held for ever.
    #[must_use]
    pub fn is_off(&self) -> bool {
        *self == Limits::default()
    }

    /// The limit of signals of `kind`.
    #[must_use]
    pub const fn of(&self, kind: SignalKind) -> Option<u32> {
        match kind {
            SignalKind::Task => self.task,
            SignalKind::Habit => self.habit,
            SignalKind::Calendar => self.calendar,
            SignalKind::Mood => self.mood,
            SignalKind::Context => self.context,
        }
    }

    /// The limit of an event, in days; none for what is held for ever.
    #[must_use]
    pub fn days(&self, body: &EventBody) -> Option<u32> {
        match body {
            EventBody::Signal(fact) => self.of(fact.kind()),
            // A reward and a lesson are what stays of their decision.
            EventBody::Reward(_) | EventBody::Lesson(_) => None,
            body => body.decision().and(self.decision),
        }
    }

    /// Whether the time of `event` is up at `now_ms`.
    #[must_use]
    pub fn is_past(&self, event: &Event, now_ms: i64) -> bool {
        self.days(&event.body).is_some_and(|days| event.recorded_ms < now_ms.saturating_sub(i64::from(days) * DAY_MS))
    }
}

/// The lesson of a decision that is gone.
#[derive(Clone, Debug, PartialEq)]
pub struct LessonFact {
    /// The decision.
    pub decision: DecisionId,
    /// The schema of `x`.
    pub schema: SchemaHash,
    /// The drawn candidate's features as grid integers.
    pub x: Arc<[i16]>,
    /// The drawn candidate's arm.
    pub arm: ArmKey,
    /// The logged probability of the drawn candidate.
    pub propensity: f64,
    /// What the decision would have shown on average, where it could have done nothing.
    pub centre: Option<Arc<[i16]>>,
    /// The reward as a grid integer.
    pub reward: i16,
    /// The reward this one replaces.
    pub replaces: Option<i16>,
    /// The UTC day of the decision.
    pub day: i32,
    /// The kinds of signal that were known when it was decided.
    pub heard: Vec<SignalKind>,
}

impl LessonFact {
    /// What is left of `lesson`, over `schema`, of a decision for which signals of the kinds `heard` were known.
    #[must_use]
    pub fn new(lesson: &Lesson, schema: SchemaHash, heard: Vec<SignalKind>) -> Self {
        LessonFact {
            decision: lesson.decision,
            schema,
            x: lesson.x.clone(),
            arm: lesson.arm.clone(),
            propensity: lesson.propensity,
            centre: lesson.centre.clone(),
            reward: lesson.reward,
            replaces: lesson.replaces,
            day: lesson.day,
            heard,
        }
    }

    /// The lesson, of `person`.
    #[must_use]
    pub fn lesson(&self, person: Option<Pseudonym>) -> Lesson {
        Lesson {
            decision: self.decision,
            x: self.x.clone(),
            arm: self.arm.clone(),
            person,
            propensity: self.propensity,
            centre: self.centre.clone(),
            reward: self.reward,
            replaces: self.replaces,
            day: self.day,
        }
    }
}

/// That part of what was held of a person is gone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrimmedFact {
    /// The kinds whose consent was taken back; none where time was up.
    pub withdrawn: Vec<SignalKind>,
    /// The epoch that starts here, where lessons were subtracted.
    pub epoch: Option<u32>,
}
