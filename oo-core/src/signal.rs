//! Signals of a life: what an embedder tells oO about a person.
//!
//! A [`Signal`] is what comes in at the door, with its texts. [`Signal::validate`] refuses what cannot be true; ingest
//! then derives a [`SignalFact`](crate::event::SignalFact), which has none of the texts, and seals the texts apart.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::text::checked_text;

/// The five kinds of signal; consent and freshness are per kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignalKind {
    /// Things to do.
    Task,
    /// Things done again and again.
    Habit,
    /// Where the hours are already promised.
    Calendar,
    /// How the person says they are.
    Mood,
    /// Anything else that is known of the moment.
    Context,
}

impl SignalKind {
    /// Every kind, in order.
    pub const ALL: [SignalKind; 5] =
        [SignalKind::Task, SignalKind::Habit, SignalKind::Calendar, SignalKind::Mood, SignalKind::Context];

    /// The kind's stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            SignalKind::Task => "task",
            SignalKind::Habit => "habit",
            SignalKind::Calendar => "calendar",
            SignalKind::Mood => "mood",
            SignalKind::Context => "context",
        }
    }

    /// The kind named `text`.
    ///
    /// # Errors
    /// `invalid_input` when there is no such kind.
    pub fn parse(text: &str) -> Result<Self> {
        SignalKind::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or_else(|| {
            let shown: String = text.chars().take(32).collect();
            Error::invalid("kind", format!("{shown:?} is no signal kind; use task, habit, calendar, mood or context"))
        })
    }
}

/// One thing that is known of a person, as the caller gives it.
#[derive(Clone, PartialEq)]
pub struct Signal {
    /// What is known.
    pub body: SignalBody,
    /// The caller's id of this message: sending it twice changes nothing. Without one, a fresh id is made.
    pub signal_id: Option<String>,
    /// When it happened (Unix milliseconds); now, when absent.
    pub at_ms: Option<i64>,
}
crate::debug_without_texts!(Signal { body, at_ms });

/// The content of a [`Signal`].
#[derive(Clone, Debug, PartialEq)]
pub enum SignalBody {
    /// A thing to do.
    Task(TaskSignal),
    /// A habit, or one time it was kept.
    Habit(HabitSignal),
    /// An entry of the calendar.
    Calendar(CalendarSignal),
    /// A mood.
    Mood(MoodSignal),
    /// A named number of the moment.
    Context(ContextSignal),
}

/// Where a task stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskStatus {
    /// Still to do.
    #[default]
    Open,
    /// Done: a tip that offered it counts as done.
    Done,
    /// Gone without being done.
    Deleted,
}

/// When something is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// On a calendar day (days since 1970-01-01), at any hour of it.
    Day(i32),
    /// At an instant (Unix milliseconds).
    At(i64),
}

/// A thing to do. The last signal of an id stands.
#[derive(Clone, Default, PartialEq)]
pub struct TaskSignal {
    /// The caller's id of the task.
    pub id: String,
    /// What to do, in the person's words; sealed, never in the log.
    pub title: String,
    /// More words; sealed, never in the log.
    pub notes: Option<String>,
    /// When it is due.
    pub due: Option<Due>,
    /// 1 (most urgent) to 4 (least); 4 when absent.
    pub priority: Option<u8>,
    /// How many minutes it takes, 1..=1440.
    pub effort_min: Option<u32>,
    /// Where it stands.
    pub status: TaskStatus,
    /// When the task was made (Unix milliseconds); the signal's time when absent.
    pub created_ms: Option<i64>,
}
crate::debug_without_texts!(TaskSignal { due, priority, effort_min, status, created_ms });

/// What happened to a habit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HabitEvent {
    /// It exists, or its plan changed.
    #[default]
    Defined,
    /// It was kept once.
    Done,
    /// It is no longer one.
    Deleted,
}

/// A habit, or one time it was kept.
#[derive(Clone, Default, PartialEq)]
pub struct HabitSignal {
    /// The caller's id of the habit.
    pub id: String,
    /// Its name; sealed, never in the log. Needed when the habit is defined.
    pub name: String,
    /// How many days a week it is meant for, 1..=7; 7 when absent.
    pub per_week: Option<u8>,
    /// What happened.
    pub event: HabitEvent,
}
crate::debug_without_texts!(HabitSignal { per_week, event });

