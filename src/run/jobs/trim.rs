//! Erasing part of what is held of a person: what has been held for long enough, or rests on a consent taken back.
//!
//! Both look at the committed events of one person, folded anew, and carry out a plan
//! ([`Trim`](oo_core::retention::Trim)). Retention changes nothing that was learned and begins no epoch. A consent taken back
//! subtracts, begins an epoch, and writes the projections of what stays: folded without what goes, it may say something
//! else. What was made before a consent was taken back and arrives after it is refused here, on the writer, where no race is
//! left.

use std::collections::{BTreeMap, BTreeSet};

use oo_core::event::{Event, EventBody, Stored};
use oo_core::id::{Position, Pseudonym};
use oo_core::moment::Moment;
use oo_core::ports::{Appended, Entry, Erasure, Scope, Transaction, UserRecord};
use oo_core::retention::{Folded, Limits, Trim, TrimmedFact};
use oo_core::signal::SignalKind;
use oo_core::user::UserState;
use oo_core::{Error, Result};

use super::{append, forget};
use crate::bandits::Lessons;
use crate::outcome::Retained;
use crate::run::exports::Leaving;
use crate::run::fold::Folding;
use crate::run::people::locked;
use crate::run::{Run, tip_row};

/// A person of whom part is to be erased because its time is up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RetainWork {
    pub(crate) user: Pseudonym,
    pub(crate) limits: Limits,
    pub(crate) now_ms: i64,
}

/// What a person said they agree to.
#[derive(Clone, Debug)]
pub(crate) struct ConsentWork {
    pub(crate) record: UserRecord,
    pub(crate) said: Vec<(SignalKind, bool)>,
    pub(crate) moment: Moment,
    pub(crate) now_ms: i64,
    /// Whether it was said before a backup was restored that knows nothing of it. Then what was said later stands.
    pub(crate) again: bool,
}

impl ConsentWork {
    /// The consent to `kind` that was taken back at `at_ms`.
    pub(crate) fn again(record: UserRecord, kind: SignalKind, at_ms: i64, now_ms: i64) -> Self {
        ConsentWork { record, said: vec![(kind, false)], moment: Moment::utc(at_ms), now_ms, again: true }
    }

    /// Whether something is taken back; else nothing is erased.
    pub(crate) fn denies(&self) -> bool {
        self.said.iter().any(|(_, granted)| !granted)
    }
}

/// Erases what of a person has been held for longer than the limits say. Nothing that was learned changes: each lesson
/// stays at its place in the log.
pub(super) fn retain(
    run: &Run,
    tx: &mut dyn Transaction,
    folding: &mut Folding,
    work: &RetainWork,
) -> Result<Retained> {
    // Forgotten meanwhile.
    let Some(record) = run.record_of(work.user)? else { return Ok(Retained::default()) };
    folding.settle()?;
    let (events, state) = folded(run, record.user, folding.mind.position)?;
    let schema = run.schema.hash();
    let reassembled = |other| run.maker.schemas().reassembles(other);
    let trim = Trim::expired(&events, &state, &work.limits, work.now_ms, (schema, &reassembled), &record.key);
    if trim.is_empty() {
        return Ok(Retained::default());
    }
    let retained = Retained {
        people: 1,
        events: (trim.events.len() + trim.collapsed.len()) as u64,
        lessons: trim.collapsed.len() as u64,
    };
    let fact = TrimmedFact::default();
    say(run, tx, folding, record.user, &fact, work.now_ms)?;
    tx.erase(&Erasure { user: record.user, scope: Scope::Part(trim), snapshot: None })?;
    Ok(retained)
}

/// Records consents. With one that is taken back goes what rested on it: the signals of that kind with their texts, and
/// the decisions made while one was known, whose lessons are subtracted.
pub(super) fn consent(run: &Run, tx: &mut dyn Transaction, folding: &mut Folding, work: &ConsentWork) -> Result<()> {
    let user = work.record.user;
    let mut heard = BTreeSet::new();
    if work.again {
        for stored in run.log.of_user(user, Position(0), folding.mind.position)? {
            if let EventBody::Consent { kind, .. } = stored.event.body
                && stored.event.recorded_ms >= work.moment.at_ms
            {
                heard.insert(kind);
            }
        }
    }
    let new: Vec<_> = work.said.iter().filter(|(kind, _)| !heard.contains(kind)).collect();
    let mut said = Vec::new();
    for (kind, granted) in &new {
        let body = EventBody::Consent { kind: *kind, granted: *granted };
        let id = super::new_event_id(run, work.now_ms)?;
        let moment = work.moment.clone();
        let event = Event { id, moment, recorded_ms: work.now_ms, user: Some(user), body };
        if let Appended::At(position) = append::append_one(run, tx, folding, &Entry::new(event.clone()))? {
            said.push(Stored { position, event });
        }
    }
    let kinds: Vec<_> = new.iter().filter(|(_, granted)| !granted).map(|(kind, _)| *kind).collect();
    if kinds.is_empty() { Ok(()) } else { withdraw(run, tx, folding, work, kinds, &said) }
}

