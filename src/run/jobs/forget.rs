//! Forgetting a person, in one transaction: subtract their lessons, erase what is held, start a new epoch.

use std::collections::BTreeMap;

use oo_core::event::{Event, EventBody, ForgottenFact};
use oo_core::id::{DecisionId, Position, hex};
use oo_core::lesson::Lesson;
use oo_core::moment::{Moment, rfc3339};
use oo_core::ports::{Appended, Entry, Erasure, Query, Rows, Transaction};
use oo_core::user::UserState;
use oo_core::{Error, Result};
use sha2::{Digest, Sha256};

use super::{ForgetWork, Who};
use crate::outcome::Receipt;
use crate::run::Run;
use crate::run::fold::Folding;

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
            lessons: 0,
            chain: None,
            at: rfc3339(work.now_ms),
        });
    };
    folding.settle()?;
    let lessons = lessons_of(run, record.user, folding.mind.position)?;
    let digest = record.user.digest();
    let forgotten = folding.mind.registry.unlearned(&lessons)?;
    folding.mind.registry = forgotten.registry;
    folding.mind.epoch += 1;
    let state_hash = folding.mind.registry.champion()?.policy.identity().state;
    let before: Option<Receipt> = match run.store.query(&Query::Info)? {
        Rows::Info(info) => info.newest_receipt.and_then(|json| serde_json::from_str(&json).ok()),
        _ => None,
    };
    let before = before.and_then(|receipt| receipt.chain).unwrap_or_default();
    let chain = chain(&before, &digest, folding.mind.epoch, &state_hash);
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
    let receipt = Receipt {
        id: id.to_string(),
        stage: "erasing".to_owned(),
        pseudonym_digest: Some(hex(&digest)),
        position: Some(position.0),
        epoch: Some(folding.mind.epoch),
        state_hash: Some(hex(&state_hash)),
        unlearned: forgotten.rebuild.is_empty(),
        lessons: lessons.len() as u64,
        chain: Some(hex(&chain)),
        at: rfc3339(work.now_ms),
    };
    let receipt_json = serde_json::to_string(&receipt).map_err(|error| Error::internal(error.to_string()))?;
    tx.erase(&Erasure { user: record.user, snapshot: folding.mind.save(), receipt: id, receipt_json })?;
    Ok(receipt)
}

/// What was learned of a person and still stands: the last reward of each of their decisions.
fn lessons_of(run: &Run, user: oo_core::id::Pseudonym, through: Position) -> Result<Vec<Lesson>> {
    let mut state = UserState::new(user);
    let mut last: BTreeMap<DecisionId, Lesson> = BTreeMap::new();
    for stored in run.log.of_user(user, Position(0), through)? {
        for lesson in state.apply(stored.position, &stored.event).lessons {
            last.insert(lesson.decision, Lesson { replaces: None, ..lesson });
        }
    }
    Ok(last.into_values().collect())
}

/// The chain over receipts: SHA-256 of the chain before and what this one states.
fn chain(before: &str, digest: &[u8; 32], epoch: u32, state: &[u8; 32]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(b"oo.receipt.v1");
    hash.update((before.len() as u64).to_le_bytes());
    hash.update(before.as_bytes());
    hash.update(digest);
    hash.update(epoch.to_le_bytes());
    hash.update(state);
    hash.finalize().into()
}
