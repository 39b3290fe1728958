//! iCalendar files: zones, repetition, overrides, whole days and to-dos.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

use oo_core::moment::{Zone, parse_date, parse_rfc3339, rfc3339};
use oo_core::signal::{CalendarSignal, Due, SignalBody, TaskSignal, TaskStatus};
use oo_server::import::{Format, Import, parse};

const CALENDAR: &[u8] = include_bytes!("../../tests/fixtures/import/calendar.ics");

fn read_in(zone: &str, bytes: &[u8]) -> Import {
    let zone = Zone::parse(zone).unwrap();
    parse("calendar.ics", bytes, None, &zone, parse_rfc3339("now", "2026-11-20T12:00:00Z").unwrap(), None).unwrap()
}

fn read(bytes: &[u8]) -> Import {
    read_in("Europe/Berlin", bytes)
}

/// A calendar of one event with the given lines.
fn event(lines: &str) -> Import {
    read(format!("BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:u\nSUMMARY:E\n{lines}\nEND:VEVENT\nEND:VCALENDAR\n").as_bytes())
}

fn entries<'i>(import: &'i Import, title: &str) -> Vec<&'i CalendarSignal> {
    let all = import.signals.iter().filter_map(|signal| match &signal.body {
        SignalBody::Calendar(entry) if entry.title.starts_with(title) => Some(entry),
        _ => None,
    });
    all.collect()
}

fn starts(import: &Import, title: &str) -> Vec<String> {
    entries(import, title).iter().map(|entry| rfc3339(entry.start_ms)).collect()
}

fn span(import: &Import, title: &str) -> (String, String) {
    let found = entries(import, title);
    assert_eq!(found.len(), 1, "{title}");
    (rfc3339(found[0].start_ms), rfc3339(found[0].end_ms))
}

fn todo<'i>(import: &'i Import, title: &str) -> &'i TaskSignal {
    let found = import.signals.iter().find_map(|signal| match &signal.body {
        SignalBody::Task(task) if task.title == title => Some(task),
        _ => None,
    });
    found.unwrap_or_else(|| panic!("no to-do {title:?}"))
}

#[test]
fn zones_are_those_of_iana_windows_vendors_and_definitions() {
    let import = read(CALENDAR);
    assert_eq!(import.format, Format::ICalendar);
    for (title, start, end) in [
        ("Call with the bank", "2026-11-23T09:00:00Z", "2026-11-23T09:30:00Z"),
        ("Gym", "2026-11-22T17:00:00Z", "2026-11-22T18:30:00Z"),
        ("Outlook lunch", "2026-11-24T20:00:00Z", "2026-11-24T21:00:00Z"),
        ("Custom zone", "2026-11-24T11:00:00Z", "2026-11-24T12:00:00Z"),
        ("Tokyo sync", "2026-11-25T00:00:00Z", "2026-11-25T01:00:00Z"),
        ("Somewhere", "2026-11-25T11:00:00Z", "2026-11-25T12:00:00Z"),
        ("Café Zoo", "2026-11-27T10:00:00Z", "2026-11-27T11:00:00Z"),
        ("After the broken one", "2026-11-26T10:00:00Z", "2026-11-26T11:00:00Z"),
    ] {
        assert_eq!(span(&import, title), (start.to_owned(), end.to_owned()), "{title}");
    }
}

#[test]
fn a_defined_zone_keeps_summer_time_by_its_rules() {
    let zone = |time: &str| {
        let definition = String::from_utf8_lossy(CALENDAR);
        let (from, to) = (definition.find("BEGIN:VTIMEZONE").unwrap(), definition.find("BEGIN:VEVENT").unwrap());
        let text = format!(
            "BEGIN:VCALENDAR\n{}BEGIN:VEVENT\nUID:u\nSUMMARY:E\nDTSTART;TZID=Customized Time Zone:{time}\nEND:VEVENT\nEND:VCALENDAR\n",
            &definition[from..to]
        );
        starts(&read_in("Asia/Tokyo", text.as_bytes()), "E")
    };
    assert_eq!(zone("20261024T120000"), ["2026-10-24T10:00:00Z"]);
    assert_eq!(zone("20261026T120000"), ["2026-10-26T11:00:00Z"]);
}

