//! A store that is locked, full, or not ours: a typed problem, and nothing is harmed.

use std::process::Command;

use http_body_util::Full;
use rusqlite::Connection;
use serde_json::{Value, json};

use crate::mounted::FailingDisk;
use crate::support::{Home, Server};

fn database(home: &Home) -> Connection {
    Connection::open(home.path("data").join("oo.db")).unwrap()
}

#[test]
fn a_locked_database_is_busy_and_then_goes_on() {
    let server = Server::start();
    let first = server.post("/api/recommend", &json!({})).json();
    let other = database(&server.home);
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let done = json!({"tip": first["tip"]["id"], "reaction": "done"});
    let refused = server.post("/api/feedback", &done);
    refused.problem(503, "busy");
    assert!(refused.headers.contains_key("retry-after"));
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(server.post("/api/feedback", &done).json()["status"], "applied");
}

#[test]
fn a_full_disk_is_said_and_nothing_acknowledged_is_lost() {
    // Files of at most 1 MB, and a write beyond it fails instead of killing.
    let mut small = Command::new("sh");
    small.args(["-c", "trap '' XFSZ; ulimit -f 2048; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_oo")]);
    let server = Server::start_by(small, Home::new(), &[]);
    let moods: Vec<Value> =
        (0..200).map(|n| json!({"kind": "mood", "level": 1 + n % 5, "note": "x".repeat(200)})).collect();
    let body = json!({"by_hand": true, "signals": moods});
    let mut accepted = 0;
    let refused = loop {
        let answer = server.post("/api/signals", &body);
        if answer.status != 200 {
            break answer;
        }
        accepted += 200;
        assert!(accepted < 100_000, "the disk never filled");
    };
    refused.problem(507, "storage");
    assert_eq!(server.get("/api/me/consents").status, 200, "what can be read is still read");
    // Until not even one fits.
    let one = json!({"by_hand": true, "signals": [{"kind": "mood", "level": 3}]});
    while server.post("/api/signals", &one).status == 200 {
        accepted += 1;
    }
    server.get("/health").problem(507, "storage");
    assert_eq!(server.get("/api/me/export").status, 200);
    let mut server = server;
    server.signal("-KILL");
    server.wait();
    let home = std::mem::replace(&mut server.home, Home::new());
    let export = home.says(&["export"]);
    let held = export.lines().filter(|line| line.contains("\"mood\"") && line.contains("\"level\"")).count();
    assert!(held >= accepted, "{held} of {accepted} moods are there");
    let replayed: Value = serde_json::from_str(&home.says(&["replay", "--verify"])).unwrap();
    assert_eq!(replayed["differences"], json!([]));
    assert_eq!(Server::start_in(home, &[]).post("/api/signals", &body).json()["accepted"], 200);
}

