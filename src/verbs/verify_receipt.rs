//! `verify_receipt`: does a receipt of a forgetting still say the truth?

use oo_core::event::{EventBody, ForgottenFact, Stored};
use oo_core::id::{EventId, Position, hex};
use oo_core::moment::parse_rfc3339;
use oo_core::ports::{Query, Rows, Scan};
use oo_core::{Error, Result};

use super::forget::read;
use crate::engine::Engine;
use crate::outcome::{Receipt, VerifiedReceipt};
use crate::run::{Run, receipt_chain};

/// How often it is begun anew where others are forgotten meanwhile.
const PATIENCE: u32 = 5;

/// A forgetting as the log has it.
struct Forgetting {
    position: Position,
    recorded_ms: i64,
    fact: ForgottenFact,
    /// Whether its chain follows from those before it.
    follows: bool,
}

/// All forgettings of the log, oldest first.
#[derive(Default)]
struct Forgettings {
    all: Vec<Forgetting>,
    /// Whether what was learned was changed by another erasure after the newest.
    overtaken: bool,
}

impl Forgettings {
    /// Whether somebody was forgotten, or took a consent back, since `before` was read.
    fn is_after(&self, before: &Forgettings) -> bool {
        self.all.len() != before.all.len() || self.overtaken != before.overtaken
    }

    /// Where the chain breaks first.
    fn broken(&self) -> Option<String> {
        let first = self.all.iter().find(|forgetting| !forgetting.follows)?;
        let Forgetting { position, fact, .. } = first;
        Some(format!("the chain of receipts is broken at receipt {}, position {}", fact.receipt, position.0))
    }
}

impl Engine {
    /// Checks a receipt against the log: that it says what the log and the store say, that the chain over all receipts is
    /// unbroken and its end is the newest receipt, that nothing is held of whoever it is about, and that replaying the
    /// log to the newest forgetting gives the state hash of that one. An older receipt's own state cannot be replayed,
    /// because people were forgotten after it: the chain binds it to the newest receipt, whose state stands for it. What
    /// cannot be checked is told as `unchecked`.
    ///
    /// # Errors
    /// `invalid_input` for a receipt without a readable id; `not_found` for one of somebody whom this store never forgot; `storage`,
    /// `busy`. A receipt that does not hold is no error: it is the answer.
    pub async fn verify_receipt(&self, receipt: &Receipt) -> Result<VerifiedReceipt> {
        let id = EventId::parse(&receipt.id).map_err(|error| error.with_field("id"))?;
        if receipt.stage == "nothing_held" {
            return Err(Error::invalid("stage", "the receipt says that nothing was held; there is nothing to verify"));
        }
        self.run().flush().await?;
        let (run, receipt) = (self.run().clone(), receipt.clone());
        // It reads the whole log: not on the caller's executor.
        tokio::task::spawn_blocking(move || {
            for _ in 0..PATIENCE {
                if let Some(verified) = verify(&run, id, &receipt)? {
                    return Ok(verified);
                }
            }
            Err(Error::busy("others keep being forgotten; verify the receipt when they rest"))
        })
        .await
        .map_err(|error| Error::internal(format!("verifying was interrupted: {error}")))?
    }
}

