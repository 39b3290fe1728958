//! Forgetting a person, in one transaction: subtract their lessons, erase what is held, start a new epoch.
//!
//! Everything that happened is folded first, so what is subtracted is what was taught, and the snapshot that the
//! transaction writes is the state of the new epoch: whoever opens or folds next begins from it. Exported files go once it is
//! committed ([`exports`](crate::run::exports)). The receipt is chained to the newest one there is; where that cannot be
//! read, nothing is forgotten, since a chain that begins anew would prove nothing.

use std::collections::BTreeMap;
use std::sync::Arc;

use oo_core::event::{Event, EventBody, ForgottenFact};
use oo_core::id::{DecisionId, Position, Pseudonym, hex};
use oo_core::lesson::Lesson;
use oo_core::moment::{Moment, rfc3339};
use oo_core::ports::{Appended, Entry, Erasure, Query, Rows, Scan, Scope, Transaction};
use oo_core::user::UserState;
use oo_core::{Error, Result};
use oo_policies::Bandit;
use sha2::{Digest, Sha256};

use super::{ForgetWork, Who};
use crate::bandits::{self, Lessons};
use crate::outcome::Receipt;
use crate::run::Run;
use crate::run::exports::Leaving;
use crate::run::fold::Folding;

/// Lessons that a bandit is taught at once when it is rebuilt.
const PAGE: usize = 5_000;

pub(super) fn forget(run: &Run, tx: &mut dyn Transaction, folding: &mut Folding, work: &ForgetWork) -> Result<Receipt> {
    let id = super::new_event_id(run, work.now_ms)?;
    let record = match &work.who {
        Who::Caller(caller_id) => run.store.user(caller_id, None)?,
        Who::Pseudonym(user) => run.record_of(*user)?,
    };
    let Some(record) = record else {
        return Ok(Receipt {
            id: id.to_string(),
            stage: "nothing_held".to_owned(),
            pseudonym_digest: None,
            position: None,
            epoch: None,
            state_hash: None,
            unlearned: true,
            rebuilding: Vec::new(),
            lessons: 0,
            exports: 0,
            left: Vec::new(),
            chain: None,
            at: rfc3339(work.now_ms),
        });
    };
    folding.settle()?;
    let through = folding.mind.position;
    let lessons = lessons_of(run, record.user, through)?;
    let rewards = rewards_of(run, record.user, through)?;
    let digest = record.user.digest();
    let state_hash = subtract(run, tx, folding, record.user, &lessons, &rewards)?;
    let before = match run.store.query(&Query::Info)? {
        Rows::Info(info) => info.newest_receipt,
        _ => None,
    };
    let before = match before.map(|json| serde_json::from_str::<Receipt>(&json)) {
        None => String::new(),
        Some(Ok(receipt)) => receipt.chain.unwrap_or_default(),
        Some(Err(_)) => {
            return Err(Error::storage(
                "the newest receipt cannot be read, so no other can be chained to it; restore the newest backup",
            ));
        }
    };
    let chain = receipt_chain(&before, &digest, folding.mind.epoch, &state_hash);
    let fact = ForgottenFact { pseudonym_digest: digest, receipt: id, epoch: folding.mind.epoch, state_hash, chain };
    let event = Event {
        id,
        moment: Moment::utc(work.now_ms),
        recorded_ms: work.now_ms,
        user: None,
        body: EventBody::Forgotten(fact),
    };
    let entry = Entry::new(event);
    let Appended::At(position) = tx.append(&entry)? else { return Err(super::unexpected()) };
    folding.committed(run, position, &entry.event)?;
    folding.mind.learned = position;
    folding.mind.unsaved = 0;
    let leaving = Leaving::of(run, &record, through, id, None)?;
    let receipt = Receipt {
        id: id.to_string(),
        stage: "erasing".to_owned(),
        pseudonym_digest: Some(hex(&digest)),
        position: Some(position.0),
        epoch: Some(folding.mind.epoch),
        state_hash: Some(hex(&state_hash)),
        unlearned: true,
        rebuilding: folding.mind.registry.withdrawn().map(|entry| entry.policy_ref.to_string()).collect(),
        lessons: (lessons.len() + rewards.values().map(Vec::len).sum::<usize>()) as u64,
        exports: leaving.count(),
        left: Vec::new(),
        chain: Some(hex(&chain)),
        at: rfc3339(work.now_ms),
    };
    let receipt_json = serde_json::to_string(&receipt).map_err(|error| Error::internal(error.to_string()))?;
    let scope = Scope::Person { receipt: id, receipt_json };
    tx.erase(&Erasure { user: record.user, scope, snapshot: Some(folding.mind.save()) })?;
    folding.leaving = Some(leaving);
    let left = run.upkeep.unreached().iter().map(|path| path.display().to_string()).collect();
    // Paths may name the person: they are in the answer alone.
    Ok(Receipt { left, ..receipt })
}

