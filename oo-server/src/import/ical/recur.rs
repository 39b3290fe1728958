//! The times that a recurrence rule gives, on the wall clock of its event.
//!
//! `calcard` unfolds the rule in floating time; the caller puts each time into its zone afterwards, so that a meeting
//! stays at ten across a clock change. Work is bounded three ways: a rule ends with the window, it may give only so
//! many times a day, and a file has a [`Budget`].

use std::collections::BTreeSet;

use calcard::common::PartialDateTime;
use calcard::common::timezone::Tz;
use calcard::icalendar::{
    ICalendar, ICalendarComponent, ICalendarComponentType, ICalendarEntry, ICalendarFrequency, ICalendarProperty,
    ICalendarRecurrenceRule, ICalendarValue,
};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// The most times that one rule may give, counted from its start.
const MAX_TIMES: usize = 30_000;
/// The most times a day that are believed of a calendar.
const MAX_TIMES_A_DAY: usize = 96;

/// How many times the rules of one file may still give.
pub(super) struct Budget(usize);

impl Default for Budget {
    fn default() -> Self {
        Budget(1_000_000)
    }
}

/// What a rule gave.
pub(super) struct Times {
    /// The times in order, the start among them.
    pub(super) times: Vec<DateTime>,
    /// Whether the rule gives more of them before the limit.
    pub(super) cut: bool,
}

/// The times of `rule` from `start` to `last`, both on the event's wall clock; `until` replaces the rule's own.
pub(super) fn times(
    start: DateTime,
    rule: &ICalendarRecurrenceRule,
    until: Option<DateTime>,
    last: DateTime,
    budget: &mut Budget,
) -> Result<Times, String> {
    check_density(rule)?;
    let until = until.map_or(last, |until| until.min(last));
    if until < start {
        return Ok(Times { times: vec![start], cut: false });
    }
    if budget.0 == 0 {
        return Err(
            "the repeating events of the file give too many times; shorten the window or split the file".to_owned()
        );
    }
    let mut rule = rule.clone();
    rule.until = Some(partial(until));
    let entry = |name, value| ICalendarEntry { name, params: Vec::new(), values: vec![value] };
    let calendar = ICalendar {
        components: vec![ICalendarComponent {
            component_type: ICalendarComponentType::VEvent,
            entries: vec![
                entry(ICalendarProperty::Dtstart, ICalendarValue::PartialDateTime(Box::new(partial(start)))),
                entry(ICalendarProperty::Rrule, ICalendarValue::RecurrenceRule(Box::new(rule))),
            ],
            component_ids: Vec::new(),
        }],
    };
    let limit = budget.0.min(MAX_TIMES);
    let expanded = calendar.expand_dates(Tz::Floating, limit);
    // A rule that matches nothing makes the search run long: it pays as if it had given many times.
    budget.0 = budget.0.saturating_sub(if expanded.events.is_empty() { 20_000 } else { expanded.events.len() });
    if !expanded.errors.is_empty() {
        return Err("RRULE has a part out of range".to_owned());
    }
    let cut = expanded.events.len() >= limit;
    let given = expanded.events.iter().filter_map(|event| {
        let seconds = event.start.naive_local().and_utc().timestamp();
        Timestamp::from_second(seconds).ok().map(|at| TimeZone::UTC.to_datetime(at))
    });
    // The start is an occurrence even where the rule alone would not give it.
    let times: BTreeSet<DateTime> = given.chain([start]).collect();
    Ok(Times { times: times.into_iter().collect(), cut })
}

fn check_density(rule: &ICalendarRecurrenceRule) -> Result<(), String> {
    let distinct = |list: &[u8]| list.iter().collect::<BTreeSet<_>>().len().max(1);
    let (hours, minutes, seconds) = (distinct(&rule.byhour), distinct(&rule.byminute), distinct(&rule.bysecond));
    let a_day = match rule.freq {
        ICalendarFrequency::Minutely | ICalendarFrequency::Secondly => usize::MAX,
        ICalendarFrequency::Hourly => minutes.saturating_mul(seconds).saturating_mul(24),
        _ => hours.saturating_mul(minutes).saturating_mul(seconds),
    };
    let lists = [
        rule.byhour.len(),
        rule.byminute.len(),
        rule.bysecond.len(),
        rule.byday.len(),
        rule.bysetpos.len(),
        rule.bymonthday.len(),
        rule.byyearday.len(),
        rule.byweekno.len(),
        rule.bymonth.len(),
    ];
    if a_day > MAX_TIMES_A_DAY || lists.into_iter().any(|length| length > 400) {
        return Err("RRULE gives more times a day than a calendar holds".to_owned());
    }
    Ok(())
}

fn partial(time: DateTime) -> PartialDateTime {
    let part = |value: i8| u8::try_from(value).ok();
    PartialDateTime {
        year: u16::try_from(time.year()).ok(),
        month: part(time.month()),
        day: part(time.day()),
        hour: part(time.hour()),
        minute: part(time.minute()),
        second: part(time.second()),
        ..PartialDateTime::default()
    }
}
