//! `oo tip`, `oo react`, `oo export`, `oo forget`, `oo receipts`, `oo verify-receipt`, `oo retain`, `oo replay`,
//! `oo health`

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use oo::moment::parse_rfc3339;
use oo::{Engine, Error, Reaction, Receipt, Result, TipId};

use super::data::Data;
use super::{Who, output};

/// Asks for a tip.
#[derive(Debug, Args)]
pub(super) struct Tip {
    #[command(flatten)]
    who: Who,
    /// Print the whole answer as JSON
    #[arg(long)]
    json: bool,
}

impl Tip {
    pub(super) async fn run(self, data: &Data) -> Result<()> {
        let engine = data.open().await?;
        let answer = engine.recommend_with(self.who.user.as_str().into()).await?;
        close(engine).await?;
        if self.json {
            return output::json(&answer);
        }
        match answer.tip {
            Some(tip) => output::text(&format!("{}\n\n{}\n{}\n", tip.content, tip.why(), tip.id)),
            None => output::line(match answer.reason.as_deref() {
                Some("daily_cap") => "No more tips today: the daily cap is reached.",
                _ => "No tip right now.",
            }),
        }
    }
}

/// Says what became of a tip.
#[derive(Debug, Args)]
pub(super) struct React {
    /// done, snooze, dismiss or shown
    reaction: String,
    /// The tip's id; the person's open tip when absent
    #[arg(long, value_name = "ID")]
    tip: Option<String>,
    /// When it should come back (RFC 3339); a snooze needs it
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// Why it was dismissed: not_now, not_relevant or never
    #[arg(long)]
    reason: Option<String>,
    #[command(flatten)]
    who: Who,
}

impl React {
    pub(super) async fn run(self, data: &Data) -> Result<()> {
        let until_ms = self.until.as_deref().map(|until| parse_rfc3339("until", until)).transpose()?;
        let reaction = Reaction::from_parts(&self.reaction, until_ms, self.reason.as_deref())?;
        let tip = self.tip.as_deref().map(str::parse::<TipId>).transpose()?;
        let engine = data.open().await?;
        let tip = match tip {
            Some(tip) => tip,
            None => open_tip(&engine, &self.who.user).await?,
        };
        let reacted = engine.react(tip, reaction).await?;
        close(engine).await?;
        output::json(&reacted)
    }
}

async fn open_tip(engine: &Engine, user: &str) -> Result<TipId> {
    let tips = engine.history(user, 20).await?;
    let open = tips.iter().find(|tip| tip.state == "open").map(|tip| tip.id);
    open.ok_or_else(|| Error::not_found("no tip is open; ask for one with `oo tip`, or pass --tip ID"))
}

/// Prints everything that is held about a person, or writes it to a file.
#[derive(Debug, Args)]
pub(super) struct Export {
    #[command(flatten)]
    who: Who,
    /// Write it to this new file, which forgetting the person removes
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Export {
    pub(super) async fn run(self, data: &Data) -> Result<()> {
        let engine = data.open().await?;
        match self.out {
            Some(path) => {
                let exported = engine.export_to(&self.who.user, path).await?;
                close(engine).await?;
                output::json(&exported)
            }
            None => {
                let held = engine.export(&self.who.user).await?;
                close(engine).await?;
                output::text(&held)
            }
        }
    }
}

/// Prints receipts.
#[derive(Debug, Args)]
pub(super) struct Receipts {
    /// How many at most
    #[arg(long, value_name = "COUNT", default_value_t = 50)]
    limit: usize,
}

impl Receipts {
    pub(super) async fn run(self, data: &Data) -> Result<()> {
        let engine = data.open().await?;
        let receipts = engine.receipts(self.limit).await?;
        close(engine).await?;
        output::json(&receipts)
    }
}

/// Checks a receipt.
#[derive(Debug, Args)]
pub(super) struct VerifyReceipt {
    /// A file with the receipt as `oo forget` printed it, or the receipt's id
    receipt: String,
}

impl VerifyReceipt {
    pub(super) async fn run(self, data: &Data) -> Result<ExitCode> {
        let engine = data.open().await?;
        let receipt = match std::fs::read_to_string(&self.receipt) {
            Ok(text) => Receipt::parse(&text)?,
            // No file: an id, whose receipt is the one that the store has.
            Err(_) => engine.receipt(&self.receipt).await?,
        };
        let verified = engine.verify_receipt(&receipt).await?;
        close(engine).await?;
        output::json(&verified)?;
        Ok(if verified.valid { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

/// Erases what has been held for long enough.
pub(super) async fn retain(data: &Data) -> Result<()> {
    let engine = data.open().await?;
    let retained = engine.retain().await?;
    close(engine).await?;
    output::json(&retained)
}

/// Forgets a person, and prints the receipt.
pub(super) async fn forget(data: &Data, user: &str) -> Result<()> {
    let engine = data.open().await?;
    let receipt = engine.forget(user).await?;
    close(engine).await?;
    output::json(&receipt)
}

/// Prints how the engine is.
pub(super) async fn health(data: &Data) -> Result<()> {
    let engine = data.open().await?;
    let health = engine.health().await?;
    close(engine).await?;
    output::json(&health)
}

/// Folds the log anew.
#[derive(Debug, Args)]
pub(super) struct Replay {
    /// Fail when anything differs from what is stored
    #[arg(long)]
    verify: bool,
}

impl Replay {
    pub(super) async fn run(self, data: &Data) -> Result<ExitCode> {
        let engine = data.open().await?;
        let replayed = engine.replay().await?;
        close(engine).await?;
        output::json(&replayed)?;
        if !self.verify || replayed.differences.is_empty() {
            return Ok(ExitCode::SUCCESS);
        }
        output::remark(&format!(
            "oo: {} differences; keep a copy of the data and report this as a defect",
            replayed.differences.len()
        ));
        Ok(ExitCode::FAILURE)
    }
}

/// Closes the engine and waits for its last snapshot.
pub(super) async fn close(engine: Engine) -> Result<()> {
    tokio::task::spawn_blocking(move || engine.close())
        .await
        .map_err(|error| Error::internal(format!("closing the engine failed: {error}")))
}
