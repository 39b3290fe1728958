//! `oo import`: real files in, tips out, twice the same.

use serde_json::Value;

use crate::support::{Home, Server};

const TODOIST: &[u8] = include_bytes!("../../../tests/fixtures/import/todoist-all.csv");
const CALENDAR: &[u8] = include_bytes!("../../../tests/fixtures/import/calendar.ics");
const SIGNALS: &[u8] = include_bytes!("../../../tests/fixtures/import/signals.jsonl");
const BAD: &[u8] = include_bytes!("../../../tests/fixtures/import/signals-bad.jsonl");

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap()
}

fn imported(line: &str) -> u64 {
    line.split(' ').next().unwrap().parse().unwrap()
}

#[test]
fn importing_twice_changes_nothing() {
    let home = Home::new();
    for (name, bytes) in [("Todoist.csv", TODOIST), ("calendar.ics", CALENDAR), ("signals.jsonl", SIGNALS)] {
        let file = home.write(name, bytes);
        let first = home.says(&["import", &file]);
        let count = imported(first_line(&first));
        assert!(count > 0, "{first}");
        assert!(first.contains(" 0 unchanged"), "{first}");
        let held = home.says(&["export"]);
        let again = home.says(&["import", &file]);
        assert!(again.starts_with(&format!("0 imported, {count} unchanged")), "{again}");
        assert_eq!(home.says(&["export"]), held);
    }
}

#[test]
fn an_import_is_served_and_reacted_to() {
    let home = Home::new();
    let file = home.write("Todoist.csv", TODOIST);
    home.says(&["import", &file, "--zone", "Europe/Berlin"]);
    for _ in 0..60 {
        let answer: Value = serde_json::from_str(&home.says(&["tip", "--json"])).unwrap();
        if answer["tip"]["kind"] == "todo" {
            home.says(&["react", "done"]);
            let again = home.says(&["import", &file, "--zone", "Europe/Berlin"]);
            assert!(again.starts_with("0 imported"), "{again}");
            return;
        }
        home.says(&["react", "dismiss"]);
    }
    panic!("no imported task was ever served");
}

#[test]
fn the_grant_is_of_the_imported_kinds() {
    let home = Home::new();
    let file = home.write("Todoist.csv", TODOIST);
    home.says(&["import", &file]);
    let server = Server::start_in(home, &[]);
    let consents = server.get("/api/me/consents").json();
    assert_eq!((&consents["task"], &consents["mood"]), (&Value::Bool(true), &Value::Bool(false)));
}

#[test]
fn bad_rows_are_reported_with_their_line_and_the_rest_is_imported() {
    let home = Home::new();
    let said = home.says(&["import", &home.write("signals.jsonl", BAD)]);
    assert!(said.lines().any(|line| line.starts_with("  line ") && line.contains("skipped: ")), "{said}");
}

#[test]
fn a_dry_run_leaves_no_trace() {
    let home = Home::new();
    let said = home.says(&["import", &home.write("Todoist.csv", TODOIST), "--dry-run"]);
    assert!(said.contains("would be imported"), "{said}");
    assert!(!home.path("data").exists());
}

#[test]
fn a_file_that_is_none_of_the_formats_is_refused_whole() {
    let home = Home::new();
    for (name, bytes) in [("a.bin", &b"\x00\xff\x00\xff"[..]), ("empty.csv", b""), ("b.csv", b"A,B\n1,2\n")] {
        let refused = home.run(&["import", &home.write(name, bytes)]);
        assert_eq!(refused.status.code(), Some(2), "{name}");
        assert!(refused.stdout.is_empty());
    }
}
