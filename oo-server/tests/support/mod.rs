//! The real server as a process of its own, and a real HTTP client.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]
#![allow(dead_code, reason = "each test program uses a part of it")]

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::{HeaderMap, Request};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tempfile::TempDir;

/// How long anything may take before a test gives up.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// The command `oo` with a clean environment of settings.
pub(crate) fn oo(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_oo"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("OO_")) {
        command.env_remove(name);
    }
    command.args(args);
    command
}

/// A folder for data, and `oo` commands on it.
pub(crate) struct Home(TempDir);

impl Home {
    pub(crate) fn new() -> Self {
        Home(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn data(&self) -> String {
        self.path("data").to_str().unwrap().to_owned()
    }

    pub(crate) fn write(&self, name: &str, bytes: &[u8]) -> String {
        std::fs::write(self.path(name), bytes).unwrap();
        self.path(name).to_str().unwrap().to_owned()
    }

    pub(crate) fn run(&self, args: &[&str]) -> Output {
        oo(args).arg("--data").arg(self.data()).output().unwrap()
    }

    /// Runs a command that must succeed, and gives its output.
    pub(crate) fn says(&self, args: &[&str]) -> String {
        let output = self.run(args);
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    /// The body of a success.
    pub(crate) fn json(&self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text());
        assert_eq!(self.headers["content-type"], "application/json");
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The problem document of a failure: status and kind must be these; its field is given back.
    pub(crate) fn problem(&self, status: u16, kind: &str) -> String {
        assert_eq!(self.status, status, "{}", self.text());
        assert_eq!(self.headers["content-type"], "application/problem+json");
        let problem: Value = serde_json::from_slice(&self.body).unwrap();
        assert_eq!(problem["status"], status);
        assert_eq!(problem["kind"], kind, "{problem}");
        assert_eq!(problem["type"], "about:blank");
        assert!(!problem["title"].as_str().unwrap().is_empty());
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.len() > 20, "a detail says what to do next: {detail}");
        problem["field"].as_str().unwrap_or_default().to_owned()
    }
}

/// A server.
pub(crate) struct Server {
    child: Child,
    pub(crate) home: Home,
    pub(crate) addr: String,
}

impl Server {
    pub(crate) fn start() -> Self {
        Server::start_in(Home::new(), &[])
    }

    pub(crate) fn start_in(home: Home, args: &[&str]) -> Self {
        let command = oo(&[]);
        Server::start_by(command, home, args)
    }

    /// Starts it by `command`, which ends in the path of `oo`.
    pub(crate) fn start_by(mut command: Command, home: Home, args: &[&str]) -> Self {
        let log = if args.contains(&"--log") { &[][..] } else { &["--log", "error"] };
        let mut child = command
            .args(["serve", "--addr", "127.0.0.1:0", "--data", &home.data()])
            .args(log)
            .args(args)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let addr =
            line.trim().strip_prefix("oO listens on http://").unwrap_or_else(|| panic!("it said {line:?}")).to_owned();
        Server { child, home, addr }
    }

    /// A request as another program of the same machine makes it.
    pub(crate) fn request(&self, method: &str, path: &str) -> hyper::http::request::Builder {
        Request::builder().method(method).uri(path).header("host", &self.addr)
    }

    pub(crate) fn send(&self, request: Request<Full<Bytes>>) -> Answer {
        send_to(&self.addr, request)
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.send(self.request("GET", path).body(Full::default()).unwrap())
    }

    pub(crate) fn call(&self, method: &str, path: &str, body: &Value) -> Answer {
        self.call_as("me", method, path, body)
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Answer {
        self.call("POST", path, body)
    }

    pub(crate) fn call_as(&self, user: &str, method: &str, path: &str, body: &Value) -> Answer {
        self.raw(user, method, path, serde_json::to_vec(body).unwrap())
    }

    pub(crate) fn raw(&self, user: &str, method: &str, path: &str, body: impl Into<Bytes>) -> Answer {
        let request = self.request(method, path).header("oo-user", user).header("content-type", "application/json");
        self.send(request.body(Full::new(body.into())).unwrap())
    }

    pub(crate) fn signal(&self, name: &str) {
        assert!(Command::new("kill").args([name, &self.child.id().to_string()]).status().unwrap().success());
    }

    /// Waits for the process to end by itself.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        ended(&mut self.child)
    }

    /// Stops gracefully, and gives the folder back.
    pub(crate) fn stop(mut self) -> Home {
        self.signal("-TERM");
        assert!(self.wait().success());
        std::mem::replace(&mut self.home, Home::new())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits for a process to end by itself; one that does not is killed.
pub(crate) fn ended(child: &mut Child) -> ExitStatus {
    #[allow(clippy::disallowed_methods, reason = "a time budget of the test")]
    let started = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status;
        }
        if started.elapsed() > PATIENCE {
            child.kill().unwrap();
            panic!("it did not stop");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// One request on a connection of its own.
pub(crate) fn send_to(addr: &str, request: Request<Full<Bytes>>) -> Answer {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let exchange = async {
        let stream = tokio::net::TcpStream::connect(addr).await.unwrap();
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        let response = sender.send_request(request).await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Answer { status, headers, body: response.into_body().collect().await.unwrap().to_bytes().to_vec() }
    };
    runtime.block_on(async { tokio::time::timeout(PATIENCE, exchange).await.expect("an answer in time") })
}
