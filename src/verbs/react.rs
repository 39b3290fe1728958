//! `react`: what a person did with a tip.

use oo_core::moment::HOUR_MS;
use oo_core::reaction::Reaction;
use oo_core::signal::{checked_id, checked_instant};
use oo_core::{Error, Result};

use crate::engine::Engine;
use crate::outcome::Reacted;
use crate::run::{ReactWork, Reply, Work};
use crate::tip::TipId;

/// A reaction with all that may belong to it.
#[derive(Clone)]
pub struct ReactRequest {
    /// The tip.
    pub tip: TipId,
    /// The reaction.
    pub reaction: Reaction,
    /// The caller's id of this message: sending it twice changes nothing.
    pub id: Option<String>,
    /// When it happened (Unix milliseconds); now, when absent.
    pub at_ms: Option<i64>,
}
oo_core::debug_without_texts!(ReactRequest { tip, reaction, at_ms });

impl ReactRequest {
    /// `reaction` to `tip`, now.
    #[must_use]
    pub fn new(tip: impl Into<TipId>, reaction: Reaction) -> Self {
        ReactRequest { tip: tip.into(), reaction, id: None, at_ms: None }
    }
}

impl Engine {
    /// Records what a person did with a tip. The next `recommend`, in any process, has learned from it.
    ///
    /// A reaction to an unknown decision is parked: it waits 24 h for it. A reaction equal to the tip's last one is
    /// that one again. A later reaction revises the reward, up to 7 days after the tip was shown.
    ///
    /// # Errors
    /// `invalid_input` for a snooze into the past; `busy` when too many reactions wait; `storage`.
    pub async fn react(&self, tip: impl Into<TipId>, reaction: Reaction) -> Result<Reacted> {
        self.react_with(ReactRequest::new(tip, reaction)).await
    }

    /// As [`react`](Engine::react), with an id or a time of the caller's.
    ///
    /// # Errors
    /// As [`react`](Engine::react).
    pub async fn react_with(&self, request: ReactRequest) -> Result<Reacted> {
        if let Some(id) = &request.id {
            checked_id("id", id)?;
        }
        self.run().catch_up().await?;
        let now_ms = self.run().clock.now_ms();
        if let Some(at_ms) = request.at_ms {
            checked_instant("at", at_ms)?;
            if at_ms > now_ms + 24 * HOUR_MS {
                return Err(Error::invalid(
                    "at",
                    "the reaction lies more than a day in the future; check the sender's clock",
                ));
            }
        }
        if let Reaction::Snooze { until_ms } = request.reaction {
            checked_instant("until", until_ms)?;
        }
        let work = ReactWork {
            decision: request.tip.0,
            reaction: request.reaction,
            id: request.id,
            at_ms: request.at_ms,
            now_ms,
        };
        match self.run().submit(Work::React(work)).await? {
            Reply::Reacted(reacted) => Ok(reacted),
            _ => Err(Error::internal("the writer answered another question; report this as a defect")),
        }
    }
}
