//! The port of everything that is kept beside the log: people, sealed texts, snapshots and projections.
//!
//! All of it but the people and their texts can be rebuilt from the log.

use std::sync::Arc;

use crate::decision::PolicyRef;
use crate::error::Result;
use crate::id::{DecisionId, EventId, ItemKey, Position, Pseudonym, UserKey};
use crate::ports::{Incarnation, TextField};
use crate::retention::Trim;

/// What is kept beside the log.
pub trait StateStore: Send + Sync {
    /// The person known to the caller as `caller_id`; with `create`, made in a transaction of its own when unknown
    /// (of two that race, one wins and both get it).
    ///
    /// # Errors
    /// `busy`, `storage` or `key`.
    fn user(&self, caller_id: &str, create: Option<NewUser>) -> Result<Option<UserRecord>>;

    /// The texts of `items` of one person, unsealed, in the order asked for; absent ones are `None`.
    ///
    /// # Errors
    /// `storage` when a text does not open under the person's key.
    fn texts(&self, user: &UserRecord, items: &[(ItemKey, TextField)]) -> Result<Vec<Option<String>>>;

    /// The newest snapshot named `name`.
    ///
    /// # Errors
    /// `storage`.
    fn snapshot(&self, name: &str) -> Result<Option<Snapshot>>;

    /// Writes projection rows in one transaction that need not be durable at once: they are a fold and can be rebuilt.
    /// Rows at or before the stored position are skipped, so any process may write them.
    ///
    /// # Errors
    /// `busy` or `storage`.
    fn project(&self, projection: &Projection) -> Result<Position>;

    /// Reads projections.
    ///
    /// # Errors
    /// `busy` or `storage`.
    fn query(&self, query: &Query) -> Result<Rows>;

    /// Truncates the write-ahead log so that erased bytes are gone from every file; whether that succeeded. With `wait`,
    /// whoever reads is given a moment to end; without, one attempt is made, which holds nobody up.
    ///
    /// # Errors
    /// `storage`.
    fn scrub(&self, wait: bool) -> Result<bool>;
}

/// What a new person is given.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// Their random pseudonym.
    pub user: Pseudonym,
    /// Their random key.
    pub key: UserKey,
}

/// A person as the store knows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserRecord {
    /// Their pseudonym.
    pub user: Pseudonym,
    /// Their key, unwrapped.
    pub key: UserKey,
}

/// A saved state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// What it is of, such as `registry`.
    pub name: String,
    /// The last event in it.
    pub position: Position,
    /// Its epoch.
    pub epoch: u32,
    /// Its bytes, tagged and versioned by whoever made it.
    pub bytes: Vec<u8>,
}

/// The erasure of one person, or of part of what is held of them.
#[derive(Clone, Debug)]
pub struct Erasure {
    /// The person.
    pub user: Pseudonym,
    /// What goes.
    pub scope: Scope,
    /// The new snapshot, where lessons were subtracted: older ones go.
    pub snapshot: Option<Snapshot>,
}

/// What an [`Erasure`] takes.
#[derive(Clone, Debug)]
pub enum Scope {
    /// Everything: rows, texts, mapping and wrapped key. The pseudonym's hash is listed as forgotten.
    Person {
        /// The receipt's id.
        receipt: EventId,
        /// The receipt as JSON.
        receipt_json: String,
    },
    /// Events and texts; the person stays.
    Part(Trim),
}

/// One row of the projection `tips`: a decision and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct TipRow {
    /// The decision.
    pub decision: DecisionId,
    /// The person.
    pub user: Pseudonym,
    /// The decision's position.
    pub position: Position,
    /// When it was decided (Unix milliseconds).
    pub decided_ms: i64,
    /// The policy.
    pub policy: PolicyRef,
    /// The drawn candidate.
    pub key: ItemKey,
    /// The drawn candidate's arm.
    pub arm: Arc<str>,
    /// `todo` or `advice`.
    pub kind: &'static str,
    /// The logged probability of the drawn candidate.
    pub propensity: f64,
    /// Whether it fell into the holdout.
    pub holdout: bool,
    /// `open`, `snoozed`, `done`, `dismissed` or `expired`.
    pub state: &'static str,
    /// The current reward.
    pub reward: Option<f64>,
    /// When it was last shown (Unix milliseconds).
    pub shown_ms: Option<i64>,
    /// When a timer of it is due (Unix milliseconds).
    pub due_ms: Option<i64>,
}

