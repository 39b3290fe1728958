//! A store without a disk, for fast tests: the same answers as a durable one, until the process ends.
//!
//! One writes at a time, on a state of its own that takes the place of the committed one when all went well; everybody
//! else goes on reading what is committed, also from inside the write, as in a database with many readers.

mod beside;
mod erase;
mod secrets;

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::error::{Error, Result};
use crate::event::{EventBody, Stored};
use crate::id::{DecisionId, EventId, ItemKey, Position, Pseudonym, UserKey};
use crate::moment::DAY_MS;
use crate::ports::{
    Appended, Entry, Erasure, EventLog, Scope, ScoreRow, Slot, Snapshot, TextField, TipRow, Transaction, UserRecord,
};

const MOST_PARKED: usize = 10_000;

/// A store in memory.
#[derive(Default)]
pub struct MemoryStore {
    committed: Mutex<Arc<State>>,
    writer: Mutex<()>,
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
    snapshots: BTreeMap<(String, u64), Arc<Snapshot>>,
    receipts: Vec<(EventId, String, bool)>,
    tips: BTreeMap<u64, TipRow>,
    scores: BTreeMap<(u64, u32), ScoreRow>,
    head: u64,
    projected: u64,
    erased_through: u64,
    secrets: secrets::Secrets,
}

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        MemoryStore::default()
    }

    /// What is committed.
    fn committed(&self) -> Arc<State> {
        locked(&self.committed).clone()
    }

    /// Runs `work` on a state of its own, which is committed if it is `Ok`.
    fn writing<T>(&self, work: impl FnOnce(&mut Arc<State>) -> Result<T>) -> Result<T> {
        thread_local! {
            static INSIDE: Cell<bool> = const { Cell::new(false) };
        }
        struct Leave;
        impl Drop for Leave {
            fn drop(&mut self) {
                INSIDE.set(false);
            }
        }
        if INSIDE.replace(true) {
            return Err(Error::internal(
                "a write was started inside a write transaction of the same thread; please report this",
            ));
        }
        let _leave = Leave;
        let _writer = locked(&self.writer);
        let mut state = self.committed();
        let done = work(&mut state)?;
        *locked(&self.committed) = state;
        Ok(done)
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
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
        Ok(Position(self.committed().head))
    }

    fn read(&self, after: Position, limit: usize) -> Result<Vec<Stored>> {
        Ok(self.committed().after(after, limit))
    }

    fn of_user(&self, user: Pseudonym, after: Position, through: Position) -> Result<Vec<Stored>> {
        let mut events = self.committed().after(after, usize::MAX);
        events.retain(|stored| stored.event.user == Some(user) && stored.position <= through);
        Ok(events)
    }

    fn of_decision(&self, decision: DecisionId) -> Result<Vec<Stored>> {
        Ok(self.committed().of_decision(decision))
    }

    fn transact(&self, work: &mut dyn FnMut(&mut dyn Transaction) -> Result<()>) -> Result<()> {
        self.writing(|state| work(&mut MemoryTransaction { state }))
    }
}

/// The inside of a write transaction.
struct MemoryTransaction<'a> {
    state: &'a mut Arc<State>,
}

impl MemoryTransaction<'_> {
    /// The state, as this transaction's own.
    fn change(&mut self) -> &mut State {
        Arc::make_mut(self.state)
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
                erase::erase_person(state, user);
                if !state.receipts.iter().any(|(id, _, _)| id == receipt) {
                    state.receipts.push((*receipt, receipt_json.clone(), false));
                }
            }
            Scope::Part(trim) => erase::erase_part(state, user, trim),
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
    state.snapshots.insert((snapshot.name.clone(), snapshot.position.0), Arc::new(snapshot.clone()));
    let of_name: Vec<(String, u64)> =
        state.snapshots.keys().filter(|(name, _)| *name == snapshot.name).cloned().collect();
    for old in of_name.iter().rev().skip(2) {
        state.snapshots.remove(old);
    }
}

#[cfg(test)]
mod tests;
