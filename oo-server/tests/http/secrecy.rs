//! Nothing secret in the server's log, however much is logged and whatever goes wrong.

use std::fs::File;

use http_body_util::Full;
use serde_json::json;

use crate::support::{Home, Server, oo};

const CALLER: &str = "caller-quagga-5f3a";

#[test]
fn nothing_secret_is_in_a_log_of_everything() {
    let home = Home::new();
    let log = home.path("log");
    let mut command = oo(&[]);
    command.stderr(File::create(&log).unwrap());
    let server = Server::start_by(command, home, &["--log", "trace"]);
    let say = |method: &str, path: &str, body: &str| server.raw(CALLER, method, path, body.to_owned()).status;
    let task = json!({"kind": "task", "id": "task-aardvark-77", "title": "Renew the zebra passport", "notes": "the okapi drawer"});
    let signals = json!({"by_hand": true, "signals": [task]}).to_string();
    assert_eq!(say("POST", "/api/signals", &signals), 200);
    let request = json!({"user": CALLER, "request_id": "request-kudu-12"});
    let tip = server.post("/api/recommend", &request).json()["tip"]["id"].clone();
    let done = json!({"tip": tip, "reaction": "done", "id": "request-kudu-13"}).to_string();
    assert_eq!(say("POST", "/api/feedback", &done), 200);
    let stream = server.request("GET", "/api/events/stream?after=999999&user=caller-quagga-5f3a");
    assert_eq!(server.send(stream.body(Full::default()).unwrap()).status, 400);

    // Requests that are wrong, each with what must not be repeated.
    let long =
        json!({"signals": [{"kind": "task", "id": "task-aardvark-77", "title": "zebra ".repeat(2_000)}]}).to_string();
    for (method, path, body) in [
        ("POST", "/api/signals", &signals[..signals.len() - 4]),
        ("POST", "/api/signals", &signals.replace("notes", "zebra")),
        ("POST", "/api/signals", &long),
        ("POST", "/api/recommend", r#"{"user": "caller-quagga-\u0000"}"#),
        ("POST", "/api/feedback", r#"{"tip": "request-kudu-12", "reaction": "done"}"#),
        ("GET", "/api/tips/request-kudu-12/why", ""),
        ("GET", "/api/zebra?okapi=aardvark", ""),
        ("PUT", "/api/me/preferences", r#"{"zone": "okapi/zebra"}"#),
    ] {
        assert!((400..500).contains(&say(method, path, body)), "{method} {path}");
    }
    let other = rusqlite::Connection::open(server.home.path("data").join("oo.db")).unwrap();
    other.execute("UPDATE texts SET sealed = zeroblob(length(sealed))", []).unwrap();
    drop(other);
    assert_eq!(say("GET", "/api/me/export", ""), 507, "what is stored was tampered with");
    assert_eq!(say("DELETE", "/api/me", ""), 200);

    let key = std::fs::read_to_string(server.home.path("data.key")).unwrap();
    let key = key.trim().rsplit(' ').next().unwrap().to_owned();
    let home = server.stop();
    let log = std::fs::read_to_string(&log).unwrap();
    assert!(log.contains("the engine is open") && log.contains("stopping"), "the log was not heard: {log}");
    for needle in ["quagga", "aardvark", "zebra", "okapi", "kudu", &key[..16]] {
        let line = log.lines().find(|line| line.to_lowercase().contains(needle));
        assert!(line.is_none(), "{needle} is in the log: {line:?}");
    }
    drop(home);
}
