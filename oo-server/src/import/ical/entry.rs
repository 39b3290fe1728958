//! One VEVENT or VTODO as values.

use calcard::common::PartialDateTime;
use calcard::icalendar::{
    ICalendarComponent, ICalendarDuration, ICalendarEntry, ICalendarParameterName, ICalendarPeriod, ICalendarProperty,
    ICalendarRecurrenceRule, ICalendarStatus, ICalendarTransparency, ICalendarValue,
};
use calcard::{Entry as Parsed, Parser};
use jiff::civil;
use jiff::tz::{Offset, TimeZone};
use oo_core::moment::{DAY_MS, HOUR_MS, MINUTE_MS};
use oo_core::signal::Due;

use super::super::clip;
use super::super::times::instant;
use super::zones::ZoneBook;

/// A date or a time of the calendar, in its zone.
#[derive(Clone, Debug)]
pub(super) struct When {
    pub(super) time: civil::DateTime,
    pub(super) zone: TimeZone,
    pub(super) all_day: bool,
}

impl When {
    pub(super) fn instant_ms(&self) -> i64 {
        instant(self.time, &self.zone).unwrap_or(0)
    }

    /// What an occurrence is known by: the day, or the instant in UTC.
    pub(super) fn key(&self) -> String {
        if self.all_day { self.time.date().to_string() } else { self.instant_ms().to_string() }
    }

    pub(super) fn due(&self) -> Due {
        if self.all_day { Due::Day(day_number(self.time.date())) } else { Due::At(self.instant_ms()) }
    }

    /// The same clock at another time.
    pub(super) fn at(&self, time: civil::DateTime) -> Self {
        When { time, ..self.clone() }
    }
}

/// Days since 1970-01-01.
fn day_number(date: civil::Date) -> i32 {
    let midnight = date.to_datetime(civil::Time::midnight());
    instant(midnight, &TimeZone::UTC).and_then(|ms| i32::try_from(ms.div_euclid(DAY_MS)).ok()).unwrap_or(0)
}

/// How long something takes: whole days by the calendar, then exact time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Length {
    pub(super) days: i64,
    pub(super) ms: i64,
}

impl Length {
    fn of(duration: &ICalendarDuration) -> Option<Self> {
        let days = i64::from(duration.weeks) * 7 + i64::from(duration.days);
        let ms = i64::from(duration.hours) * HOUR_MS
            + i64::from(duration.minutes) * MINUTE_MS
            + i64::from(duration.seconds) * 1000;
        // An entry longer than ten years is a mistake, and one that ends before it begins is none.
        (!duration.neg && days <= 3_660 && ms <= 3_660 * DAY_MS).then_some(Length { days, ms })
    }

    /// The instant this much after `start`.
    pub(super) fn end_ms(self, start: &When) -> Option<i64> {
        let day = start.time.checked_add(jiff::Span::new().try_days(self.days).ok()?).ok()?;
        instant(day, &start.zone)?.checked_add(self.ms)
    }

    /// The due date this much after `start`.
    pub(super) fn added_to(self, start: &When) -> Due {
        self.end_ms(start).map_or_else(|| start.due(), Due::At)
    }
}

/// What is kept of a VEVENT or VTODO.
#[derive(Clone, Debug, Default)]
pub(super) struct Entry {
    pub(super) line: u64,
    pub(super) uid: Option<String>,
    pub(super) summary: String,
    pub(super) start: Option<When>,
    pub(super) end: Option<When>,
    pub(super) due: Option<When>,
    pub(super) length: Option<Length>,
    pub(super) rule: Option<Result<ICalendarRecurrenceRule, String>>,
    pub(super) extra: Vec<(When, Option<Length>)>,
    pub(super) excluded: Vec<When>,
    pub(super) recurrence_id: Option<When>,
    pub(super) and_future: bool,
    pub(super) transparent: bool,
    pub(super) cancelled: bool,
    pub(super) completed: bool,
    pub(super) priority: Option<i64>,
    pub(super) created_ms: Option<i64>,
    pub(super) sequence: i64,
    /// Tells a state that came back from the one it was before.
    pub(super) revision: String,
}

impl Entry {
    /// The same event, not taking place; nothing but its times is needed of it.
    pub(super) fn struck_out(&self) -> Self {
        Entry {
            line: self.line,
            start: self.start.clone(),
            end: self.end.clone(),
            length: self.length,
            transparent: self.transparent,
            cancelled: true,
            revision: self.revision.clone(),
            ..Entry::default()
        }
    }
}

