//! How the engine is, as JavaScript objects.

use napi_derive::napi;

use crate::door::count;

/// How the engine is.
#[napi(object, object_from_js = false)]
pub struct Health {
    /// `ok`, or `read_only` while nothing can be written.
    pub status: String,
    /// oO's version.
    pub version: String,
    /// The last event that was folded.
    pub position: i64,
    /// The current epoch.
    pub epoch: u32,
    /// The champion, `id@version`.
    pub policy: String,
    /// The champion's state hash, hexadecimal.
    #[napi(js_name = "state_hash")]
    pub state_hash: String,
    /// Lessons in the champion.
    pub lessons: i64,
    /// Events that the projections have still to see.
    pub lag: i64,
    /// Reactions that wait for their decision.
    pub parked: i64,
    /// People who were forgotten and whose bytes may still stand in the write-ahead log: somebody reads the database.
    pub erasing: i64,
    /// Which life of the store this is, hexadecimal: another one after a restore, when positions repeat.
    pub incarnation: String,
}

impl From<oo::Health> for Health {
    fn from(from: oo::Health) -> Self {
        let oo::Health {
            status,
            version,
            position,
            epoch,
            policy,
            state_hash,
            lessons,
            lag,
            parked,
            erasing,
            incarnation,
        } = from;
        Health {
            status,
            version,
            position: count(position),
            epoch,
            policy,
            state_hash,
            lessons: count(lessons),
            lag: count(lag),
            parked: count(parked),
            erasing: count(erasing),
            incarnation,
        }
    }
}

/// What `replay` found.
#[napi(object, object_from_js = false)]
pub struct Replayed {
    /// Events read.
    pub events: i64,
    /// Lessons learned.
    pub lessons: i64,
    /// Decisions whose pmf was computed anew and compared.
    pub pmfs: i64,
    /// The champion's state hash after replay, hexadecimal.
    #[napi(js_name = "state_hash")]
    pub state_hash: String,
    /// What differs; empty when everything is the same, byte for byte.
    pub differences: Vec<String>,
}

impl From<oo::Replayed> for Replayed {
    fn from(from: oo::Replayed) -> Self {
        let oo::Replayed { events, lessons, pmfs, state_hash, differences } = from;
        Replayed { events: count(events), lessons: count(lessons), pmfs: count(pmfs), state_hash, differences }
    }
}
