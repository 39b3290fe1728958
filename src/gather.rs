//! Gathering: every source is asked at once, under one deadline; what comes late joins the pool for next time.
//!
//! Sources are asked with what was known of a person. What they answer after part of that was erased is dropped.

#![allow(clippy::disallowed_types, reason = "the pool's order reaches no sum, tie-break or hash")]

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::oneshot;

use oo_core::candidate::TipCandidate;
use oo_core::derive::CONTENT_DOMAIN;
use oo_core::id::{DecisionId, Pseudonym, UserKey};
use oo_core::moment::Moment;
use oo_core::ports::{Gathered, SourceQuery, UserRecord};
use oo_core::text::{display_text, hashed_text};
use oo_core::user::UserState;

use crate::run::{Counters, Run, locked};
use crate::tip::RecommendRequest;

/// People whose late candidates are kept.
const POOL: usize = 1_000;

/// Counters of erasures. People share them by their digest, so that none is kept of anybody who is gone; there are so many
/// that a run of retention over everybody hardly ever makes somebody else's tip be gathered again.
const COUNTERS: usize = 16_384;

/// Late candidates, by person, for their next decision.
pub(crate) struct Pool {
    waiting: Mutex<HashMap<Pseudonym, Vec<TipCandidate>>>,
    erased: Box<[AtomicU64]>,
}

impl Default for Pool {
    fn default() -> Self {
        Pool { waiting: Mutex::default(), erased: (0..COUNTERS).map(|_| AtomicU64::new(0)).collect() }
    }
}

/// How often something had been erased of a person, or of one who shares their counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Since(u64);

impl Pool {
    /// What `user` is now. To be taken before what is known of them is read.
    pub(crate) fn since(&self, user: Pseudonym) -> Since {
        Since(self.counter(user.digest()).load(Ordering::SeqCst))
    }

    fn put(&self, user: Pseudonym, since: Since, candidates: Vec<TipCandidate>) {
        let mut waiting = locked(&self.waiting);
        // Under the lock: an erasure that counts after this drops what is put here.
        if self.since(user) == since && (waiting.len() < POOL || waiting.contains_key(&user)) {
            waiting.insert(user, candidates);
        }
    }

    fn take(&self, user: Pseudonym) -> Vec<TipCandidate> {
        locked(&self.waiting).remove(&user).unwrap_or_default()
    }

    /// Drops what waits for whoever has that digest, and what is still on its way to them.
    pub(crate) fn forget(&self, digest: [u8; 32]) {
        self.counter(digest).fetch_add(1, Ordering::SeqCst);
        locked(&self.waiting).retain(|user, _| user.digest() != digest);
    }

    fn counter(&self, digest: [u8; 32]) -> &AtomicU64 {
        &self.erased[usize::from(u16::from_le_bytes([digest[0], digest[1]])) % COUNTERS]
    }
}

/// Candidates on their way.
pub(crate) struct Gathering {
    ready: Vec<TipCandidate>,
    later: Vec<oneshot::Receiver<Vec<TipCandidate>>>,
    since: Since,
}