fn withdraw(
    run: &Run,
    tx: &mut dyn Transaction,
    folding: &mut Folding,
    work: &ConsentWork,
    kinds: Vec<SignalKind>,
    said: &[Stored],
) -> Result<()> {
    let ConsentWork { record, now_ms, .. } = work;
    folding.settle()?;
    // What was `said` in this very transaction does not change what rests on the kinds.
    let (events, _) = folded(run, record.user, folding.mind.position)?;
    let mut rows = BTreeMap::new();
    let trim = Trim::withdrawn(&events, &kinds, &record.key, |stays| {
        let (mut state, mut lessons) = (UserState::new(record.user), Vec::new());
        let mut refold = |stored: &Stored| -> Result<()> {
            let mut applied = run.apply(&mut state, stored.position, &stored.event)?;
            lessons.append(&mut applied.lessons);
            let decided = match &stored.event.body {
                EventBody::Decision(decision) => Some(decision.id),
                _ => None,
            };
            for id in applied.touched.iter().copied().chain(decided) {
                if let Some(join) = state.tip(&id) {
                    rows.insert(id, tip_row(record.user, join));
                }
            }
            Ok(())
        };
        for stored in stays {
            refold(stored)?;
        }
        said.iter().try_for_each(refold)?;
        Ok(lessons)
    })?;
    // Also where nothing of the kinds is held any more: an export may be older than what retention took.
    if let Some(said) = said.iter().find(|said| matches!(said.event.body, EventBody::Consent { granted: false, .. })) {
        folding.leaving = Some(Leaving::of(run, record, folding.mind.position, said.event.id, Some(record.user))?);
    }
    if trim.is_empty() {
        return Ok(());
    }
    forget::subtract(run, tx, folding, record.user, &trim.lessons, &Lessons::new())?;
    if !trim.taught.is_empty() {
        // As replay arrives at the epoch: with all that is taught, then from its beginning.
        let registry = folding.mind.registry.learned(&trim.taught)?;
        folding.mind.registry = registry.unlearned(&[])?.registry;
    }
    let fact = TrimmedFact { withdrawn: kinds, epoch: Some(folding.mind.epoch) };
    let position = say(run, tx, folding, record.user, &fact, *now_ms)?;
    for row in rows.into_values() {
        folding.projector.row(position, row);
    }
    folding.mind.learned = position;
    folding.mind.unsaved = 0;
    let snapshot = Some(folding.mind.save());
    tx.erase(&Erasure { user: record.user, scope: Scope::Part(trim), snapshot })
}

fn say(
    run: &Run,
    tx: &mut dyn Transaction,
    folding: &mut Folding,
    user: Pseudonym,
    fact: &TrimmedFact,
    now_ms: i64,
) -> Result<Position> {
    let event = Event {
        id: super::new_event_id(run, now_ms)?,
        moment: Moment::utc(now_ms),
        recorded_ms: now_ms,
        user: Some(user),
        body: EventBody::Trimmed(fact.clone()),
    };
    let entry = Entry::new(event);
    let Appended::At(position) = tx.append(&entry)? else { return Err(super::unexpected()) };
    folding.committed(run, position, &entry.event)?;
    Ok(position)
}

/// The events of a person that are committed, each with what it did, and what they fold to.
fn folded(run: &Run, user: Pseudonym, through: Position) -> Result<(Vec<Folded>, UserState)> {
    let mut state = UserState::new(user);
    let events = run
        .log
        .of_user(user, Position(0), through)?
        .into_iter()
        .map(|stored| Folded::new(stored, &mut state, |state, stored| run.apply(state, stored.position, &stored.event)))
        .collect::<Result<Vec<_>>>()?;
    Ok((events, state))
}

/// Refuses what was made before a consent was taken back and arrives after it, and what shadows say of a decision that is
/// gone.
///
/// # Errors
/// `denied`.
pub(super) fn check_consent(run: &Run, folding: &Folding, event: &Event) -> Result<()> {
    let Some(user) = event.user else { return Ok(()) };
    let refused = match &event.body {
        EventBody::Signal(fact) => {
            let handle = run.load(user, folding.mind.position)?;
            let state = locked(&handle);
            !run.consents(&state.consents, fact.kind())
        }
        EventBody::Decision(decision) => {
            let handle = run.load(user, folding.mind.position)?;
            let state = locked(&handle);
            decision.learned_through < state.denied_at
        }
        // Shadows are scored after the commit: what they say rests on all that the decision knew.
        EventBody::Shadow(shadow) => Folding::decided(run, shadow.decision)? != Some(user),
        _ => false,
    };
    if refused {
        return Err(Error::denied(
            "the person took a consent back meanwhile; look at what they agree to, and ask again",
        ));
    }
    Ok(())
}
