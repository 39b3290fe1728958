//! The release server as a child process, and a small HTTP/1.1 client that keeps its connection.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::Outcome;

/// A running server; killed when dropped.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: String,
}

impl Server {
    /// Starts the server on `data` and waits until it answers; with the seconds that took.
    pub(crate) async fn start(data: &Path) -> Outcome<(Self, f64)> {
        let binary = std::env::var_os("OO_BIN").ok_or("OO_BIN must name the release server")?;
        let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let address = format!("127.0.0.1:{port}");
        let started = Instant::now();
        let child = Command::new(binary)
            .args(["serve", "--rate", "0", "--addr", &address, "--data"])
            .arg(data)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let server = Server { child, address };
        loop {
            if let Ok(mut client) = Client::connect(&server.address).await
                && client.get("/health").await.is_ok()
            {
                return Ok((server, started.elapsed().as_secs_f64()));
            }
            if started.elapsed() > Duration::from_secs(60) {
                return Err("the server did not start within a minute".into());
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// Resident memory in MB.
    pub(crate) fn rss_mb(&self) -> Outcome<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).ok_or("no VmRSS")?;
        let kb: f64 = line.split_whitespace().nth(1).ok_or("no VmRSS")?.parse()?;
        Ok(kb / 1024.0)
    }

    /// SIGKILL: the hardest stop.
    pub(crate) fn kill(mut self) -> Outcome<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One kept connection.
pub(crate) struct Client {
    stream: TcpStream,
    address: String,
    buffer: Vec<u8>,
}

impl Client {
    pub(crate) async fn connect(address: &str) -> Outcome<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Client { stream, address: address.to_owned(), buffer: Vec::with_capacity(8_192) })
    }

    pub(crate) async fn get(&mut self, path: &str) -> Outcome<Value> {
        let request = format!("GET {path} HTTP/1.1\r\nHost: {}\r\n\r\n", self.address);
        self.exchange(&request).await
    }

    pub(crate) async fn post(&mut self, path: &str, body: &str) -> Outcome<Value> {
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        );
        self.exchange(&request).await
    }

    async fn exchange(&mut self, request: &str) -> Outcome<Value> {
        self.stream.write_all(request.as_bytes()).await?;
        self.buffer.clear();
        let (head, length) = loop {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err("the server closed the connection".into());
            }
            if let Some(end) = self.buffer.windows(4).position(|window| window == b"\r\n\r\n") {
                let head = std::str::from_utf8(&self.buffer[..end])?.to_ascii_lowercase();
                let length: usize = head
                    .lines()
                    .find_map(|line| line.strip_prefix("content-length:"))
                    .ok_or("no content length")?
                    .trim()
                    .parse()?;
                if !head.starts_with("http/1.1 200") {
                    return Err(head.lines().next().unwrap_or("no status").to_owned().into());
                }
                break (end + 4, length);
            }
        };
        while self.buffer.len() < head + length {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err("the server closed the connection".into());
            }
        }
        Ok(serde_json::from_slice(&self.buffer[head..head + length])?)
    }
}
