//! A store without a disk, for fast tests: the same answers as a durable one, until the process ends.
//!
//! One mutex guards everything, so a transaction must not call back into the store from outside itself. A transaction
//! works on the state in place and keeps what it must undo; an error, or a panic, undoes it in reverse.

mod secrets;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::error::{Error, Result};
use crate::event::{Event, EventBody, Stored};
use crate::id::{DecisionId, EventId, ItemKey, Position, Pseudonym, UserKey};
use crate::moment::DAY_MS;
use crate::ports::{
<<<<<<< ours
    Appended, Due, DueKind, Entry, Erasure, EventLog, Incarnation, NewUser, Projection, Query, Rows, Scope, ScoreRow,
    Slot, Snapshot, StateStore, StoreInfo, TextField, TipRow, Transaction, UserRecord,
=======
    Appended, Due, DueKind, Entry, Erasure, EventLog, Incarnation, NewUser, Projection, Query, Rows, ScoreRow, Slot,
    Snapshot, StateStore, StoreInfo, TextField, TipRow, Transaction, UserRecord,
>>>>>>> theirs
};
use crate::retention::Trim;

const MOST_PARKED: usize = 10_000;

/// A store in memory.
#[derive(Default)]
pub struct MemoryStore {
    state: Mutex<State>,
}

#[derive(Clone, Default)]
struct State {
    events: BTreeMap<u64, Stored>,
    ids: BTreeMap<EventId, u64>,
    requests: BTreeMap<(Pseudonym, ItemKey), u64>,
    slots: BTreeMap<Pseudonym, DecisionId>,
    parked: BTreeMap<u64, (DecisionId, i64)>,
    people: BTreeMap<String, UserRecord>,
    texts: BTreeMap<(Pseudonym, ItemKey, TextField), (UserKey, String)>,
    secrets: secrets::Secrets,
    snapshots: BTreeMap<(String, u64), Snapshot>,
    receipts: Vec<(EventId, String, bool)>,
    tips: BTreeMap<u64, TipRow>,
    scores: BTreeMap<(u64, u32), ScoreRow>,
    head: u64,
    projected: u64,
    erased_through: u64,
}

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        MemoryStore::default()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MemoryStore(..)")
    }
}

impl State {
    fn after(&self, after: Position, limit: usize) -> Vec<Stored> {
        let Some(first) = after.0.checked_add(1) else { return Vec::new() };
        self.events.range(first..).take(limit).map(|(_, stored)| stored.clone()).collect()
    }

    fn of_decision(&self, decision: DecisionId) -> Vec<Stored> {
        self.events.values().filter(|stored| stored.event.body.decision() == Some(decision)).cloned().collect()
    }

    fn has(&self, user: Pseudonym) -> bool {
        self.people.values().any(|person| person.user == user)
    }

    fn unpark(&mut self, decision: DecisionId, due_ms: i64) {
        self.parked.retain(|_, (waiting, due)| *waiting != decision || *due > due_ms);
    }
}

impl EventLog for MemoryStore {
    fn head(&self) -> Result<Position> {
        Ok(Position(self.lock().head))
    }

    fn read(&self, after: Position, limit: usize) -> Result<Vec<Stored>> {
        Ok(self.lock().after(after, limit))
    }

    fn of_user(&self, user: Pseudonym, after: Position, through: Position) -> Result<Vec<Stored>> {
        let mut events = self.lock().after(after, usize::MAX);
        events.retain(|stored| stored.event.user == Some(user) && stored.position <= through);
        Ok(events)
    }

    fn of_decision(&self, decision: DecisionId) -> Result<Vec<Stored>> {
        Ok(self.lock().of_decision(decision))
    }

    fn transact(&self, work: &mut dyn FnMut(&mut dyn Transaction) -> Result<()>) -> Result<()> {
        let mut state = self.lock();
        let mut transaction = MemoryTransaction { undo: None, state: &mut state };
        work(&mut transaction)?;
        transaction.undo = None;
        Ok(())
    }
}

/// The inside of a write transaction; dropped with something to undo, it undoes it.
struct MemoryTransaction<'a> {
    state: &'a mut State,
    undo: Option<Box<State>>,
}