/// Takes lessons of `user` away and begins a new epoch; the champion's state hash after it.
pub(super) fn subtract(
    run: &Run,
    tx: &mut dyn Transaction,
    folding: &mut Folding,
    user: Pseudonym,
    lessons: &[Lesson],
    rewards: &Lessons,
) -> Result<[u8; 32]> {
    let through = folding.mind.position;
    folding.mind.registry = super::withdraw::unlearn(run, tx, folding, lessons)?;
    for name in folding.mind.bandits.unlearn(rewards)? {
        let bandit = rebuilt(run, folding, &name, user, through)?;
        folding.mind.bandits.replace(&name, bandit);
    }
    folding.mind.epoch += 1;
    Ok(folding.mind.registry.champion()?.policy.identity().state)
}

/// What was learned of a person and still stands: the last reward of each of their decisions.
fn lessons_of(run: &Run, user: Pseudonym, through: Position) -> Result<Vec<Lesson>> {
    let mut state = UserState::new(user);
    let mut last: BTreeMap<DecisionId, Lesson> = BTreeMap::new();
    for stored in run.log.of_user(user, Position(0), through)? {
        for lesson in run.apply(&mut state, stored.position, &stored.event)?.lessons {
            last.insert(lesson.decision, Lesson { replaces: None, ..lesson });
        }
    }
    Ok(last.into_values().collect())
}

/// What the named bandits learned of a person and still stands.
fn rewards_of(run: &Run, user: Pseudonym, through: Position) -> Result<Lessons> {
    let mut last: BTreeMap<DecisionId, (Arc<str>, Lesson)> = BTreeMap::new();
    for stored in run.log.of_user(user, Position(0), through)? {
        if let EventBody::Reward(fact) = stored.event.body {
            let lesson = Lesson { replaces: None, ..fact.lesson(Some(user)) };
            last.insert(fact.decision, (fact.bandit, lesson));
        }
    }
    let mut lessons = Lessons::new();
    for (bandit, lesson) in last.into_values() {
        lessons.entry(bandit).or_default().push(lesson);
    }
    Ok(lessons)
}

/// The bandit `name`, which does not subtract, as the log without `user` gives it.
fn rebuilt(run: &Run, folding: &Folding, name: &Arc<str>, user: Pseudonym, through: Position) -> Result<Bandit> {
    let held = folding.mind.bandits.get(name).ok_or_else(|| bandits::unknown(name))?;
    let mut bandit = Bandit::new(held.spec())?;
    let mut lessons = Vec::new();
    run.log.scan(&Scan::drawn(through), &mut |stored| {
        if let EventBody::Reward(fact) = stored.event.body
            && fact.bandit == *name
            && stored.event.user != Some(user)
        {
            lessons.push(fact.lesson(stored.event.user));
        }
        if lessons.len() >= PAGE {
            bandit = bandit.learned(&std::mem::take(&mut lessons))?;
        }
        Ok(())
    })?;
    bandit = bandit.learned(&lessons)?;
    // At the start of the epoch that the forgetting begins, as the others.
    Ok(bandit.unlearned(&[])?.unwrap_or(bandit))
}

/// The chain over receipts: SHA-256 of the chain before and what this one states.
pub(crate) fn receipt_chain(before: &str, digest: &[u8; 32], epoch: u32, state: &[u8; 32]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(b"oo.receipt.v1");
    hash.update((before.len() as u64).to_le_bytes());
    hash.update(before.as_bytes());
    hash.update(digest);
    hash.update(epoch.to_le_bytes());
    hash.update(state);
    hash.finalize().into()
}
