//! What a person may demand, from the command line: exports and their way back, receipts, retention.

use std::process::Output;

use serde_json::{Value, json};

use crate::support::Home;

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn file(home: &Home, name: &str) -> String {
    home.path(name).to_str().unwrap().to_owned()
}

/// Two people with tasks, one of whom has answered a tip.
fn lived() -> Home {
    let home = Home::new();
    let task = |id: &str, title: &str| json!({"kind": "task", "id": id, "title": title}).to_string() + "\n";
    for user in ["ann", "ben"] {
        let tasks = task("t1", &format!("Plants of {user}")) + &task("t2", "File taxes");
        home.says(&["import", &home.write("tasks.jsonl", tasks.as_bytes()), "--user", user]);
    }
    home.says(&["tip", "--user", "ann"]);
    home.says(&["react", "done", "--user", "ann"]);
    home
}

#[test]
fn a_receipt_is_verified_from_a_file_and_by_its_id() {
    let home = lived();
    assert_eq!(home.says(&["receipts"]), "[]\n");
    let receipt = parsed(&home.says(&["forget", "--user", "ann"]));
    let id = receipt["id"].as_str().unwrap();
    // The answer was lost: its receipt is still there.
    assert_eq!(parsed(&home.says(&["receipts"])), json!([receipt]));
    assert_eq!(home.says(&["receipts", "--limit", "0"]), "[]\n");

    let kept = home.write("receipt.json", receipt.to_string().as_bytes());
    for given in [&kept[..], id] {
        let verified = parsed(&home.says(&["verify-receipt", given]));
        assert_eq!((&verified["id"], &verified["valid"]), (&json!(id), &json!(true)), "{verified}");
        assert_eq!((&verified["problems"], &verified["state"]), (&json!([]), &json!(true)));
    }

    for (field, value) in [("lessons", json!(7)), ("state_hash", json!("00".repeat(32))), ("epoch", json!(9))] {
        let mut changed = receipt.clone();
        changed[field] = value;
        let output = home.run(&["verify-receipt", &home.write("changed.json", changed.to_string().as_bytes())]);
        assert_eq!(output.status.code(), Some(1), "{field}: {}", said(&output));
        let verified = parsed(&String::from_utf8(output.stdout).unwrap());
        assert_eq!(verified["valid"], false);
        assert_eq!(verified["problems"], json!([format!("{field} is not what the log says: the receipt was changed")]));
    }

    let unknown = home.run(&["verify-receipt", "018f3f5e-0000-7000-8000-000000000000"]);
    assert_eq!(unknown.status.code(), Some(1));
    assert!(said(&unknown).contains("no such receipt"), "{}", said(&unknown));
    for wrong in
        ["nothing", &home.write("no.json", b"{}"), &home.write("half.json", &receipt.to_string().as_bytes()[..40])]
    {
        let refused = home.run(&["verify-receipt", wrong]);
        assert_eq!(refused.status.code(), Some(2), "{wrong}: {}", said(&refused));
        assert!(refused.stdout.is_empty());
    }
}

