//! `verify_receipt`: does a receipt of a forgetting still say the truth?

use oo_core::event::{EventBody, ForgottenFact, Stored};
use oo_core::id::{EventId, Position, hex};
use oo_core::moment::parse_rfc3339;
use oo_core::ports::{Query, Rows, Scan};
use oo_core::{Error, ErrorKind, Result};

use crate::engine::Engine;
use crate::outcome::{Receipt, VerifiedReceipt};
use crate::run::{Run, receipt_chain};

/// A forgetting as the log has it.
struct Forgetting {
    position: Position,
    recorded_ms: i64,
    fact: ForgottenFact,
    /// Whether its chain follows from those before it.
    follows: bool,
    /// Whether what was learned was changed by another erasure after it.
    overtaken: bool,
}

impl Engine {
    /// Checks a receipt against the log: that it says what the log says, that the chain from the first receipt to it is
    /// unbroken, that nothing is held of whoever it is about, and, for the newest, that replaying the log to its position
    /// gives its state hash. An older receipt's state cannot be replayed, because people were forgotten after it; the
    /// chain and the newest receipt stand for it.
    ///
    /// # Errors
    /// `invalid_input` for a receipt without a readable id; `not_found` for one of somebody whom this store never forgot; `storage`,
    /// `busy`. A receipt that does not hold is no error: it is the answer.
    pub async fn verify_receipt(&self, receipt: &Receipt) -> Result<VerifiedReceipt> {
        let run = self.run();
        run.flush().await?;
        let id = EventId::parse(&receipt.id).map_err(|error| error.with_field("id"))?;
        if receipt.stage == "nothing_held" {
            return Err(Error::invalid("stage", "the receipt says that nothing was held; there is nothing to verify"));
        }
        let forgettings = forgettings(run)?;
        let known = match self.receipt(&receipt.id).await {
            Err(error) if error.kind() == ErrorKind::NotFound => return again(run, receipt, &forgettings, error),
            known => known?,
        };
        let mut verified = VerifiedReceipt {
            id: receipt.id.clone(),
            stage: known.stage.clone(),
            valid: false,
            chain: false,
            absent: false,
            state: None,
            problems: Vec::new(),
        };
        let Some(place) = forgettings.iter().position(|forgetting| forgetting.fact.receipt == id) else {
            verified.problems.push("the log has no forgetting of this receipt".to_owned());
            return Ok(verified);
        };
        let found = &forgettings[place];
        for field in differing(receipt, &known, found) {
            verified.problems.push(format!("{field} is not what the log says: the receipt was changed"));
        }
        verified.chain = forgettings[..=place].iter().all(|forgetting| forgetting.follows);
        if !verified.chain {
            verified.problems.push("the chain of receipts is broken".to_owned());
        }
        let digest = found.fact.pseudonym_digest;
        verified.absent = matches!(run.store.query(&Query::Holds { digest })?, Rows::Holds(false));
        if !verified.absent {
            verified
                .problems
                .push("something is held of the person; restore a backup with its forgotten list".to_owned());
        }
        if known.stage != "erased" {
            verified
                .problems
                .push("erased bytes are still in the write-ahead log; close other readers of the file".to_owned());
        }
        if !found.overtaken {
            verified.state = replayed(run, found)?;
            if verified.state == Some(false) {
                verified.problems.push("replaying the log to the receipt's position gives another state".to_owned());
            }
        }
        verified.valid = verified.problems.is_empty();
        Ok(verified)
    }
}

/// The answer for a receipt that the store does not hold, `unknown`, of a person who was forgotten under another: where a
/// backup of before a receipt is restored, whoever was forgotten is forgotten again on the way.
fn again(run: &Run, receipt: &Receipt, forgettings: &[Forgetting], unknown: Error) -> Result<VerifiedReceipt> {
    let same =
        |forgetting: &&Forgetting| receipt.pseudonym_digest.as_ref() == Some(&hex(&forgetting.fact.pseudonym_digest));
    let Some(found) = forgettings.iter().find(same) else { return Err(unknown) };
    let digest = found.fact.pseudonym_digest;
    Ok(VerifiedReceipt {
        id: receipt.id.clone(),
        stage: receipt.stage.clone(),
        valid: false,
        chain: false,
        absent: matches!(run.store.query(&Query::Holds { digest })?, Rows::Holds(false)),
        state: None,
        problems: vec![format!(
            "the store holds no receipt of this id: it was changed, or a backup of before it was restored; the person was forgotten under receipt {}, verify that one",
            found.fact.receipt
        )],
    })
}

/// Whether replaying gives the receipt's state; none for a champion that does not replay.
fn replayed(run: &Run, found: &Forgetting) -> Result<Option<bool>> {
    let champion = run.champion_at(found.position)?;
    Ok(champion.replays().then(|| champion.identity().state == found.fact.state_hash))
}

/// The fields of `receipt` that contradict the log, or what was stored with it.
fn differing(receipt: &Receipt, known: &Receipt, found: &Forgetting) -> Vec<&'static str> {
    let fact = &found.fact;
    let checks = [
        ("pseudonym_digest", receipt.pseudonym_digest.as_deref() == Some(&hex(&fact.pseudonym_digest))),
        ("position", receipt.position == Some(found.position.0)),
        ("epoch", receipt.epoch == Some(fact.epoch)),
        ("state_hash", receipt.state_hash.as_deref() == Some(&hex(&fact.state_hash))),
        ("chain", receipt.chain.as_deref() == Some(&hex(&fact.chain))),
        ("at", parse_rfc3339("at", &receipt.at).is_ok_and(|at_ms| at_ms == found.recorded_ms)),
        ("lessons", receipt.lessons == known.lessons),
        ("unlearned", receipt.unlearned == known.unlearned),
        ("exports", receipt.exports == known.exports),
        // A receipt from the answer says what was true then; the stage goes on to `erased`.
        ("stage", receipt.stage == known.stage || receipt.stage == "erasing"),
    ];
    checks.into_iter().filter(|(_, same)| !same).map(|(field, _)| field).collect()
}

fn forgettings(run: &Run) -> Result<Vec<Forgetting>> {
    let mut all: Vec<Forgetting> = Vec::new();
    run.log.scan(&Scan::drawn(run.log.head()?), &mut |Stored { position, event }| {
        match event.body {
            EventBody::Forgotten(fact) => {
                let before = all.last().map(|last| hex(&last.fact.chain)).unwrap_or_default();
                let chain = receipt_chain(&before, &fact.pseudonym_digest, fact.epoch, &fact.state_hash);
                all.iter_mut().for_each(|earlier| earlier.overtaken = true);
                let follows = chain == fact.chain;
                let recorded_ms = event.recorded_ms;
                all.push(Forgetting { position, recorded_ms, fact, follows, overtaken: false });
            }
            EventBody::Trimmed(fact) if fact.epoch.is_some() => {
                all.iter_mut().for_each(|earlier| earlier.overtaken = true);
            }
            _ => {}
        }
        Ok(())
    })?;
    Ok(all)
}