/// An entry of the calendar. The last signal of an id stands.
#[derive(Clone, Default, PartialEq)]
pub struct CalendarSignal {
    /// The caller's id of the entry.
    pub id: String,
    /// Its title; sealed, never in the log.
    pub title: String,
    /// When it begins (Unix milliseconds).
    pub start_ms: i64,
    /// When it ends (Unix milliseconds), after the start.
    pub end_ms: i64,
    /// Whether the person is taken then.
    pub busy: bool,
    /// Whether it spans whole days; such an entry does not make a person busy.
    pub all_day: bool,
    /// Whether it will not take place.
    pub cancelled: bool,
}
crate::debug_without_texts!(CalendarSignal { start_ms, end_ms, busy, all_day, cancelled });

/// A mood.
#[derive(Clone, Default, PartialEq)]
pub struct MoodSignal {
    /// 1 (low) to 5 (high).
    pub level: f64,
    /// 1 (tired) to 5 (awake).
    pub energy: Option<f64>,
    /// A note; sealed, never in the log.
    pub note: Option<String>,
}
crate::debug_without_texts!(MoodSignal { level, energy });

/// A named number of the moment. The name must be one that the engine's feature schema declares.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ContextSignal {
    /// The declared name, such as `at_home`.
    pub name: String,
    /// Its value, inside the declared range.
    pub value: f64,
}

impl From<SignalBody> for Signal {
    fn from(body: SignalBody) -> Self {
        Signal { body, signal_id: None, at_ms: None }
    }
}

impl Signal {
    /// A task.
    #[must_use]
    pub fn task(id: impl Into<String>, title: impl Into<String>) -> Self {
        SignalBody::Task(TaskSignal { id: id.into(), title: title.into(), ..TaskSignal::default() }).into()
    }

    /// A habit that is meant for `per_week` days a week.
    #[must_use]
    pub fn habit(id: impl Into<String>, name: impl Into<String>, per_week: u8) -> Self {
        SignalBody::Habit(HabitSignal {
            id: id.into(),
            name: name.into(),
            per_week: Some(per_week),
            event: HabitEvent::Defined,
        })
        .into()
    }

    /// A habit that was kept once.
    #[must_use]
    pub fn habit_done(id: impl Into<String>) -> Self {
        SignalBody::Habit(HabitSignal { id: id.into(), event: HabitEvent::Done, ..HabitSignal::default() }).into()
    }

    /// A busy calendar entry between two instants (Unix milliseconds).
    #[must_use]
    pub fn calendar(id: impl Into<String>, title: impl Into<String>, start_ms: i64, end_ms: i64) -> Self {
        SignalBody::Calendar(CalendarSignal {
            id: id.into(),
            title: title.into(),
            start_ms,
            end_ms,
            busy: true,
            ..CalendarSignal::default()
        })
        .into()
    }

    /// A mood of `level` 1 (low) to 5 (high).
    #[must_use]
    pub fn mood(level: f64) -> Self {
        SignalBody::Mood(MoodSignal { level, ..MoodSignal::default() }).into()
    }

    /// A named number of the moment.
    #[must_use]
    pub fn context(name: impl Into<String>, value: f64) -> Self {
        SignalBody::Context(ContextSignal { name: name.into(), value }).into()
    }

    /// The same signal under the caller's message id.
    #[must_use]
    pub fn with_id(mut self, signal_id: impl Into<String>) -> Self {
        self.signal_id = Some(signal_id.into());
        self
    }

    /// The same signal, at an instant (Unix milliseconds) other than now.
    #[must_use]
    pub fn at(mut self, at_ms: i64) -> Self {
        self.at_ms = Some(at_ms);
        self
    }

    /// The same task with a due time; other kinds stay as they are.
    #[must_use]
    pub fn due(mut self, due: Due) -> Self {
        if let SignalBody::Task(task) = &mut self.body {
            task.due = Some(due);
        }
        self
    }

    /// The same task with a priority, 1 (most urgent) to 4; other kinds stay as they are.
    #[must_use]
    pub fn priority(mut self, priority: u8) -> Self {
        if let SignalBody::Task(task) = &mut self.body {
            task.priority = Some(priority);
        }
        self
    }

