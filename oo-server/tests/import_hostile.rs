//! Whatever bytes an importer is given, it answers; it never panics.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

use oo_core::moment::Zone;
use oo_server::import::{Format, parse};
use proptest::prelude::*;

const FIXTURES: [&[u8]; 5] = [
    include_bytes!("../../tests/fixtures/import/todoist-all.csv"),
    include_bytes!("../../tests/fixtures/import/todoist-2019.csv"),
    include_bytes!("../../tests/fixtures/import/calendar.ics"),
    include_bytes!("../../tests/fixtures/import/signals.jsonl"),
    include_bytes!("../../tests/fixtures/import/signals-bad.jsonl"),
];

/// Reads `bytes` as every format; what is accepted is valid, and the report adds up.
fn feed(bytes: &[u8]) {
    let zone = Zone::parse("Europe/Berlin").unwrap();
    for format in Format::ALL.into_iter().map(Some).chain([None]) {
        let Ok(import) = parse("x", bytes, format, &zone, 1_795_176_000_000, None) else { continue };
        assert_eq!(import.report.imported, import.signals.len() as u64);
        for signal in &import.signals {
            assert!(signal.signal_id.is_some());
            assert_eq!(signal.validate(), Ok(()));
        }
    }
}

/// One edit of a file.
#[derive(Clone, Debug)]
enum Edit {
    Set(usize, u8),
    Insert(usize, Vec<u8>),
    Remove(usize, usize),
    Repeat(usize, usize),
    Cut(usize),
}

fn edit() -> impl Strategy<Value = Edit> {
    let piece = prop_oneof![
        proptest::collection::vec(any::<u8>(), 1..6),
        prop::sample::select(vec![
            "\"",
            "\r\n",
            "\n",
            "\r",
            ",",
            ":",
            ";",
            "=",
            "\u{0}",
            "\u{202E}",
            "\u{FEFF}",
            "99999999999999999999",
            "-1",
            "\r\n ",
            "BEGIN:VEVENT\r\n",
            "END:VEVENT\r\n",
            "RRULE:FREQ=YEARLY;BYWEEKNO=53;BYDAY=MO\r\n",
            "INTERVAL=65535;",
            "COUNT=0;",
            "DTSTART:00010101T000000\r\n",
            "DTSTART:99991231T235959Z\r\n",
            "DURATION:P4294967295W\r\n",
            "BYSETPOS=-366;",
            "RECURRENCE-ID:20261116T150000Z\r\n",
            "TZOFFSETTO:+9959\r\n",
            "BYYEARDAY=-366,366;",
            "BYDAY=-53MO,53SU;",
            "task,\"",
            "note,x\n",
            "{\"kind\":",
            "1e308",
        ])
        .prop_map(|text| text.as_bytes().to_vec()),
    ];
    prop_oneof![
        (any::<usize>(), any::<u8>()).prop_map(|(at, byte)| Edit::Set(at, byte)),
        (any::<usize>(), piece).prop_map(|(at, piece)| Edit::Insert(at, piece)),
        (any::<usize>(), 1usize..40).prop_map(|(at, length)| Edit::Remove(at, length)),
        (any::<usize>(), 1usize..200).prop_map(|(at, length)| Edit::Repeat(at, length)),
        any::<usize>().prop_map(Edit::Cut),
    ]
}

fn apply(bytes: &mut Vec<u8>, edit: &Edit) {
    let length = bytes.len().max(1);
    match edit {
        Edit::Set(at, byte) => {
            if let Some(old) = bytes.get_mut(at % length) {
                *old = *byte;
            }
        }
        Edit::Insert(at, piece) => {
            let at = (at % length).min(bytes.len());
            bytes.splice(at..at, piece.iter().copied());
        }
        Edit::Remove(at, count) => {
            let at = (at % length).min(bytes.len());
            let end = (at + count).min(bytes.len());
            bytes.drain(at..end);
        }
        Edit::Repeat(at, count) => {
            let at = (at % length).min(bytes.len());
            let copy = bytes[at..(at + count).min(bytes.len())].to_vec();
            bytes.splice(at..at, copy);
        }
        Edit::Cut(at) => bytes.truncate(at % length),
    }
}

fn cases() -> u32 {
    std::env::var("OO_IMPORT_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(150)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_are_answered(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        feed(&bytes);
    }

    #[test]
    fn mutated_files_are_answered(which in 0usize..FIXTURES.len(), edits in proptest::collection::vec(edit(), 1..12)) {
        let mut bytes = FIXTURES[which].to_vec();
        for edit in &edits {
            apply(&mut bytes, edit);
        }
        feed(&bytes);
    }

    #[test]
    fn any_recurrence_rule_is_answered(
        freq in prop::sample::select(vec!["SECONDLY", "MINUTELY", "HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY"]),
        start in prop::sample::select(vec!["19000101", "20200229", "20261025T013000", "20261124T100000Z", "00010101", "99991231T235959"]),
        parts in proptest::collection::vec((
            prop::sample::select(vec![
                "INTERVAL", "COUNT", "BYMONTH", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYSETPOS", "BYHOUR", "BYMINUTE", "BYSECOND", "BYDAY", "UNTIL", "WKST",
            ]),
            proptest::collection::vec(prop_oneof![(-400i32..400).prop_map(|n| n.to_string()), prop::sample::select(vec!["MO", "-1SU", "53FR", "20270101", "20261231T000000Z"]).prop_map(str::to_owned)], 1..4),
        ), 0..5),
    ) {
        let parts: String = parts.iter().map(|(name, values)| format!(";{name}={}", values.join(","))).collect();
        let text = format!("BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:u\nDTSTART:{start}\nRRULE:FREQ={freq}{parts}\nEND:VEVENT\nEND:VCALENDAR\n");
        feed(text.as_bytes());
    }
}
