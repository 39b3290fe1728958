//! Named bandits over HTTP: decide, reward by the decision's id, a batch, and what was logged.

use serde_json::{Value, json};

use crate::support::Server;

fn ask() -> Value {
    json!({"bandit": "prices", "policy": {"type": "linucb", "alpha": 0.5}, "features": [[1.0, 0.0], [0.0, 1.0]]})
}

#[test]
fn a_bandit_learns_by_decision_id() {
    let server = Server::start();
    let first = server.post("/api/decide", &ask()).json();
    assert_eq!(first["pmf"], json!([0.5, 0.5]));
    assert_eq!(first["propensity"], 0.5);
    let path = format!("/api/decide/{}", first["decision"].as_str().unwrap());
    assert_eq!(server.get(&path).json(), first, "read from the log");
    let reward = |value: f64| json!({"decision": first["decision"], "reward": value});
    assert_eq!(server.post("/api/decide/reward", &reward(1.0)).json()["status"], "learned");
    assert_eq!(server.post("/api/decide/reward", &reward(1.0)).json()["status"], "duplicate");
    assert_eq!(server.post("/api/decide/reward", &reward(0.25)).json()["status"], "revised");
    assert_eq!(server.get(&path).json()["reward"], 0.25);
    let next = server.post("/api/decide", &ask()).json();
    let drawn = usize::try_from(first["index"].as_u64().unwrap()).unwrap();
    assert!(next["scores"][drawn].as_f64() != first["scores"][drawn].as_f64());
    let bandits = server.get("/api/bandits").json()["bandits"].clone();
    assert_eq!((&bandits[0]["name"], &bandits[0]["lessons"]), (&json!("prices"), &json!(1)));
    assert_eq!(server.get("/api/admin/decisions").json()["decisions"].as_array().map(Vec::len), Some(0));
}

#[test]
fn a_batch_decides_and_rewards_at_once() {
    let server = Server::start();
    let decisions: Vec<Value> =
        (0..20).map(|n| json!({"features": [[f64::from(n) / 20.0, 1.0], [0.5, -1.0]]})).collect();
    let made = server.post("/api/decide/batch", &json!({"decisions": decisions})).json()["decisions"].clone();
    assert_eq!(made.as_array().map(Vec::len), Some(20));
    let mut rewards: Vec<Value> =
        made.as_array().unwrap().iter().map(|made| json!({"decision": made["decision"], "reward": 1.0})).collect();
    rewards.push(json!({"decision": "00000000-0000-7000-8000-000000000000", "reward": 1.0}));
    let answer = server.post("/api/decide/rewards", &json!({"rewards": rewards})).json()["rewards"].clone();
    assert_eq!(answer[0]["status"], "learned");
    assert_eq!(answer[20]["kind"], "not_found");
    assert_eq!(server.get("/api/bandits").json()["bandits"][0]["lessons"], 20);
}

#[test]
fn a_bandit_refuses_what_it_cannot_decide() {
    let server = Server::start();
    let field = |body: Value| server.post("/api/decide", &body).problem(400, "invalid_input");
    assert_eq!(field(json!({"features": []})), "candidates");
    assert_eq!(field(json!({"features": [[]]})), "dim");
    let batch = json!({"decisions": [{"features": [[1.0]]}, {"features": []}]});
    assert_eq!(server.post("/api/decide/batch", &batch).problem(400, "invalid_input"), "decisions[1].candidates");
    assert_eq!(field(json!({"features": [[1.0], [1.0, 2.0]]})), "features[1]");
    assert_eq!(field(json!({"features": [[1e300]]})), "x0");
    assert_eq!(field(json!({"features": [[null]]})), "features[0][0]");
    assert_eq!(field(json!({"features": [[1.0]], "policy": {"type": "magic"}})), "policy");
    assert_eq!(field(json!({"features": [[1.0]], "policy": {"type": "linucb", "lambda": 0}})), "lambda");
    assert_eq!(field(json!({"features": [[1.0]], "range": [1, -1]})), "range");
    assert_eq!(field(json!({"features": [[1.0]], "id": "x"})), "id");
    assert_eq!(field(json!({"features": [[1.0]], "arms": ["a", "b"]})), "arms");
    assert_eq!(field(json!({"features": [[1.0]], "seed": 1})), "seed");
    let batch = json!({"decisions": [{"features": [[1.0]]}, {"features": [[99.0]]}]});
    assert_eq!(server.post("/api/decide/batch", &batch).problem(400, "invalid_input"), "decisions[1].x0");
    assert_eq!(server.get("/api/bandits").json()["bandits"], json!([]));
    server.post("/api/decide", &ask()).json();
    let other = json!({"bandit": "prices", "policy": {"type": "uniform"}, "features": [[1.0, 0.0]]});
    assert_eq!(server.post("/api/decide", &other).problem(409, "incompatible"), "policy");
    let unknown = json!({"decision": "00000000-0000-7000-8000-000000000000", "reward": 1.0});
    assert_eq!(server.post("/api/decide/reward", &unknown).problem(404, "not_found"), "decision");
}