#[test]
fn damaged_texts_are_said_and_everybody_else_is_served() {
    let server = Server::start();
    let tasks: Vec<Value> =
        (0..40).map(|n| json!({"kind": "task", "id": format!("t{n}"), "title": "x".repeat(300)})).collect();
    assert_eq!(server.post("/api/signals", &json!({"by_hand": true, "signals": tasks})).json()["accepted"], 40);
    let home = server.stop();
    let pages: Vec<u32> = {
        let conn = database(&home);
        let mut pages = conn.prepare("SELECT pageno FROM dbstat WHERE name = 'texts' AND pagetype = 'leaf'").unwrap();
        pages.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    let file = home.path("data").join("oo.db");
    let mut bytes = std::fs::read(&file).unwrap();
    for page in pages {
        bytes[(page as usize - 1) * 4096..][..4096].fill(0x5a);
    }
    std::fs::write(&file, bytes).unwrap();
    let server = Server::start_in(home, &[]);
    server.get("/api/me/export").problem(507, "storage");
    assert_eq!(server.get("/health").status, 200);
    assert_eq!(server.get("/api/me/preferences").status, 200);
    assert_eq!(server.call_as("somebody", "PUT", "/api/me/preferences", &json!({"zone": "Europe/Berlin"})).status, 200);
}

#[test]
fn a_database_of_a_newer_version_is_left_as_it_is() {
    let home = Server::start().stop();
    let other = database(&home);
    other.execute_batch("PRAGMA user_version = 9999; PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    drop(other);
    refused_unharmed(&home, "upgrade oO");
}

#[test]
fn a_file_that_is_no_database_of_ours_is_left_as_it_is() {
    let home = Home::new();
    std::fs::create_dir(home.data()).unwrap();
    database(&home).execute_batch("CREATE TABLE recipes (name TEXT)").unwrap();
    refused_unharmed(&home, "another program");
    std::fs::write(home.path("data").join("oo.db"), b"this is a letter, not a database".repeat(100)).unwrap();
    refused_unharmed(&home, "oo: ");
}

#[test]
fn policies_saved_by_a_newer_version_are_left_as_they_are() {
    let server = Server::start();
    let tip = server.post("/api/recommend", &json!({})).json()["tip"]["id"].clone();
    server.post("/api/feedback", &json!({"tip": tip, "reaction": "done"})).json();
    let home = server.stop();
    let newer = "UPDATE snapshots SET bytes = CAST('oo.mind9' || substr(bytes, 9) AS BLOB)";
    assert!(database(&home).execute(newer, []).unwrap() > 0);
    refused_unharmed(&home, "upgrade");
}

#[test]
fn another_master_key_and_none_are_refused_and_no_key_is_made() {
    let (home, other) = (Server::start().stop(), Server::start().stop());
    let key = home.path("data.key");
    std::fs::copy(other.path("data.key"), &key).unwrap();
    refused_unharmed(&home, "key");
    std::fs::remove_file(&key).unwrap();
    refused_unharmed(&home, "key");
    assert!(!key.exists());
}

#[test]
fn a_write_ahead_log_that_is_cut_off_loses_what_was_cut_and_nothing_before() {
    let mut server = Server::start();
    let mood = |user: &str| {
        let body = json!({"by_hand": true, "signals": [{"kind": "mood", "level": 3, "note": "x".repeat(2_000)}]});
        assert_eq!(server.call_as(user, "POST", "/api/signals", &body).json()["accepted"], 1);
    };
    mood("ann");
    let log = server.home.path("data").join("oo.db-wal");
    let acknowledged = std::fs::metadata(&log).unwrap().len();
    mood("ben");
    assert!(std::fs::metadata(&log).unwrap().len() > acknowledged + 100);
    server.signal("-KILL");
    server.wait();
    let home = std::mem::replace(&mut server.home, Home::new());
    std::fs::OpenOptions::new().write(true).open(&log).unwrap().set_len(acknowledged + 100).unwrap();
    let server = Server::start_in(home, &[]);
    let held = |user: &str| {
        let request = server.request("GET", "/api/me/export").header("oo-user", user);
        server.send(request.body(Full::default()).unwrap()).text().matches("\"level\"").count()
    };
    assert_eq!((held("ann"), held("ben")), (1, 0));
    assert_eq!(server.get("/health").status, 200);
    let home = server.stop();
    assert_eq!(serde_json::from_str::<Value>(&home.says(&["replay", "--verify"])).unwrap()["differences"], json!([]));
}

#[test]
fn a_file_system_that_goes_read_only_serves_what_stands() {
    let home = Home::new();
    let Some(disk) = FailingDisk::new(&home.path("")) else { return };
    let data = disk.folder.join("data");
    std::fs::create_dir(&data).unwrap();
    std::os::unix::fs::symlink(&data, home.path("data")).unwrap();
    let server = Server::start_in(home, &[]);
    let task = json!({"by_hand": true, "signals": [{"kind": "task", "id": "t", "title": "File taxes"}]});
    server.call_as("ben", "POST", "/api/signals", &task).json();
    let standing = server.post("/api/recommend", &json!({})).json()["tip"]["id"].clone();
    let held = server.get("/api/me/export").text();

    disk.fail();
    assert_eq!(
        server.post("/api/recommend", &json!({})).json()["tip"]["id"],
        standing,
        "the tip that stands is served"
    );
    let done = json!({"tip": standing, "reaction": "done"});
    server.post("/api/feedback", &done).problem(507, "storage");
    server.post("/api/signals", &task).problem(507, "storage");
    server.call_as("ben", "DELETE", "/api/me", &json!({})).problem(507, "storage");
    server.get("/health").problem(507, "storage");
    assert_eq!(server.get("/api/me/export").text(), held);
    let home = server.stop();

    disk.unmount();
    assert!(disk.mount());
    let server = Server::start_in(home, &[]);
    assert_eq!(server.get("/api/me/export").text(), held);
    assert_eq!(server.post("/api/feedback", &done).json()["status"], "applied");
    assert_eq!(server.get("/health").json()["status"], "ok");
}

fn refused_unharmed(home: &Home, why: &str) {
    let file = home.path("data").join("oo.db");
    let before = std::fs::read(&file).unwrap();
    for verb in ["serve", "tip", "health"] {
        let refused = home.run(&[verb]);
        assert_eq!(refused.status.code(), Some(1), "{verb}");
        let said = String::from_utf8(refused.stderr).unwrap();
        assert!(said.contains(why), "{verb}: {said}");
    }
    assert_eq!(std::fs::read(&file).unwrap(), before);
}