    /// The same task in another status; other kinds stay as they are.
    #[must_use]
    pub fn status(mut self, status: TaskStatus) -> Self {
        if let SignalBody::Task(task) = &mut self.body {
            task.status = status;
        }
        self
    }

    /// The signal's kind.
    #[must_use]
    pub fn kind(&self) -> SignalKind {
        match &self.body {
            SignalBody::Task(_) => SignalKind::Task,
            SignalBody::Habit(_) => SignalKind::Habit,
            SignalBody::Calendar(_) => SignalKind::Calendar,
            SignalBody::Mood(_) => SignalKind::Mood,
            SignalBody::Context(_) => SignalKind::Context,
        }
    }

    /// Checks ranges, ids and texts; a context name is checked against the schema by ingest.
    ///
    /// # Errors
    /// `invalid_input` about the first field that is wrong.
    pub fn validate(&self) -> Result<()> {
        if let Some(id) = &self.signal_id {
            checked_id("signal_id", id)?;
        }
        if let Some(at) = self.at_ms {
            checked_instant("at", at)?;
        }
        match &self.body {
            SignalBody::Task(task) => {
                checked_id("id", &task.id)?;
                checked_text("title", &task.title, 2_000, task.status != TaskStatus::Open)?;
                checked_text("notes", task.notes.as_deref().unwrap_or(""), 20_000, true)?;
                in_range("priority", task.priority.map(f64::from), 1.0, 4.0)?;
                in_range("effort_min", task.effort_min.map(f64::from), 1.0, 1440.0)?;
                match task.due {
                    Some(Due::At(at)) => checked_instant("due", at)?,
                    Some(Due::Day(day)) => checked_instant("due", i64::from(day) * crate::moment::DAY_MS)?,
                    None => {}
                }
                task.created_ms.map_or(Ok(()), |at| checked_instant("created", at))
            }
            SignalBody::Habit(habit) => {
                checked_id("id", &habit.id)?;
                checked_text("name", &habit.name, 500, habit.event != HabitEvent::Defined)?;
                in_range("per_week", habit.per_week.map(f64::from), 1.0, 7.0)
            }
            SignalBody::Calendar(entry) => {
                checked_id("id", &entry.id)?;
                checked_text("title", &entry.title, 2_000, true)?;
                checked_instant("start", entry.start_ms)?;
                checked_instant("end", entry.end_ms)?;
                if entry.end_ms < entry.start_ms {
                    return Err(Error::invalid("end", "the entry ends before it starts; swap start and end"));
                }
                Ok(())
            }
            SignalBody::Mood(mood) => {
                in_range("level", Some(mood.level), 1.0, 5.0)?;
                in_range("energy", mood.energy, 1.0, 5.0)?;
                checked_text("note", mood.note.as_deref().unwrap_or(""), 20_000, true)
            }
            SignalBody::Context(context) => {
                checked_id("name", &context.name)?;
                if !context.value.is_finite() {
                    return Err(Error::invalid(
                        "value",
                        "the value must be a finite number; leave the signal out when it is unknown",
                    ));
                }
                Ok(())
            }
        }
    }
}

/// An id a caller gave: 1..=256 bytes, no control characters.
///
/// # Errors
/// `invalid_input` about `field` otherwise.
pub fn checked_id(field: &str, id: &str) -> Result<()> {
    if id.is_empty() || id.len() > 256 {
        return Err(Error::invalid(field, "an id has 1 to 256 bytes; shorten it or pass a hash of it"));
    }
    if id.chars().any(char::is_control) {
        return Err(Error::invalid(field, "an id must not hold control characters; strip them"));
    }
    Ok(())
}

/// An instant between the years 1900 and 2200, in Unix milliseconds.
///
/// # Errors
/// `invalid_input` about `field` otherwise.
pub fn checked_instant(field: &str, at_ms: i64) -> Result<()> {
    if (-2_208_988_800_000..7_258_118_400_000).contains(&at_ms) {
        Ok(())
    } else {
        Err(Error::invalid(field, "the time lies outside the years 1900 to 2200; pass Unix milliseconds, not seconds"))
    }
}

fn in_range(field: &str, value: Option<f64>, low: f64, high: f64) -> Result<()> {
    match value {
        Some(value) if !(low..=high).contains(&value) => {
            Err(Error::invalid(field, format!("{value} is outside {low} to {high}; correct it or leave it out")))
        }
        _ => Ok(()),
    }
}
