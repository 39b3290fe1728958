//! `GET /api/events/stream`: every committed event in log order, resumed by its ids, ended with the server.

use std::io::Write;
use std::net::TcpStream;
use std::time::Duration;

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::support::{Home, PATIENCE, Server};

/// A stream's message.
#[derive(Clone, Debug, Default, PartialEq)]
struct Message {
    id: String,
    event: String,
    data: Value,
}

/// A client of a stream.
struct Client {
    runtime: Runtime,
    body: Incoming,
    text: String,
    last: String,
}

impl Client {
    fn open(server: &Server, path: &str, last: Option<&str>) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let mut request = server.request("GET", path);
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let request = request.body(Full::<Bytes>::default()).unwrap();
        let body = runtime.block_on(async {
            let stream = tokio::net::TcpStream::connect(&server.addr).await.unwrap();
            let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
            tokio::spawn(connection);
            let response = sender.send_request(request).await.unwrap();
            assert_eq!(response.status(), 200);
            assert_eq!(response.headers()["content-type"], "text/event-stream");
            assert_eq!(response.headers()["cache-control"], "no-store");
            response.into_body()
        });
        Client { runtime, body, text: String::new(), last: String::new() }
    }

    /// The next message with data; `None` at the end of the stream.
    fn next(&mut self) -> Option<Message> {
        loop {
            while let Some((block, rest)) = self.text.split_once("\n\n") {
                let mut message = Message::default();
                let mut data = String::new();
                for line in block.lines() {
                    let (name, value) = line.split_once(':').unwrap_or((line, ""));
                    let value = value.strip_prefix(' ').unwrap_or(value).to_owned();
                    match name {
                        "id" => self.last.clone_from(&value),
                        "event" => message.event = value,
                        "data" => data.push_str(&value),
                        _ => {}
                    }
                }
                self.text = rest.to_owned();
                if !data.is_empty() {
                    message.id.clone_from(&self.last);
                    message.data = serde_json::from_str(&data).unwrap();
                    return Some(message);
                }
            }
            let frame =
                self.runtime.block_on(async { tokio::time::timeout(PATIENCE, self.body.frame()).await.unwrap() })?;
            let Ok(bytes) = frame.unwrap().into_data() else { continue };
            self.text.push_str(std::str::from_utf8(&bytes).unwrap());
        }
    }

    fn take(&mut self, count: usize) -> Vec<Message> {
        (0..count).map(|_| self.next().expect("the stream ended")).collect()
    }
}

fn mood(server: &Server, user: &str, count: usize) {
    server.call_as(user, "PUT", "/api/me/consents", &json!({"mood": true})).json();
    let signals: Vec<Value> = (0..count).map(|number| json!({"kind": "mood", "level": 1 + number % 5})).collect();
    server.call_as(user, "POST", "/api/signals", &json!({"signals": signals})).json();
}

fn positions(messages: &[Message]) -> Vec<u64> {
    messages.iter().map(|message| message.data["position"].as_u64().unwrap()).collect()
}

#[test]
fn a_stream_holds_what_is_committed_in_the_order_of_the_log() {
    let server = Server::start();
    mood(&server, "me", 20);
    mood(&server, "ada", 10);
    let tip = server.post("/api/recommend", &json!({})).json()["tip"]["id"].clone();
    server.post("/api/feedback", &json!({"tip": tip, "reaction": "done"})).json();
    let life = server.get("/health").json()["incarnation"].as_str().unwrap().to_owned();
    let mine = Client::open(&server, "/api/events/stream", None).take(23);
    assert!(positions(&mine).windows(2).all(|pair| pair[0] < pair[1]));
    assert_eq!(mine.iter().filter(|message| message.event == "signal").count(), 20);
    assert_eq!(mine[22].event, "reaction");
    for message in &mine {
        assert_eq!(message.id, format!("{}-{life}", message.data["position"]));
        assert_eq!(message.event, message.data["type"].as_str().unwrap());
        assert_eq!(message.data["pseudonym"], mine[0].data["pseudonym"]);
    }
    let ada = Client::open(&server, "/api/events/stream?user=ada&types=signal,decision", None).take(10);
    assert!(ada.iter().all(|message| message.event == "signal"));
    assert_ne!(ada[0].data["pseudonym"], mine[0].data["pseudonym"]);
    let all = Client::open(&server, "/api/events/stream?all=true", None).take(35);
    assert_eq!(all[0].event, "policy_role");
    // From now on.
    let mut live = Client::open(&server, "/api/events/stream?after=now&user=ada&types=signal", None);
    mood(&server, "ada", 1);
    assert_eq!(live.take(1)[0].data["kind"], "mood");
}

