//! A signal's part of a line.

use oo_core::Result;
use oo_core::event::{SignalFact, TaskFact};
use oo_core::id::hex;
use oo_core::moment::rfc3339;
use oo_core::signal::{HabitEvent, TaskStatus};
use oo_core::text::TEXT_BUCKETS;
use serde::{Deserialize, Serialize};

use super::parse;

/// A signal as the log keeps it: numbers, and HMACs in place of ids.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum SignalLine {
    /// A thing to do.
    Task {
        /// HMAC of the caller's id.
        key: String,
        /// HMAC of the title.
        content_hash: String,
        /// Where it stands.
        status: TaskStatus,
        /// When it is due: the instant; for a date the end of that local day.
        due: Option<String>,
        /// The local day it is due on.
        due_day: Option<i32>,
        /// Whether it is due at an instant rather than on a date.
        due_timed: bool,
        /// 1 (most urgent) to 4.
        priority: u8,
        /// Minutes it takes; 0 when unknown.
        effort_min: u32,
        /// When it was made.
        created: String,
        /// Hashed features of the title.
        text_features: [i8; TEXT_BUCKETS],
        /// The version of that derivation.
        text_version: u32,
        /// The title's length in words.
        words: u32,
    },
    /// A habit, or one time it was kept.
    Habit {
        /// HMAC of the caller's id.
        key: String,
        /// Days a week it is meant for.
        per_week: u8,
        /// What happened to it.
        event_kind: HabitEvent,
    },
    /// A calendar entry.
    Calendar {
        /// HMAC of the caller's id.
        key: String,
        /// Its begin.
        start: String,
        /// Its end.
        end: String,
        /// Whether the person is taken.
        busy: bool,
        /// Whether it spans whole days.
        all_day: bool,
        /// Whether it will not take place.
        cancelled: bool,
    },
    /// A mood.
    Mood {
        /// 1 (low) to 5 (high).
        level: f64,
        /// 1 (tired) to 5 (awake).
        energy: Option<f64>,
    },
    /// A named number.
    Context {
        /// The name that the schema declares.
        name: String,
        /// Its value.
        value: f64,
    },
}

impl SignalLine {
    pub(super) fn new(fact: &SignalFact) -> Self {
        match fact {
            SignalFact::Task(task) => SignalLine::Task {
                key: hex(&task.key.0),
                content_hash: hex(&task.content_hash.0),
                status: task.status,
                due: task.due_ms.map(rfc3339),
                due_day: task.due_day,
                due_timed: task.due_timed,
                priority: task.priority,
                effort_min: task.effort_min,
                created: rfc3339(task.created_ms),
                text_features: task.text,
                text_version: task.text_version,
                words: task.words,
            },
            SignalFact::Habit { key, per_week, event } => {
                SignalLine::Habit { key: hex(&key.0), per_week: *per_week, event_kind: *event }
            }
            SignalFact::Calendar { key, start_ms, end_ms, busy, all_day, cancelled } => SignalLine::Calendar {
                key: hex(&key.0),
                start: rfc3339(*start_ms),
                end: rfc3339(*end_ms),
                busy: *busy,
                all_day: *all_day,
                cancelled: *cancelled,
            },
            SignalFact::Mood { level, energy } => SignalLine::Mood { level: *level, energy: *energy },
            SignalFact::Context { name, value } => SignalLine::Context { name: name.to_string(), value: *value },
        }
    }

    pub(super) fn to_fact(&self) -> Result<SignalFact> {
        Ok(match self {
            SignalLine::Task {
                key,
                content_hash,
                status,
                due,
                due_day,
                due_timed,
                priority,
                effort_min,
                created,
                text_features,
                text_version,
                words,
            } => SignalFact::Task(TaskFact {
                key: parse::item("key", key)?,
                content_hash: parse::item("content_hash", content_hash)?,
                status: *status,
                due_ms: parse::maybe_instant("due", due.as_deref())?,
                due_day: *due_day,
                due_timed: *due_timed,
                priority: *priority,
                effort_min: *effort_min,
                created_ms: parse::instant("created", created)?,
                text: *text_features,
                text_version: *text_version,
                words: *words,
            }),
            SignalLine::Habit { key, per_week, event_kind } => {
                SignalFact::Habit { key: parse::item("key", key)?, per_week: *per_week, event: *event_kind }
            }
            SignalLine::Calendar { key, start, end, busy, all_day, cancelled } => SignalFact::Calendar {
                key: parse::item("key", key)?,
                start_ms: parse::instant("start", start)?,
                end_ms: parse::instant("end", end)?,
                busy: *busy,
                all_day: *all_day,
                cancelled: *cancelled,
            },
            SignalLine::Mood { level, energy } => SignalFact::Mood { level: *level, energy: *energy },
            SignalLine::Context { name, value } => SignalFact::Context { name: name.as_str().into(), value: *value },
        })
    }
}
