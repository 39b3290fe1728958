//! `health` and `metrics`: how the engine is.

use std::sync::atomic::Ordering;

use serde::Serialize;

use oo_core::Result;
use oo_core::id::hex;
use oo_core::ports::{Query, Rows, StoreInfo};

use crate::engine::Engine;
use crate::outcome::Health;

/// Counts since the engine was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Metrics {
    /// Decisions committed.
    pub decisions: u64,
    /// Reactions committed.
    pub reactions: u64,
    /// Signals committed.
    pub signals: u64,
    /// Choices of named bandits committed.
    pub choices: u64,
    /// Reactions parked.
    pub parked: u64,
    /// Parked reactions that were dropped.
    pub parking_lapsed: u64,
    /// Feature values that lay outside their declared range.
    pub clamped: u64,
    /// Times a candidate source failed or came late.
    pub source_failures: u64,
    /// Times a featuriser failed or came late.
    pub featuriser_failures: u64,
    /// Times a policy failed: to decide, and candidates had equal probabilities; or, your own, to learn.
    pub policy_failures: u64,
    /// Decisions whose shadows were skipped.
    pub shadow_dropped: u64,
    /// Times a shadow failed.
    pub shadow_failures: u64,
    /// Times projections could not be written.
    pub projection_failures: u64,
}

impl Engine {
    /// How the engine is: whether it can write, position, epoch and state hash.
    ///
    /// # Errors
    /// `storage`, `busy`.
    pub async fn health(&self) -> Result<Health> {
        let run = self.run();
        run.catch_up().await?;
        let mind = run.mind();
        let champion = mind.registry.champion()?;
        let identity = champion.policy.identity();
        let info = match run.store.query(&Query::Info)? {
            Rows::Info(info) => info,
            _ => StoreInfo::default(),
        };
        Ok(Health {
            status: if run.can_write() { "ok" } else { "read_only" }.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            position: mind.position.0,
            epoch: mind.epoch,
            policy: champion.policy_ref.to_string(),
            state_hash: hex(&identity.state),
            lessons: identity.lessons,
            lag: mind.position.0.saturating_sub(info.projected.0),
            parked: info.parked,
            erasing: info.erasing,
            incarnation: info.incarnation.to_string(),
        })
    }

    /// Counts since the engine was opened.
    #[must_use]
    pub fn metrics(&self) -> Metrics {
        let counters = &self.run().counters;
        let of = |counter: &std::sync::atomic::AtomicU64| counter.load(Ordering::Relaxed);
        Metrics {
            decisions: of(&counters.decisions),
            reactions: of(&counters.reactions),
            choices: of(&counters.choices),
            signals: of(&counters.signals),
            parked: of(&counters.parked),
            parking_lapsed: of(&counters.parking_lapsed),
            clamped: of(&counters.clamped),
            source_failures: of(&counters.source_failures),
            featuriser_failures: of(&counters.featuriser_failures),
            policy_failures: self.run().maker.failures(),
            shadow_dropped: of(&counters.shadow_dropped),
            shadow_failures: of(&counters.shadow_failures),
            projection_failures: of(&counters.projection_failures),
        }
    }

    /// Closes the engine: what is queued is done, a final snapshot is written, and every later call says so.
    pub fn close(&self) {
        self.run().close();
    }
}
