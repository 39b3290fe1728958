//! Who may call, and how much.

use http_body_util::Full;
use serde_json::json;

use crate::support::{Home, Server};

#[test]
fn a_foreign_page_gets_nothing() {
    let server = Server::start();
    for (name, value) in [
        ("host", "oo.example"),
        ("host", "127.0.0.1.oo.example:8080"),
        ("origin", "https://oo.example"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ] {
        for (method, path) in [("POST", "/api/recommend"), ("GET", "/health"), ("GET", "/"), ("GET", "/nothing")] {
            let mut request = server.request(method, path).body(Full::default()).unwrap();
            request.headers_mut().insert(name, value.parse().unwrap());
            assert_eq!(server.send(request).problem(403, "denied").to_lowercase(), name, "{method} {path}");
        }
    }
    let own = format!("http://{}", server.addr);
    let request =
        server.request("POST", "/api/recommend").header("origin", own).header("sec-fetch-site", "same-origin");
    server.send(request.body(Full::default()).unwrap()).json();
}

#[test]
fn a_form_is_no_json() {
    let server = Server::start();
    for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"] {
        let request = server.request("POST", "/api/recommend").header("content-type", kind);
        server.send(request.body(Full::from("{\"user\":\"x\"}")).unwrap()).problem(415, "invalid_input");
    }
    let untyped = server.request("POST", "/api/recommend").body(Full::from("{}")).unwrap();
    server.send(untyped).problem(415, "invalid_input");
    let charset = server.request("POST", "/api/recommend").header("content-type", "application/json; charset=utf-8");
    server.send(charset.body(Full::from("{}")).unwrap()).json();
}

#[test]
fn the_user_header_is_read_as_utf8() {
    let server = Server::start();
    server.raw("ann", "POST", "/api/recommend", "{}").json();
    let request = server.request("GET", "/api/me/history").header("oo-user", &b"\xff"[..]);
    assert_eq!(server.send(request.body(Full::default()).unwrap()).problem(400, "invalid_input"), "Oo-User");
    let twice = server.request("GET", "/api/me/history").header("oo-user", "ann").header("oo-user", "bob");
    server.send(twice.body(Full::default()).unwrap()).problem(400, "invalid_input");
    let jörg = server.request("GET", "/api/me/history").header("oo-user", "jörg".as_bytes());
    assert_eq!(server.send(jörg.body(Full::default()).unwrap()).json(), json!({"tips": []}));
}

#[test]
fn over_the_budget_is_told_when_to_come_back() {
    let server = Server::start_in(Home::new(), &["--rate", "5"]);
    let answers: Vec<_> = (0..20).map(|_| server.get("/health")).collect();
    let refused: Vec<_> = answers.iter().filter(|answer| answer.status != 200).collect();
    assert!(refused.len() >= 10, "{} of 20", refused.len());
    for answer in refused {
        answer.problem(429, "busy");
        assert_eq!(answer.headers["retry-after"], "1");
    }
}
