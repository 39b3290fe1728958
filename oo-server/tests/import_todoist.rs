//! Todoist's CSV export, read with every column, row type and form of date that it has.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

use oo_core::error::ErrorKind;
use oo_core::moment::{Zone, parse_date, parse_rfc3339};
use oo_core::signal::{Due, SignalBody, TaskSignal};
use oo_server::import::{Format, Import, parse};

const ALL: &[u8] = include_bytes!("../../tests/fixtures/import/todoist-all.csv");
const OLD: &[u8] = include_bytes!("../../tests/fixtures/import/todoist-2019.csv");
const SEMICOLON: &[u8] = include_bytes!("../../tests/fixtures/import/todoist-semicolon.csv");
const UTF16: &[u8] = include_bytes!("../../tests/fixtures/import/todoist-utf16.csv");

fn read(bytes: &[u8]) -> Import {
    let zone = Zone::parse("Europe/Berlin").unwrap();
    parse("Home.csv", bytes, None, &zone, parse_rfc3339("now", "2026-11-20T12:00:00Z").unwrap(), None).unwrap()
}

fn tasks(import: &Import) -> Vec<&TaskSignal> {
    let tasks = import.signals.iter().map(|signal| match &signal.body {
        SignalBody::Task(task) => task,
        other => panic!("not a task: {other:?}"),
    });
    tasks.collect()
}

fn task<'i>(import: &'i Import, title: &str) -> &'i TaskSignal {
    tasks(import).into_iter().find(|task| task.title == title).unwrap_or_else(|| panic!("no task {title:?}"))
}

fn day(text: &str) -> Option<Due> {
    Some(Due::Day(parse_date("day", text).unwrap()))
}

fn at(text: &str) -> Option<Due> {
    Some(Due::At(parse_rfc3339("at", text).unwrap()))
}

#[test]
fn every_column_and_row_type_is_read() {
    let import = read(ALL);
    assert_eq!(import.format, Format::TodoistCsv);
    let taxes = task(&import, "File taxes");
    assert_eq!(
        taxes.notes.as_deref(),
        Some("Form and receipts, in \"the\" folder\nFirst comment\nSecond comment,\nover two lines")
    );
    assert_eq!((taxes.priority, taxes.effort_min, taxes.due), (Some(1), Some(30), day("2026-11-30")));
    assert_eq!(task(&import, "Copy it").effort_min, Some(45));
    assert_eq!(task(&import, "Wäsche 洗濯 🧺").priority, None);
    assert_eq!(task(&import, "Short row").due, None);
    assert_eq!(task(&import, "See the plan").notes, None, "an attachment is no note");
    assert_eq!(task(&import, "The last one").priority, Some(4));
    assert_eq!(import.report.imported, import.signals.len() as u64);
    assert_eq!(tasks(&import).len(), 15);
}

#[test]
fn every_form_of_an_iso_date_is_understood() {
    let import = read(ALL);
    for (title, due) in [
        ("Find last year's letter", at("2026-11-25T20:30:00Z")),
        ("Copy it", at("2026-11-26T09:00:00Z")),
        ("Send it", at("2026-11-27T07:00:00Z")),
        ("Repot the basil @garden", day("2026-12-05")),
        ("Order seeds", day("2026-12-06")),
        ("Lunch in New York", at("2026-12-01T11:00:00Z")),
        ("Wäsche 洗濯 🧺", at("2026-11-22T07:00:00Z")),
        ("Turn around and read", None),
        ("Water the ferns", None),
        ("February 30", None),
    ] {
        assert_eq!(task(&import, title).due, due, "{title}");
    }
}

#[test]
fn what_is_not_iso_is_kept_without_a_date_and_reported_with_its_line() {
    let import = read(ALL);
    let warnings: Vec<_> = import.report.warnings.iter().map(|remark| (remark.line, remark.reason.as_str())).collect();
    for (line, part) in [
        (12, "every monday at 9am"),
        (13, "tomorrow"),
        (14, "DURATION \"1\" \"day\""),
        (15, "5 Oct 2026"),
        (16, "Not/AZone"),
        (18, "20261201"),
        (25, "2026-02-30"),
    ] {
        assert!(
            warnings.iter().any(|(at, reason)| *at == line && reason.contains(part)),
            "{line} {part}: {warnings:?}"
        );
    }
    assert_eq!(warnings.len(), 7, "{warnings:?}");
}

#[test]
fn a_bad_row_is_skipped_and_reported_with_its_line() {
    let import = read(ALL);
    let skipped: Vec<_> = import.report.skipped.iter().map(|remark| (remark.line, remark.reason.as_str())).collect();
    for (line, part) in [
        (19, "PRIORITY"),
        (20, "skipped"),
        (21, "title"),
        (22, "INDENT"),
        (23, "TYPE"),
        (24, "more cells"),
        (29, "UTF-8"),
    ] {
        assert!(skipped.iter().any(|(at, reason)| *at == line && reason.contains(part)), "{line} {part}: {skipped:?}");
    }
    assert_eq!((skipped.len(), import.report.skipped_rows), (7, 7), "{skipped:?}");
    assert_eq!(import.report.rows, 27);
}

