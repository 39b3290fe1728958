//! A store that fails by a seed: before the work, after it (the work is done, its answer lost), late, twice, in another
//! order, or for good because the power went.
//!
//! [`Faults`] says how often; [`FaultyStore`] wraps any [`EventLog`] and [`StateStore`]. What a call meets follows from the
//! seed, the [step](FaultyStore::step) of the test, the call's name and how often it was made in that step, so a failing
//! seed fails again, also where another thread makes calls of its own now and then. A caller that retries with the same
//! ids must see every effect exactly once.

mod power;
mod secrets;

pub use power::{PowerCut, When};
pub use secrets::FaultySecrets;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sha2::{Digest, Sha256};

use crate::error::{Error, Result};
use crate::event::Stored;
use crate::id::{DecisionId, ItemKey, Position, Pseudonym};
use crate::ports::{
    Appended, Entry, Erasure, EventLog, NewUser, Projection, Query, Rows, Snapshot, StateStore, TextField, Transaction,
    UserRecord,
};
use power::Power;

/// How often what goes wrong, in thousandths of calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Faults {
    /// The call fails and has done nothing.
    pub before: u32,
    /// The call has done its work, and fails.
    pub after: u32,
    /// The call is late by up to two milliseconds.
    pub late: u32,
    /// What the call delivers is delivered twice.
    pub twice: u32,
    /// Timers that are due come in another order; a projection is held back, and arrives after a later one.
    pub reorder: u32,
}

impl Faults {
    /// Nothing goes wrong.
    pub const NONE: Faults = Faults { before: 0, after: 0, late: 0, twice: 0, reorder: 0 };
}

impl Default for Faults {
    fn default() -> Self {
        Faults { before: 50, after: 50, late: 10, twice: 100, reorder: 100 }
    }
}

/// A store with faults.
pub struct FaultyStore {
    log: Arc<dyn EventLog>,
    state: Arc<dyn StateStore>,
    faults: Faults,
    seed: u64,
    step: AtomicU64,
    calm: AtomicBool,
    counts: Mutex<BTreeMap<(&'static str, &'static str), u64>>,
    held: Mutex<Option<Projection>>,
    power: Power,
    /// Told of every commit that is on disk, before its answer leaves.
    durable: Mutex<Option<Box<dyn Fn() + Send>>>,
}

impl FaultyStore {
    /// `log` and `state` with `faults` by `seed`.
    #[must_use]
    pub fn new(log: Arc<dyn EventLog>, state: Arc<dyn StateStore>, faults: Faults, seed: u64) -> Arc<Self> {
        Arc::new(FaultyStore {
            log,
            state,
            faults,
            seed,
            step: AtomicU64::new(0),
            calm: AtomicBool::new(false),
            counts: Mutex::default(),
            held: Mutex::default(),
            power: Power::default(),
            durable: Mutex::default(),
        })
    }

    /// Begins step `number` of a test: what goes wrong in it does not depend on the steps before.
    pub fn step(&self, number: u64) {
        self.step.store(number, Ordering::SeqCst);
        locked(&self.counts).clear();
    }

    /// Whether nothing goes wrong for a while.
    pub fn calm(&self, calm: bool) {
        self.calm.store(calm, Ordering::SeqCst);
    }

    /// Calls `durable` after every commit that is on disk and is about to be answered for.
    pub fn on_durable(&self, durable: impl Fn() + Send + 'static) {
        *locked(&self.durable) = Some(Box::new(durable));
    }

    fn is_durable(&self) {
        if let Some(durable) = &*locked(&self.durable) {
            durable();
        }
    }

    /// Arms a cut of the power.
    pub fn arm(&self, cut: PowerCut) {
        self.power.arm(cut);
    }

    /// Disarms what was armed; whether the power is off.
    pub fn disarm(&self) -> bool {
        self.power.disarm()
    }

    /// Cuts the power: from now on no call reaches the store.
    pub fn kill(&self) {
        self.power.off();
    }

    /// Whether the power is off.
    #[must_use]
    pub fn is_off(&self) -> bool {
        self.power.is_off()
    }

    /// A number that follows from the seed, the step and what was asked before in it.
    fn drawn(&self, call: &'static str, fault: &'static str) -> u64 {
        let mut counts = locked(&self.counts);
        let count = counts.entry((call, fault)).or_insert(0);
        *count += 1;
        let mut hash = Sha256::new();
        hash.update(b"oo.faults.v2");
        for number in [self.seed, self.step.load(Ordering::SeqCst), *count] {
            hash.update(number.to_le_bytes());
        }
        for name in [call, fault] {
            hash.update((name.len() as u64).to_le_bytes());
            hash.update(name);
        }
        let digest = hash.finalize();
        digest.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
    }

    /// Whether a fault of that rate happens now.
    fn happens(&self, call: &'static str, fault: &'static str, per_mille: u32) -> bool {
        per_mille > 0 && !self.calm.load(Ordering::SeqCst) && self.drawn(call, fault) % 1_000 < u64::from(per_mille)
    }

    fn disturbed<T>(&self, call: &'static str, work: impl FnOnce() -> Result<T>) -> Result<T> {
        self.disturbed_and(call, work, || ())
    }

