//! Time as a person lives it.
//!
//! A [`Moment`] is an instant together with the IANA zone *and the UTC offset of that moment*. Whatever is folded from
//! the log uses the recorded offset, so that replay never asks a time-zone database, and a database's later
//! correction never rewrites a past day. A [`Zone`] is consulted once, when a moment is made.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil;
use jiff::tz::TimeZone;

use crate::error::{Error, Result};

/// Milliseconds in a day.
pub const DAY_MS: i64 = 86_400_000;
/// Milliseconds in an hour.
pub const HOUR_MS: i64 = 3_600_000;
/// Milliseconds in a minute.
pub const MINUTE_MS: i64 = 60_000;

/// An instant, its zone's name and the offset that was in force there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Unix time in milliseconds.
    pub at_ms: i64,
    /// Offset from UTC in seconds at this instant, east positive.
    pub offset_s: i32,
    /// The IANA name of the zone, such as `Europe/Berlin`; for people, never for folds.
    pub zone: Arc<str>,
}

impl Moment {
    /// The instant `at_ms` in UTC.
    #[must_use]
    pub fn utc(at_ms: i64) -> Self {
        Moment { at_ms, offset_s: 0, zone: Arc::from("UTC") }
    }

    /// Local wall-clock milliseconds since 1970-01-01T00:00 local.
    #[must_use]
    pub fn local_ms(&self) -> i64 {
        self.at_ms.saturating_add(i64::from(self.offset_s) * 1000)
    }

    /// The local calendar day, counted from 1970-01-01.
    #[must_use]
    pub fn local_day(&self) -> i32 {
        i32::try_from(self.local_ms().div_euclid(DAY_MS)).unwrap_or(i32::MAX)
    }

    /// The UTC calendar day, counted from 1970-01-01.
    #[must_use]
    pub fn utc_day(&self) -> i32 {
        i32::try_from(self.at_ms.div_euclid(DAY_MS)).unwrap_or(i32::MAX)
    }

    /// Minutes since local midnight, 0..1440.
    #[must_use]
    pub fn minute_of_day(&self) -> u32 {
        u32::try_from(self.local_ms().rem_euclid(DAY_MS) / MINUTE_MS).unwrap_or(0)
    }

    /// Local weekday, 0 = Monday … 6 = Sunday.
    #[must_use]
    pub fn weekday(&self) -> u32 {
        // 1970-01-01 was a Thursday.
        u32::try_from((i64::from(self.local_day()) + 3).rem_euclid(7)).unwrap_or(0)
    }
}

/// A time zone by its IANA name, from the database that is compiled in.
#[derive(Clone)]
pub struct Zone {
    name: Arc<str>,
    tz: TimeZone,
}

impl Zone {
    /// UTC.
    #[must_use]
    pub fn utc() -> Self {
        Zone { name: Arc::from("UTC"), tz: TimeZone::UTC }
    }

    /// The zone with the IANA name `name`.
    ///
    /// # Errors
    /// `invalid_input` when there is no such zone.
    pub fn parse(name: &str) -> Result<Self> {
        if name == "UTC" {
            return Ok(Zone::utc());
        }
        let tz = jiff::tz::db().get(name).map_err(|_| {
            let shown: String = name.chars().take(64).collect();
            Error::invalid("zone", format!("{shown:?} is not an IANA time zone; pass a name such as \"Europe/Berlin\""))
        })?;
        let name = Arc::from(tz.iana_name().unwrap_or(name));
        Ok(Zone { name, tz })
    }

    /// The zone's IANA name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The moment of instant `at_ms` in this zone. Instants outside ±9999 years are held at the edge.
    #[must_use]
    pub fn moment(&self, at_ms: i64) -> Moment {
        let (at_ms, offset_s) = match Timestamp::from_millisecond(at_ms) {
            Ok(at) => (at_ms, self.tz.to_offset(at).seconds()),
            Err(_) => (at_ms.clamp(Timestamp::MIN.as_millisecond(), Timestamp::MAX.as_millisecond()), 0),
        };
        Moment { at_ms, offset_s, zone: self.name.clone() }
    }

    /// The instant of `minute_of_day` on local day `day` (days since 1970-01-01); in a gap the later side, in a fold the earlier.
    #[must_use]
    pub fn instant(&self, day: i32, minute_of_day: u32) -> i64 {
        let local_ms = i64::from(day) * DAY_MS + i64::from(minute_of_day) * MINUTE_MS;
        let Ok(utc) = Timestamp::from_millisecond(local_ms) else { return local_ms };
        let civil: civil::DateTime = TimeZone::UTC.to_datetime(utc);
        self.tz.to_ambiguous_timestamp(civil).compatible().map_or(local_ms, |at| at.as_millisecond())
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Zone({})", self.name)
    }
}

/// RFC 3339 text of the instant `at_ms`, in UTC.
#[must_use]
pub fn rfc3339(at_ms: i64) -> String {
    Timestamp::from_millisecond(at_ms).map_or_else(|_| at_ms.to_string(), |at| at.to_string())
}

/// Reads an RFC 3339 instant, giving Unix milliseconds.
///
/// # Errors
/// `invalid_input` about `field` when `text` is not one.
pub fn parse_rfc3339(field: &str, text: &str) -> Result<i64> {
    text.parse::<Timestamp>().map(Timestamp::as_millisecond).map_err(|_| {
        let shown: String = text.chars().take(64).collect();
        Error::invalid(field, format!("{shown:?} is not an RFC 3339 time; write it like 2026-11-30T10:00:00Z"))
    })
}

/// Reads an ISO calendar date (`2026-11-30`), giving days since 1970-01-01.
///
/// # Errors
/// `invalid_input` about `field` when `text` is not one.
pub fn parse_date(field: &str, text: &str) -> Result<i32> {
    let date: civil::Date = text.parse().map_err(|_| {
        let shown: String = text.chars().take(64).collect();
        Error::invalid(field, format!("{shown:?} is not an ISO date; write it like 2026-11-30"))
    })?;
    let epoch = civil::date(1970, 1, 1);
    date.since(epoch)
        .map(|span| span.get_days())
        .map_err(|_| Error::invalid(field, "the date is out of range; use a year between 1 and 9999"))
}

/// ISO text of a calendar day counted from 1970-01-01.
#[must_use]
pub fn format_date(day: i32) -> String {
    let epoch = civil::date(1970, 1, 1);
    epoch.checked_add(jiff::Span::new().days(day)).map_or_else(|_| day.to_string(), |date| date.to_string())
}
