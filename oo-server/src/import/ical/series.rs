//! All that a calendar says under one UID, unfolded into calendar signals.
//!
//! The master gives the times by DTSTART, RRULE and RDATE; an entry with a RECURRENCE-ID replaces one of them, or, with
//! RANGE=THISANDFUTURE, shifts all from there on. A time that EXDATE strikes out becomes a cancelled signal without a
//! title: imported earlier, it would else stay in the calendar for good.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use oo_core::moment::DAY_MS;
use oo_core::signal::{CalendarSignal, Signal, SignalBody};
use oo_core::text::display_text;

use super::super::times::instant;
use super::super::{Collector, Source, derived_id};
use super::entry::{Entry, Length, When};
use super::recur::{Budget, times};

/// The most occurrences of one series that are taken.
const MAX_OCCURRENCES: usize = 1_000;
/// The most calendar signals that are taken from one file.
const MAX_SIGNALS: usize = 100_000;

/// One time of the series, before overrides.
struct Occurrence {
    at: When,
    length: Option<Length>,
}

/// Times that are named by RECURRENCE-ID or EXDATE, with the place of who names them. A date without a time means the
/// time of that day, as some programs write it.
#[derive(Default)]
struct Named {
    instants: BTreeMap<i64, usize>,
    days: BTreeMap<Date, usize>,
    dates: BTreeMap<Date, usize>,
}

impl Named {
    fn of<'w>(named: impl Iterator<Item = (usize, &'w When)>) -> Self {
        let mut all = Named::default();
        for (place, when) in named {
            all.dates.insert(when.time.date(), place);
            if when.all_day {
                all.days.insert(when.time.date(), place);
            } else {
                all.instants.insert(when.instant_ms(), place);
            }
        }
        all
    }

    fn place(&self, at: &When) -> Option<usize> {
        let date = at.time.date();
        if at.all_day {
            return self.dates.get(&date).copied();
        }
        self.instants.get(&at.instant_ms()).or_else(|| self.days.get(&date)).copied()
    }
}

/// What the file says of single times of a series.
struct Changes {
    overrides: Vec<Entry>,
    named: Named,
    excluded: Named,
    /// Those of the overrides that hold for all later times, by the instant they begin at.
    onwards: BTreeMap<i64, usize>,
    used: Vec<bool>,
    /// What is said of a time that is struck out.
    struck: Entry,
}

impl Changes {
    fn new(mut overrides: Vec<Entry>, master: Option<&Entry>) -> Self {
        overrides.sort_by_key(|entry| (entry.recurrence_id.as_ref().map(When::instant_ms), entry.sequence));
        let ids =
            || overrides.iter().enumerate().filter_map(|(place, entry)| Some((place, entry.recurrence_id.as_ref()?)));
        let onwards =
            ids().filter(|(place, _)| overrides[*place].and_future).map(|(place, id)| (id.instant_ms(), place));
        Changes {
            named: Named::of(ids()),
            excluded: Named::of(master.map_or(&[][..], |master| &master.excluded).iter().enumerate()),
            onwards: onwards.collect(),
            used: vec![false; overrides.len()],
            struck: master.map_or_else(Entry::default, Entry::struck_out),
            overrides,
        }
    }
}

/// Adds the signals of the entries under `uid`.
pub(super) fn unfold(
    uid: &str,
    entries: Vec<Entry>,
    source: &Source<'_>,
    budget: &mut Budget,
    out: &mut Collector<'_>,
) {
    let (overrides, masters): (Vec<Entry>, Vec<Entry>) =
        entries.into_iter().partition(|entry| entry.recurrence_id.is_some());
    // The newest of two entries that say the same stands; of equally new ones the last.
    let master = masters.into_iter().reduce(|best, next| if next.sequence >= best.sequence { next } else { best });
    let mut changes = Changes::new(overrides, master.as_ref());
    if let Some(master) = &master {
        let repeats = master.rule.is_some() || !master.extra.is_empty() || !changes.overrides.is_empty();
        match occurrences(master, source, budget, out) {
            Ok(found) => {
                for occurrence in found.into_iter().take(MAX_OCCURRENCES) {
                    if repeats {
                        one(uid, master, &occurrence, &mut changes, source, out);
                    } else {
                        emit(uid, "single", master, &occurrence.at, occurrence.length, source, false, out);
                    }
                }
            }
            Err(reason) => return out.skip(master.line, reason),
        }
    }
    // Overrides of times outside the window, or without a master, stand for themselves.
    for (place, entry) in changes.overrides.iter().enumerate() {
        let Some(id) = &entry.recurrence_id else { continue };
        if !changes.used[place] && changes.named.place(id) == Some(place) {
            emit(uid, &id.key(), entry, entry.start.as_ref().unwrap_or(id), None, source, false, out);
        }
    }
}

