//! The shadow thread: scores committed decisions off the caller's path, within a bounded queue.

use std::sync::Arc;
use std::sync::mpsc::sync_channel;

use oo_core::decision::Decision;
use oo_core::event::{Event, EventBody};
use oo_core::id::{EventId, Pseudonym};
use oo_core::moment::Moment;
use oo_core::personal::PersonalParts;
use oo_core::ports::Entry;
use oo_core::shadow::score_shadows;
use oo_core::{Error, Result};

use super::{Counters, Mind, Run, Work};

/// Decisions that may wait for their shadows; beyond it they are skipped and counted.
const QUEUE: usize = 1_024;

/// A committed decision and the very policies it was decided beside.
pub(crate) struct ShadowJob {
    pub(crate) user: Pseudonym,
    pub(crate) personal: PersonalParts,
    pub(crate) moment: Moment,
    pub(crate) decision: Arc<Decision>,
    pub(crate) mind: Arc<Mind>,
}

impl Run {
    /// Starts the shadow thread.
    pub(crate) fn start_shadows(self: &Arc<Self>) -> Result<()> {
        let (sender, receiver) = sync_channel::<ShadowJob>(QUEUE);
        // Weak: a thread that waits for decisions must not keep a closed engine alive.
        let weak = Arc::downgrade(self);
        let thread = std::thread::Builder::new()
            .name("oo-shadows".to_owned())
            .spawn(move || {
                while let Ok(job) = receiver.recv() {
                    let Some(run) = weak.upgrade() else { return };
                    run.score(&job);
                }
            })
            .map_err(|error| Error::internal(format!("no thread for the shadows: {error}")))?;
        if let Ok(mut place) = self.shadow_jobs.lock() {
            *place = Some(sender);
        }
        if let Ok(mut threads) = self.threads.lock() {
            threads.push(thread);
        }
        Ok(())
    }

    /// Offers a committed decision to its shadows, where there are any.
    pub(crate) fn shadow(&self, job: ShadowJob) {
        if job.mind.registry.shadows().next().is_none() {
            return;
        }
        let Ok(place) = self.shadow_jobs.lock() else { return };
        if place.as_ref().is_none_or(|sender| sender.try_send(job).is_err()) {
            Counters::add(&self.counters.shadow_dropped, 1);
        }
    }

    fn score(&self, job: &ShadowJob) {
        let (mind, decision, day) = (&job.mind, &job.decision, job.moment.utc_day());
        let (facts, failed) =
            score_shadows(&mind.registry, &self.schema, decision, Some(job.user), &job.personal, day, mind.position);
        Counters::add(&self.counters.shadow_failures, failed.len() as u64);
        let now_ms = self.clock.now_ms();
        let entries = facts
            .into_iter()
            .map(|fact| {
                let id = EventId::derived(
                    "shadow",
                    &[&fact.decision.0, fact.policy.id.as_bytes(), &fact.policy.version.to_le_bytes()],
                );
                let moment = job.moment.clone();
                Entry::new(Event {
                    id,
                    moment,
                    recorded_ms: now_ms,
                    user: Some(job.user),
                    body: EventBody::Shadow(fact),
                })
            })
            .collect::<Vec<_>>();
        if !entries.is_empty() && self.submit_later(Work::Append(entries)).is_err() {
            Counters::add(&self.counters.shadow_dropped, 1);
        }
    }
}
