//! Stopping: what was acknowledged is there afterwards, and what was in flight is answered.

use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::json;

use crate::support::{PATIENCE, Server};

#[test]
fn a_restart_has_learned() {
    let server = Server::start();
    let tip = server.post("/api/recommend", &json!({})).json()["tip"]["id"].clone();
    server.post("/api/feedback", &json!({"tip": tip, "reaction": "done"})).json();
    let before = server.get("/health").json();
    let server = Server::start_in(server.stop(), &[]);
    let after = server.get("/health").json();
    for what in ["position", "epoch", "state_hash", "lessons"] {
        assert_eq!(before[what], after[what], "{what}");
    }
    assert_eq!(server.get("/api/me/history").json()["tips"][0]["state"], "done");
}

#[test]
fn a_crash_loses_nothing_that_was_acknowledged() {
    let mut server = Server::start();
    let tip = server.post("/api/recommend", &json!({})).json()["tip"]["id"].clone();
    server.post("/api/feedback", &json!({"tip": tip, "reaction": "done"})).json();
    let before = server.get("/health").json();
    server.signal("-KILL");
    assert!(!server.wait().success());
    let server = Server::start_in(std::mem::replace(&mut server.home, crate::support::Home::new()), &[]);
    let after = server.get("/health").json();
    assert_eq!((&before["state_hash"], &before["position"]), (&after["state_hash"], &after["position"]));
}

#[test]
fn a_request_in_flight_is_answered_before_the_end() {
    let mut server = Server::start();
    let mut stream = TcpStream::connect(&server.addr).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let head = format!(
        "POST /api/recommend HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n",
        server.addr
    );
    stream.write_all(head.as_bytes()).unwrap();
    // The handler waits for the body when this has come.
    let mut go_on = [0; 25];
    stream.read_exact(&mut go_on).unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
    server.signal("-TERM");
    std::thread::sleep(std::time::Duration::from_millis(300));
    assert!(TcpStream::connect(&server.addr).is_err(), "nothing new is accepted");
    stream.write_all(b"{}").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    assert!(server.wait().success());
}

#[test]
fn an_interrupt_stops_too_and_an_idle_connection_does_not_hold_it() {
    let mut server = Server::start();
    let _idle = TcpStream::connect(&server.addr).unwrap();
    let mut kept = TcpStream::connect(&server.addr).unwrap();
    kept.write_all(format!("GET /health HTTP/1.1\r\nHost: {}\r\n\r\n", server.addr).as_bytes()).unwrap();
    let mut first = [0; 12];
    kept.read_exact(&mut first).unwrap();
    assert_eq!(&first, b"HTTP/1.1 200");
    server.signal("-INT");
    #[allow(clippy::disallowed_methods, reason = "a time budget of the test")]
    let started = std::time::Instant::now();
    assert!(server.wait().success());
    assert!(started.elapsed().as_secs() < 5);
}
