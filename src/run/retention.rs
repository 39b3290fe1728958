//! Retention in the background: who holds something whose time is up, looked for a minute after the opening and then once
//! an hour.

use std::collections::BTreeSet;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use oo_core::id::Position;
use oo_core::{Error, Result};

use super::{Reply, RetainWork, Run, Work};
use crate::outcome::Retained;

/// How long after the opening it is looked first: whoever opens to do one thing is not kept from it.
const FIRST: Duration = Duration::from_secs(60);
/// How often it is looked.
const EVERY: Duration = Duration::from_secs(3_600);
/// Events read at once.
const PAGE: usize = 5_000;

impl Run {
    /// Starts the thread that keeps to the limits, where there are any.
    pub(crate) fn start_retention(self: &Arc<Self>) -> Result<()> {
        if self.settings.retention().is_off() {
            return Ok(());
        }
        let (sender, receiver) = channel::<()>();
        // Weak: a thread that waits must not keep a closed engine alive.
        let weak = Arc::downgrade(self);
        let thread = std::thread::Builder::new()
            .name("oo-retention".to_owned())
            .spawn(move || {
                let mut wait = FIRST;
                while receiver.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
                    let Some(run) = weak.upgrade() else { return };
                    match run.retain() {
                        Ok(Retained { people: 0, .. }) => {}
                        Ok(done) => tracing::info!(people = done.people, events = done.events, "retention erased"),
                        Err(error) => tracing::warn!(%error, "retention was cut short; it goes on in an hour"),
                    }
                    wait = EVERY;
                }
            })
            .map_err(|error| Error::internal(format!("no thread for retention: {error}")))?;
        *self.retention.lock().unwrap_or_else(PoisonError::into_inner) = Some(sender);
        if let Ok(mut threads) = self.threads.lock() {
            threads.push(thread);
        }
        Ok(())
    }

    /// Ends the thread.
    pub(super) fn stop_retention(&self) {
        self.retention.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    /// Erases what has been held for longer than the limits say, one transaction a person, and then truncates the
    /// write-ahead log once for all of them.
    pub(crate) fn retain(&self) -> Result<Retained> {
        let mut done = Retained::default();
        let outcome = self.retain_all(&mut done);
        if done.people > 0 {
            self.submit_blocking(Work::Scrub)?;
        }
        outcome.map(|()| done)
    }

    fn retain_all(&self, done: &mut Retained) -> Result<()> {
        let limits = self.settings.retention();
        let now_ms = self.clock.now_ms();
        let mut seen = BTreeSet::new();
        let mut after = Position(0);
        loop {
            let events = self.log.read(after, PAGE)?;
            let more = events.len() == PAGE;
            for stored in &events {
                after = stored.position;
                let Some(user) = stored.event.user.filter(|_| limits.is_past(&stored.event, now_ms)) else { continue };
                // Everything of a person is looked at at once.
                if !seen.insert(user) {
                    continue;
                }
                match self.submit_blocking(Work::Retain(RetainWork { user, limits, now_ms }))? {
                    Reply::Retained(retained) => {
                        done.people += retained.people;
                        done.events += retained.events;
                        done.lessons += retained.lessons;
                    }
                    _ => return Err(super::jobs::unexpected()),
                }
            }
            if !more {
                return Ok(());
            }
        }
    }
}

/// Dropping it ends the thread.
pub(super) type Stopper = Sender<()>;
