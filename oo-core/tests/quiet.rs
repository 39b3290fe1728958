//! Statement 25: quiet hours across midnight, both changes of the clocks, a journey, and a clock that jumps back.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may fail loudly")]

use oo_core::event::Preferences;
use oo_core::moment::{DAY_MS, HOUR_MS, MINUTE_MS, Moment, Zone};
use oo_core::quiet::{is_quiet, next_end};
use proptest::prelude::*;

/// 2026-01-01T00:00Z.
const YEAR_START_MS: i64 = 1_767_225_600_000;
const ZONES: [&str; 3] = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"];

fn quiet(from: u32, to: u32) -> Preferences {
    Preferences { quiet_from: Some(from), quiet_to: Some(to), ..Preferences::default() }
}

fn minute(hour: u32, minute: u32) -> u32 {
    hour * 60 + minute
}

/// Quiet hours spelt out minute by minute, as a person would read them off a clock.
fn by_the_clock(from: u32, to: u32, minute: u32) -> bool {
    let mut at = from;
    while at != to {
        if at == minute {
            return true;
        }
        at = (at + 1) % 1440;
    }
    false
}

/// The instants of the year 2026 at which the zone's offset changes, found by looking.
fn changes(zone: &Zone) -> Vec<i64> {
    (0..366 * 48)
        .map(|half_hour| YEAR_START_MS + half_hour * 30 * MINUTE_MS)
        .filter(|at| zone.moment(*at).offset_s != zone.moment(at - 1).offset_s)
        .collect()
}

/// What [`next_end`] promises, checked minute by minute.
fn assert_first_end(preferences: &Preferences, zone: &Zone, now_ms: i64) {
    let now = zone.moment(now_ms);
    let end = next_end(preferences, zone, &now).expect("these quiet hours end");
    if !is_quiet(preferences, &now) {
        assert_eq!(end, now_ms);
        return;
    }
    assert!(end > now_ms);
    assert!(!is_quiet(preferences, &zone.moment(end)), "the end is not quiet");
    let mut at = now_ms;
    while at < end {
        assert!(is_quiet(preferences, &zone.moment(at)), "quiet until the end");
        at += MINUTE_MS;
    }
    assert!(is_quiet(preferences, &zone.moment(end - 1)), "and not a moment longer");
}

#[test]
fn s25_quiet_table() {
    let at = |hour: i64, minute: i64| Moment::utc(hour * HOUR_MS + minute * MINUTE_MS);
    let night = quiet(minute(22, 0), minute(7, 0));
    let cases =
        [(21, 59, false), (22, 0, true), (23, 59, true), (0, 0, true), (6, 59, true), (7, 0, false), (12, 0, false)];
    for (hour, minute, expected) in cases {
        assert_eq!(is_quiet(&night, &at(hour, minute)), expected, "{hour}:{minute:02}");
    }
    assert!(is_quiet(&quiet(minute(12, 0), minute(14, 0)), &at(13, 0)));
    assert!(!is_quiet(&quiet(600, 600), &at(10, 0)), "an empty span is none");
    assert!(!is_quiet(&Preferences::default(), &at(3, 0)), "none were set");
    assert!(
        !is_quiet(&Preferences { quiet_from: Some(0), ..Preferences::default() }, &at(3, 0)),
        "one bound alone is none"
    );
    assert_eq!(next_end(&night, &Zone::utc(), &at(6, 59)), Some(at(7, 0).at_ms), "the very next minute");
    let late = Moment::utc(at(6, 59).at_ms + 59_999);
    assert_eq!(next_end(&night, &Zone::utc(), &late), Some(at(7, 0).at_ms), "the very next millisecond");
    assert_eq!(next_end(&quiet(0, 1440), &Zone::utc(), &at(3, 0)), None, "always quiet never ends");
}

#[test]
fn s25_quiet_both_clock_changes() {
    for name in ZONES {
        let zone = Zone::parse(name).unwrap();
        let changes = changes(&zone);
        assert_eq!(changes.len(), 2, "{name} changes its clocks twice in 2026");
        // Quiet hours that contain, touch or straddle the change, including bounds inside the gap and the fold.
        for (from, to) in
            [(22, 0, 7, 0), (1, 30, 2, 30), (2, 15, 2, 20), (2, 30, 9, 0), (23, 0, 2, 0), (2, 0, 3, 0), (1, 45, 1, 15)]
                .map(|(fh, fm, th, tm)| (minute(fh, fm), minute(th, tm)))
        {
            let preferences = quiet(from, to);
            for change in &changes {
                let mut at = change - 30 * HOUR_MS;
                while at < change + 30 * HOUR_MS {
                    let now = zone.moment(at);
                    // Quiet is what the wall clock shows, on both sides of the change and in a repeated hour.
                    assert_eq!(
                        is_quiet(&preferences, &now),
                        by_the_clock(from, to, now.minute_of_day()),
                        "{name} {now:?}"
                    );
                    at += 7 * MINUTE_MS;
                }
                for before in [-26, -8, -3, -1, 0, 1, 4] {
                    assert_first_end(&preferences, &zone, change + before * HOUR_MS);
                    assert_first_end(&preferences, &zone, change + before * HOUR_MS + 17 * MINUTE_MS);
                }
            }
        }
    }
}