#[test]
fn a_series_is_unfolded_with_its_exceptions() {
    let import = read(CALENDAR);
    // Mondays at ten in New York until mid-December: across both clock changes, with the Thursday that was added.
    assert_eq!(
        starts(&import, "Team meeting, room 4; bring coffee"),
        [
            "2026-10-26T14:00:00Z",
            "2026-11-02T15:00:00Z",
            "2026-11-12T20:00:00Z",
            "2026-11-30T15:00:00Z",
            "2026-12-07T15:00:00Z",
            "2026-12-14T15:00:00Z"
        ]
    );
    assert_eq!(span(&import, "Team meeting, moved"), ("2026-11-17T19:00:00Z".into(), "2026-11-17T19:30:00Z".into()));
    let cancelled: Vec<_> = entries(&import, "").into_iter().filter(|entry| entry.cancelled).collect();
    let at: Vec<_> = cancelled.iter().map(|entry| (rfc3339(entry.start_ms), entry.title.as_str())).collect();
    assert_eq!(at, [("2026-11-09T15:00:00Z".into(), ""), ("2026-11-23T15:00:00Z".into(), "Team meeting")]);
    assert_eq!(starts(&import, "Early shift"), ["2026-12-01T05:00:00Z", "2026-12-02T05:00:00Z"]);
    assert_eq!(starts(&import, "Late shift"), ["2026-12-03T13:00:00Z", "2026-12-04T13:00:00Z"]);
    // Half past nine in Berlin on both sides of the end of summer time.
    let standup = starts(&import, "Standup");
    assert_eq!(standup.len(), 5);
    assert_eq!((standup[0].as_str(), standup[4].as_str()), ("2026-10-23T07:30:00Z", "2026-10-27T08:30:00Z"));
}

#[test]
fn whole_days_are_the_persons_own_days() {
    let import = read(CALENDAR);
    let holiday = entries(&import, "Holiday")[0];
    assert!(holiday.all_day && holiday.busy);
    assert_eq!(span(&import, "Holiday"), ("2026-12-23T23:00:00Z".into(), "2026-12-26T23:00:00Z".into()));
    let birthday = entries(&import, "Birthday")[0];
    assert!(birthday.all_day && !birthday.busy, "TRANSPARENT is not busy");
    assert_eq!(span(&import, "Birthday"), ("2027-01-14T23:00:00Z".into(), "2027-01-15T23:00:00Z".into()));
    let elsewhere = read_in("America/New_York", CALENDAR);
    assert_eq!(span(&elsewhere, "Holiday").0, "2026-12-24T05:00:00Z");
}

#[test]
fn todos_become_tasks() {
    let import = read(CALENDAR);
    let passport = todo(&import, "Renew the passport");
    assert_eq!(passport.due, Some(Due::Day(parse_date("day", "2026-12-03").unwrap())));
    assert_eq!((passport.priority, passport.status, passport.notes.as_deref()), (Some(1), TaskStatus::Open, None));
    assert_eq!(passport.created_ms, Some(parse_rfc3339("at", "2026-11-01T08:00:00Z").unwrap()));
    let train = todo(&import, "Book the train");
    assert_eq!(train.due, Some(Due::At(parse_rfc3339("at", "2026-12-04T16:00:00Z").unwrap())));
    assert_eq!(train.priority, Some(3));
    assert_eq!(todo(&import, "Old thing").status, TaskStatus::Done);
    assert_eq!(todo(&import, "Dropped thing").status, TaskStatus::Deleted);
}

#[test]
fn descriptions_places_and_people_are_nowhere() {
    let text = format!("{:?}", read(CALENDAR));
    assert!(!text.contains("SECRET"), "{text}");
}