    /// As [`disturbed`](Self::disturbed); `done` follows on the work if the power is still on.
    fn disturbed_and<T>(&self, call: &'static str, work: impl FnOnce() -> Result<T>, done: impl FnOnce()) -> Result<T> {
        self.power.pass(call, When::Before)?;
        if self.happens(call, "late", self.faults.late) {
            std::thread::sleep(Duration::from_millis(2));
        }
        if self.happens(call, "before", self.faults.before) {
            return Err(Error::busy("an injected fault: nothing was done; try again"));
        }
        let answer = work()?;
        self.power.pass(call, When::After)?;
        done();
        if self.happens(call, "after", self.faults.after) {
            return Err(Error::storage("an injected fault: the work was done and its answer lost; try again"));
        }
        Ok(answer)
    }

    fn twice<T>(&self, call: &'static str, work: impl FnMut() -> Result<T>) -> Result<T> {
        self.twice_and(call, work, || ())
    }

    fn twice_and<T>(&self, call: &'static str, mut work: impl FnMut() -> Result<T>, done: impl FnOnce()) -> Result<T> {
        let work = || {
            let answer = work()?;
            if self.happens(call, "twice", self.faults.twice) { work() } else { Ok(answer) }
        };
        self.disturbed_and(call, work, done)
    }

    /// The rows in another order, at times.
    fn shuffled(&self, rows: Rows) -> Rows {
        let Rows::Due(mut due) = rows else { return rows };
        if due.len() > 1 && self.happens("query", "reorder", self.faults.reorder) {
            let mut places: Vec<u64> = due.iter().map(|_| self.drawn("query", "place")).collect();
            due.sort_by_cached_key(|_| places.pop());
        }
        Rows::Due(due)
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for FaultyStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FaultyStore").field("faults", &self.faults).field("seed", &self.seed).finish_non_exhaustive()
    }
}

impl EventLog for FaultyStore {
    fn head(&self) -> Result<Position> {
        self.disturbed("head", || self.log.head())
    }

    fn read(&self, after: Position, limit: usize) -> Result<Vec<Stored>> {
        self.disturbed("read", || self.log.read(after, limit))
    }

    fn of_user(&self, user: Pseudonym, after: Position, through: Position) -> Result<Vec<Stored>> {
        self.disturbed("of_user", || self.log.of_user(user, after, through))
    }

    fn of_decision(&self, decision: DecisionId) -> Result<Vec<Stored>> {
        self.disturbed("of_decision", || self.log.of_decision(decision))
    }

    fn transact(&self, work: &mut dyn FnMut(&mut dyn Transaction) -> Result<()>) -> Result<()> {
        let mut all = |transaction: &mut dyn Transaction| {
            work(&mut FaultyTransaction { inner: transaction, store: self })?;
            // All of it was done, and its commit fails.
            self.disturbed("commit", || Ok(()))
        };
        self.disturbed_and("transact", || self.log.transact(&mut all), || self.is_durable())
    }
}

impl StateStore for FaultyStore {
    fn user(&self, caller_id: &str, create: Option<NewUser>) -> Result<Option<UserRecord>> {
        let makes = create.is_some();
        let durable = || {
            if makes {
                self.is_durable();
            }
        };
        self.twice_and("user", || self.state.user(caller_id, create.clone()), durable)
    }

    fn texts(&self, user: &UserRecord, items: &[(ItemKey, TextField)]) -> Result<Vec<Option<String>>> {
        self.disturbed("texts", || self.state.texts(user, items))
    }

    fn snapshot(&self, name: &str) -> Result<Option<Snapshot>> {
        self.disturbed("snapshot", || self.state.snapshot(name))
    }

    fn project(&self, projection: &Projection) -> Result<Position> {
        let mut held = locked(&self.held);
        if held.is_none() && self.happens("project", "reorder", self.faults.reorder) {
            *held = Some(projection.clone());
            return Err(Error::busy("an injected fault: the rows are on their way; try again"));
        }
        let through = self.twice("project", || self.state.project(projection))?;
        match held.take() {
            // Too late: what it says must not take the place of what was written meanwhile.
            Some(late) => self.state.project(&late),
            None => Ok(through),
        }
    }

    fn query(&self, query: &Query) -> Result<Rows> {
        self.disturbed("query", || self.state.query(query)).map(|rows| self.shuffled(rows))
    }

    fn scrub(&self, wait: bool) -> Result<bool> {
        self.twice_and("scrub", || self.state.scrub(wait), || self.is_durable())
    }
}

/// A transaction whose calls fail, which must undo all of it, and whose entries arrive twice.
struct FaultyTransaction<'a> {
    inner: &'a mut dyn Transaction,
    store: &'a FaultyStore,
}

impl Transaction for FaultyTransaction<'_> {
    fn head(&mut self) -> Result<Position> {
        self.inner.head()
    }

    fn read(&mut self, after: Position, limit: usize) -> Result<Vec<Stored>> {
        let store = self.store;
        store.disturbed("read in a transaction", || self.inner.read(after, limit))
    }

    fn append(&mut self, entry: &Entry) -> Result<Appended> {
        let store = self.store;
        store.disturbed("append", || {
            let appended = self.inner.append(entry)?;
            if store.happens("append", "twice", store.faults.twice) {
                self.inner.append(entry)?;
            }
            Ok(appended)
        })
    }

    fn parked(&mut self, decision: DecisionId) -> Result<Vec<Stored>> {
        let store = self.store;
        store.disturbed("parked", || self.inner.parked(decision))
    }

    fn erase(&mut self, erasure: &Erasure) -> Result<()> {
        let store = self.store;
        store.disturbed("erase", || self.inner.erase(erasure))
    }

    fn save_snapshot(&mut self, snapshot: &Snapshot) -> Result<()> {
        let store = self.store;
        store.disturbed("save_snapshot", || self.inner.save_snapshot(snapshot))
    }
}