impl MemoryTransaction<'_> {
    /// The state, which is put back unless the transaction ends well.
    fn change(&mut self) -> &mut State {
        if self.undo.is_none() {
            self.undo = Some(Box::new(self.state.clone()));
        }
        self.state
    }
}

impl Drop for MemoryTransaction<'_> {
    fn drop(&mut self) {
        if let Some(before) = self.undo.take() {
            *self.state = *before;
        }
    }
}

impl Transaction for MemoryTransaction<'_> {
    fn head(&mut self) -> Result<Position> {
        Ok(Position(self.state.head))
    }

    fn read(&mut self, after: Position, limit: usize) -> Result<Vec<Stored>> {
        Ok(self.state.after(after, limit))
    }

    fn append(&mut self, entry: &Entry) -> Result<Appended> {
        let event = entry.event.as_ref();
        if event.user.is_some_and(|user| !self.state.has(user)) {
            return Err(Error::not_found(
                "this person has been forgotten, or was never known; begin anew with their id",
            ));
        }
        if !entry.texts.is_empty() && (event.user.is_none() || entry.key.is_none()) {
            return Err(Error::internal("a text came without its person or their key; please report this"));
        }
        let request = match &event.body {
            EventBody::Decision(decision) => event.user.zip(decision.request),
            _ => None,
        };
        let known =
            self.state.ids.get(&event.id).or_else(|| request.and_then(|request| self.state.requests.get(&request)));
        if let Some(position) = known {
            let position = Position(*position);
            if let EventBody::ParkingLapsed { decision } = event.body {
                let lapsed_ms = event.moment.at_ms;
                self.change().unpark(decision, lapsed_ms);
            }
            return Ok(Appended::Duplicate(position));
        }
        if let (Slot::Take(decision), Some(user)) = (entry.slot, event.user) {
            match self.state.slots.get(&user) {
                Some(holder) if *holder != decision => return Ok(Appended::SlotTaken(*holder)),
                _ => {}
            }
        }
        let parks = event.user.is_none() && matches!(event.body, EventBody::Reaction { .. });
        if parks && self.state.parked.len() >= MOST_PARKED {
            return Ok(Appended::ParkingFull);
        }
        Ok(Appended::At(write(self.change(), entry, request)))
    }

    fn parked(&mut self, decision: DecisionId) -> Result<Vec<Stored>> {
        let mut waiting = Vec::new();
        for stored in self.state.of_decision(decision) {
            match stored.event.body {
                EventBody::Reaction { .. } if stored.event.user.is_none() => waiting.push(stored),
                EventBody::ParkingLapsed { .. } => {
                    let lapsed_ms = stored.event.moment.at_ms;
                    waiting.retain(|parked: &Stored| parked.event.recorded_ms.saturating_add(DAY_MS) > lapsed_ms);
                }
                _ => {}
            }
        }
        Ok(waiting)
    }

    fn erase(&mut self, erasure: &Erasure) -> Result<()> {
        let user = erasure.user;
        let state = self.change();
        match &erasure.scope {
            Scope::Person { receipt, receipt_json } => {
                erase_person(state, user);
                if !state.receipts.iter().any(|(id, _, _)| id == receipt) {
                    state.receipts.push((*receipt, receipt_json.clone(), false));
                }
            }
            Scope::Part(trim) => erase_part(state, user, trim),
        }
        if let Some(snapshot) = &erasure.snapshot {
            state.snapshots.retain(|(_, position), _| *position >= snapshot.position.0);
            save(state, snapshot);
            state.erased_through = state.head.max(snapshot.position.0);
        }
        Ok(())
    }

    fn save_snapshot(&mut self, snapshot: &Snapshot) -> Result<()> {
        if snapshot.position.0 >= self.state.erased_through {
            save(self.change(), snapshot);
        }
        Ok(())
    }
}

