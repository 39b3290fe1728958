//! Ports: what oO needs from outside. Small, object-safe, at most six verbs each.
//!
//! They are synchronous: the engine gives the store a writer thread of its own and keeps every other call short.
//! Only a candidate source may answer later, through a boxed future, because a person's other systems may be far away.

mod candidate_source;
mod clock;
mod event_log;
mod featuriser;
mod generator;
mod key_provider;
mod policy_factory;
mod secret_store;
mod state_store;
mod upkeep;

pub use candidate_source::{CandidateSource, Gathered, SourceQuery};
pub use clock::{Clock, Entropy};
pub use event_log::{Appended, Detail, Entry, EventLog, EventSink, Scan, Slot, TextField, TextWrite, Transaction};
pub use featuriser::{Featuriser, FeaturiserQuery};
pub use generator::{Embedder, GenerateRequest, Generated, Generator, Judge, Judgement};
pub use key_provider::{KeyId, KeyProvider, MasterKey};
pub use policy_factory::{PolicyFactory, PolicyGround};
pub use secret_store::SecretStore;
pub use state_store::{
    Due, DueKind, Erasure, NewUser, Projection, Query, Rows, Scope, ScoreRow, Snapshot, StateStore, StoreInfo, TipRow,
    UserRecord,
};
pub use upkeep::{BackupDone, BackupRequest, Incarnation, KeyState, Rotated, Upkeep};
