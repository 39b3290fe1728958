//! Durable pairs: `recommend` then `react` through the facade, each waiting for its commit (`synchronous=FULL`).
//!
//! 64 people at once share commits: one fsync serves all that waited for it. Alone, a pair costs two fsyncs, so its
//! p99 is the disk's. Projections are part of the figure: after the sustained run the lag at the end is read, and a
//! lag of more than 2 s would fail it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use oo::Reaction;

use crate::Outcome;
use crate::catalogue::{self, Catalogue};
use crate::figure::{Bar, Figures, quantile};

/// How long the sustained run takes.
const SUSTAINED: Duration = Duration::from_secs(60);

async fn open(folder: &std::path::Path, count: usize) -> Outcome<oo::Engine> {
    Ok(catalogue::builder(&folder.join("oo.db"), Arc::new(Catalogue::new(count)))?.open().await?)
}

/// Pairs a second with `people` at once over `time`, and the seconds that projections lag behind at the end.
async fn pairs_per_second(count: usize, people: usize, time: Duration) -> Outcome<(f64, f64)> {
    let folder = tempfile::tempdir_in(".")?;
    let oo = open(folder.path(), count).await?;
    let started = Instant::now();
    let tasks: Vec<_> = (0..people)
        .map(|person| {
            let oo = oo.clone();
            tokio::spawn(async move {
                let user = format!("u{person}");
                let mut pairs = 0_u64;
                while started.elapsed() < time {
                    let tip = oo.recommend(&user).await?.ok_or_else(|| oo::Error::internal("no tip"))?;
                    let reaction =
                        if pairs.is_multiple_of(3) { Reaction::Done } else { Reaction::Dismiss { reason: None } };
                    oo.react(tip.id, reaction).await?;
                    pairs += 1;
                }
                Ok::<_, oo::Error>(pairs)
            })
        })
        .collect();
    let mut pairs = 0;
    for task in tasks {
        pairs += task.await??;
    }
    let rate = pairs as f64 / started.elapsed().as_secs_f64();
    let lag = oo.health().await?.lag as f64 / (2.0 * rate);
    oo.close();
    Ok((rate, lag))
}

/// Milliseconds of each pair, alone, sorted.
async fn alone(pairs: usize) -> Outcome<Vec<f64>> {
    let folder = tempfile::tempdir_in(".")?;
    let oo = open(folder.path(), 10).await?;
    let mut times = Vec::with_capacity(pairs);
    for number in 0..pairs + 50 {
        let started = Instant::now();
        let tip = oo.recommend("u").await?.ok_or("no tip")?;
        oo.react(tip.id, Reaction::Done).await?;
        if number >= 50 {
            times.push(started.elapsed().as_secs_f64() * 1e3);
        }
    }
    oo.close();
    times.sort_by(f64::total_cmp);
    Ok(times)
}

pub(crate) async fn run(figures: &mut Figures) -> Outcome<()> {
    let times = alone(3_000).await?;
    figures.note("durable_p50_ms", quantile(&times, 0.5), "ms");
    figures.put("durable_p99_ms", quantile(&times, 0.99), "ms", Bar::AtMost(5.0));
    let (rate, lag) = pairs_per_second(10, 64, SUSTAINED).await?;
    figures.put("durable_pairs_per_s", rate, "pairs/s", Bar::AtLeast(8_000.0));
    figures.put("durable_projection_lag_s", lag, "s", Bar::AtMost(2.0));
    let (rate, _) = pairs_per_second(50, 64, Duration::from_secs(15)).await?;
    figures.note("durable_pairs_50_per_s", rate, "pairs/s");
    Ok(())
}
