//! Dates and zones as other programs write them.
//!
//! Only ISO 8601 dates are understood; "every monday" is for the caller to report. Zones go by their IANA names, by
//! the names that Windows and Outlook use, and by globally unique names such as `/vendor/version/Europe/Berlin`.
//! The time-zone database is the one that is compiled in, so that a file means the same on every machine.

use std::str::FromStr;

use calcard::common::timezone::Tz;
use jiff::civil;
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, Zoned};
use oo_core::moment::{Zone, parse_date};
use oo_core::signal::Due;

/// The zone that `name` means.
pub(super) fn zone_named(name: &str) -> Option<TimeZone> {
    let name = name.trim().trim_matches('"');
    if name.is_empty() {
        return None;
    }
    if let Ok(zone) = jiff::tz::db().get(name) {
        return Some(zone);
    }
    match Tz::from_str(name).ok()? {
        Tz::Floating => None,
        Tz::Fixed(offset) => Offset::from_seconds(offset.local_minus_utc()).ok().map(TimeZone::fixed),
        known @ Tz::Tz(_) => jiff::tz::db().get(&known.name()?).ok(),
    }
}

/// The zone of times that name none.
pub(super) fn default_zone(zone: &Zone) -> TimeZone {
    zone_named(zone.name()).unwrap_or(TimeZone::UTC)
}

/// The instant of a wall-clock time: in a gap the later side, in a fold the earlier.
pub(super) fn instant(time: civil::DateTime, zone: &TimeZone) -> Option<i64> {
    zone.to_ambiguous_timestamp(time).compatible().ok().map(Timestamp::as_millisecond)
}

/// An ISO date, or an ISO date and time; `zone` is that of a time that names none. `None` for any other text.
pub(super) fn iso_due(text: &str, zone: &TimeZone) -> Option<Due> {
    let text = text.trim();
    let begins_like_a_date = text.len() >= 10
        && text.bytes().zip(*b"0000-00-00").take(10).all(|(byte, shape)| match shape {
            b'0' => byte.is_ascii_digit(),
            _ => byte == b'-',
        });
    if !begins_like_a_date {
        return None;
    }
    if text.len() == 10 {
        return parse_date("due", text).ok().map(Due::Day);
    }
    if let Ok(zoned) = text.parse::<Zoned>() {
        return Some(Due::At(zoned.timestamp().as_millisecond()));
    }
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(Due::At(at.as_millisecond()));
    }
    let time: civil::DateTime = text.parse().ok()?;
    instant(time, zone).map(Due::At)
}