#[test]
fn a_stream_resumes_without_loss_or_duplication() {
    let server = Server::start();
    let mut last = None;
    let mut seen = Vec::new();
    for round in 0..6 {
        mood(&server, "me", 50);
        // What a browser does: the address it began with, and the last id.
        let mut client = Client::open(&server, "/api/events/stream?after=0&types=signal", last.as_deref());
        seen.extend(client.take(if round == 5 { 300 - seen.len() } else { 30 }));
        last = Some(client.last);
    }
    assert_eq!(seen, Client::open(&server, "/api/events/stream?types=signal", None).take(300));
    // Before the first event there is an id to resume after, too.
    let mut early = Client::open(&server, "/api/events/stream?after=now", None);
    let frame = early.runtime.block_on(early.body.frame()).unwrap().unwrap().into_data().unwrap();
    let health = server.get("/health").json();
    let head = format!("id: {}-{}\n", health["position"], health["incarnation"].as_str().unwrap());
    assert!(std::str::from_utf8(&frame).unwrap().contains(&head), "{frame:?}");
}

#[test]
fn events_of_another_process_arrive_while_this_one_is_idle() {
    let server = Server::start();
    let mut client = Client::open(&server, "/api/events/stream?after=now&user=ann&types=decision", None);
    server.home.says(&["tip", "--user", "ann"]);
    assert_eq!(client.take(1)[0].event, "decision");
}

#[test]
fn a_forgotten_person_leaves_a_gap() {
    let server = Server::start();
    mood(&server, "ada", 5);
    let mut hers = Client::open(&server, "/api/events/stream?user=ada", None);
    let pseudonym = hers.take(6)[0].data["pseudonym"].clone();
    server.call_as("ada", "DELETE", "/api/me", &json!({})).json();
    assert_eq!(hers.take(1)[0].event, "forgotten");
    mood(&server, "me", 1);
    let all = Client::open(&server, "/api/events/stream?all=true", None).take(4);
    assert!(all.iter().all(|message| message.data["pseudonym"] != pseudonym));
    assert_eq!(all[3].data["kind"], "mood");
}

#[test]
fn stopping_the_server_ends_its_streams() {
    let mut server = Server::start();
    mood(&server, "me", 3);
    let mut clients: Vec<_> = (0..5).map(|_| Client::open(&server, "/api/events/stream?types=signal", None)).collect();
    for client in &mut clients {
        client.take(3);
    }
    server.signal("-TERM");
    #[allow(clippy::disallowed_methods, reason = "a time budget of the test")]
    let started = std::time::Instant::now();
    for client in &mut clients {
        assert_eq!(client.next(), None);
    }
    assert!(server.wait().success());
    assert!(started.elapsed() < Duration::from_secs(10), "open streams hold the server");
}

