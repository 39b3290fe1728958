//! Requests a second of a server: each connection posts, waits for the answer and posts again.
//!
//! The requests are bytes before the clock starts, answers are only cut out of the stream and never parsed, and one thread
//! drives all connections, so that the client takes as little as possible of the cores it shares with the server. The
//! first second is not counted.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::Outcome;

const WARM_UP: Duration = Duration::from_secs(1);
/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// Posts the lines of the file `bodies` to `path` over `connections` connections for `seconds`.
pub(crate) fn run(address: &str, path: &str, bodies: &str, seconds: f64, connections: usize) -> Outcome<Value> {
    let requests: Vec<Vec<u8>> = std::fs::read_to_string(bodies)?
        .lines()
        .map(|body| {
            let length = body.len();
            let head = format!("POST {path} HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n");
            format!("{head}Content-Length: {length}\r\n\r\n{body}").into_bytes()
        })
        .collect();
    if requests.is_empty() {
        return Err("there are no bodies to post".into());
    }
    let requests: Arc<[Vec<u8>]> = requests.into();
    let begin = Instant::now() + WARM_UP;
    let end = begin + Duration::from_secs_f64(seconds);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
    let mut waits = runtime.block_on(async {
        let running: Vec<_> = (0..connections)
            .map(|number| {
                let (address, requests) = (address.to_owned(), requests.clone());
                tokio::spawn(async move {
                    drive(&address, &requests, number, begin, end).await.map_err(|error| error.to_string())
                })
            })
            .collect();
        let mut waits = Vec::new();
        for connection in running {
            waits.append(&mut connection.await??);
        }
        Ok::<_, Box<dyn std::error::Error + Send + Sync>>(waits)
    })?;
    let counted = waits.len() as f64;
    waits.sort_by(f64::total_cmp);
    let quantile = |share: f64| waits.get((waits.len() as f64 * share) as usize).copied();
    Ok(json!({
        "per_s": counted / seconds, "connections": connections, "seconds": seconds,
        "p50_ms": quantile(0.5), "p99_ms": quantile(0.99),
    }))
}

/// One connection; with the milliseconds that its counted requests took.
async fn drive(address: &str, requests: &[Vec<u8>], number: usize, begin: Instant, end: Instant) -> Outcome<Vec<f64>> {
    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (mut buffer, mut waits) = (vec![0; 1 << 20], Vec::new());
    for request in requests.iter().cycle().skip(number) {
        let asked = Instant::now();
        if asked >= end {
            break;
        }
        stream.write_all(request).await?;
        tokio::time::timeout(PATIENCE, answer(&mut stream, &mut buffer)).await??;
        if asked >= begin {
            waits.push(asked.elapsed().as_secs_f64() * 1e3);
        }
    }
    Ok(waits)
}

/// Reads one whole answer, which must be a 200 with a content length.
async fn answer(stream: &mut TcpStream, buffer: &mut [u8]) -> Outcome<()> {
    let mut filled = 0;
    let mut whole = None;
    while whole.is_none_or(|whole| filled < whole) {
        let space = buffer.get_mut(filled..).filter(|space| !space.is_empty()).ok_or("the answer is too large")?;
        match stream.read(space).await? {
            0 => return Err("the server closed the connection".into()),
            read => filled += read,
        }
        if whole.is_none() {
            whole = length(&buffer[..filled])?;
        }
    }
    Ok(())
}

/// The length of head and body, once the head is whole.
fn length(answer: &[u8]) -> Outcome<Option<usize>> {
    let Some(head) = answer.windows(4).position(|window| window == b"\r\n\r\n") else { return Ok(None) };
    let text = std::str::from_utf8(&answer[..head])?.to_ascii_lowercase();
    if !text.starts_with("http/1.1 200") {
        return Err(format!("not a 200: {}", String::from_utf8_lossy(answer)).into());
    }
    let length = text.lines().find_map(|line| line.strip_prefix("content-length:")).ok_or("no content length")?;
    Ok(Some(head + 4 + length.trim().parse::<usize>()?))
}
