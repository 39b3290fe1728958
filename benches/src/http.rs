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
    let data = folder.path().join("data");
    let (server, _) = Server::start(&data).await?;
    figures.note("rss_start_mb", server.rss_mb()?, "MB");
    let decisions = Arc::new(AtomicU64::new(0));
    let started = Instant::now();
    let tasks: Vec<_> = (0..CONNECTIONS)
        .map(|connection| {
            let (address, decisions) = (server.address.clone(), decisions.clone());
            tokio::spawn(
                async move { drive(&address, connection, &decisions).await.map_err(|error| error.to_string()) },
            )
        })
        .collect();
    tokio::time::sleep(SUSTAINED.saturating_sub(started.elapsed())).await;
    let (counted, elapsed) = (decisions.load(Ordering::Relaxed), started.elapsed().as_secs_f64());
    figures.put("http_recommend_per_s", counted as f64 / elapsed, "1/s", Bar::AtLeast(2_000.0));
    for task in tasks {
        task.await??;
    }
    figures.put("rss_100k_mb", server.rss_mb()?, "MB", Bar::AtMost(150.0));
    server.kill()?;
    let (server, seconds) = Server::start(&data).await?;
    figures.put("cold_start_100k_s", seconds, "s", Bar::AtMost(1.0));
    figures.note("rss_restarted_mb", server.rss_mb()?, "MB");
    server.kill()
}

/// Asks and answers for this connection's people until all decisions are made and the sustained time is over.
async fn drive(address: &str, connection: u64, decisions: &AtomicU64) -> Outcome<()> {
    let mut client = Client::connect(address).await?;
    let started = Instant::now();
    let mut turn = 0_u64;
    while decisions.load(Ordering::Relaxed) < DECISIONS || started.elapsed() < SUSTAINED {
        let person = (turn * CONNECTIONS + connection) % PEOPLE;
        let answer = client.post("/api/recommend", &format!("{{\"user\":\"u{person}\"}}")).await?;
        let id = answer["tip"]["id"].as_str().ok_or("no tip")?.to_owned();
        decisions.fetch_add(1, Ordering::Relaxed);
        let reaction = if turn % 3 == 0 { "done" } else { "dismiss" };
        client.post("/api/feedback", &format!("{{\"tip\":\"{id}\",\"reaction\":\"{reaction}\"}}")).await?;
        turn += 1;
    }
    Ok(())
}