#[test]
fn s25_quiet_night_is_an_hour_shorter_in_spring_and_longer_in_autumn() {
    let night = quiet(minute(22, 0), minute(7, 0));
    for (name, shift) in [("Europe/Berlin", 60), ("America/New_York", 60), ("Australia/Lord_Howe", 30)] {
        let zone = Zone::parse(name).unwrap();
        let lengths: Vec<i64> = (0..365)
            .filter_map(|day| {
                let day = i32::try_from(YEAR_START_MS / DAY_MS).unwrap() + day;
                let start = zone.moment(zone.instant(day, minute(22, 0)));
                assert!(is_quiet(&night, &start));
                Some((next_end(&night, &zone, &start)? - start.at_ms) / MINUTE_MS)
            })
            .collect();
        assert_eq!(lengths.iter().filter(|length| **length == 540).count(), 363, "{name}");
        assert!(lengths.contains(&(540 - shift)) && lengths.contains(&(540 + shift)), "{name}");
    }
}

proptest! {
    #[test]
    fn s25_quiet_across_midnight(from in 0..1440_u32, to in 0..1440_u32, at in 0..4 * DAY_MS, quarter in -48..56_i32) {
        let now = Moment { at_ms: YEAR_START_MS + at, offset_s: quarter * 900, zone: std::sync::Arc::from("x") };
        prop_assert_eq!(is_quiet(&quiet(from, to), &now), by_the_clock(from, to, now.minute_of_day()));
        // Whoever is quiet from..to is not quiet to..from: the two spans divide the day.
        if from != to {
            prop_assert_ne!(is_quiet(&quiet(from, to), &now), is_quiet(&quiet(to, from), &now));
        }
    }

    #[test]
    fn s25_quiet_on_a_journey(from in 0..1440_u32, to in 0..1440_u32, at in 0..365 * DAY_MS, leave in 0..3_usize, arrive in 0..3_usize) {
        // The same instant is judged where the person is then: by the new clock, with nothing carried over.
        let preferences = quiet(from, to);
        let at_ms = YEAR_START_MS + at;
        let (there, here) = (Zone::parse(ZONES[leave]).unwrap().moment(at_ms), Zone::parse(ZONES[arrive]).unwrap().moment(at_ms));
        let _before = is_quiet(&preferences, &there);
        let quiet_here = is_quiet(&preferences, &here);
        prop_assert_eq!(quiet_here, by_the_clock(from, to, here.minute_of_day()));
        // A recorded moment stays as it was, whatever its zone is called by now.
        let renamed = Moment { zone: std::sync::Arc::from("Etc/Unknown"), ..here };
        prop_assert_eq!(quiet_here, is_quiet(&preferences, &renamed));
    }

    #[test]
    fn s25_quiet_when_the_clock_jumps_back(from in 0..1440_u32, to in 0..1440_u32, at in 0..365 * DAY_MS, back in 0..3 * DAY_MS, zone in 0..3_usize) {
        let preferences = quiet(from, to);
        let zone = Zone::parse(ZONES[zone]).unwrap();
        let first = YEAR_START_MS + at;
        let answers = |at_ms: i64| (is_quiet(&preferences, &zone.moment(at_ms)), next_end(&preferences, &zone, &zone.moment(at_ms)));
        let (before, earlier, after) = (answers(first), answers(first - back), answers(first));
        prop_assert_eq!(before, after, "nothing is remembered");
        prop_assert!(earlier.1.is_none_or(|end| end >= first - back), "an end is never past");
        prop_assert_eq!(earlier.0, earlier.1 != Some(first - back));
    }

    #[test]
    fn s25_quiet_ends_at_the_first_minute_that_is_not(from in 0..1440_u32, to in 0..1440_u32, at in 0..365 * 1440_i64, zone in 0..3_usize) {
        assert_first_end(&quiet(from, to), &Zone::parse(ZONES[zone]).unwrap(), YEAR_START_MS + at * MINUTE_MS);
    }
}
