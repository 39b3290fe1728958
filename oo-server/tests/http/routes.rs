//! Every route as it is meant to be used.

use serde_json::{Value, json};

use crate::support::Server;

fn tip(server: &Server, user: &str) -> Value {
    server.call_as(user, "POST", "/api/recommend", &json!({})).json()["tip"].clone()
}

#[test]
fn the_first_minute() {
    let server = Server::start();
    let first = tip(&server, "me");
    assert_eq!(first["kind"], "advice");
    assert!(first["content"].as_str().unwrap().len() > 3);
    assert!(!first["why"]["sentence"].as_str().unwrap().is_empty());
    assert_eq!(first["returned"], false);
    let propensity = first["propensity"].as_f64().unwrap();
    assert!(propensity > 0.0 && propensity <= 1.0);

    assert_eq!(tip(&server, "me")["id"], first["id"], "a pull is stable until it is reacted to");
    let done = json!({"tip": first["id"], "reaction": "done"});
    assert_eq!(server.post("/api/feedback", &done).json(), json!({"status": "applied", "reward": 1.0}));
    assert_eq!(server.post("/api/feedback", &done).json()["status"], "duplicate");
    assert_ne!(tip(&server, "me")["id"], first["id"]);

    let health = server.get("/health").json();
    assert_eq!(health["status"], "ok");
    assert_eq!(health["lessons"], 1);
    assert_eq!(health["state_hash"].as_str().unwrap().len(), 64);
}

#[test]
fn recommend_needs_no_body_and_a_request_id_answers_again() {
    let server = Server::start();
    let bare = server.request("POST", "/api/recommend").body(http_body_util::Full::default()).unwrap();
    let first = server.send(bare).json();
    assert_eq!(server.raw("me", "POST", "/api/recommend", "null").json()["tip"]["id"], first["tip"]["id"]);

    let ask = json!({"user": "ann", "mode": "pull", "request_id": "r1", "shown": "reported"});
    let once = server.post("/api/recommend", &ask).json();
    let shown = json!({"tip": once["tip"]["id"], "reaction": "shown", "id": "m1"});
    assert_eq!(server.post("/api/feedback", &shown).json()["status"], "applied");
    let dismissed = json!({"tip": once["tip"]["id"], "reaction": "dismiss", "reason": "not_relevant"});
    assert_eq!(server.post("/api/feedback", &dismissed).json()["status"], "applied");
    assert_eq!(server.post("/api/recommend", &ask).json()["tip"]["id"], once["tip"]["id"]);
}

#[test]
fn a_body_names_its_user_before_the_header_does() {
    let server = Server::start();
    let named = server.call_as("bob", "POST", "/api/recommend", &json!({"user": "ann"})).json();
    assert_eq!(tip(&server, "ann")["id"], named["tip"]["id"]);
    assert_ne!(tip(&server, "bob")["id"], named["tip"]["id"]);
}

#[test]
fn signals_need_a_grant_and_adding_by_hand_is_one() {
    let server = Server::start();
    let task = json!({"kind": "task", "id": "t1", "title": "File taxes", "due": "2026-11-30", "signal_id": "s1"});
    let refused = server.post("/api/signals", &json!({"signals": [task]}));
    assert_eq!(refused.problem(403, "denied"), "task");

    let by_hand = json!({"by_hand": true, "signals": [task]});
    assert_eq!(server.post("/api/signals", &by_hand).json()["accepted"], 1);
    let again = server.post("/api/signals", &by_hand).json();
    assert_eq!((&again["accepted"], &again["duplicates"]), (&json!(0), &json!(1)));

    let consents = server.get("/api/me/consents").json();
    assert_eq!(consents, json!({"task": true, "habit": false, "calendar": false, "mood": false, "context": false}));
    let taken_back = server.call("PUT", "/api/me/consents", &json!({"task": false, "mood": true})).json();
    assert_eq!((&taken_back["task"], &taken_back["mood"]), (&json!(false), &json!(true)));
    server.post("/api/signals", &json!({"signals": [task]})).problem(403, "denied");
}

#[test]
fn every_kind_of_signal_is_taken() {
    let server = Server::start();
    let signals = json!([
        {"kind": "task", "id": "t1", "title": "File taxes", "priority": 1, "effort_min": 30, "due": "2026-11-30T10:00:00Z"},
        {"kind": "habit", "id": "h1", "name": "Run", "per_week": 3},
        {"kind": "calendar", "id": "e1", "title": "Dentist", "start": "2026-11-30T10:00:00Z", "end": "2026-11-30T11:00:00Z"},
        {"kind": "mood", "level": 4, "energy": 2, "note": "fine"},
    ]);
    let taken = server.post("/api/signals", &json!({"by_hand": true, "signals": signals})).json();
    assert_eq!(taken["accepted"], 4);
}

#[test]
fn one_bad_signal_stores_none_and_grants_nothing() {
    let server = Server::start();
    let signals = json!([{"kind": "mood", "level": 4}, {"kind": "mood", "level": 9}]);
    let refused = server.post("/api/signals", &json!({"by_hand": true, "signals": signals}));
    assert_eq!(refused.problem(400, "invalid_input"), "signals[1].level");
    assert_eq!(server.get("/api/me/consents").json()["mood"], false);
}

