//! How the engine is.

use serde::Serialize;

/// How the engine is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Health {
    /// `ok`, or `read_only` while nothing can be written: the disk is full, or fails.
    pub status: String,
    /// oO's version.
    pub version: String,
    /// The last event that was folded.
    pub position: u64,
    /// The current epoch.
    pub epoch: u32,
    /// The champion, `id@version`.
    pub policy: String,
    /// The champion's state hash, hexadecimal.
    pub state_hash: String,
    /// Lessons in the champion.
    pub lessons: u64,
    /// Events that the projections have still to see.
    pub lag: u64,
    /// Reactions that wait for their decision.
    pub parked: u64,
    /// People who were forgotten and whose bytes may still stand in the write-ahead log: while another process reads the
    /// database, or it cannot be written. It is tried again and again.
    pub erasing: u64,
    /// Which life of the store this is, hexadecimal: another one after a restore, when positions repeat.
    pub incarnation: String,
}

/// What `replay` found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Replayed {
    /// Events read.
    pub events: u64,
    /// Lessons learned.
    pub lessons: u64,
    /// Decisions whose pmf was computed anew and compared.
    pub pmfs: u64,
    /// The champion's state hash after replay, hexadecimal.
    pub state_hash: String,
    /// What differs; empty when everything is the same, byte for byte.
    pub differences: Vec<String>,
}
