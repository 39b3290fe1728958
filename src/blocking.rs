//! The same engine for threads that may wait: every verb, without `async`.

use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use oo_core::id::DecisionId;
use oo_core::ports::{BackupRequest, KeyProvider};
use oo_core::reaction::Reaction;
use oo_core::secret::Secret;
use oo_core::signal::Signal;
use oo_core::{Error, Result};

use crate::builder::EngineBuilder;
use crate::bus::{EventStream, EventsRequest};
use crate::outcome::{
    Choice, Consents, Explained, Exported, Health, Imported, Ingested, NamedBandit, PastTip, Preferences, Reacted,
    Receipt, RegisteredPolicy, Replayed, Retained, Rewarded, VerifiedReceipt,
};
use crate::tip::{RecommendRequest, Recommendation, Tip, TipId};
use crate::upkeep::{Backup, Keys, Rotation};
use crate::verbs::{DecideRequest, Metrics, ReactRequest};

/// An open engine whose verbs block the calling thread. Cheap to clone; usable from many threads at once.
#[derive(Clone, Debug)]
pub struct Engine {
    engine: crate::Engine,
    runtime: Arc<tokio::runtime::Runtime>,
}

impl Engine {
    /// As [`Engine::open`](crate::Engine::open).
    ///
    /// # Errors
    /// As there.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        Engine::from_builder(EngineBuilder::new(path))
    }

    /// As [`EngineBuilder::open`].
    ///
    /// # Errors
    /// As there.
    pub fn from_builder(builder: EngineBuilder) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("oo-blocking")
            .enable_time()
            .build()
            .map_err(|error| Error::internal(format!("no thread for the engine: {error}")))?;
        Ok(Engine { engine: builder.open_blocking()?, runtime: Arc::new(runtime) })
    }

    /// The engine with `async` verbs behind this one.
    #[must_use]
    pub fn inner(&self) -> &crate::Engine {
        &self.engine
    }

    /// Runs one of the engine's futures on this thread.
    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.runtime.block_on(future)
    }
}

