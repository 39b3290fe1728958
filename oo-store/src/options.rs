//! Settings of a store: data with defaults.

use std::path::PathBuf;
use std::time::Duration;

/// How a store behaves.
#[derive(Clone, Debug)]
pub struct Options {
    /// How long a call waits for a lock that another process holds before it answers `busy`.
    pub patience: Duration,
    /// How many read connections are kept open between calls.
    pub readers: usize,
    /// How many parked reactions may wait before more are refused.
    pub parking: u64,
    /// The most bytes the database file may have; beyond it a write fails as on a full disk.
    pub max_bytes: Option<u64>,
    /// A database of at most that many bytes is rewritten after an erasure, which also clears the unused parts of pages;
    /// a larger one when [`compact`](oo_core::ports::Upkeep::compact) is called.
    pub rewrite_below: u64,
    /// The list of forgotten pseudonyms; `PATH.forgotten` when absent. Keep it out of the backups.
    pub forgotten: Option<PathBuf>,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            patience: Duration::from_secs(5),
            readers: 4,
            parking: 10_000,
            max_bytes: None,
            rewrite_below: 16 << 20,
            forgotten: None,
        }
    }
}