/// Adds one time of a series, changed as the file says.
fn one(
    uid: &str,
    master: &Entry,
    occurrence: &Occurrence,
    changes: &mut Changes,
    source: &Source<'_>,
    out: &mut Collector<'_>,
) {
    let at = &occurrence.at;
    let key = key_in(master, at);
    if let Some(place) = changes.named.place(at) {
        changes.used[place] = true;
        let entry = &changes.overrides[place];
        return emit(uid, &key, entry, entry.start.as_ref().unwrap_or(at), None, source, true, out);
    }
    if changes.excluded.place(at).is_some() {
        return emit(uid, &key, &changes.struck, at, occurrence.length, source, false, out);
    }
    let onwards = changes.onwards.range(..at.instant_ms()).next_back().map(|(_, place)| &changes.overrides[*place]);
    if let Some((entry, id)) = onwards.and_then(|entry| Some((entry, entry.recurrence_id.as_ref()?))) {
        let shifted = entry.start.as_ref().and_then(|start| {
            let time = at.time.checked_add(start.time.duration_since(id.time)).ok()?;
            Some(start.at(time))
        });
        return emit(uid, &key, entry, shifted.as_ref().unwrap_or(at), entry_length(entry, id), source, false, out);
    }
    emit(uid, &key, master, at, occurrence.length, source, false, out);
}

/// What the occurrence at `at` is known by; the key of the series decides whether days or instants count.
fn key_in(master: &Entry, at: &When) -> String {
    let all_day = master.start.as_ref().is_some_and(|start| start.all_day);
    When { all_day, ..at.clone() }.key()
}

/// The times of the master that lie in the window, with those a little before it that may reach into it.
fn occurrences(
    master: &Entry,
    source: &Source<'_>,
    budget: &mut Budget,
    out: &mut Collector<'_>,
) -> Result<Vec<Occurrence>, String> {
    let start = master.start.as_ref().ok_or("the event has no DTSTART")?;
    let length = entry_length(master, start);
    let mut found = vec![Occurrence { at: start.clone(), length }];
    let last = local(source.window.to_ms, start).ok_or("the window is out of range")?;
    match &master.rule {
        None => {}
        Some(Err(reason)) => out.warn(master.line, format!("{reason}; only the first time of the event is kept")),
        Some(Ok(rule)) => {
            let until = rule.until.as_ref().and_then(|until| until_of(until, start));
            match times(start.time, rule, until, last, budget) {
                Ok(given) => {
                    if given.cut {
                        out.warn(master.line, "the event repeats too often to be followed to the end of the window; its later times are left out");
                    }
                    found = given.times.into_iter().map(|time| Occurrence { at: start.at(time), length }).collect();
                }
                Err(reason) => out.warn(master.line, format!("{reason}; only the first time of the event is kept")),
            }
        }
    }
    found.extend(master.extra.iter().map(|(at, own)| Occurrence { at: at.clone(), length: own.or(length) }));
    found.retain(|occurrence| in_window(occurrence, source));
    found.sort_by_key(|occurrence| occurrence.at.instant_ms());
    found.dedup_by_key(|occurrence| occurrence.at.instant_ms());
    if found.len() > MAX_OCCURRENCES {
        out.warn(
            master.line,
            format!("the event has more than {MAX_OCCURRENCES} times in the window; the later ones are left out"),
        );
    }
    Ok(found)
}