/// Reads one component; the error is a reason for people.
pub(super) fn read(text: &str, line: u64, zones: &mut ZoneBook) -> Result<Entry, String> {
    let component = component(text).ok_or_else(|| "the entry cannot be read as iCalendar".to_owned())?;
    let mut entry = Entry { line, ..Entry::default() };
    let mut modified = String::new();
    for property in &component.entries {
        let Some(value) = property.values.first() else { continue };
        match (&property.name, value) {
            (ICalendarProperty::Uid, ICalendarValue::Text(uid)) => entry.uid = Some(uid.clone()),
            (ICalendarProperty::Summary, ICalendarValue::Text(summary)) => entry.summary.clone_from(summary),
            (ICalendarProperty::Dtstart, _) => entry.start = Some(one(property, "DTSTART", zones)?),
            (ICalendarProperty::Dtend, _) => entry.end = Some(one(property, "DTEND", zones)?),
            (ICalendarProperty::Due, _) => entry.due = Some(one(property, "DUE", zones)?),
            (ICalendarProperty::RecurrenceId, _) => {
                entry.recurrence_id = Some(one(property, "RECURRENCE-ID", zones)?);
                entry.and_future = property.params.iter().any(|param| param.name == ICalendarParameterName::Range);
            }
            (ICalendarProperty::Duration, ICalendarValue::Duration(duration)) => {
                entry.length = Some(Length::of(duration).ok_or("DURATION is negative or longer than ten years")?);
            }
            (ICalendarProperty::Duration, _) => return Err("DURATION is none; write it like PT1H30M".to_owned()),
            (ICalendarProperty::Rrule, ICalendarValue::RecurrenceRule(rule)) => {
                entry.rule = Some(if entry.rule.is_some() {
                    Err("there is more than one RRULE".to_owned())
                } else {
                    Ok((**rule).clone())
                });
            }
            (ICalendarProperty::Rrule, _) => entry.rule = Some(Err("RRULE cannot be read".to_owned())),
            (ICalendarProperty::Rdate, _) => {
                for value in &property.values {
                    entry.extra.push(extra(property, value, zones)?);
                }
            }
            (ICalendarProperty::Exdate, _) => {
                for value in &property.values {
                    entry.excluded.push(when(property, value, "EXDATE", zones)?);
                }
            }
            (ICalendarProperty::Transp, ICalendarValue::Transparency(transparency)) => {
                entry.transparent = *transparency == ICalendarTransparency::Transparent;
            }
            (ICalendarProperty::Status, ICalendarValue::Status(status)) => {
                entry.cancelled = *status == ICalendarStatus::Cancelled;
                entry.completed = *status == ICalendarStatus::Completed;
            }
            (ICalendarProperty::Priority, ICalendarValue::Integer(priority)) => entry.priority = Some(*priority),
            (ICalendarProperty::Sequence, ICalendarValue::Integer(sequence)) => entry.sequence = *sequence,
            (ICalendarProperty::Created, _) => {
                entry.created_ms = one(property, "CREATED", zones).ok().map(|when| when.instant_ms());
            }
            (ICalendarProperty::LastModified, ICalendarValue::PartialDateTime(time)) => modified = format!("{time:?}"),
            _ => {}
        }
    }
    entry.revision = format!("{} {modified}", entry.sequence);
    Ok(entry)
}

/// The outermost component of `text`.
fn component(text: &str) -> Option<ICalendarComponent> {
    match Parser::new(text).entry() {
        Parsed::ICalendar(calendar) => calendar.components.into_iter().next(),
        _ => None,
    }
}

fn one(property: &ICalendarEntry, name: &str, zones: &mut ZoneBook) -> Result<When, String> {
    property.values.first().map_or_else(|| Err(format!("{name} is empty")), |value| when(property, value, name, zones))
}

fn when(property: &ICalendarEntry, value: &ICalendarValue, name: &str, zones: &mut ZoneBook) -> Result<When, String> {
    match value {
        ICalendarValue::PartialDateTime(time) => {
            partial(time, property.tz_id(), zones).ok_or_else(|| format!("{name} is no date that exists"))
        }
        ICalendarValue::Text(text) => {
            Err(format!("{name} {:?} is no date; write it like 20261130T100000Z", clip(text)))
        }
        _ => Err(format!("{name} is no date; write it like 20261130T100000Z")),
    }
}

fn extra(
    property: &ICalendarEntry,
    value: &ICalendarValue,
    zones: &mut ZoneBook,
) -> Result<(When, Option<Length>), String> {
    let ICalendarValue::Period(period) = value else { return Ok((when(property, value, "RDATE", zones)?, None)) };
    let bad = || "RDATE holds a period that cannot be read".to_owned();
    match period {
        ICalendarPeriod::Range { start, end } => {
            let start = partial(start, property.tz_id(), zones).ok_or_else(bad)?;
            let end = partial(end, property.tz_id(), zones).ok_or_else(bad)?;
            let ms = end.instant_ms().checked_sub(start.instant_ms()).filter(|ms| *ms >= 0).ok_or_else(bad)?;
            Ok((start, Some(Length { days: 0, ms })))
        }
        ICalendarPeriod::Duration { start, duration } => {
            let start = partial(start, property.tz_id(), zones).ok_or_else(bad)?;
            Ok((start, Some(Length::of(duration).ok_or_else(bad)?)))
        }
    }
}

fn partial(value: &PartialDateTime, zone_name: Option<&str>, zones: &mut ZoneBook) -> Option<When> {
    let part = |part: Option<u8>| i8::try_from(part?).ok();
    let date = civil::Date::new(i16::try_from(value.year?).ok()?, part(value.month)?, part(value.day)?).ok()?;
    if value.hour.is_none() {
        let zone = zones.default_zone();
        return Some(When { time: date.to_datetime(civil::Time::midnight()), zone, all_day: true });
    }
    // A leap second is the last second of its minute.
    let second = value.second.unwrap_or(0).min(59);
    let time = civil::Time::new(part(value.hour)?, part(value.minute.or(Some(0)))?, part(Some(second))?, 0).ok()?;
    let zone = match value.tz_hour {
        Some(0) if value.tz_minute.unwrap_or(0) == 0 => TimeZone::UTC,
        Some(hour) => {
            let seconds = i32::from(hour) * 3600 + i32::from(value.tz_minute.unwrap_or(0)) * 60;
            TimeZone::fixed(Offset::from_seconds(if value.tz_minus { -seconds } else { seconds }).ok()?)
        }
        None => match zone_name {
            Some(name) => zones.resolve(name),
            None => zones.default_zone(),
        },
    };
    let when = When { time: date.to_datetime(time), zone, all_day: false };
    instant(when.time, &when.zone).is_some().then_some(when)
}