#[test]
fn a_bad_entry_is_skipped_with_its_line_and_the_next_is_read() {
    let import = read(CALENDAR);
    let source = String::from_utf8_lossy(CALENDAR);
    let line_of = |part: &str| {
        let before = &source[..source.find(part).unwrap()];
        before[..before.rfind("BEGIN:").unwrap()].matches('\n').count() as u64 + 1
    };
    let skipped: Vec<_> = import.report.skipped.iter().map(|remark| (remark.line, remark.reason.as_str())).collect();
    for (uid, part) in [
        ("UID:nostart", "no DTSTART"),
        ("UID:backwards", "ends before it starts"),
        ("UID:nodate", "soon"),
        ("UID:latin", "UTF-8"),
        ("UID:cut", "no END"),
    ] {
        let line = line_of(uid);
        assert!(skipped.iter().any(|(at, reason)| *at == line && reason.contains(part)), "{uid} {line}: {skipped:?}");
    }
    assert_eq!(skipped.len(), 5, "{skipped:?}");
    let warnings: Vec<_> = import.report.warnings.iter().map(|remark| remark.reason.as_str()).collect();
    assert!(warnings.iter().any(|reason| reason.contains("Mars/Olympus")), "{warnings:?}");
    assert!(warnings.iter().any(|reason| reason.contains("times a day")), "{warnings:?}");
    assert_eq!(warnings.len(), 2, "{warnings:?}");
    assert_eq!(starts(&import, "Every second").len(), 1);
    assert!(entries(&import, "Long ago").is_empty(), "outside the window");
}

#[test]
fn importing_twice_gives_the_same_and_a_moved_occurrence_keeps_its_id() {
    let import = read(CALENDAR);
    assert_eq!(import, read(CALENDAR));
    let mut ids: Vec<_> = import.signals.iter().map(|signal| signal.signal_id.clone().unwrap()).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), import.signals.len());
    let series = "DTSTART:20261124T100000Z\nDTEND:20261124T110000Z\nRRULE:FREQ=DAILY;COUNT=3";
    let plain = event(series);
    let struck = event(&format!("{series}\nEXDATE:20261125T100000Z"));
    let ids = |import: &Import| entries(import, "").iter().map(|entry| entry.id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(&plain), ids(&struck));
    assert!(entries(&struck, "")[1].cancelled && !entries(&plain, "")[1].cancelled);
    assert_ne!(plain.signals[1].signal_id, struck.signals[1].signal_id);
    let single = |hour: u32| ids(&event(&format!("DTSTART:20261124T{hour}0000Z")));
    assert_eq!(single(10), single(11), "a single event that moves is the same event");
}

#[test]
fn rules_of_every_frequency_are_followed() {
    for (rule, count) in [
        ("FREQ=DAILY", 87),
        ("FREQ=DAILY;INTERVAL=2;UNTIL=20261201", 4),
        ("FREQ=WEEKLY;BYDAY=TU,TH;COUNT=6", 6),
        ("FREQ=MONTHLY;BYDAY=-1FR", 4),
        ("FREQ=MONTHLY;BYMONTHDAY=24", 3),
        ("FREQ=YEARLY", 1),
        ("FREQ=HOURLY;COUNT=30", 30),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=3", 4),
    ] {
        let import = event(&format!("DTSTART;TZID=Europe/Berlin:20261124T100000\nDURATION:PT30M\nRRULE:{rule}"));
        assert_eq!(import.signals.len(), count, "{rule}: {:?}", starts(&import, ""));
        assert!(import.report.skipped.is_empty() && import.report.warnings.is_empty(), "{rule}: {:?}", import.report);
    }
}

#[test]
fn an_old_series_reaches_the_window_and_a_hostile_one_ends() {
    let old = event("DTSTART:20050101T100000Z\nDTEND:20050101T103000Z\nRRULE:FREQ=DAILY");
    assert_eq!(old.signals.len(), 120);
    for rule in [
        "FREQ=SECONDLY",
        "FREQ=DAILY;BYHOUR=0,1,2,3,4,5,6,7,8,9,10,11,12;BYMINUTE=0,1,2,3,4,5,6,7,8,9;BYSECOND=0,1,2,3,4,5,6,7,8,9",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=31",
        "FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=31",
        "FREQ=SOMETIMES",
    ] {
        let import = event(&format!("DTSTART:20261124T100000Z\nRRULE:{rule}"));
        assert_eq!(import.signals.len(), 1, "{rule}: {:?}", import.report);
    }
    let many = event("DTSTART:20261101T000000Z\nRRULE:FREQ=HOURLY");
    assert_eq!(many.signals.len(), 1000);
    assert!(many.report.warnings[0].reason.contains("1000"), "{:?}", many.report);
}
