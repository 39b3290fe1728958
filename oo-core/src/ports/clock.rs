//! Time, randomness and the master key: injected, so that a test world can stand still and repeat itself.

use std::fmt;
use std::time::Instant;

use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::error::Result;

/// The wall clock.
pub trait Clock: Send + Sync + fmt::Debug {
    /// Unix time in milliseconds.
    fn now_ms(&self) -> i64;

    /// Microseconds since `started`: the latency that a draw's event states. A clock that stands still says 0.
    fn elapsed_us(&self, started: Instant) -> u32 {
        u32::try_from(started.elapsed().as_micros()).unwrap_or(u32::MAX)
    }
}

/// The source of ids, pseudonyms and keys.
pub trait Entropy: Send + Sync + fmt::Debug {
    /// 32 unpredictable bytes for `purpose` (`decision`, `event`, `pseudonym`, `key`, `nonce`); a test world derives
    /// them from its seed, the purpose and how often that purpose was asked for.
    ///
    /// # Errors
    /// `internal` when the operating system has no randomness.
    fn bytes(&self, purpose: &'static str) -> Result<[u8; 32]>;
}

/// The key that wraps every person's key; it lives outside the store and its backups.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct MasterKey([u8; 32]);

impl MasterKey {
    /// Takes 32 random bytes.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        MasterKey(bytes)
    }

    /// The raw bytes, for the vault alone.
    #[must_use]
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey(..)")
    }
}

/// Where the master key comes from.
pub trait KeyProvider: Send + Sync + fmt::Debug {
    /// The master key. With `create`, a database without any key is being made: one is created, once, and is durable
    /// before this returns.
    ///
    /// # Errors
    /// `key` when there is none and `create` is false, or when what is there cannot be read.
    fn master_key(&self, create: bool) -> Result<MasterKey>;
}