macro_rules! verbs {
    ($($(#[$doc:meta])* fn $name:ident($($arg:ident: $type:ty),*) -> $out:ty;)*) => {
        impl Engine {
            $(
                $(#[$doc])*
                ///
                /// # Errors
                /// As the verb of the same name on [`Engine`](crate::Engine).
                pub fn $name(&self, $($arg: $type),*) -> Result<$out> {
                    self.runtime.block_on(self.engine.$name($($arg),*))
                }
            )*
        }
    };
}

verbs! {
    /// One tip.
    fn recommend(request: impl Into<RecommendRequest>) -> Option<Tip>;
    /// One tip, or why there is none.
    fn recommend_with(request: RecommendRequest) -> Recommendation;
    /// Records a reaction.
    fn react(tip: impl Into<TipId>, reaction: Reaction) -> Reacted;
    /// Records a reaction with an id or a time of the caller's.
    fn react_with(request: ReactRequest) -> Reacted;
    /// Stores one signal.
    fn ingest(user: &str, signal: Signal) -> Ingested;
    /// Stores signals in one transaction.
    fn ingest_all(user: &str, signals: Vec<Signal>) -> Ingested;
    /// Chooses one row of numbers, by a named bandit.
    fn decide(request: DecideRequest) -> Choice;
    /// Chooses for several requests in one commit.
    fn decide_all(requests: Vec<DecideRequest>) -> Vec<Choice>;
    /// Records the reward of a choice.
    fn reward(decision: DecisionId, reward: f64) -> Rewarded;
    /// Records the rewards of several choices, each for itself.
    fn reward_all(rewards: Vec<(DecisionId, f64)>) -> Vec<Result<Rewarded>>;
    /// A choice as it was logged, with the reward it has now.
    fn choice(decision: DecisionId) -> Choice;
    /// The named bandits.
    fn bandits() -> Vec<NamedBandit>;
    /// Every policy of the registry, oldest first.
    fn policies() -> Vec<RegisteredPolicy>;
    /// Everything about one decision.
    fn explain(tip: impl Into<TipId>) -> Explained;
    /// A person's past tips.
    fn history(user: &str, limit: usize) -> Vec<PastTip>;
    /// The last decisions over all people.
    fn decisions(limit: usize) -> Vec<PastTip>;
    /// Which kinds of signal a person agrees to.
    fn consents(user: &str) -> Consents;
    /// Records what a person agrees to.
    fn set_consents(user: &str, consents: Consents) -> Consents;
    /// A person's preferences.
    fn preferences(user: &str) -> Preferences;
    /// Replaces a person's preferences.
    fn set_preferences(user: &str, preferences: Preferences) -> Preferences;
    /// Forgets a person.
    fn forget(user: &str) -> Receipt;
    /// A receipt by its id.
    fn receipt(id: &str) -> Receipt;
    /// The last receipts, newest first.
    fn receipts(limit: usize) -> Vec<Receipt>;
    /// Checks a receipt against the log.
    fn verify_receipt(receipt: &Receipt) -> VerifiedReceipt;
    /// Everything that is held of a person, as JSON lines.
    fn export(user: &str) -> String;
    /// What was committed, and what will be.
    fn events(request: EventsRequest) -> EventStream;
    /// Writes the export of a person to a file, which forgetting removes.
    fn export_to(user: &str, path: impl AsRef<Path>) -> Exported;
    /// Takes over what an export of a person holds.
    fn import_export(user: &str, export: &str) -> Imported;
    /// Erases what has been held for longer than the settings say.
    fn retain() -> Retained;
    /// How the engine is.
    fn health() -> Health;
    /// Replays the log and compares.
    fn replay() -> Replayed;
    /// Writes a copy of the store to a file that must not exist.
    fn backup(path: impl Into<PathBuf>) -> Backup;
    /// Writes a copy of the store, over an earlier one where the request says so.
    fn backup_with(request: BackupRequest) -> Backup;
    /// Rewrites the whole database.
    fn compact() -> ();
    /// What is known of the master key.
    fn keys() -> Keys;
    /// Rotates the master key to a new one in its place.
    fn rotate_key() -> Rotation;
    /// Rotates the master key to one that is given.
    fn rotate_key_to(new: Arc<dyn KeyProvider>) -> Rotation;
    /// Removes what was kept of an earlier master key.
    fn discard_key(key_id: &str) -> bool;
}

impl Engine {
    /// Counts since the engine was opened.
    #[must_use]
    pub fn metrics(&self) -> Metrics {
        self.engine.metrics()
    }

    /// Closes the engine.
    pub fn close(&self) {
        self.engine.close();
    }

    /// The store's own secrets.
    #[must_use]
    pub fn secrets(&self) -> Secrets {
        Secrets { secrets: self.engine.secrets(), runtime: self.runtime.clone() }
    }

    /// The secrets of `user`.
    #[must_use]
    pub fn secrets_of(&self, user: &str) -> Secrets {
        Secrets { secrets: self.engine.secrets_of(user), runtime: self.runtime.clone() }
    }
}

/// The secrets of one owner, as [`Secrets`](crate::Secrets), for threads that may wait.
#[derive(Clone, Debug)]
pub struct Secrets {
    secrets: crate::Secrets,
    runtime: Arc<tokio::runtime::Runtime>,
}

impl Secrets {
    /// As [`Secrets::put`](crate::Secrets::put).
    ///
    /// # Errors
    /// As there.
    pub fn put(&self, purpose: &str, value: impl Into<Secret>) -> Result<()> {
        self.runtime.block_on(self.secrets.put(purpose, value))
    }

    /// As [`Secrets::get`](crate::Secrets::get).
    ///
    /// # Errors
    /// As there.
    pub fn get(&self, purpose: &str) -> Result<Option<Secret>> {
        self.runtime.block_on(self.secrets.get(purpose))
    }

    /// As [`Secrets::delete`](crate::Secrets::delete).
    ///
    /// # Errors
    /// As there.
    pub fn delete(&self, purpose: &str) -> Result<bool> {
        self.runtime.block_on(self.secrets.delete(purpose))
    }

    /// As [`Secrets::purposes`](crate::Secrets::purposes).
    ///
    /// # Errors
    /// As there.
    pub fn purposes(&self) -> Result<Vec<String>> {
        self.runtime.block_on(self.secrets.purposes())
    }
}
