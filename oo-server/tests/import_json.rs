//! JSON lines, and how a file's format is found.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

use oo_core::error::ErrorKind;
use oo_core::moment::Zone;
use oo_core::signal::SignalKind;
use oo_server::import::{Format, Import, MAX_BYTES, Source, Window, parse, parse_with, signal_from_json};

const GOOD: &[u8] = include_bytes!("../../tests/fixtures/import/signals.jsonl");
const BAD: &[u8] = include_bytes!("../../tests/fixtures/import/signals-bad.jsonl");

fn read(bytes: &[u8]) -> Import {
    parse("signals.jsonl", bytes, None, &Zone::utc(), 0, None).unwrap()
}

#[test]
fn every_kind_of_signal_is_read() {
    let import = read(GOOD);
    assert_eq!(import.format, Format::JsonLines);
    assert_eq!(
        (import.report.rows, import.report.imported, import.report.skipped_rows),
        (8, 8, 0),
        "{:?}",
        import.report
    );
    for kind in SignalKind::ALL {
        assert!(import.signals.iter().any(|signal| signal.kind() == kind), "{kind:?}");
    }
    assert_eq!(import.signals[0].signal_id.as_deref(), Some("s-1"));
    assert!(import.signals[0].at_ms.is_some());
}

#[test]
fn equal_lines_are_two_signals_and_the_same_file_is_one() {
    let import = read(GOOD);
    let ids: std::collections::BTreeSet<_> = import.signals.iter().map(|signal| signal.signal_id.clone()).collect();
    assert_eq!(ids.len(), 8);
    assert!(!ids.contains(&None));
    assert_eq!(import, read(GOOD));
    let crlf = String::from_utf8_lossy(GOOD).replace('\n', "\r\n");
    assert_eq!(
        import.signals,
        read(format!("\u{FEFF}{crlf}").as_bytes()).signals,
        "line endings and a mark change nothing"
    );
}

#[test]
fn a_bad_line_is_skipped_and_reported() {
    let import = read(BAD);
    assert_eq!(import.signals.len(), 2);
    let lines: Vec<u64> = import.report.skipped.iter().map(|remark| remark.line).collect();
    assert_eq!(lines, [2, 3, 4, 5, 6, 7, 8, 9, 10]);
    assert!(import.report.skipped[0].reason.contains("priorty"), "{:?}", import.report.skipped[0]);
    assert!(signal_from_json(r#"{"kind":"mood","level":3,"colour":"blue"}"#).is_err());
}

#[test]
fn the_format_is_found_by_content_and_then_by_name() {
    let found = |name: &str, bytes: &[u8]| parse(name, bytes, None, &Zone::utc(), 0, None).map(|import| import.format);
    assert_eq!(found("x", b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"), Ok(Format::ICalendar));
    assert_eq!(found("x.csv", b"\xEF\xBB\xBF\r\nbegin:vcalendar\nEND:VCALENDAR\n"), Ok(Format::ICalendar));
    assert_eq!(found("x.txt", GOOD), Ok(Format::JsonLines));
    assert_eq!(found("x.ics", b"TYPE,CONTENT\n"), Ok(Format::TodoistCsv));
    assert_eq!(found("x.ndjson", b"oops\n"), Ok(Format::JsonLines));
    for format in Format::ALL {
        assert_eq!(Format::parse(format.as_str()), Ok(format));
    }
    assert!(Format::parse("xml").is_err());
}

#[test]
fn a_file_that_cannot_be_imported_is_refused_with_what_to_do() {
    let refuse = |name: &str, bytes: &[u8]| parse(name, bytes, None, &Zone::utc(), 0, None).unwrap_err();
    for (name, bytes, part) in [
        ("x.csv", b"".as_slice(), "empty"),
        ("x.csv", b"\xEF\xBB\xBF \r\n", "empty"),
        ("x.txt", b"hello\n", "none of the formats"),
        ("x.xlsx", b"PK\x03\x04\x14\x00\x06\x00\x08\x00\x00\x00\x21\x00\x01\x02\x03", "not text"),
        ("x.json", b"[{\"kind\":\"mood\"}]", "jq"),
        ("x.ics", b"hello\n", "BEGIN:VCALENDAR"),
    ] {
        let error = refuse(name, bytes);
        assert!(error.message().contains(part), "{name}: {error}");
        assert_eq!((error.kind(), error.field()), (ErrorKind::InvalidInput, Some("file")));
    }
    assert!(refuse("x.csv", &vec![b'a'; MAX_BYTES + 1]).message().contains("200 MB"));
}

#[test]
fn progress_rises_to_the_length_of_the_file() {
    let zone = Zone::utc();
    let source = Source { name: "x.jsonl", bytes: GOOD, format: None, zone: &zone, window: Window::around(0) };
    let mut seen = Vec::new();
    parse_with(&source, &mut |bytes| seen.push(bytes)).unwrap();
    assert!(seen.is_sorted());
    assert_eq!(seen.last(), Some(&(GOOD.len() as u64)));
}