#[test]
fn author_and_responsible_are_nowhere() {
    let text = format!("{:?}", read(ALL));
    for secret in ["Ada Author", "10000001", "Rene Responsible", "Nora", "plan.pdf"] {
        assert!(!text.contains(secret), "{secret} got through");
    }
    let other = String::from_utf8_lossy(OLD).replace("Ada Author (10000001)", "Zoe Other (7)");
    assert_eq!(read(OLD), read(other.as_bytes()), "not even a hash of them");
}

#[test]
fn importing_twice_gives_the_same_ids_and_a_changed_row_the_same_task() {
    let once = read(ALL);
    assert_eq!(once, read(ALL));
    let changed = String::from_utf8_lossy(OLD).replace("2026-11-21", "2026-11-24");
    let (before, after) = (read(OLD), read(changed.as_bytes()));
    assert_eq!(task(&before, "Buy milk").id, task(&after, "Buy milk").id);
    assert_ne!(before.signals[0].signal_id, after.signals[0].signal_id);
    assert_eq!(before.signals[1], after.signals[1]);
}

#[test]
fn identity_is_source_path_content_and_ordinal() {
    let import = read(ALL);
    let ids: std::collections::BTreeSet<_> = tasks(&import).iter().map(|task| task.id.clone()).collect();
    assert_eq!(ids.len(), tasks(&import).len(), "two equal tasks are two tasks");
    let csv = |rows: &str| format!("TYPE,CONTENT,INDENT\n{rows}");
    let ids = |rows: &str| tasks(&read(csv(rows).as_bytes())).iter().map(|task| task.id.clone()).collect::<Vec<_>>();
    let (under_a, under_b) = (ids("task,A,1\ntask,x,2\n"), ids("task,B,1\ntask,x,2\n"));
    assert_ne!(under_a[1], under_b[1], "another parent is another task");
    assert_eq!(ids("task,x,1\n"), ids("section,S,\ntask,x,1\n"), "a section is no part of it");
    let zone = Zone::utc();
    let named = |name: &str| parse(name, OLD, None, &zone, 0, None).unwrap();
    assert_ne!(tasks(&named("a.csv"))[0].id, tasks(&named("b.csv"))[0].id);
    assert_eq!(named("a.csv"), named("/some/folder/a.csv"), "the folder is no part of it");
}

#[test]
fn older_headers_and_other_delimiters_are_read() {
    let old = read(OLD);
    assert_eq!(task(&old, "Buy milk").notes.as_deref(), Some("The blue one"));
    assert_eq!((task(&old, "Buy milk").due, task(&old, "Call mum").priority), (day("2026-11-21"), Some(1)));
    assert_eq!(task(&read(SEMICOLON), "Milch; Brot").priority, Some(2));
}

#[test]
fn lines_are_counted_with_every_line_ending() {
    for ending in ["\n", "\r\n", "\r"] {
        let csv = ["TYPE,CONTENT,PRIORITY", "task,a,1", "", "task,\"two", "lines\",1", "", "task,b,9"].join(ending);
        let import = read(csv.as_bytes());
        assert_eq!(import.report.skipped[0].line, 7, "{ending:?}");
    }
}

#[test]
fn an_unclosed_quote_is_named_instead_of_swallowing_the_file_in_silence() {
    let import = read(b"TYPE,CONTENT\ntask,good\ntask,\"open\ntask,lost\ntask,lost too\n");
    assert_eq!(tasks(&import).len(), 1);
    assert_eq!(import.report.skipped[0].line, 3);
    assert!(import.report.skipped[0].reason.contains("quote"));
}

#[test]
fn a_file_that_is_not_utf8_text_is_refused_with_what_to_do() {
    let refuse = |bytes: &[u8]| parse("Home.csv", bytes, None, &Zone::utc(), 0, None).unwrap_err();
    assert!(refuse(UTF16).message().contains("UTF-16"));
    assert!(refuse(&UTF16[2..]).message().contains("UTF-16"), "without its mark");
    let japanese: Vec<u8> = "\u{FEFF}種類、内容、日付".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(refuse(&japanese).message().contains("UTF-16"), "without a zero in it");
    assert!(refuse(b"TYPE,CONTENT\ntask,caf\xe9\ntask,th\xe9\n").message().contains("UTF-8"));
    assert!(refuse(b"name,when\nx,y\n").message().contains("TYPE"));
    assert_eq!(refuse(UTF16).kind(), ErrorKind::InvalidInput);
}
