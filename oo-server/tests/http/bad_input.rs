//! Bad input: each a typed problem that says what to do, and the server goes on.

use http_body_util::Full;
use serde_json::{Value, json};

use crate::support::{Answer, Server};

#[test]
fn bodies_that_are_no_json() {
    let server = Server::start();
    let paths =
        [("POST", "/api/recommend"), ("POST", "/api/feedback"), ("POST", "/api/signals"), ("POST", "/api/decide")];
    let puts = [("PUT", "/api/me/consents"), ("PUT", "/api/me/preferences")];
    for (method, path) in paths.into_iter().chain(puts) {
        for body in ["{", "[]", "7", "\"x\"", "{\"user\":NaN}", "{} {}", "{\"no_such_field\":1}"] {
            server.raw("me", method, path, body).problem(400, "invalid_input");
        }
        server.raw("me", method, path, &b"{\"user\":\"\xff\xfe\"}"[..]).problem(400, "invalid_input");
        server.raw("me", method, path, &b"\xff\xfe\x00"[..]).problem(400, "invalid_input");
        server.raw("me", method, path, "[".repeat(100_000)).problem(400, "invalid_input");
    }
    for (method, path) in paths.into_iter().skip(1).chain(puts) {
        assert_eq!(server.raw("me", method, path, "").problem(400, "invalid_input"), "body");
    }
    assert_eq!(server.get("/health").json()["status"], "ok");
}

#[test]
fn wrong_types_name_their_place() {
    let server = Server::start();
    let field = |path: &str, body: Value| server.post(path, &body).problem(400, "invalid_input");
    assert_eq!(field("/api/recommend", json!({"user": 7})), "user");
    assert_eq!(field("/api/recommend", json!({"mode": "push"})), "mode");
    assert_eq!(field("/api/recommend", json!({"shown": true})), "shown");
    assert_eq!(field("/api/signals", json!({"signals": 7})), "signals");
    assert_eq!(field("/api/signals", json!({"signals": [7]})), "signals[0].kind");
    assert_eq!(field("/api/signals", json!({"signals": [{"kind": "dream"}]})), "signals[0].kind");
    assert_eq!(field("/api/signals", json!({"signals": [{"kind": "mood", "level": 3, "levle": 3}]})), "signals[0]");
    assert_eq!(field("/api/feedback", json!({"tip": 7, "reaction": "done"})), "tip");
}

#[test]
fn numbers_out_of_range() {
    let server = Server::start();
    let signal =
        |signal: &str| server.raw("me", "POST", "/api/signals", format!("{{\"by_hand\":true,\"signals\":[{signal}]}}"));
    for wrong in [
        r#"{"kind":"mood","level":1e999}"#,
        r#"{"kind":"mood","level":0}"#,
        r#"{"kind":"mood","level":5.5}"#,
        r#"{"kind":"task","id":"t","title":"x","priority":0}"#,
        r#"{"kind":"task","id":"t","title":"x","priority":256}"#,
        r#"{"kind":"task","id":"t","title":"x","effort_min":-1}"#,
        r#"{"kind":"task","id":"t","title":"x","effort_min":1441}"#,
        r#"{"kind":"task","id":"t","title":"x","due":"30.11.2026"}"#,
        r#"{"kind":"task","id":"t","title":"x","due":"2026-02-30"}"#,
        r#"{"kind":"calendar","id":"e","start":"2026-01-02T00:00:00Z","end":"2026-01-01T00:00:00Z"}"#,
        r#"{"kind":"context","name":"no_such_feature","value":1}"#,
    ] {
        signal(wrong).problem(400, "invalid_input");
    }
    for limit in ["0", "-1", "1001", "x", "1e9", "99999999999999999999"] {
        server.get(&format!("/api/me/history?limit={limit}")).problem(400, "invalid_input");
        server.get(&format!("/api/admin/decisions?limit={limit}")).problem(400, "invalid_input");
    }
    server.get("/api/me/history?limt=5").problem(400, "invalid_input");
    assert_eq!(server.get("/health").json()["position"], server.get("/health").json()["position"]);
}

#[test]
fn malformed_and_unknown_ids() {
    let server = Server::start();
    let feedback = |tip: &str| server.post("/api/feedback", &json!({"tip": tip, "reaction": "done"}));
    for malformed in ["", "7", "../me", "01a1f899-7ffd-71f2-b1fa-7150b74cda0", "{}", "\u{202e}"] {
        assert_eq!(feedback(malformed).problem(400, "invalid_input"), "tip");
    }
    let unknown = "01a1f899-7ffd-71f2-b1fa-7150b74cda01";
    assert_eq!(feedback(unknown).json(), json!({"status": "parked", "reward": null}));
    server.get(&format!("/api/tips/{unknown}/why")).problem(404, "not_found");
    server.get(&format!("/api/me/receipts/{unknown}")).problem(404, "not_found");
    server.get("/api/tips/7/why").problem(400, "invalid_input");
    server.get("/api/tips/%ff/why").problem(400, "invalid_input");
    server.get("/api/me/receipts/7").problem(400, "invalid_input");
    let long = "x".repeat(10_000);
    server.post("/api/recommend", &json!({"user": long})).problem(400, "invalid_input");
    server.post("/api/recommend", &json!({"user": ""})).problem(400, "invalid_input");
    server.post("/api/recommend", &json!({"user": "a\u{0000}b"})).problem(400, "invalid_input");
}

