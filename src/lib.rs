//! oO: one perfectly-timed tip.
//!
//! [`Engine`] is the whole of it: [`ingest`](Engine::ingest) tells it of a life, [`recommend`](Engine::recommend) asks
//! for one tip, [`react`](Engine::react) says what became of it, [`forget`](Engine::forget) takes a person out of every
//! row and every model. [`EngineBuilder`] changes what is not the default; [`blocking::Engine`] is the same without
//! `async`. [`Bandit`] is the contextual bandit alone.
//!
//! This crate composes: the domain is in `oo-core`, the policies in `oo-policies`, the event log in `oo-store`.

mod aside;
mod bandits;
pub mod blocking;
mod builder;
mod bus;
mod custom;
mod engine;
pub mod event_json;
mod featurise;
mod gather;
mod keys;
mod migrate;
mod outcome;
mod policies;
mod projected;
mod roles;
mod run;
mod schemas;
mod settings;
mod stores;
#[cfg(feature = "testing")]
pub mod testing;
mod tip;
mod upkeep;
mod verbs;
mod world;

pub use builder::EngineBuilder;
pub use bus::{After, EventStream, EventsRequest, StreamCloser, Waited};
pub use engine::Engine;
pub use outcome::{
    Choice, Consents, Explained, Exported, Health, Imported, Ingested, NamedBandit, NamedValue, PastTip, Preferences,
    ReactStatus, Reacted, Receipt, RegisteredPolicy, RemovalCount, Replayed, Retained, RewardStatus, Rewarded,
    VerifiedReceipt,
};
pub use settings::Settings;
pub use tip::{RecommendRequest, Recommendation, Tip, TipId, Why, WhyFeature, WhySignal};
pub use upkeep::{Backup, ForgottenList, Keys, Restored, Rotation, restore};
pub use verbs::{DEFAULT_BANDIT, DecideRequest, MOST_ROWS, Metrics, ReactRequest, Secrets, check_export};
#[cfg(feature = "testing")]
pub use world::FileWorld;
pub use world::{SystemClock, SystemEntropy};

pub use oo_core::candidate::{ArmKey, CATEGORIES, TimeOfDay, TipCandidate, TipKind};
pub use oo_core::decision::Mode;
pub use oo_core::draw::Seed;
pub use oo_core::event::{Event, EventBody, Stored};
pub use oo_core::policy;
pub use oo_core::ports::{
    BackupRequest, CandidateSource, Clock, Entropy, EventSink, Featuriser, FeaturiserQuery, Gathered, Incarnation,
    KeyId, KeyProvider, MasterKey, PolicyFactory, PolicyGround, SourceQuery,
};
pub use oo_core::reaction::{DismissReason, Reaction, ShownMode};
pub use oo_core::schema::{FeatureSchema, FeatureSpec};
pub use oo_core::secret::Secret;
pub use oo_core::signal::{Due, Signal, SignalKind, TaskStatus};
pub use oo_core::{Error, ErrorKind, Result};
pub use oo_core::{distribution, features, id, lesson, moment, wire};
pub use oo_policies::{Bandit, BanditSpec, Decided, NamedArms, PolicySpec, RangeSpec, Rows};
pub use oo_store::{CommandKey, EnvKey, FileKey};

/// The quickstart of the README, run with the documentation's tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
