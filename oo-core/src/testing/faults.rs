//! A store that fails by a seed: before the work, after it (the work is done, its answer lost), late, or twice.
//!
//! [`Faults`] says how often; [`FaultyStore`] wraps any [`EventLog`] and [`StateStore`]. What a fault does depends on
//! the seed and on the order of calls alone, so a failing seed fails again. A caller that retries with the same ids
//! must see every effect exactly once.

mod secrets;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rand_pcg::Pcg64Dxsm;
use rand_pcg::rand_core::{Rng, SeedableRng};
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};
use crate::event::Stored;
use crate::id::{DecisionId, ItemKey, Position, Pseudonym};
use crate::ports::{
    Appended, Entry, Erasure, EventLog, NewUser, Projection, Query, Rows, Snapshot, StateStore, TextField, Transaction,
    UserRecord,
};

pub use secrets::FaultySecrets;

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
}

impl Default for Faults {
    fn default() -> Self {
        Faults { before: 50, after: 50, late: 10, twice: 100 }
    }
}

/// A store with faults.
pub struct FaultyStore {
    log: Arc<dyn EventLog>,
    state: Arc<dyn StateStore>,
    faults: Faults,
    random: Mutex<Pcg64Dxsm>,
}

impl FaultyStore {
    /// `log` and `state` with `faults` by `seed`.
    #[must_use]
    pub fn new(log: Arc<dyn EventLog>, state: Arc<dyn StateStore>, faults: Faults, seed: u64) -> Arc<Self> {
        let digest = Sha256::new().chain_update(b"oo.faults.v1").chain_update(seed.to_le_bytes()).finalize();
        Arc::new(FaultyStore { log, state, faults, random: Mutex::new(Pcg64Dxsm::from_seed(digest.into())) })
    }

    /// Whether a fault of that rate happens now.
    fn happens(&self, per_mille: u32) -> bool {
        let mut random = self.random.lock().unwrap_or_else(PoisonError::into_inner);
        random.next_u64() % 1_000 < u64::from(per_mille)
    }

    fn disturbed<T>(&self, work: impl FnOnce() -> Result<T>) -> Result<T> {
        if self.happens(self.faults.late) {
            std::thread::sleep(Duration::from_millis(2));
        }
        if self.happens(self.faults.before) {
            return Err(Error::busy("an injected fault: nothing was done; try again"));
        }
        let done = work()?;
        if self.happens(self.faults.after) {
            return Err(Error::storage("an injected fault: the work was done and its answer lost; try again"));
        }
        Ok(done)
    }

    fn twice<T>(&self, mut work: impl FnMut() -> Result<T>) -> Result<T> {
        self.disturbed(|| {
            let done = work()?;
            if self.happens(self.faults.twice) { work() } else { Ok(done) }
        })
    }
}

impl fmt::Debug for FaultyStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FaultyStore").field("faults", &self.faults).finish_non_exhaustive()
    }
}

impl EventLog for FaultyStore {
    fn head(&self) -> Result<Position> {
        self.disturbed(|| self.log.head())
    }

    fn read(&self, after: Position, limit: usize) -> Result<Vec<Stored>> {
        self.disturbed(|| self.log.read(after, limit))
    }

    fn of_user(&self, user: Pseudonym, after: Position, through: Position) -> Result<Vec<Stored>> {
        self.disturbed(|| self.log.of_user(user, after, through))
    }

    fn of_decision(&self, decision: DecisionId) -> Result<Vec<Stored>> {
        self.disturbed(|| self.log.of_decision(decision))
    }

    fn transact(&self, work: &mut dyn FnMut(&mut dyn Transaction) -> Result<()>) -> Result<()> {
        self.disturbed(|| {
            self.log.transact(&mut |transaction| work(&mut FaultyTransaction { inner: transaction, store: self }))
        })
    }
}

impl StateStore for FaultyStore {
    fn user(&self, caller_id: &str, create: Option<NewUser>) -> Result<Option<UserRecord>> {
        self.twice(|| self.state.user(caller_id, create.clone()))
    }

    fn texts(&self, user: &UserRecord, items: &[(ItemKey, TextField)]) -> Result<Vec<Option<String>>> {
        self.disturbed(|| self.state.texts(user, items))
    }

    fn snapshot(&self, name: &str) -> Result<Option<Snapshot>> {
        self.disturbed(|| self.state.snapshot(name))
    }

    fn project(&self, projection: &Projection) -> Result<Position> {
        self.twice(|| self.state.project(projection))
    }

    fn query(&self, query: &Query) -> Result<Rows> {
        self.disturbed(|| self.state.query(query))
    }

    fn scrub(&self) -> Result<bool> {
        self.twice(|| self.state.scrub())
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
        self.inner.read(after, limit)
    }

    fn append(&mut self, entry: &Entry) -> Result<Appended> {
        let store = self.store;
        store.disturbed(|| {
            let appended = self.inner.append(entry)?;
            if store.happens(store.faults.twice) {
                self.inner.append(entry)?;
            }
            Ok(appended)
        })
    }

    fn parked(&mut self, decision: DecisionId) -> Result<Vec<Stored>> {
        self.inner.parked(decision)
    }

    fn erase(&mut self, erasure: &Erasure) -> Result<()> {
        let store = self.store;
        store.disturbed(|| self.inner.erase(erasure))
    }

    fn save_snapshot(&mut self, snapshot: &Snapshot) -> Result<()> {
        let store = self.store;
        store.disturbed(|| self.inner.save_snapshot(snapshot))
    }
}
