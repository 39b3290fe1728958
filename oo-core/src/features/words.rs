//! Numbers of a moment in a person's words, shared by the prompt view and the *why*.

use crate::candidate::TimeOfDay;
use crate::moment::{DAY_MS, HOUR_MS, MINUTE_MS, Moment};
use crate::signal::Due;

use super::facts::DuePressure;

const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// The local weekday in English.
#[must_use]
pub fn weekday(now: &Moment) -> &'static str {
    WEEKDAYS[now.weekday() as usize % 7]
}

/// The part of the day in English.
#[must_use]
pub fn part_of_day(now: &Moment) -> &'static str {
    match TimeOfDay::of_minute(now.minute_of_day()) {
        TimeOfDay::Morning => "morning",
        TimeOfDay::Midday => "midday",
        TimeOfDay::Afternoon => "afternoon",
        TimeOfDay::Evening => "evening",
        TimeOfDay::Night | TimeOfDay::Any => "night",
    }
}

/// A due time as seen from `now`: "due yesterday", "due in 2 hours", "due tomorrow", "due on Friday", "due in 3 weeks".
#[must_use]
pub fn due(due: Due, now: &Moment) -> String {
    let pressure = DuePressure::of(due, now);
    let day = match due {
        Due::Day(day) => day,
        Due::At(at_ms) => Moment { at_ms, ..now.clone() }.local_day(),
    };
    let days = i64::from(day) - i64::from(now.local_day());
    match (days, due) {
        (0, Due::At(_)) if pressure.overdue => "due earlier today".to_owned(),
        (0, Due::At(_)) if pressure.hours_left < 1.0 => "due within the hour".to_owned(),
        (0, Due::At(_)) => format!("due in {}", span((pressure.hours_left * HOUR_MS as f64) as i64)),
        (0, Due::Day(_)) => "due today".to_owned(),
        (-1, _) => "due yesterday".to_owned(),
        (1, _) => "due tomorrow".to_owned(),
        (2..=6, _) => format!("due on {}", WEEKDAYS[(day + 3).rem_euclid(7) as usize]),
        (7.., _) => format!("due in {}", span(days * DAY_MS)),
        _ => format!("due {} ago", span(-days * DAY_MS)),
    }
}

/// How long ago something was said: "just now", "20 minutes ago", "this morning", "yesterday", "3 days ago".
#[must_use]
pub fn ago(said_ms: i64, now: &Moment) -> String {
    let age = now.at_ms.saturating_sub(said_ms);
    let said = Moment { at_ms: said_ms, ..now.clone() };
    match i64::from(now.local_day()) - i64::from(said.local_day()) {
        _ if age < 2 * MINUTE_MS => "just now".to_owned(),
        _ if age < HOUR_MS => format!("{} ago", span(age)),
        0 if part_of_day(&said) != part_of_day(now) => match part_of_day(&said) {
            "night" => "in the night".to_owned(),
            "midday" => "around noon".to_owned(),
            part => format!("this {part}"),
        },
        0 => format!("{} ago", span(age)),
        1 => "yesterday".to_owned(),
        _ => format!("{} ago", span(age)),
    }
}

/// A span of time in its largest sensible unit, never less than a minute.
#[must_use]
pub fn span(ms: i64) -> String {
    let (count, unit) = if ms < HOUR_MS {
        ((ms / MINUTE_MS).max(1), "minute")
    } else if ms < 2 * DAY_MS {
        ((ms + HOUR_MS / 2) / HOUR_MS, "hour")
    } else if ms < 14 * DAY_MS {
        ((ms + DAY_MS / 2) / DAY_MS, "day")
    } else {
        ((ms + 3 * DAY_MS) / (7 * DAY_MS), "week")
    };
    plural(count, unit)
}

/// "1 task", "3 tasks".
#[must_use]
pub fn plural(count: i64, unit: &str) -> String {
    if count == 1 { format!("1 {unit}") } else { format!("{count} {unit}s") }
}

/// A share in words rather than a false precision.
#[must_use]
pub fn share(share: f64) -> &'static str {
    match share {
        s if s <= 0.02 => "free",
        s if s < 0.3 => "mostly free",
        s if s < 0.7 => "half busy",
        s if s < 0.98 => "mostly busy",
        _ => "busy",
    }
}
