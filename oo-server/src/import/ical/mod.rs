//! iCalendar (RFC 5545): events as calendar signals, to-dos as tasks.
//!
//! [`chunks`](chunk) cuts the file into components and keeps only the properties that are needed: descriptions,
//! attendees, organisers and places are gone before anything is parsed. `calcard` parses each; [`entry`] reads it;
//! [`series`] brings the parts of one UID together and unfolds its occurrences inside the window.
//!
//! An occurrence is known by UID + the instant the rule gives it, so that an occurrence that was moved, or that was
//! struck out later, replaces the one that was imported before.

use std::collections::BTreeMap;

use oo_core::error::Result;
use oo_core::signal::{Signal, SignalBody, TaskSignal, TaskStatus};
use oo_core::text::display_text;

use super::detect::refused;
use super::{Collector, Source, derived_id};
use chunk::{Chunks, Kind};
use entry::Entry;
use zones::ZoneBook;

mod chunk;
mod entry;
mod recur;
mod series;
mod zones;

/// Reads the events and to-dos of a calendar.
pub(super) fn read(source: &Source<'_>, text: &[u8], out: &mut Collector<'_>) -> Result<()> {
    let mut zones = ZoneBook::new(source.zone);
    let mut is_calendar = false;
    for chunk in Chunks::new(text) {
        is_calendar = true;
        if let (Kind::Zone, Ok(text)) = (chunk.kind, &chunk.text) {
            zones.define(text);
        }
    }
    if !is_calendar && !text.windows(15).any(|part| part.eq_ignore_ascii_case(b"BEGIN:VCALENDAR")) {
        return Err(refused("the file holds no BEGIN:VCALENDAR; export the calendar again as iCalendar (.ics)"));
    }
    let mut events: BTreeMap<String, Vec<Entry>> = BTreeMap::new();
    let mut order: Vec<String> = Vec::new();
    for chunk in Chunks::new(text) {
        (out.progress)(chunk.offset as u64);
        if chunk.kind == Kind::Zone {
            continue;
        }
        out.report.rows += 1;
        let read = chunk.text.and_then(|text| entry::read(&text, chunk.line, &mut zones));
        for warning in zones.take_warnings() {
            out.warn(chunk.line, warning);
        }
        let entry = match read {
            Ok(entry) => entry,
            Err(reason) => {
                out.skip(chunk.line, reason);
                continue;
            }
        };
        let uid = entry.uid.clone().unwrap_or_else(|| stand_in_uid(source, &entry, out));
        if chunk.kind == Kind::Todo {
            todo(&uid, &entry, out);
            continue;
        }
        if !events.contains_key(&uid) {
            order.push(uid.clone());
        }
        events.entry(uid).or_default().push(entry);
    }
    let mut budget = recur::Budget::default();
    for uid in order {
        if let Some(entries) = events.remove(&uid) {
            series::unfold(&uid, entries, source, &mut budget, out);
        }
    }
    Ok(())
}

/// An entry without a UID is known by what it says and by its place among equals.
fn stand_in_uid(source: &Source<'_>, entry: &Entry, out: &mut Collector<'_>) -> String {
    let start = entry.start.as_ref().or(entry.due.as_ref()).map_or(0, |when| when.instant_ms());
    let start = start.to_le_bytes();
    let parts: [&[u8]; 4] = [b"no uid", source.base_name().as_bytes(), entry.summary.as_bytes(), &start];
    let ordinal = out.ordinal(&parts).to_le_bytes();
    derived_id("oo.import.uid.v1", &[parts[1], parts[2], parts[3], &ordinal])
}

fn todo(uid: &str, entry: &Entry, out: &mut Collector<'_>) {
    let line = entry.line;
    if entry.rule.is_some() {
        out.warn(line, "the to-do repeats; only the date it stands at is kept");
    }
    let occurrence = entry.recurrence_id.as_ref().map_or_else(String::new, |id| id.key());
    let due = entry.due.as_ref().or(if entry.length.is_some() { entry.start.as_ref() } else { None });
    let due = due.map(|when| match (&entry.due, entry.length) {
        (None, Some(length)) => length.added_to(when),
        _ => when.due(),
    });
    let task = TaskSignal {
        id: format!("todo-{}", derived_id("oo.import.todo.v1", &[uid.as_bytes(), occurrence.as_bytes()])),
        title: display_text(&entry.summary),
        due,
        priority: match entry.priority {
            Some(1..=2) => Some(1),
            Some(3..=4) => Some(2),
            Some(5) => Some(3),
            Some(6..=9) => Some(4),
            _ => None,
        },
        status: match (entry.cancelled, entry.completed) {
            (true, _) => TaskStatus::Deleted,
            (_, true) => TaskStatus::Done,
            _ => TaskStatus::Open,
        },
        created_ms: entry.created_ms,
        ..TaskSignal::default()
    };
    let message = super::todoist::signal_id(&task);
    let signal_id = derived_id("oo.import.revision.v1", &[message.as_bytes(), entry.revision.as_bytes()]);
    out.accept(line, Signal::from(SignalBody::Task(task)).with_id(signal_id));
}