/// One row of the projection `tip_scores`: one candidate of a decision.
#[derive(Clone, Debug, PartialEq)]
pub struct ScoreRow {
    /// The decision's position.
    pub position: Position,
    /// The candidate's place in the pmf.
    pub index: u32,
    /// The candidate.
    pub key: ItemKey,
    /// Its arm.
    pub arm: Arc<str>,
    /// Its score.
    pub score: f64,
    /// Its probability.
    pub propensity: f64,
}

/// Rows to write, folded from the events after the stored position and up to `through`.
#[derive(Clone, Debug, Default)]
pub struct Projection {
    /// The first event the rows cover is the one after this position.
    pub after: Position,
    /// The last event the rows cover.
    pub through: Position,
    /// Tips to insert or replace, each with the position of the event that last touched it.
    pub tips: Vec<(Position, TipRow)>,
    /// Scores to insert.
    pub scores: Vec<ScoreRow>,
}

/// A question to the projections.
#[derive(Clone, Debug)]
pub enum Query {
    /// A person's tips, newest first.
    Tips {
        /// The person, or everybody.
        user: Option<Pseudonym>,
        /// At most that many.
        limit: usize,
    },
    /// The scores of one decision.
    Scores {
        /// The decision.
        decision: DecisionId,
    },
    /// The tip of one decision.
    Tip {
        /// The decision.
        decision: DecisionId,
    },
    /// Timers that are due.
    Due {
        /// Now (Unix milliseconds).
        now_ms: i64,
        /// At most that many.
        limit: usize,
    },
    /// A receipt by its id.
    Receipt {
        /// The receipt.
        id: EventId,
    },
    /// The newest receipts.
    Receipts {
        /// At most that many.
        limit: usize,
    },
    /// Where the decision stands that a person's request made.
    Request {
        /// The person.
        user: Pseudonym,
        /// The request's key.
        request: ItemKey,
    },
    /// A person by their pseudonym.
    Person {
        /// The person.
        user: Pseudonym,
    },
    /// Whether a row, a key or a mapping is there of whoever's pseudonym has that hash.
    Holds {
        /// SHA-256 of the pseudonym.
        digest: [u8; 32],
    },
    /// Facts about the store.
    Info,
}

/// A timer that is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// The decision, or the decision a parked reaction waits for.
    pub decision: DecisionId,
    /// The person; none for a parked reaction.
    pub user: Option<Pseudonym>,
    /// What is due.
    pub kind: DueKind,
    /// When (Unix milliseconds).
    pub due_ms: i64,
}

/// What is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DueKind {
    /// The horizon or expiry of a tip.
    Tip,
    /// A parked reaction's 24 h.
    Parking,
}

/// Facts about the store.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoreInfo {
    /// The position up to which projections are written.
    pub projected: Position,
    /// Reactions that wait for their decision.
    pub parked: u64,
    /// People.
    pub users: u64,
    /// The format version of the database.
    pub format: u32,
    /// Which life of the store this is.
    pub incarnation: Incarnation,
    /// Receipts whose erasure waits for the write-ahead log to be truncated.
    pub erasing: u64,
    /// The newest receipt's JSON.
    pub newest_receipt: Option<String>,
}

/// An answer to a [`Query`].
#[derive(Clone, Debug)]
pub enum Rows {
    /// To [`Query::Tips`] and [`Query::Tip`].
    Tips(Vec<TipRow>),
    /// To [`Query::Scores`].
    Scores(Vec<ScoreRow>),
    /// To [`Query::Due`].
    Due(Vec<Due>),
    /// To [`Query::Receipt`]: its JSON.
    Receipt(Option<String>),
    /// To [`Query::Receipts`]: their JSON, newest first.
    Receipts(Vec<String>),
    /// For [`Query::Request`].
    Request(Option<Position>),
    /// To [`Query::Person`].
    Person(Option<UserRecord>),
    /// To [`Query::Holds`].
    Holds(bool),
    /// To [`Query::Info`].
    Info(StoreInfo),
}
