//! Appending entries, and what follows from them inside the same transaction.

use std::sync::Arc;

use oo_core::candidate::TipKind;
use oo_core::event::{Event, EventBody, PolicyRoleFact, SignalFact};
use oo_core::id::{DecisionId, EventId};
use oo_core::moment::Moment;
use oo_core::ports::{Appended, Entry, Slot, Transaction};
use oo_core::reaction::Reaction;
use oo_core::signal::{SignalKind, TaskStatus};
use oo_core::user::UserState;
use oo_core::{Error, Result};

use super::{ChooseWork, Reply};
use crate::bandits;
use crate::run::Run;
use crate::run::fold::Folding;
use crate::run::people::locked;

pub(super) fn append_all(
    run: &Run,
    tx: &mut dyn Transaction,
    folding: &mut Folding,
    entries: &[Entry],
) -> Result<Reply> {
    // Before anything is written: what one call says is stored whole or not at all.
    for entry in entries {
        super::trim::check_consent(run, folding, &entry.event)?;
    }
    let mut outcomes = Vec::with_capacity(entries.len());
    for entry in entries {
        outcomes.push(append_one(run, tx, folding, entry)?);
    }
    Ok(Reply::Appended(outcomes, folding.mind.position))
}

/// Appends one entry; frees the pull slot where the event closes the open tip; adopts parked reactions.
pub(super) fn append_one(
    run: &Run,
    tx: &mut dyn Transaction,
    folding: &mut Folding,
    entry: &Entry,
) -> Result<Appended> {
    super::trim::check_consent(run, folding, &entry.event)?;
    let released = released_by(run, folding, &entry.event)?;
    let appended = match released {
        Some(decision) if entry.slot == Slot::Keep => {
            tx.append(&Entry { slot: Slot::Release(decision), ..entry.clone() })?
        }
        _ => tx.append(entry)?,
    };
    if let Appended::At(position) = appended {
        folding.committed(run, position, &entry.event)?;
        if let (EventBody::Decision(decision), Some(user)) = (&entry.event.body, entry.event.user) {
            for parked in tx.parked(decision.id)? {
                let EventBody::Reaction { decision, reaction } = parked.event.body else { continue };
                let adopted = Event {
                    id: EventId::derived("adopted", &[&parked.event.id.0]),
                    moment: parked.event.moment,
                    recorded_ms: entry.event.recorded_ms,
                    user: Some(user),
                    body: EventBody::Reaction { decision, reaction },
                };
                append_one(run, tx, folding, &Entry::new(adopted))?;
            }
        }
    }
    Ok(appended)
}

/// The open decision whose slot `event` frees, by the state at the head.
fn released_by(run: &Run, folding: &Folding, event: &Event) -> Result<Option<DecisionId>> {
    let Some(user) = event.user else { return Ok(None) };
    let closes = matches!(
        &event.body,
        EventBody::Reaction { .. }
            | EventBody::Expired { .. }
            | EventBody::Signal(SignalFact::Task(_))
            | EventBody::Consent { granted: false, .. }
    );
    if !closes {
        return Ok(None);
    }
    let handle = run.load(user, folding.mind.position)?;
    let state = locked(&handle);
    Ok(closes_open(&state, event))
}

fn closes_open(state: &UserState, event: &Event) -> Option<DecisionId> {
    let open = state.slate.open?;
    let join = state.tip(&open)?;
    let closed = match &event.body {
        EventBody::Reaction { decision, reaction } => *decision == open && *reaction != Reaction::Shown,
        EventBody::Expired { decision } => *decision == open,
        EventBody::Signal(SignalFact::Task(task)) => {
            task.key == join.key
                && (task.status == TaskStatus::Deleted
                    || task.status == TaskStatus::Done && !join.is_late(&event.moment))
        }
        EventBody::Consent { kind, .. } => *kind == SignalKind::Task && join.kind == TipKind::Todo,
        _ => false,
    };
    closed.then_some(open)
}

/// Opens bandits that are new and appends choices. A bandit that another call opened meanwhile with other settings is
/// refused: nothing is written, and whoever asks again meets it.
pub(super) fn choose(run: &Run, tx: &mut dyn Transaction, folding: &mut Folding, work: &ChooseWork) -> Result<Reply> {
    let before = |entry: &Entry| match &entry.event.body {
        EventBody::Choice(choice) => choice.learned_through < folding.mind.foreign,
        _ => false,
    };
    if !work.read && work.choices.iter().any(before) {
        return Ok(Reply::Behind);
    }
    let mut new = Vec::new();
    for fact in &work.open {
        match folding.mind.bandits.get(&fact.name) {
            None => new.push(fact),
            Some(held) if bandits::settings(held)? == fact.spec => {}
            Some(_) => {
                return Err(Error::invalid("bandit", "the bandit was opened with other settings just now; ask again"));
            }
        }
    }
    if folding.mind.bandits.len() + new.len() > bandits::MOST {
        let message = format!("a store has at most {} bandits; decide with one that is there", bandits::MOST);
        return Err(Error::invalid("bandit", message));
    }
    for fact in new {
        let event = Event {
            id: EventId::derived("bandit", &[fact.name.as_bytes()]),
            moment: Moment::utc(work.now_ms),
            recorded_ms: work.now_ms,
            user: None,
            body: EventBody::Bandit(fact.clone()),
        };
        append_one(run, tx, folding, &Entry::new(event))?;
    }
    append_all(run, tx, folding, &work.choices)
}

/// Enters a policy or changes its role.
pub(super) fn role(run: &Run, tx: &mut dyn Transaction, folding: &mut Folding, fact: &PolicyRoleFact) -> Result<Reply> {
    let now_ms = run.clock.now_ms();
    let event = Event {
        id: super::new_event_id(run, now_ms)?,
        moment: Moment::utc(now_ms),
        recorded_ms: now_ms,
        user: None,
        body: EventBody::PolicyRole(fact.clone()),
    };
    let appended = append_one(
        run,
        tx,
        folding,
        &Entry { event: Arc::new(event), key: None, texts: Vec::new(), slot: Slot::Keep },
    )?;
    Ok(Reply::Appended(vec![appended], folding.mind.position))
}