/// What `receipt` is found to be; none where somebody else was forgotten meanwhile, so that the log cannot be read as it was.
fn verify(run: &Run, id: EventId, receipt: &Receipt) -> Result<Option<VerifiedReceipt>> {
    // Before the log: whoever forgets meanwhile is in the log by then.
    let Rows::Receipts(kept_before) = run.store.query(&Query::Receipts { limit: 1 })? else {
        return Err(Error::internal("the store answered another question; report this as a defect"));
    };
    let forgettings = forgettings(run)?;
    let Some(known) = kept(run, id)? else {
        let unknown = Error::not_found("there is no such receipt; pass it as `forget` gave it");
        return again(run, receipt, &forgettings.all, unknown).map(Some);
    };
    let mut verified = VerifiedReceipt {
        id: receipt.id.clone(),
        stage: known.stage.clone(),
        valid: false,
        chain: false,
        absent: false,
        state: None,
        problems: Vec::new(),
        unchecked: Vec::new(),
    };
    let (found, newest) =
        (forgettings.all.iter().find(|forgetting| forgetting.fact.receipt == id), forgettings.all.last());
    let (Some(found), Some(newest)) = (found, newest) else {
        verified.problems.push("the log has no forgetting of this receipt".to_owned());
        return Ok(Some(verified));
    };
    for field in differing(receipt, &known, found) {
        verified.problems.push(format!("{field} is not what the log says: the receipt was changed"));
    }
    let broken = match forgettings.broken() {
        Some(broken) => Some(broken),
        None => other_end(run, &kept_before, &forgettings.all, newest)?,
    };
    verified.chain = broken.is_none();
    verified.problems.extend(broken);
    let digest = found.fact.pseudonym_digest;
    verified.absent = matches!(run.store.query(&Query::Holds { digest })?, Rows::Holds(false));
    if !verified.absent {
        verified.problems.push("something is held of the person; restore a backup with its forgotten list".to_owned());
    }
    if known.stage != "erased" {
        verified
            .problems
            .push("erased bytes are still in the write-ahead log; close other readers of the file".to_owned());
    }
    if !receipt.left.is_empty() {
        verified.unchecked.push("left: names of files may name the person, and are not kept".to_owned());
    }
    if found.position != newest.position {
        verified.unchecked.push(format!(
            "state_hash: others were forgotten after it; the state of the newest receipt, {}, stands for it",
            newest.fact.receipt
        ));
    }
    if forgettings.overtaken {
        verified.unchecked.push("state: a consent that was taken back changed what was learned since".to_owned());
    } else {
        verified.state = replayed(run, newest)?;
        match verified.state {
            Some(true) => {}
            Some(false) if self::forgettings(run)?.is_after(&forgettings) => return Ok(None),
            Some(false) => verified.problems.push(format!(
                "replaying the log to position {} gives another state than that of receipt {}",
                newest.position.0, newest.fact.receipt
            )),
            None => verified.unchecked.push("state: the champion does not replay".to_owned()),
        }
    }
    verified.valid = verified.problems.is_empty();
    Ok(Some(verified))
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
        unchecked: Vec::new(),
        problems: vec![format!(
            "the store holds no receipt of this id: it was changed, or a backup of before it was restored; the person was forgotten under receipt {}, verify that one",
            found.fact.receipt
        )],
    })
}

/// Whether replaying to a forgetting gives its state; none for a champion that does not replay.
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
        // A receipt that was asked for again names those that were still waiting then.
        ("rebuilding", receipt.rebuilding.iter().all(|policy| known.rebuilding.contains(policy))),
        // A receipt from the answer says what was true then; the stage goes on to `erased`.
        ("stage", receipt.stage == known.stage || receipt.stage == "erasing"),
    ];
    checks.into_iter().filter(|(_, same)| !same).map(|(field, _)| field).collect()
}

fn forgettings(run: &Run) -> Result<Forgettings> {
    let mut read = Forgettings::default();
    run.log.scan(&Scan::drawn(run.log.head()?), &mut |Stored { position, event }| {
        match event.body {
            EventBody::Forgotten(fact) => {
                let before = read.all.last().map(|last| hex(&last.fact.chain)).unwrap_or_default();
                let chain = receipt_chain(&before, &fact.pseudonym_digest, fact.epoch, &fact.state_hash);
                let follows = chain == fact.chain;
                read.overtaken = false;
                read.all.push(Forgetting { position, recorded_ms: event.recorded_ms, fact, follows });
            }
            EventBody::Trimmed(fact) if fact.epoch.is_some() => read.overtaken = true,
            _ => {}
        }
        Ok(())
    })?;
    Ok(read)
}

/// The receipt as the store keeps it.
fn kept(run: &Run, id: EventId) -> Result<Option<Receipt>> {
    match run.store.query(&Query::Receipt { id })? {
        Rows::Receipt(Some(json)) => read(&json).map(Some),
        _ => Ok(None),
    }
}

/// What is wrong with the end of the chain: the newest receipt that was kept before the log was read is in the log, and
/// the `newest` of the log is kept as it is there.
fn other_end(run: &Run, kept_before: &[String], all: &[Forgetting], newest: &Forgetting) -> Result<Option<String>> {
    for json in kept_before {
        let id = read(json)?.id;
        if !all.iter().any(|forgetting| forgetting.fact.receipt.to_string() == id) {
            return Ok(Some(format!("the log has no forgetting of the newest receipt, {id}")));
        }
    }
    let id = newest.fact.receipt;
    let same = kept(run, id)?.is_some_and(|kept| differing(&kept, &kept, newest).is_empty());
    Ok((!same).then(|| format!("the receipt of the last forgetting, {id}, is not kept as the log has it")))
}