fn in_window(occurrence: &Occurrence, source: &Source<'_>) -> bool {
    let start = occurrence.at.instant_ms();
    let end = occurrence.length.unwrap_or_default().end_ms(&occurrence.at).unwrap_or(start);
    source.window.meets(start, end)
}

/// UNTIL on the wall clock of the event: a date means the whole day, a UTC time is carried over.
fn until_of(until: &calcard::common::PartialDateTime, start: &When) -> Option<DateTime> {
    let part = |part: Option<u8>| i8::try_from(part?).ok();
    let date = jiff::civil::Date::new(i16::try_from(until.year?).ok()?, part(until.month)?, part(until.day)?).ok()?;
    let Some(hour) = until.hour else { return Some(date.to_datetime(Time::new(23, 59, 59, 0).ok()?)) };
    let second = until.second.unwrap_or(0).min(59);
    let time =
        date.to_datetime(Time::new(part(Some(hour))?, part(until.minute.or(Some(0)))?, part(Some(second))?, 0).ok()?);
    if start.all_day || until.tz_hour.is_none() {
        return Some(time);
    }
    local(instant(time, &jiff::tz::TimeZone::UTC)?, start)
}

/// The instant on the wall clock of `start`.
fn local(at_ms: i64, start: &When) -> Option<DateTime> {
    Some(start.zone.to_datetime(Timestamp::from_millisecond(at_ms).ok()?))
}

/// How long the entry takes, from DTEND or DURATION; a day when it is whole days and says nothing.
fn entry_length(entry: &Entry, fallback_start: &When) -> Option<Length> {
    let start = entry.start.as_ref().unwrap_or(fallback_start);
    if let Some(length) = entry.length {
        return Some(length);
    }
    let Some(end) = &entry.end else {
        return start.all_day.then_some(Length { days: 1, ms: 0 });
    };
    if start.all_day {
        let days = (end.time.date().duration_since(start.time.date()).as_millis() / i128::from(DAY_MS)).max(1);
        return i64::try_from(days).ok().map(|days| Length { days, ms: 0 });
    }
    Some(Length { days: 0, ms: end.instant_ms().saturating_sub(start.instant_ms()) })
}

/// Adds one signal, if it lies in the window or replaces one that does.
#[expect(clippy::too_many_arguments, reason = "one call shape for masters, overrides and struck-out times")]
fn emit(
    uid: &str,
    key: &str,
    entry: &Entry,
    at: &When,
    length: Option<Length>,
    source: &Source<'_>,
    replaces: bool,
    out: &mut Collector<'_>,
) {
    let length = length.or_else(|| entry_length(entry, at)).unwrap_or_default();
    let start_ms = at.instant_ms();
    let Some(end_ms) = length.end_ms(at) else { return out.skip(entry.line, "the event's end is out of range") };
    if !replaces && !source.window.meets(start_ms, end_ms) {
        return;
    }
    if out.signals.len() >= MAX_SIGNALS {
        if out.signals.len() == MAX_SIGNALS && out.ordinal(&[b"too many"]) == 0 {
            out.warn(
                entry.line,
                format!("the file gives more than {MAX_SIGNALS} entries; the later ones are left out"),
            );
        }
        return;
    }
    let signal = CalendarSignal {
        id: format!("ical-{}", derived_id("oo.import.calendar.v1", &[uid.as_bytes(), key.as_bytes()])),
        title: display_text(&entry.summary),
        start_ms,
        end_ms,
        busy: !entry.transparent,
        all_day: at.all_day,
        cancelled: entry.cancelled,
    };
    let flags = [u8::from(signal.busy), u8::from(signal.all_day), u8::from(signal.cancelled)];
    let signal_id = derived_id(
        "oo.import.entry.v1",
        &[
            signal.id.as_bytes(),
            signal.title.as_bytes(),
            &start_ms.to_le_bytes(),
            &end_ms.to_le_bytes(),
            &flags,
            entry.revision.as_bytes(),
        ],
    );
    out.accept(entry.line, Signal::from(SignalBody::Calendar(signal)).with_id(signal_id));
}