fn erase_person(state: &mut State, user: Pseudonym) {
    let decisions: BTreeSet<DecisionId> = state
        .events
        .values()
        .filter(|stored| stored.event.user == Some(user))
        .filter_map(|stored| stored.event.body.decision())
        .collect();
    let gone = |event: &Event| {
        event.user == Some(user) || event.body.decision().is_some_and(|decision| decisions.contains(&decision))
    };
    state.events.retain(|_, stored| !gone(&stored.event));
    let events = &state.events;
    state.ids.retain(|_, position| events.contains_key(position));
    state.parked.retain(|position, _| events.contains_key(position));
    state.scores.retain(|(position, _), _| events.contains_key(position));
    state.requests.retain(|(owner, _), _| *owner != user);
    state.slots.remove(&user);
    state.people.retain(|_, person| person.user != user);
    state.texts.retain(|(owner, _, _), _| *owner != user);
    state.secrets.retain(|(owner, _), _| *owner != Some(user));
    state.tips.retain(|_, tip| tip.user != user);
}

fn erase_part(state: &mut State, user: Pseudonym, trim: &Trim) {
    for &Position(position) in &trim.events {
        state.events.remove(&position);
        state.tips.remove(&position);
    }
    let events = &state.events;
    state.scores.retain(|(position, _), _| events.contains_key(position));
    state.ids.retain(|_, position| events.contains_key(position));
    state.requests.retain(|_, position| events.contains_key(position));
    for (position, event) in &trim.collapsed {
        state.ids.retain(|_, known| *known != position.0);
        state.ids.insert(event.id, position.0);
        state.events.insert(position.0, Stored { position: *position, event: event.clone() });
    }
    state.texts.retain(|(owner, item, _), _| *owner != user || !trim.items.contains(item));
    if state.slots.get(&user).is_some_and(|held| trim.decisions.contains(held)) {
        state.slots.remove(&user);
    }
}

fn write(state: &mut State, entry: &Entry, request: Option<(Pseudonym, ItemKey)>) -> Position {
    let event = entry.event.as_ref();
    state.head += 1;
    let position = state.head;
    state.events.insert(position, Stored { position: Position(position), event: event.clone() });
    state.ids.insert(event.id, position);
    if let Some(request) = request {
        state.requests.insert(request, position);
    }
    match (&event.body, event.user) {
        (EventBody::Reaction { decision, .. }, None) => {
            state.parked.insert(position, (*decision, event.recorded_ms.saturating_add(DAY_MS)));
        }
        (EventBody::Decision(decision), _) => state.unpark(decision.id, i64::MAX),
        (EventBody::ParkingLapsed { decision }, _) => state.unpark(*decision, event.moment.at_ms),
        _ => {}
    }
    let Some(user) = event.user else { return Position(position) };
    match entry.slot {
        Slot::Take(decision) => {
            state.slots.insert(user, decision);
        }
        Slot::Release(decision) if state.slots.get(&user) == Some(&decision) => {
            state.slots.remove(&user);
        }
        Slot::Keep | Slot::Release(_) => {}
    }
    for text in &entry.texts {
        let place = (user, text.item, text.field);
        match &entry.key {
            Some(key) if !text.text.is_empty() => state.texts.insert(place, (key.clone(), text.text.clone())),
            _ => state.texts.remove(&place),
        };
    }
    Position(position)
}

fn save(state: &mut State, snapshot: &Snapshot) {
    state.snapshots.insert((snapshot.name.clone(), snapshot.position.0), snapshot.clone());
    let of_name: Vec<(String, u64)> =
        state.snapshots.keys().filter(|(name, _)| *name == snapshot.name).cloned().collect();
    for old in of_name.iter().rev().skip(2) {
        state.snapshots.remove(old);
    }
}

impl StateStore for MemoryStore {
    fn user(&self, caller_id: &str, create: Option<NewUser>) -> Result<Option<UserRecord>> {
        let mut state = self.lock();
        if let Some(new) = create {
            state.people.entry(caller_id.to_owned()).or_insert_with(|| UserRecord { user: new.user, key: new.key });
        }
        Ok(state.people.get(caller_id).cloned())
    }

    fn texts(&self, user: &UserRecord, items: &[(ItemKey, TextField)]) -> Result<Vec<Option<String>>> {
        let state = self.lock();
        items
            .iter()
            .map(|&(item, field)| match state.texts.get(&(user.user, item, field)) {
                Some((key, _)) if *key != user.key => {
                    Err(Error::storage("a sealed text does not open under its person's key"))
                }
                found => Ok(found.map(|(_, text)| text.clone())),
            })
            .collect()
    }