#[test]
fn a_bad_place_type_or_person_is_refused() {
    let server = Server::start();
    for (path, field) in [
        ("/api/events/stream?after=999999", "after"),
        ("/api/events/stream?after=-1", "after"),
        ("/api/events/stream?after=later", "after"),
        ("/api/events/stream?types=decision,descision", "types"),
        ("/api/events/stream?types=", "types"),
        ("/api/events/stream?user=", "user"),
        ("/api/events/stream?user=ada&all=true", "all"),
        ("/api/events/stream?surname=x", "query"),
        ("/api/events/stream?all=perhaps", "query"),
    ] {
        assert_eq!(server.get(path).problem(400, "invalid_input"), field, "{path}");
    }
    // The last is a place in another life of the store: positions repeat after a restore.
    let other = format!("1-{}", "0".repeat(server.get("/health").json()["incarnation"].as_str().unwrap().len()));
    for last in ["", "zz", "99999999999999999999", "999999", &other] {
        let request = server.request("GET", "/api/events/stream?after=now").header("last-event-id", last);
        let answer = server.send(request.body(Full::default()).unwrap());
        assert_eq!(answer.problem(400, "invalid_input"), "Last-Event-ID", "{last:?}");
    }
    assert_eq!(server.raw("me", "POST", "/api/events/stream", "{}").status, 405);
}

#[test]
fn there_is_room_for_so_many_streams_and_no_limit_of_requests_cuts_one() {
    let server = Server::start_in(Home::new(), &["--streams", "2", "--patience", "1", "--rate", "50"]);
    let mut first = Client::open(&server, "/api/events/stream?types=signal", None);
    let second = Client::open(&server, "/api/events/stream", None);
    server.get("/api/events/stream").problem(503, "busy");
    assert!(server.get("/metrics").text().contains("oo_event_streams 2\n"));
    // Longer than a request may take.
    std::thread::sleep(Duration::from_millis(1_500));
    mood(&server, "me", 100);
    first.take(100);
    drop(second);
    assert!(open_streams(&server, 1));
    Client::open(&server, "/api/events/stream?types=signal", None).take(100);
}

/// A client that asks for a stream and never reads.
fn deaf(server: &Server) -> TcpStream {
    let mut stream = TcpStream::connect(&server.addr).unwrap();
    let head = format!("GET /api/events/stream?all=true HTTP/1.1\r\nHost: {}\r\n\r\n", server.addr);
    stream.write_all(head.as_bytes()).unwrap();
    stream
}

fn open_streams(server: &Server, count: usize) -> bool {
    for _ in 0..1_000 {
        if server.get("/metrics").text().contains(&format!("oo_event_streams {count}\n")) {
            return true;
        }
        std::thread::sleep(Duration::from_millis(30));
    }
    false
}

/// More than the buffers of a connection hold.
const MANY: usize = 40_000;

fn many(server: &Server) {
    for _ in 0..MANY / 500 {
        mood(server, "me", 500);
    }
}

#[test]
fn a_client_that_never_reads_loses_its_place() {
    let server = Server::start_in(Home::new(), &["--streams", "3", "--patience", "3"]);
    let deaf = [deaf(&server), deaf(&server)];
    let mut reader = Client::open(&server, "/api/events/stream?types=signal", None);
    assert!(open_streams(&server, 3));
    server.get("/api/events/stream").problem(503, "busy");
    for _ in 0..MANY / 500 {
        mood(&server, "me", 500);
        reader.take(500);
    }
    assert!(open_streams(&server, 1), "those that never read are let go");
    mood(&server, "me", 1);
    reader.take(1);
    Client::open(&server, "/api/events/stream?types=signal", None).take(10);
    drop(deaf);
}

#[test]
fn a_client_that_never_reads_does_not_hold_up_the_end() {
    let mut server = Server::start_in(Home::new(), &["--patience", "600"]);
    many(&server);
    let deaf = deaf(&server);
    assert!(open_streams(&server, 1));
    // Until its buffers are full.
    std::thread::sleep(Duration::from_secs(1));
    server.signal("-TERM");
    #[allow(clippy::disallowed_methods, reason = "a time budget of the test")]
    let started = std::time::Instant::now();
    assert!(server.wait().success());
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
    drop(deaf);
}
