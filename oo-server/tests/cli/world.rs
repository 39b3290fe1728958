//! A world from a file: the same clock, ids, pseudonyms and keys, so the same bits.

use serde_json::{Value, json};

use crate::support::{Home, Server};

fn life(server: &Server) -> Value {
    let first = server.post("/api/recommend", &json!({})).json();
    server.post("/api/feedback", &json!({"tip": first["tip"]["id"], "reaction": "done"})).json();
    json!([first, server.post("/api/recommend", &json!({})).json(), server.get("/health").json()["state_hash"]])
}

#[test]
fn two_servers_in_the_same_world_answer_the_same() {
    let run = |now: &str| {
        let home = Home::new();
        let world = home.write("world.json", json!({"now": now, "seed": "a"}).to_string().as_bytes());
        life(&Server::start_in(home, &["--test-world", &world]))
    };
    let first = run("2026-03-02T08:00:00Z");
    assert_eq!(first[0]["tip"]["decided_at"], "2026-03-02T08:00:00Z");
    assert_eq!(first, run("2026-03-02T08:00:00Z"));
    assert_ne!(first, run("2026-03-03T20:00:00Z"));
}

#[test]
fn a_clock_that_goes_backwards_harms_nothing() {
    let home = Home::new();
    let at = |now: &str| json!({"now": now, "seed": "a"}).to_string();
    let world = home.write("world.json", at("2026-03-02T08:00:00Z").as_bytes());
    let server = Server::start_in(home, &["--test-world", &world]);
    let tip = server.post("/api/recommend", &json!({})).json()["tip"]["id"].clone();
    for now in ["2026-03-02T07:00:00Z", "2026-02-01T00:00:00Z", "1970-01-01T00:00:00Z"] {
        std::fs::write(&world, at(now)).unwrap();
        assert_eq!(server.post("/api/recommend", &json!({})).json()["tip"]["id"], tip, "{now}");
        let task = json!({"kind": "task", "id": now, "title": "File taxes"});
        server.post("/api/signals", &json!({"by_hand": true, "signals": [task]})).json();
    }
    server.post("/api/feedback", &json!({"tip": tip, "reaction": "done"})).json();
    server.post("/api/recommend", &json!({})).json();
    let before = server.get("/health").json();
    assert_eq!(before["lessons"], 1);
    let after = Server::start_in(server.stop(), &["--test-world", &world]).get("/health").json();
    assert_eq!((&before["state_hash"], &before["position"]), (&after["state_hash"], &after["position"]));
}

#[test]
fn a_test_world_is_for_loopback_only() {
    let home = Home::new();
    let refused = home.run(&["serve", "--test-world", "x", "--allow-remote"]);
    assert_eq!(refused.status.code(), Some(2));
}
