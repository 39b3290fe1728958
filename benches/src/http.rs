//! The server over HTTP: 32 kept connections, each of its own people, `recommend` then `feedback`, so that every counted
//! recommend is a new durable decision. The client shares the two cores with the server.
//!
//! After 100,000 decisions of 1,000 people the server's memory is read; then it is killed and started again on that log.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::Outcome;
use crate::figure::{Bar, Figures};
use crate::server::{Client, Server};

const CONNECTIONS: u64 = 32;
const PEOPLE: u64 = 1_000;
const DECISIONS: u64 = 100_000;
const SUSTAINED: Duration = Duration::from_secs(60);

pub(crate) async fn run(figures: &mut Figures) -> Outcome<()> {
    let folder = tempfile::tempdir_in(".")?;
    let (server, _) = Server::start(&folder.path().join("sustained")).await?;
    figures.note("rss_start_mb", server.rss_mb()?, "MB");
    let started = Instant::now();
    let counted = load(&server, u64::MAX).await?;
    let rate = counted as f64 / started.elapsed().as_secs_f64();
    figures.put("http_recommend_per_s", rate, "1/s", Bar::AtLeast(2_000.0));
    server.kill()?;

    let data = folder.path().join("log");
    let (server, _) = Server::start(&data).await?;
    load(&server, DECISIONS).await?;
    figures.put("rss_100k_mb", server.rss_mb()?, "MB", Bar::AtMost(150.0));
    server.kill()?;
    let (server, seconds) = Server::start(&data).await?;
    figures.put("cold_start_100k_s", seconds, "s", Bar::AtMost(1.0));
    figures.note("rss_restarted_mb", server.rss_mb()?, "MB");
    server.kill()
}

/// Drives the server until `decisions` are made or the sustained time is over, on all connections at once.
async fn load(server: &Server, decisions: u64) -> Outcome<u64> {
    let made = Arc::new(AtomicU64::new(0));
    let tasks: Vec<_> = (0..CONNECTIONS)
        .map(|connection| {
            let (address, made) = (server.address.clone(), made.clone());
            tokio::spawn(async move {
                drive(&address, connection, decisions, &made).await.map_err(|error| error.to_string())
            })
        })
        .collect();
    for task in tasks {
        task.await??;
    }
    Ok(made.load(Ordering::Relaxed))
}

/// Asks and answers for this connection's people.
async fn drive(address: &str, connection: u64, most: u64, made: &AtomicU64) -> Outcome<()> {
    let mut client = Client::connect(address).await?;
    let started = Instant::now();
    let mut turn = 0_u64;
    while made.load(Ordering::Relaxed) < most && (most != u64::MAX || started.elapsed() < SUSTAINED) {
        let person = (turn * CONNECTIONS + connection) % PEOPLE;
        let answer = client.post("/api/recommend", &format!("{{\"user\":\"u{person}\"}}")).await?;
        let id = answer["tip"]["id"].as_str().ok_or("no tip")?.to_owned();
        made.fetch_add(1, Ordering::Relaxed);
        let reaction = if turn.is_multiple_of(3) { "done" } else { "dismiss" };
        client.post("/api/feedback", &format!("{{\"tip\":\"{id}\",\"reaction\":\"{reaction}\"}}")).await?;
        turn += 1;
    }
    Ok(())
}
