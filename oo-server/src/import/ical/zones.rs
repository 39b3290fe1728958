//! The zones that a calendar names.
//!
//! A TZID is first taken as a name that the time-zone database, Windows or Outlook know. Only where it is not, the
//! VTIMEZONE of the file is read: its present pair of yearly rules becomes a POSIX zone, which the time-zone library
//! understands; failing that, its standard offset. What cannot be resolved is read in the person's own zone, with a
//! warning. Guessing the name first is what the calendar industry recommends (CalConnect CC/R 0602).

use std::collections::{BTreeMap, BTreeSet};

use calcard::common::PartialDateTime;
use calcard::icalendar::{
    ICalendar, ICalendarComponent, ICalendarComponentType, ICalendarFrequency, ICalendarProperty, ICalendarValue,
    ICalendarWeekday,
};
use calcard::{Entry, Parser};
use jiff::tz::TimeZone;
use oo_core::moment::Zone;

use super::super::clip;
use super::super::times::{default_zone, zone_named};

/// The zones of one file.
pub(super) struct ZoneBook {
    default: TimeZone,
    defined: BTreeMap<String, TimeZone>,
    warned: BTreeSet<String>,
    warnings: Vec<String>,
}

impl ZoneBook {
    pub(super) fn new(zone: &Zone) -> Self {
        ZoneBook {
            default: default_zone(zone),
            defined: BTreeMap::new(),
            warned: BTreeSet::new(),
            warnings: Vec::new(),
        }
    }

    /// The zone of floating times and of whole days.
    pub(super) fn default_zone(&self) -> TimeZone {
        self.default.clone()
    }

    /// The zone named `name`; an unknown one is the default, with one warning.
    pub(super) fn resolve(&mut self, name: &str) -> TimeZone {
        if let Some(zone) = self.defined.get(name) {
            return zone.clone();
        }
        let found = zone_named(name);
        if found.is_none() && self.warned.insert(name.to_owned()) {
            self.warnings.push(format!("the zone {:?} is unknown; its times are read in yours", clip(name)));
        }
        let zone = found.unwrap_or_else(|| self.default.clone());
        self.defined.insert(name.to_owned(), zone.clone());
        zone
    }

    /// The warnings since the last time.
    pub(super) fn take_warnings(&mut self) -> Vec<String> {
        std::mem::take(&mut self.warnings)
    }

    /// Takes in a VTIMEZONE.
    pub(super) fn define(&mut self, text: &str) {
        let Entry::ICalendar(calendar) = Parser::new(text).entry() else { return };
        let Some(definition) = calendar.components.first() else { return };
        let Some(ICalendarValue::Text(name)) = value(definition, &ICalendarProperty::Tzid) else { return };
        let by_name = zone_named(name).or_else(|| {
            let known = definition.timezone()?.1;
            zone_named(&known.name()?)
        });
        if let Some(zone) = by_name.or_else(|| from_rules(&calendar)) {
            self.defined.insert(name.clone(), zone);
        }
    }
}

fn value<'c>(component: &'c ICalendarComponent, name: &ICalendarProperty) -> Option<&'c ICalendarValue> {
    component.entries.iter().find(|entry| entry.name == *name)?.values.first()
}

/// The zone that the newest STANDARD and DAYLIGHT rules of a definition describe.
fn from_rules(calendar: &ICalendar) -> Option<TimeZone> {
    let newest = |kind: &ICalendarComponentType| {
        calendar
            .components
            .iter()
            .filter(|part| part.component_type == *kind)
            .max_by_key(|part| start(part).map(|at| (at.year, at.month, at.day)))
    };
    let standard = newest(&ICalendarComponentType::Standard)?;
    let standard_offset = offset(standard)?;
    let fixed = || jiff::tz::Offset::from_seconds(standard_offset).ok().map(TimeZone::fixed);
    let Some(daylight) = newest(&ICalendarComponentType::Daylight) else { return fixed() };
    let posix = || {
        Some(format!(
            "<std>{}<dst>{},{},{}",
            posix_offset(standard_offset),
            posix_offset(offset(daylight)?),
            posix_rule(daylight)?,
            posix_rule(standard)?
        ))
    };
    posix().and_then(|text| TimeZone::posix(&text).ok()).or_else(fixed)
}

fn start(part: &ICalendarComponent) -> Option<&PartialDateTime> {
    match value(part, &ICalendarProperty::Dtstart)? {
        ICalendarValue::PartialDateTime(time) => Some(time),
        _ => None,
    }
}

/// Seconds east of UTC.
fn offset(part: &ICalendarComponent) -> Option<i32> {
    let ICalendarValue::PartialDateTime(offset) = value(part, &ICalendarProperty::Tzoffsetto)? else { return None };
    let seconds = i32::from(offset.tz_hour?) * 3600 + i32::from(offset.tz_minute.unwrap_or(0)) * 60;
    Some(if offset.tz_minus { -seconds } else { seconds })
}

/// POSIX counts offsets west of UTC.
fn posix_offset(seconds: i32) -> String {
    let sign = if seconds > 0 { "-" } else { "" };
    format!("{sign}{}:{:02}", seconds.abs() / 3600, seconds.abs() / 60 % 60)
}

/// `Mm.w.d/h:mm` of a part that begins yearly on the nth weekday of a month.
fn posix_rule(part: &ICalendarComponent) -> Option<String> {
    let ICalendarValue::RecurrenceRule(rule) = value(part, &ICalendarProperty::Rrule)? else { return None };
    let ([month], [day]) = (rule.bymonth.as_slice(), rule.byday.as_slice()) else { return None };
    let week = match day.ordwk? {
        -1 => 5,
        week @ 1..=4 => week,
        _ => return None,
    };
    let weekday = match day.weekday {
        ICalendarWeekday::Sunday => 0,
        ICalendarWeekday::Monday => 1,
        ICalendarWeekday::Tuesday => 2,
        ICalendarWeekday::Wednesday => 3,
        ICalendarWeekday::Thursday => 4,
        ICalendarWeekday::Friday => 5,
        ICalendarWeekday::Saturday => 6,
    };
    let at = start(part)?;
    (rule.freq == ICalendarFrequency::Yearly)
        .then(|| format!("M{}.{week}.{weekday}/{}:{:02}", month.month(), at.hour.unwrap_or(0), at.minute.unwrap_or(0)))
}
