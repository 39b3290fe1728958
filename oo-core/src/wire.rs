//! The JSON form of signals and candidates: one for Python, Node, HTTP, JSON lines and conformance cases.
//!
//! Unknown fields are an error, so that a misspelt name is never silence.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::candidate::{TimeOfDay, TipCandidate, TipKind};
use crate::error::{Error, Result};
use crate::moment::{parse_date, parse_rfc3339};
use crate::signal::{
    CalendarSignal, ContextSignal, Due, HabitEvent, HabitSignal, MoodSignal, Signal, SignalBody, TaskSignal, TaskStatus,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Task {
    #[serde(rename = "kind")]
    _kind: String,
    signal_id: Option<String>,
    at: Option<String>,
    id: String,
    #[serde(default)]
    title: String,
    notes: Option<String>,
    due: Option<String>,
    priority: Option<u8>,
    effort_min: Option<u32>,
    #[serde(default)]
    status: TaskStatus,
    created: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Habit {
    #[serde(rename = "kind")]
    _kind: String,
    signal_id: Option<String>,
    at: Option<String>,
    id: String,
    #[serde(default)]
    name: String,
    per_week: Option<u8>,
    #[serde(default)]
    event: HabitEvent,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Calendar {
    #[serde(rename = "kind")]
    _kind: String,
    signal_id: Option<String>,
    at: Option<String>,
    id: String,
    #[serde(default)]
    title: String,
    start: String,
    end: String,
    busy: Option<bool>,
    #[serde(default)]
    all_day: bool,
    #[serde(default)]
    cancelled: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Mood {
    #[serde(rename = "kind")]
    _kind: String,
    signal_id: Option<String>,
    at: Option<String>,
    level: f64,
    energy: Option<f64>,
    note: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Context {
    #[serde(rename = "kind")]
    _kind: String,
    signal_id: Option<String>,
    at: Option<String>,
    name: String,
    value: f64,
}

/// Reads a signal from its JSON text.
///
/// # Errors
/// `invalid_input` when it is not JSON, names no kind, has an unknown or missing field, or fails [`Signal::validate`].
pub fn signal_from_json(text: &str) -> Result<Signal> {
    let value: serde_json::Value =
        serde_json::from_str(text).map_err(|error| Error::invalid("signal", format!("not JSON: {error}")))?;
    signal_from_value(value)
}

/// Reads a signal from a JSON value.
///
/// # Errors
/// As [`signal_from_json`].
pub fn signal_from_value(value: serde_json::Value) -> Result<Signal> {
    let kind = value.get("kind").and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
    let (body, signal_id, at) = match kind.as_str() {
        "task" => {
            let wire: Task = fields(value)?;
            let task = TaskSignal {
                id: wire.id,
                title: wire.title,
                notes: wire.notes,
                due: wire.due.as_deref().map(due).transpose()?,
                priority: wire.priority,
                effort_min: wire.effort_min,
                status: wire.status,
                created_ms: instant("created", wire.created.as_deref())?,
            };
            (SignalBody::Task(task), wire.signal_id, wire.at)
        }
        "habit" => {
            let wire: Habit = fields(value)?;
            let habit = HabitSignal { id: wire.id, name: wire.name, per_week: wire.per_week, event: wire.event };
            (SignalBody::Habit(habit), wire.signal_id, wire.at)
        }
        "calendar" => {
            let wire: Calendar = fields(value)?;
            let entry = CalendarSignal {
                id: wire.id,
                title: wire.title,
                start_ms: parse_rfc3339("start", &wire.start)?,
                end_ms: parse_rfc3339("end", &wire.end)?,
                busy: wire.busy.unwrap_or(true),
                all_day: wire.all_day,
                cancelled: wire.cancelled,
            };
            (SignalBody::Calendar(entry), wire.signal_id, wire.at)
        }
        "mood" => {
            let wire: Mood = fields(value)?;
            (
                SignalBody::Mood(MoodSignal { level: wire.level, energy: wire.energy, note: wire.note }),
                wire.signal_id,
                wire.at,
            )
        }
        "context" => {
            let wire: Context = fields(value)?;
            (SignalBody::Context(ContextSignal { name: wire.name, value: wire.value }), wire.signal_id, wire.at)
        }
        _ => {
            let shown: String = kind.chars().take(32).collect();
            return Err(Error::invalid(
                "kind",
                format!("{shown:?} is no signal kind; use task, habit, calendar, mood or context"),
            ));
        }
    };
    let signal = Signal { body, signal_id, at_ms: instant("at", at.as_deref())? };
    signal.validate()?;
    Ok(signal)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Candidate {
    id: String,
    content: String,
    kind: Option<String>,
    category: Option<String>,
    due: Option<String>,
    expires: Option<String>,
    effort_min: Option<u32>,
    priority: Option<u8>,
    #[serde(default)]
    times: Vec<TimeOfDay>,
    #[serde(default)]
    features: BTreeMap<String, serde_json::Value>,
}

/// Reads a candidate: `id` and `content`, and perhaps `kind`, `category`, `due`, `expires`, `effort_min`,
/// `priority`, `times` and `features`.
///
/// ```
/// let json = serde_json::json!({"id": "w1", "content": "Walk to the park", "times": ["evening"]});
/// assert_eq!(oo_core::wire::candidate_from_value(json)?.words, 4);
/// # Ok::<(), oo_core::Error>(())
/// ```
///
/// # Errors
/// `invalid_input` for an unknown or missing field, or what [`TipCandidate::validate`] refuses.
pub fn candidate_from_value(value: serde_json::Value) -> Result<TipCandidate> {
    let wire: Candidate = serde_json::from_value(value)
        .map_err(|error| Error::invalid("candidates", format!("{error}; a candidate is {{\"id\", \"content\", …}}")))?;
    let made = match wire.kind.as_deref().map(TipKind::parse).transpose()? {
        Some(TipKind::Todo) => TipCandidate::todo(wire.id, wire.content),
        Some(TipKind::Advice) | None => TipCandidate::advice(wire.id, wire.content),
    };
    let feature = |(name, value): (String, serde_json::Value)| {
        // Yes and no are 1 and 0.
        let number = value.as_f64().or_else(|| value.as_bool().map(|flag| f64::from(u8::from(flag))));
        let wrong = || Error::invalid(&*name, "a feature is a number; leave it out when it is unknown");
        number.ok_or_else(wrong).map(|number| (name.as_str().into(), number))
    };
    let candidate = TipCandidate {
        category: wire.category.unwrap_or_else(|| made.category.clone()),
        due: wire.due.as_deref().map(due).transpose()?,
        expires_ms: instant("expires", wire.expires.as_deref())?,
        effort_min: wire.effort_min,
        priority: wire.priority,
        times: wire.times,
        features: wire.features.into_iter().map(feature).collect::<Result<_>>()?,
        ..made
    };
    candidate.validate()?;
    Ok(candidate)
}

/// Reads a due time: an ISO date or an RFC 3339 instant.
///
/// # Errors
/// `invalid_input` when it is neither.
pub fn due(text: &str) -> Result<Due> {
    if text.len() <= 10 { parse_date("due", text).map(Due::Day) } else { parse_rfc3339("due", text).map(Due::At) }
}

fn instant(field: &str, text: Option<&str>) -> Result<Option<i64>> {
    text.map(|text| parse_rfc3339(field, text)).transpose()
}

fn fields<T: serde::de::DeserializeOwned>(value: serde_json::Value) -> Result<T> {
    serde_json::from_value(value)
        .map_err(|error| Error::invalid("signal", format!("{error}; see the signal's fields in the documentation")))
}
