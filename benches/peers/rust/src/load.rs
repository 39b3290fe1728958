//! Requests a second of a server: each connection is a thread that posts, waits for the answer and posts again.
//!
//! The requests are bytes before the clock starts and answers are only cut out of the stream, never parsed, so that the
//! client takes as little as possible of the cores it shares with the server. The first second is not counted.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::Outcome;

const WARM_UP: Duration = Duration::from_secs(1);

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
    let (counted, requests) = (AtomicU64::new(0), &requests);
    let begin = Instant::now() + WARM_UP;
    let end = begin + Duration::from_secs_f64(seconds);
    let mut waits = std::thread::scope(|threads| {
        let counted = &counted;
        let drive = |number: usize| move || drive(address, requests, number, begin, end, counted);
        let running: Vec<_> = (0..connections).map(|number| threads.spawn(drive(number))).collect();
        let ended = running.into_iter().map(|thread| thread.join().map_err(|_| "a connection's thread panicked")?);
        ended.collect::<Outcome<Vec<_>>>().map(|waits| waits.concat())
    })?;
    waits.sort_by(f64::total_cmp);
    let quantile = |share: f64| waits.get((waits.len() as f64 * share) as usize).copied();
    Ok(json!({
        "per_s": counted.into_inner() as f64 / seconds, "connections": connections, "seconds": seconds,
        "p50_ms": quantile(0.5), "p99_ms": quantile(0.99),
    }))
}

/// One connection; with the milliseconds that its counted requests took.
fn drive(
    address: &str,
    requests: &[Vec<u8>],
    number: usize,
    begin: Instant,
    end: Instant,
    counted: &AtomicU64,
) -> Outcome<Vec<f64>> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    let (mut buffer, mut waits) = (vec![0; 1 << 20], Vec::new());
    for request in requests.iter().cycle().skip(number) {
        let asked = Instant::now();
        if asked >= end {
            break;
        }
        stream.write_all(request)?;
        answer(&mut stream, &mut buffer)?;
        if asked >= begin {
            counted.fetch_add(1, Ordering::Relaxed);
            waits.push(asked.elapsed().as_secs_f64() * 1e3);
        }
    }
    Ok(waits)
}

/// Reads one whole answer, which must be a 200 with a content length.
fn answer(stream: &mut TcpStream, buffer: &mut [u8]) -> Outcome<()> {
    let mut filled = 0;
    let mut whole = None;
    while whole.is_none_or(|whole| filled < whole) {
        let space = buffer.get_mut(filled..).filter(|space| !space.is_empty()).ok_or("the answer is too large")?;
        match stream.read(space)? {
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