#[test]
fn reactions_that_make_no_sense() {
    let server = Server::start();
    let tip = server.post("/api/recommend", &json!({})).json()["tip"]["id"].clone();
    let field = |body: Value| server.post("/api/feedback", &body).problem(400, "invalid_input");
    assert_eq!(field(json!({"tip": tip, "reaction": "like"})), "reaction");
    assert_eq!(field(json!({"tip": tip, "reaction": "snooze"})), "until");
    assert_eq!(field(json!({"tip": tip, "reaction": "snooze", "until": "tomorrow"})), "until");
    assert_eq!(field(json!({"tip": tip, "reaction": "done", "until": "2030-01-01T00:00:00Z"})), "until");
    assert_eq!(field(json!({"tip": tip, "reaction": "done", "reason": "never"})), "reason");
    assert_eq!(field(json!({"tip": tip, "reaction": "dismiss", "reason": "rude"})), "reason");
    assert_eq!(field(json!({"tip": tip, "reaction": "done", "at": "yesterday"})), "at");
    assert_eq!(server.get("/health").json()["lessons"], 0);
}

#[test]
fn preferences_that_cannot_be() {
    let server = Server::start();
    let field = |body: Value| server.call("PUT", "/api/me/preferences", &body).problem(400, "invalid_input");
    assert_eq!(field(json!({"zone": "Mars/Olympus"})), "zone");
    assert_eq!(field(json!({"quiet_from": "25:00", "quiet_to": "07:00"})), "quiet_from");
    assert_eq!(field(json!({"quiet_from": "22:00"})), "quiet_to");
    assert_eq!(field(json!({"daily_cap": 0})), "daily_cap");
    assert_eq!(field(json!({"daily_cap": -1})), "daily_cap");
    assert_eq!(field(json!({"language": "English"})), "language");
    assert_eq!(field(json!({"zoen": "UTC"})), "zoen");
}

#[test]
fn control_and_bidirectional_characters_never_reach_the_screen() {
    let server = Server::start();
    let title = "Pay \u{202e}tner\u{202c}\u{0007}\u{0000} the\u{200b} re\nnt";
    let tasks: Vec<Value> =
        (0..16).map(|n| json!({"kind": "task", "id": format!("t{n}"), "title": title, "priority": 1})).collect();
    server.post("/api/signals", &json!({"by_hand": true, "signals": tasks})).json();
    for _ in 0..40 {
        let tip = server.post("/api/recommend", &json!({})).json()["tip"].clone();
        if tip["kind"] == "todo" {
            assert_eq!(tip["content"], "Pay tner the re nt");
            return;
        }
        server.post("/api/feedback", &json!({"tip": tip["id"], "reaction": "dismiss"})).json();
    }
    panic!("sixteen urgent tasks were never served");
}

#[test]
fn titles_that_are_empty_or_endless() {
    let server = Server::start();
    let title = |title: &str| {
        let task = json!({"kind": "task", "id": "t1", "title": title});
        server.post("/api/signals", &json!({"by_hand": true, "signals": [task]})).problem(400, "invalid_input")
    };
    assert_eq!(title(""), "signals[0].title");
    assert_eq!(title("\u{202e}\u{200b}\n"), "signals[0].title");
    assert_eq!(title(&"x".repeat(100_000)), "signals[0].title");
}

#[test]
fn ten_megabytes_are_refused_and_the_server_goes_on() {
    let server = Server::start();
    for path in ["/api/recommend", "/api/feedback", "/api/signals", "/api/decide"] {
        let answer = server.raw("me", "POST", path, vec![b' '; 10_000_000]);
        answer.problem(413, "invalid_input");
    }
    assert_eq!(server.get("/health").status, 200);
}

#[test]
fn paths_and_methods_that_are_none() {
    let server = Server::start();
    for path in ["/api", "/api/", "/api/nothing", "/api/recommend/", "/nothing", "/csp.json", "/..%2fCargo.toml"] {
        server.get(path).problem(404, "not_found");
    }
    for (method, path) in [
        ("GET", "/api/recommend"),
        ("DELETE", "/api/feedback"),
        ("POST", "/health"),
        ("BREW", "/api/me"),
        ("POST", "/"),
    ] {
        let answer = server.send(server.request(method, path).body(Full::default()).unwrap());
        answer.problem(405, "invalid_input");
        assert!(answer.headers.contains_key("allow"), "{method} {path}");
    }
}

#[test]
fn the_bandit_refuses_what_it_cannot_learn() {
    let server = Server::start();
    let ask = |body: Value| -> Answer { server.post("/api/decide/once", &body) };
    let field = |body: Value| ask(body).problem(400, "invalid_input");
    assert_eq!(field(json!({"features": [], "seed": 1})), "candidates");
    assert_eq!(field(json!({"features": [[1.0], [1.0, 2.0]], "seed": 1})), "features[1]");
    assert_eq!(field(json!({"features": [[1e300]], "seed": 1})), "x0");
    assert_eq!(field(json!({"features": [[1.0]], "seed": -1})), "seed");
    assert_eq!(field(json!({"features": [[1.0]], "seed": 1, "dim": 1_000_000_000})), "dim");
    assert_eq!(field(json!({"features": [[1.0]], "seed": 1, "policy": {"type": "magic"}})), "policy");
    assert_eq!(field(json!({"features": [[1.0]], "seed": 1, "state": "AAAA"})), "state");
    assert_eq!(field(json!({"features": [[1.0]], "seed": 1, "range": [1, -1]})), "range");
    let state = ask(json!({"features": [[1.0]], "seed": 1})).json()["state"].clone();
    let other = json!({"features": [[1.0]], "seed": 1, "state": state, "policy": {"type": "uniform"}});
    assert_eq!(ask(other).problem(409, "incompatible"), "policy");
}
