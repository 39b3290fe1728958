//! A seeded world: a clock that is moved by hand, and ids, pseudonyms and keys that follow from a seed.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, PoisonError};

use sha2::{Digest, Sha256};

use crate::error::Result;
use crate::ports::{Clock, Entropy, KeyProvider, MasterKey};

/// Clock, entropy and master key in one; share it by `Arc` and move its time.
#[derive(Debug)]
pub struct SeededWorld {
    now_ms: AtomicI64,
    seed: String,
    counts: Mutex<BTreeMap<&'static str, u64>>,
}

impl SeededWorld {
    /// A world at `now_ms` whose randomness follows from `seed`.
    #[must_use]
    pub fn new(now_ms: i64, seed: impl Into<String>) -> Self {
        SeededWorld { now_ms: AtomicI64::new(now_ms), seed: seed.into(), counts: Mutex::default() }
    }

    /// Sets the clock, also backwards.
    pub fn set(&self, now_ms: i64) {
        self.now_ms.store(now_ms, Ordering::SeqCst);
    }

    /// Moves the clock.
    pub fn advance(&self, ms: i64) {
        self.now_ms.fetch_add(ms, Ordering::SeqCst);
    }

    /// The bytes that the next request of `purpose` will get.
    #[must_use]
    pub fn next(&self, purpose: &'static str) -> [u8; 32] {
        let counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        SeededWorld::derived(&self.seed, purpose, counts.get(purpose).copied().unwrap_or(0) + 1)
    }

    /// The bytes that `seed` gives for the `count`-th request of `purpose`.
    #[must_use]
    pub fn derived(seed: &str, purpose: &str, count: u64) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(b"oo.world.v1");
        hash.update((seed.len() as u64).to_le_bytes());
        hash.update(seed);
        hash.update(purpose);
        hash.update(count.to_le_bytes());
        hash.finalize().into()
    }
}

impl Clock for SeededWorld {
    fn now_ms(&self) -> i64 {
        self.now_ms.load(Ordering::SeqCst)
    }
}

impl Entropy for SeededWorld {
    fn bytes(&self, purpose: &'static str) -> Result<[u8; 32]> {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(purpose).or_insert(0);
        *count += 1;
        Ok(SeededWorld::derived(&self.seed, purpose, *count))
    }
}

impl KeyProvider for SeededWorld {
    fn master_key(&self, _create: bool) -> Result<MasterKey> {
        Ok(MasterKey::new(SeededWorld::derived(&self.seed, "master-key", 0)))
    }
}
