//! Embedding oO: one file, five verbs.
//!
//! `cargo run --example embed` opens an engine in a fresh folder, tells it of two tasks and a mood, takes a tip, answers
//! it, and takes the next.

#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use std::sync::Arc;

use oo::{CandidateSource, Due, Engine, Gathered, Reaction, Signal, SourceQuery, TipCandidate};

/// A source of the embedder's own, beside open tasks and the advice library.
#[derive(Debug)]
struct Library;

impl CandidateSource for Library {
    fn name(&self) -> &str {
        "our-library"
    }

    fn gather(&self, query: &SourceQuery<'_>) -> oo::Result<Gathered> {
        let hour = query.now.minute_of_day() / 60;
        let text =
            if hour < 12 { "Write the first line before you open anything else." } else { "Put one thing back." };
        Ok(Gathered::Ready(vec![TipCandidate::advice(format!("hour-{hour}"), text)]))
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::temp_dir().join(format!("oo-embed-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let oo = Engine::builder(folder.join("oo.db")).source(Arc::new(Library)).open().await?;

    oo.ingest(
        "u-42",
        Signal::task("t1", "File taxes").due(Due::Day(oo::moment::parse_date("due", "2026-11-30")?)).priority(1),
    )
    .await?;
    oo.ingest("u-42", Signal::task("t2", "Water the plants")).await?;
    oo.ingest("u-42", Signal::mood(4.0)).await?;

    let tip = oo.recommend("u-42").await?.ok_or("no tip")?;
    println!("{}\n  {} (drawn with probability {:.3})", tip.content, tip.why(), tip.propensity);
    let reacted = oo.react(tip.id, Reaction::Done).await?;
    println!("  reward {:?}", reacted.reward);

    let next = oo.recommend("u-42").await?.ok_or("no tip")?;
    println!("{}\n  {}", next.content, next.why());

    let receipt = oo.forget("u-42").await?;
    println!("forgotten: {} with {} lessons taken away", receipt.stage, receipt.lessons);
    oo.close();
    std::fs::remove_dir_all(&folder)?;
    Ok(())
}
