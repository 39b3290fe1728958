//! People in memory: who a caller's id is, and what is known of each, loaded from the log on demand.
//!
//! The fold lock orders loading against folding: whoever holds it may load a state or fold an event, so that a state
//! that is being loaded never misses an event that is being folded.

#![allow(clippy::disallowed_types, reason = "caches whose order reaches no sum, tie-break or hash")]

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use oo_core::Result;
use oo_core::event::Stored;
use oo_core::id::{DecisionId, Position, Pseudonym};
use oo_core::moment::Zone;
use oo_core::personal::PersonalParts;
use oo_core::ports::{EventLog, UserRecord};
use oo_core::registry::PolicyRegistry;
use oo_core::user::UserState;

/// Folds one event into a state.
pub(crate) type Apply<'a> = &'a dyn Fn(&mut UserState, &Stored) -> Result<()>;

/// A shared, locked state.
pub(crate) type StateHandle = Arc<Mutex<UserState>>;

/// The most decisions whose person is remembered without asking the log.
const OWNERS: usize = 50_000;

struct Cached {
    state: StateHandle,
    used: AtomicU64,
}

/// The caches of people.
pub(crate) struct People {
    records: Mutex<HashMap<String, Arc<UserRecord>>>,
    states: Mutex<HashMap<Pseudonym, Arc<Cached>>>,
    owners: Mutex<HashMap<DecisionId, Pseudonym>>,
    zones: Mutex<HashMap<String, Zone>>,
    fold: Mutex<()>,
    /// What policies want kept of each person, still empty.
    asked: Mutex<PersonalParts>,
    ticks: AtomicU64,
    capacity: usize,
}

impl People {
    pub(crate) fn new(capacity: usize) -> Self {
        People {
            records: Mutex::default(),
            states: Mutex::default(),
            owners: Mutex::default(),
            zones: Mutex::default(),
            fold: Mutex::default(),
            asked: Mutex::default(),
            ticks: AtomicU64::new(0),
            capacity,
        }
    }

    /// The fold lock.
    pub(crate) fn folding(&self) -> MutexGuard<'_, ()> {
        locked(&self.fold)
    }

    pub(crate) fn record(&self, caller_id: &str) -> Option<Arc<UserRecord>> {
        locked(&self.records).get(caller_id).cloned()
    }

    pub(crate) fn remember(&self, caller_id: &str, record: UserRecord) -> Arc<UserRecord> {
        let record = Arc::new(record);
        let mut records = locked(&self.records);
        if records.len() >= self.capacity.max(1_024) {
            records.clear();
        }
        records.insert(caller_id.to_owned(), record.clone());
        record
    }

    /// The state of `user`; loaded under the fold lock, through `position()`, when it is not in memory.
    pub(crate) fn state(
        &self,
        user: Pseudonym,
        position: impl Fn() -> Position,
        log: &dyn EventLog,
        apply: Apply<'_>,
    ) -> Result<StateHandle> {
        if let Some(state) = self.cached(user) {
            return Ok(state);
        }
        let _fold = self.folding();
        // Read inside the lock: nothing is folded between this position and the insertion.
        self.load(user, position(), log, apply)
    }

    /// As [`state`](People::state), for one who holds the fold lock already.
    pub(crate) fn load(
        &self,
        user: Pseudonym,
        through: Position,
        log: &dyn EventLog,
        apply: Apply<'_>,
    ) -> Result<StateHandle> {
        if let Some(state) = self.cached(user) {
            return Ok(state);
        }
        let mut state = UserState::with_personal(user, locked(&self.asked).clone());
        for stored in log.of_user(user, Position(0), through)? {
            apply(&mut state, &stored)?;
        }
        let state = Arc::new(Mutex::new(state));
        let cached = Cached { state: state.clone(), used: AtomicU64::new(self.tick()) };
        locked(&self.states).insert(user, Arc::new(cached));
        Ok(state)
    }

    /// Sees to it that what the policies of `registry` ask for is kept of each person: states that have not got it are
    /// loaded anew. Only for one who holds the fold lock, and has folded nothing of a person that is not committed.
    pub(crate) fn ask(&self, registry: &PolicyRegistry) {
        let mut asked = locked(&self.asked);
        let mut more = false;
        for entry in registry.entries() {
            more |= asked.ask(&*entry.policy);
        }
        if more {
            locked(&self.states).clear();
        }
    }

    fn cached(&self, user: Pseudonym) -> Option<StateHandle> {
        let states = locked(&self.states);
        let cached = states.get(&user)?;
        cached.used.store(self.tick(), Ordering::Relaxed);
        Some(cached.state.clone())
    }

    fn tick(&self) -> u64 {
        self.ticks.fetch_add(1, Ordering::Relaxed)
    }

    /// Drops the states that were used longest ago. Only for one who holds the fold lock.
    pub(crate) fn evict(&self) {
        let mut states = locked(&self.states);
        if states.len() <= self.capacity {
            return;
        }
        let mut ages: Vec<u64> = states.values().map(|cached| cached.used.load(Ordering::Relaxed)).collect();
        ages.sort_unstable();
        let limit = ages.get(states.len() - self.capacity * 3 / 4).copied().unwrap_or(0);
        states.retain(|_, cached| cached.used.load(Ordering::Relaxed) >= limit);
    }

    pub(crate) fn owner(&self, decision: DecisionId) -> Option<Pseudonym> {
        locked(&self.owners).get(&decision).copied()
    }

    pub(crate) fn own(&self, decision: DecisionId, user: Pseudonym) {
        let mut owners = locked(&self.owners);
        if owners.len() >= OWNERS {
            owners.clear();
        }
        owners.insert(decision, user);
    }

    /// Drops what is remembered of whose decisions are `user`'s.
    pub(crate) fn disown(&self, user: Pseudonym) {
        locked(&self.owners).retain(|_, owner| *owner != user);
    }

    /// Drops the states of `users`: they will be loaded anew.
    pub(crate) fn drop_states(&self, users: &[Pseudonym]) {
        let mut states = locked(&self.states);
        for user in users {
            states.remove(user);
        }
    }

    /// Drops everything that is known of whoever has that digest.
    pub(crate) fn forget(&self, digest: [u8; 32]) {
        locked(&self.records).retain(|_, record| record.user.digest() != digest);
        locked(&self.states).retain(|user, _| user.digest() != digest);
        locked(&self.owners).retain(|_, user| user.digest() != digest);
    }

    /// The zone named `name`, UTC when there is none such.
    pub(crate) fn zone(&self, name: &str) -> Zone {
        if let Some(zone) = locked(&self.zones).get(name) {
            return zone.clone();
        }
        let zone = Zone::parse(name).unwrap_or_else(|_| Zone::utc());
        locked(&self.zones).insert(name.to_owned(), zone.clone());
        zone
    }
}

pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
