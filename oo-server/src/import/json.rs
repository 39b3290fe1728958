//! JSON lines: one signal a line, in the form that `POST /api/signals` takes.
//!
//! A field that is not known is an error of its line, so that a misspelt one is never silence. A line without a
//! `signal_id` gets one from source name + line + ordinal among equal lines: two equal moods in a file are two moods,
//! and the same file imported twice is one.

use oo_core::error::{Error, Result};
use oo_core::moment::{parse_date, parse_rfc3339};
use oo_core::signal::{
    CalendarSignal, ContextSignal, Due, HabitEvent, HabitSignal, MoodSignal, Signal, SignalBody, TaskSignal, TaskStatus,
};
use serde::Deserialize;

use super::detect::refused;
use super::{Collector, Source, derived_id};

/// The longest line that is read, in bytes.
const MAX_LINE: usize = 1024 * 1024;

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Wire {
    Task(WireTask),
    Habit(WireHabit),
    Calendar(WireCalendar),
    Mood(WireMood),
    Context(WireContext),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireTask {
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
    signal_id: Option<String>,
    at: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireHabit {
    id: String,
    #[serde(default)]
    name: String,
    per_week: Option<u8>,
    #[serde(default)]
    event: HabitEvent,
    signal_id: Option<String>,
    at: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireCalendar {
    id: String,
    #[serde(default)]
    title: String,
    start: String,
    end: String,
    #[serde(default = "yes")]
    busy: bool,
    #[serde(default)]
    all_day: bool,
    #[serde(default)]
    cancelled: bool,
    signal_id: Option<String>,
    at: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireMood {
    level: f64,
    energy: Option<f64>,
    note: Option<String>,
    signal_id: Option<String>,
    at: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireContext {
    name: String,
    value: f64,
    signal_id: Option<String>,
    at: Option<String>,
}

fn yes() -> bool {
    true
}

/// Reads one signal from its JSON form.
///
/// # Errors
/// `invalid_input` when it is not JSON, has a wrong, missing or unknown field, or a value out of range.
pub fn signal_from_json(text: &str) -> Result<Signal> {
    let wire: Wire = serde_json::from_str(text).map_err(|error| {
        Error::invalid("signal", format!("{error}; correct the signal, see the data model for its fields"))
    })?;
    let (body, signal_id, at) = match wire {
        Wire::Task(task) => (
            SignalBody::Task(TaskSignal {
                id: task.id,
                title: task.title,
                notes: task.notes,
                due: task.due.as_deref().map(due).transpose()?,
                priority: task.priority,
                effort_min: task.effort_min,
                status: task.status,
                created_ms: instant("created", task.created.as_deref())?,
            }),
            task.signal_id,
            task.at,
        ),
        Wire::Habit(habit) => (
            SignalBody::Habit(HabitSignal {
                id: habit.id,
                name: habit.name,
                per_week: habit.per_week,
                event: habit.event,
            }),
            habit.signal_id,
            habit.at,
        ),
        Wire::Calendar(entry) => (
            SignalBody::Calendar(CalendarSignal {
                id: entry.id,
                title: entry.title,
                start_ms: parse_rfc3339("start", &entry.start)?,
                end_ms: parse_rfc3339("end", &entry.end)?,
                busy: entry.busy,
                all_day: entry.all_day,
                cancelled: entry.cancelled,
            }),
            entry.signal_id,
            entry.at,
        ),
        Wire::Mood(mood) => (
            SignalBody::Mood(MoodSignal { level: mood.level, energy: mood.energy, note: mood.note }),
            mood.signal_id,
            mood.at,
        ),
        Wire::Context(context) => (
            SignalBody::Context(ContextSignal { name: context.name, value: context.value }),
            context.signal_id,
            context.at,
        ),
    };
    let signal = Signal { body, signal_id, at_ms: instant("at", at.as_deref())? };
    signal.validate()?;
    Ok(signal)
}

fn due(text: &str) -> Result<Due> {
    if text.len() == 10 { parse_date("due", text).map(Due::Day) } else { parse_rfc3339("due", text).map(Due::At) }
}

fn instant(field: &str, text: Option<&str>) -> Result<Option<i64>> {
    text.map(|text| parse_rfc3339(field, text)).transpose()
}

/// Reads the signals of a file.
pub(super) fn read(source: &Source<'_>, text: &[u8], out: &mut Collector<'_>) -> Result<()> {
    let mut offset = 0u64;
    let mut not_utf8 = 0u64;
    for (line, bytes) in (1u64..).zip(text.split(|&byte| byte == b'\n')) {
        (out.progress)(offset);
        offset += bytes.len() as u64 + 1;
        let bytes = bytes.trim_ascii();
        if bytes.is_empty() {
            continue;
        }
        out.report.rows += 1;
        if bytes.len() > MAX_LINE {
            out.skip(line, "the line has more than 1 MB; a signal is small");
            continue;
        }
        let Ok(json) = std::str::from_utf8(bytes) else {
            not_utf8 += 1;
            out.skip(line, "the line is not UTF-8 text; write the file as UTF-8");
            continue;
        };
        match signal_from_json(json) {
            Ok(mut signal) => {
                if signal.signal_id.is_none() {
                    let parts: [&[u8]; 3] = [b"line", source.base_name().as_bytes(), bytes];
                    let ordinal = out.ordinal(&parts).to_le_bytes();
                    signal.signal_id = Some(derived_id("oo.import.line.v1", &[parts[1], parts[2], &ordinal]));
                }
                out.accept(line, signal);
            }
            Err(error) => {
                let field = error.field().unwrap_or("signal").to_owned();
                out.skip(line, format!("{field}: {}", error.message()));
            }
        }
    }
    if not_utf8 > 1 && not_utf8 * 2 > out.report.rows {
        return Err(refused("most of the file is not UTF-8 text; write it as UTF-8 and import that"));
    }
    Ok(())
}