impl Gathering {
    /// Asks every source with `state`, which was read after `since`.
    pub(crate) fn start(
        run: &Arc<Run>,
        record: &UserRecord,
        request: &RecommendRequest,
        (since, state): (Since, &UserState),
        now: &Moment,
        decision: DecisionId,
    ) -> Self {
        let limit = run.settings.candidates_per_source;
        let mut gathering = Gathering { ready: Vec::with_capacity(64), later: Vec::new(), since };
        for candidate in &request.candidates {
            gathering.ready.push(known(candidate.clone(), "caller", &record.key));
        }
        for source in &run.sources {
            let query =
                SourceQuery { user: &request.user, state, now, language: &state.preferences.language, decision, limit };
            let name: Arc<str> = Arc::from(source.name());
            match source.gather(&query) {
                Ok(Gathered::Ready(candidates)) => {
                    gathering.ready.extend(accepted(run, candidates, &name, &record.key, limit));
                }
                Ok(Gathered::Later(future)) => {
                    let (sender, receiver) = oneshot::channel();
                    // Weak: a source that never answers must not keep a closed engine alive.
                    let (engine, user, key) = (Arc::downgrade(run), record.user, record.key.clone());
                    let task = async move {
                        let answer = future.await;
                        let Some(engine) = engine.upgrade() else { return };
                        let candidates = match answer {
                            Ok(candidates) => accepted(&engine, candidates, &name, &key, limit),
                            Err(error) => {
                                tracing::warn!(source = %name, %error, "a candidate source failed");
                                Counters::add(&engine.counters.source_failures, 1);
                                Vec::new()
                            }
                        };
                        if let Err(late) = sender.send(candidates) {
                            engine.pool.put(user, since, late);
                        }
                    };
                    match tokio::runtime::Handle::try_current() {
                        Ok(runtime) => {
                            runtime.spawn(task);
                            gathering.later.push(receiver);
                        }
                        Err(_) => {
                            tracing::warn!("a source that answers later needs a tokio runtime; it was left out");
                            Counters::add(&run.counters.source_failures, 1);
                        }
                    }
                }
                Err(error) => {
                    tracing::warn!(source = %name, %error, "a candidate source failed");
                    Counters::add(&run.counters.source_failures, 1);
                }
            }
        }
        gathering
    }

    /// From when on an erasure makes what is gathered stale.
    pub(crate) fn since(&self) -> Since {
        self.since
    }

    /// Waits for the sources that answer later, until the deadline.
    pub(crate) async fn finish(mut self, run: &Run, user: Pseudonym) -> Vec<TipCandidate> {
        self.ready.extend(run.pool.take(user));
        if self.later.is_empty() {
            return self.ready;
        }
        let deadline = tokio::time::Instant::now() + Duration::from_millis(run.settings.source_deadline_ms);
        for receiver in self.later {
            match tokio::time::timeout_at(deadline, receiver).await {
                Ok(Ok(candidates)) => self.ready.extend(candidates),
                Ok(Err(_)) | Err(_) => Counters::add(&run.counters.source_failures, 1),
            }
        }
        self.ready
    }
}

/// The candidates of a source that are well formed; the others are counted and left out.
fn accepted(
    run: &Run,
    candidates: Vec<TipCandidate>,
    source: &Arc<str>,
    key: &UserKey,
    limit: usize,
) -> Vec<TipCandidate> {
    candidates
        .into_iter()
        .take(limit)
        .filter_map(|candidate| {
            // A built-in source names its candidates by key and is right by construction.
            if candidate.key.is_none()
                && let Err(error) = candidate.validate().and_then(|()| run.assembler.check_candidate(&candidate))
            {
                tracing::warn!(%source, %error, "a candidate was left out");
                Counters::add(&run.counters.source_failures, 1);
                return None;
            }
            Some(known(candidate, source, key))
        })
        .collect()
}

/// Gives a candidate what the engine knows it by.
fn known(mut candidate: TipCandidate, source: &str, key: &UserKey) -> TipCandidate {
    if &*candidate.source != source {
        candidate.source = Arc::from(source);
    }
    if !candidate.content.is_empty() {
        if candidate.key.is_none() {
            candidate.content = display_text(&candidate.content);
        }
        if candidate.content_hash.is_none() {
            candidate.content_hash = Some(key.item(CONTENT_DOMAIN, &candidate.content));
        }
        if candidate.text.is_none() {
            candidate.text = Some(hashed_text(&candidate.content));
        }
    }
    if candidate.key.is_none() {
        candidate.key = Some(key.item(source, &candidate.id));
    }
    candidate
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Somebody is forgotten, or part of them erased, while a source is still at it.
    #[test]
    fn what_was_gathered_before_an_erasure_is_dropped() {
        let (pool, user) = (Pool::default(), Pseudonym([7; 16]));
        let late = || vec![TipCandidate::todo("late", "What is gone")];
        let since = pool.since(user);
        pool.put(user, since, late());
        assert_eq!(pool.take(user).len(), 1);
        pool.forget(user.digest());
        pool.put(user, since, late());
        assert!(pool.take(user).is_empty());
        pool.put(user, pool.since(user), late());
        assert_eq!(pool.take(user).len(), 1, "what is gathered since waits");
    }
}