    fn snapshot(&self, name: &str) -> Result<Option<Snapshot>> {
        Ok(self
            .lock()
            .snapshots
            .range((name.to_owned(), 0)..=(name.to_owned(), u64::MAX))
            .next_back()
            .map(|(_, s)| s.clone()))
    }

    fn project(&self, projection: &Projection) -> Result<Position> {
        let mut state = self.lock();
        let state = &mut *state;
        let stored = Position(state.projected);
        if projection.after > stored || projection.through <= stored {
            return Ok(stored);
        }
        for (touched, tip) in &projection.tips {
            if *touched > stored && state.events.contains_key(&tip.position.0) {
                state.tips.insert(tip.position.0, tip.clone());
            }
        }
        for score in &projection.scores {
            if score.position > stored && state.events.contains_key(&score.position.0) {
                state.scores.insert((score.position.0, score.index), score.clone());
            }
        }
        state.projected = projection.through.0;
        Ok(projection.through)
    }

    fn query(&self, query: &Query) -> Result<Rows> {
        let state = self.lock();
        Ok(match query {
            Query::Tips { user, limit } => {
                let of = state.tips.values().rev().filter(|tip| user.is_none_or(|user| tip.user == user));
                Rows::Tips(of.take(*limit).cloned().collect())
            }
            Query::Tip { decision } => {
                Rows::Tips(state.tips.values().filter(|tip| tip.decision == *decision).cloned().collect())
            }
            Query::Scores { decision } => {
                let position = state.tips.values().find(|tip| tip.decision == *decision).map(|tip| tip.position);
                Rows::Scores(state.scores.values().filter(|score| Some(score.position) == position).cloned().collect())
            }
            Query::Due { now_ms, limit } => Rows::Due(due(&state, *now_ms, *limit)),
            Query::Receipt { id } => {
                Rows::Receipt(state.receipts.iter().find(|(known, _, _)| known == id).map(receipt))
            }
            Query::Person { user } => Rows::Person(state.people.values().find(|person| person.user == *user).cloned()),
            Query::Holds { digest } => {
                let events = state.events.values().filter_map(|stored| stored.event.user);
                let people = state.people.values().map(|person| person.user);
                let tips = state.tips.values().map(|tip| tip.user);
                let texts = state.texts.keys().map(|(user, _, _)| *user);
                let mut all = events.chain(people).chain(tips).chain(texts).chain(state.slots.keys().copied());
                Rows::Holds(all.any(|user| user.digest() == *digest))
            }
            Query::Info => Rows::Info(StoreInfo {
                projected: Position(state.projected),
                parked: state.parked.len() as u64,
                users: state.people.len() as u64,
                format: 0,
                incarnation: Incarnation::default(),
                erasing: state.receipts.iter().filter(|(_, _, erased)| !erased).count() as u64,
                newest_receipt: state.receipts.last().map(receipt),
            }),
        })
    }

    fn scrub(&self) -> Result<bool> {
        self.lock().receipts.iter_mut().for_each(|(_, _, erased)| *erased = true);
        Ok(true)
    }
}

fn due(state: &State, now_ms: i64, limit: usize) -> Vec<Due> {
    let tips = state.tips.values().filter_map(|tip| {
        let due_ms = tip.due_ms?;
        Some(Due { decision: tip.decision, user: Some(tip.user), kind: DueKind::Tip, due_ms })
    });
    let mut first: BTreeMap<DecisionId, i64> = BTreeMap::new();
    for (decision, due_ms) in state.parked.values() {
        first.entry(*decision).and_modify(|known| *known = (*known).min(*due_ms)).or_insert(*due_ms);
    }
    let parked =
        first.into_iter().map(|(decision, due_ms)| Due { decision, user: None, kind: DueKind::Parking, due_ms });
    let mut due: Vec<Due> = tips.chain(parked).filter(|due| due.due_ms <= now_ms).collect();
    due.sort_by_key(|due| (due.due_ms, due.decision));
    due.truncate(limit);
    due
}

fn receipt((_, json, erased): &(EventId, String, bool)) -> String {
    if *erased { json.replace(r#""stage":"erasing""#, r#""stage":"erased""#) } else { json.clone() }
}

#[cfg(test)]
mod tests;
