//! Time and randomness: injected, so that a test world can stand still and repeat itself.

use std::fmt;
use std::time::Instant;

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
    /// 32 unpredictable bytes for `purpose` (`decision`, `event`, `pseudonym`, `key`, `store_key`, `master_key`, `nonce`,
    /// `incarnation`); a test world derives them from its seed, the purpose and how often that purpose was asked for.
    ///
    /// # Errors
    /// `internal` when the operating system has no randomness.
    fn bytes(&self, purpose: &'static str) -> Result<[u8; 32]>;
}