#[test]
fn an_export_is_imported_by_whose_it_is() {
    let home = lived();
    let export = home.says(&["export", "--user", "ann"]);
    let kept = home.write("ann.jsonl", export.as_bytes());

    let elsewhere = Home::new();
    let tried = parsed(&elsewhere.says(&["import", &kept, "--user", "ann", "--dry-run"]));
    assert_eq!((&tried["signals"], &tried["duplicates"]), (&json!(2), &json!(0)), "{tried}");
    let refused = elsewhere.run(&["import", &kept, "--user", "ben", "--dry-run"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(said(&refused).starts_with("oo: user: "), "{}", said(&refused));
    assert!(!elsewhere.path("data").exists());

    let refused = elsewhere.run(&["import", &kept, "--user", "ben"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(said(&refused).starts_with("oo: user: "), "{}", said(&refused));
    assert_eq!(elsewhere.says(&["export", "--user", "ben"]).lines().count(), 1, "nothing was stored");

    let imported = parsed(&elsewhere.says(&["import", &kept, "--user", "ann"]));
    assert_eq!((&imported["signals"], &imported["duplicates"]), (&json!(2), &json!(0)), "{imported}");
    assert!(elsewhere.says(&["export", "--user", "ann"]).contains("Plants of ann"));
    let again = parsed(&elsewhere.says(&["import", &kept, "--user", "ann"]));
    assert_eq!((&again["signals"], &again["duplicates"]), (&json!(0), &json!(2)), "{again}");
    // A dry run beside what is there changes nothing, either.
    let before = elsewhere.says(&["export", "--user", "ann"]);
    elsewhere.says(&["import", &kept, "--user", "ann", "--dry-run"]);
    assert_eq!(elsewhere.says(&["export", "--user", "ann"]), before);
}

#[test]
fn an_export_in_a_file_goes_with_its_person() {
    let home = lived();
    let kept = file(&home, "ann.jsonl");
    let exported = parsed(&home.says(&["export", "--user", "ann", "--out", &kept]));
    let written = std::fs::read_to_string(&kept).unwrap();
    assert_eq!(exported, json!({"path": kept, "lines": written.lines().count()}));
    assert!(written.contains("Plants of ann") && !written.contains("Plants of ben"));
    let taken = home.run(&["export", "--user", "ben", "--out", &kept]);
    assert_eq!(taken.status.code(), Some(2), "{}", said(&taken));
    assert_eq!(std::fs::read_to_string(&kept).unwrap(), written, "it was left alone");
    let nowhere = home.run(&["export", "--user", "ann", "--out", &file(&home, "no/folder.jsonl")]);
    assert_eq!(nowhere.status.code(), Some(1), "{}", said(&nowhere));

    let receipt = parsed(&home.says(&["forget", "--user", "ann"]));
    assert_eq!((&receipt["exports"], &receipt["left"]), (&json!(1), &Value::Null));
    assert!(!home.path("ann.jsonl").exists());
}

/// A number as protobuf writes it.
fn varint(mut number: i64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number >= 0x80 {
        bytes.push(u8::try_from(number & 0x7f).unwrap() | 0x80);
        number >>= 7;
    }
    bytes.push(u8::try_from(number).unwrap());
    bytes
}

/// Lets what the first task of a person says be recorded in 1999: no clock can be moved from the command line.
fn age(home: &Home, line: &str) {
    let line = parsed(line);
    let recorded: jiff::Timestamp = line["recorded"].as_str().unwrap().parse().unwrap();
    let (now, then) = (varint(recorded.as_millisecond()), varint(930_000_000_000));
    assert_eq!(now.len(), then.len());
    let conn = rusqlite::Connection::open(home.path("data").join("oo.db")).unwrap();
    let at = line["position"].as_i64();
    let read = "SELECT bytes FROM events WHERE position = ?1";
    let mut bytes: Vec<u8> = conn.query_row(read, [at], |row| row.get(0)).unwrap();
    let mut found = 0;
    for place in 0..=bytes.len() - now.len() {
        if bytes[place..].starts_with(&now) {
            bytes[place..place + now.len()].copy_from_slice(&then);
            found += 1;
        }
    }
    assert!(found > 0, "the time was not found");
    conn.execute("UPDATE events SET bytes = ?2 WHERE position = ?1", rusqlite::params![at, bytes]).unwrap();
}

#[test]
fn what_was_held_for_long_enough_goes() {
    let home = lived();
    assert_eq!(parsed(&home.says(&["retain"])), json!({"people": 0, "events": 0, "lessons": 0}), "nothing has a limit");
    let held = home.says(&["export", "--user", "ben"]);
    let first = held.lines().find(|line| line.contains("Plants of ben")).unwrap();
    let limited = home.write("oo.toml", b"retain_task_days = 30\n");
    home.says(&["retain", "--config", &limited]);
    assert_eq!(home.says(&["export", "--user", "ben"]), held, "nothing is that old");

    age(&home, first);
    let retained = parsed(&home.says(&["retain"]));
    assert_eq!(retained["people"], 0, "nothing has a limit");
    let retained = parsed(&home.says(&["retain", "--config", &limited]));
    assert!(retained["people"].is_u64() && retained["events"].is_u64(), "{retained}");
    let left = home.says(&["export", "--user", "ben"]);
    assert!(!left.contains("Plants of ben") && left.contains("File taxes"), "{left}");
    assert!(home.says(&["export", "--user", "ann"]).contains("Plants of ann"));
    let replayed = parsed(&home.says(&["replay", "--verify"]));
    assert_eq!(replayed["differences"], json!([]));
}