#[test]
fn preferences_are_replaced_as_a_whole() {
    let server = Server::start();
    let said =
        json!({"zone": "Europe/Berlin", "quiet_from": "22:00", "quiet_to": "07:00", "daily_cap": 5, "language": "en"});
    assert_eq!(server.call("PUT", "/api/me/preferences", &said).json(), said);
    assert_eq!(server.get("/api/me/preferences").json(), said);
    let defaults = server.call("PUT", "/api/me/preferences", &json!({})).json();
    assert_eq!(
        defaults,
        json!({"zone": "UTC", "quiet_from": null, "quiet_to": null, "daily_cap": null, "language": "en"})
    );
}

#[test]
fn history_why_and_decisions_agree() {
    let server = Server::start();
    let served = tip(&server, "me");
    let id = served["id"].as_str().unwrap();
    let why = server.get(&format!("/api/tips/{id}/why")).json();
    assert_eq!(why["why"], served["why"]);
    let (drawn, pmf) = (why["drawn"].as_u64().unwrap(), why["pmf"].as_array().unwrap());
    assert_eq!(pmf[usize::try_from(drawn).unwrap()], served["propensity"]);

    let history = server.get("/api/me/history?limit=5").json();
    assert_eq!(history["tips"][0]["id"], id);
    assert_eq!(history["tips"][0]["state"], "open");
    let decisions = server.get("/api/admin/decisions").json();
    assert_eq!(decisions["decisions"][0]["id"], id);
    assert_eq!(decisions["decisions"][0]["content"], "", "texts stay sealed");
    assert_eq!(server.get("/api/me/history").json()["tips"].as_array().unwrap().len(), 1);
}

#[test]
fn forgetting_leaves_a_receipt_and_nothing_else() {
    let server = Server::start();
    let task = json!({"kind": "task", "id": "t1", "title": "Zanzibar errand"});
    server.post("/api/signals", &json!({"by_hand": true, "signals": [task]})).json();
    let served = tip(&server, "me");
    server.post("/api/feedback", &json!({"tip": served["id"], "reaction": "done"})).json();

    let export = server.get("/api/me/export");
    assert_eq!(export.status, 200);
    assert_eq!(export.headers["content-type"], "application/x-ndjson");
    assert!(export.text().contains("Zanzibar errand"));
    assert!(export.text().lines().all(|line| serde_json::from_str::<Value>(line).is_ok()));

    let receipt = server.call("DELETE", "/api/me", &json!({})).json()["receipt"].clone();
    assert_eq!(receipt["unlearned"], true);
    assert_eq!(receipt["lessons"], 1);
    let path = format!("/api/me/receipts/{}", receipt["id"].as_str().unwrap());
    assert_eq!(server.get(&path).json()["receipt"], receipt);
    assert_eq!(server.get("/api/admin/receipts").json(), json!({"receipts": [receipt]}));
    assert_eq!(server.get("/api/admin/receipts?limit=0").problem(400, "invalid_input"), "limit");
    assert!(!server.get("/api/me/export").text().contains("Zanzibar errand"));
    assert_eq!(server.get("/health").json()["lessons"], 0);
    let nobody = server.call_as("nobody", "DELETE", "/api/me", &json!({})).json();
    assert_eq!(nobody["receipt"]["stage"], "nothing_held");
}

#[test]
fn the_bare_bandit_learns_through_its_state() {
    let server = Server::start();
    let policy = json!({"type": "linucb", "alpha": 0.5});
    let ask = json!({"policy": policy, "features": [[1.0, 0.0], [0.0, 1.0]], "seed": 7});
    let cold = server.post("/api/decide/once", &ask).json();
    assert_eq!(cold["pmf"], json!([0.5, 0.5]));
    let lessons = json!([{"x": [0.0, 1.0], "reward": 1.0}, {"x": [1.0, 0.0], "reward": -1.0}]);
    let ask = json!({"state": cold["state"], "lessons": lessons, "features": [[1.0, 0.0], [0.0, 1.0]], "seed": 7});
    let warm = server.post("/api/decide/once", &ask).json();
    assert!(warm["scores"][1].as_f64() > warm["scores"][0].as_f64());
    assert_ne!(warm["state_hash"], cold["state_hash"]);
    assert_eq!(server.post("/api/decide/once", &ask).json(), warm, "the same request answers the same bits");
}

#[test]
fn metrics_and_the_description_are_there() {
    let server = Server::start();
    tip(&server, "me");
    let metrics = server.get("/metrics").text();
    assert!(metrics.contains("oo_decisions_total 1\n"), "{metrics}");
    assert!(metrics.contains("oo_erasing 0\n"), "{metrics}");
    assert!(metrics.contains("oo_http_requests_total{method=\"POST\",route=\"/api/recommend\",status=\"200\"} 1\n"));
    let api = server.get("/api/openapi.json").json();
    assert_eq!(api["openapi"], "3.1.0");
    assert_eq!(api["info"]["version"], env!("CARGO_PKG_VERSION"));
}

#[test]
fn the_page_is_served_with_its_policy() {
    let server = Server::start();
    let page = server.get("/");
    assert_eq!(page.status, 200);
    assert_eq!(page.headers["content-type"], "text/html; charset=utf-8");
    assert_eq!(page.headers["x-content-type-options"], "nosniff");
    assert_eq!(page.headers["referrer-policy"], "no-referrer");
    assert!(page.headers["content-security-policy"].to_str().unwrap().starts_with("default-src 'self'"));
    let html = page.text();
    if let Some((_, rest)) = html.split_once("src=\"/assets/") {
        let (name, _) = rest.split_once('"').unwrap();
        let asset = server.get(&format!("/assets/{name}"));
        assert_eq!(asset.headers["cache-control"], "public, max-age=31536000, immutable");
    }
}
