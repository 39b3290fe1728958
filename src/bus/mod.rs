//! The bus: the one way in which everything publishes.
//!
//! The writer publishes what was committed, in log order: its own events and those of other processes that it met. A
//! sink is called there and then. A stream ([`EventStream`]) is a place in the log: it is served from a ring of the newest
//! events while it keeps up, and from the log when it does not, so that whoever reads slowly, or never, costs nobody
//! anything and misses nothing. Nothing waits for a subscriber, and no queue grows.
//!
//! When a person is forgotten their events leave the ring and whatever a stream holds ready, and when part of what was
//! held of somebody is erased the ring begins anew; whoever reads on from the log finds a gap there.

mod news;
mod request;
mod ring;
mod stream;
#[cfg(test)]
mod tests;

use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use oo_core::event::Stored;
use oo_core::id::Position;
use oo_core::ports::EventSink;
use tokio::sync::watch;

pub(crate) use news::News;
pub use request::{After, EventsRequest};
pub use stream::{EventStream, StreamCloser, Waited};

use ring::Ring;

/// Whom the writer tells.
pub(crate) struct Bus {
    sinks: Vec<Arc<dyn EventSink>>,
    /// How many streams are open: without one the ring is empty and costs nothing.
    streams: AtomicUsize,
    state: Mutex<State>,
    /// Wakes threads that wait.
    waiting: Condvar,
    /// Wakes tasks that wait.
    news: watch::Sender<u64>,
}

#[derive(Default)]
struct State {
    ring: Ring,
    /// Counts publications: whoever waits has seen everything up to one of them.
    count: u64,
    /// Counts forgettings: what was taken from the ring before one is not given any more.
    forgettings: u64,
    closed: bool,
}

impl Bus {
    pub(crate) fn new(sinks: Vec<Arc<dyn EventSink>>) -> Self {
        Bus {
            sinks,
            streams: AtomicUsize::new(0),
            state: Mutex::default(),
            waiting: Condvar::new(),
            news: watch::Sender::new(0),
        }
    }

    /// Whether anybody wants events.
    pub(crate) fn is_wanted(&self) -> bool {
        !self.sinks.is_empty() || self.streams.load(Ordering::Acquire) > 0
    }

    /// Tells everybody what was committed. To be called by one thread, in log order.
    pub(crate) fn publish(&self, news: &News) {
        if let Some(events) = news.events()
            && !events.is_empty()
        {
            for sink in &self.sinks {
                // A subscriber's panic is its own: the writer goes on.
                if std::panic::catch_unwind(AssertUnwindSafe(|| sink.publish(events))).is_err() {
                    tracing::warn!("a subscriber panicked; it missed some events");
                }
            }
        }
        let mut state = self.state();
        if !news.forgotten().is_empty() || news.trimmed() {
            state.forgettings += 1;
        }
        // A stream that opens meanwhile has counted itself before it waits for the lock.
        if self.streams.load(Ordering::Acquire) == 0 {
            return;
        }
        match news.events() {
            Some(events) => state.ring.extend(news.after(), news.through(), events),
            None => state.ring.skip(news.through()),
        }
        for digest in news.forgotten() {
            state.ring.forget(digest);
        }
        if news.trimmed() {
            // Some of what it holds is gone, some was replaced: the log knows which.
            state.ring.skip(news.through());
        }
        self.wake(state);
    }

    /// Ends every stream.
    pub(crate) fn close(&self) {
        let mut state = self.state();
        state.closed = true;
        state.ring = Ring::default();
        self.wake(state);
    }

    fn wake(&self, mut state: MutexGuard<'_, State>) {
        state.count += 1;
        let count = state.count;
        drop(state);
        self.waiting.notify_all();
        self.news.send_replace(count);
    }

    /// Waits on this thread for anything after publication `seen`; for `patience` at most.
    fn wait(&self, seen: u64, patience: Duration) {
        let waiting = self.waiting.wait_timeout_while(self.state(), patience, |state| state.count == seen);
        drop(waiting);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn enter(&self) {
        self.streams.fetch_add(1, Ordering::AcqRel);
    }

    fn leave(&self) {
        let mut state = self.state();
        if self.streams.fetch_sub(1, Ordering::AcqRel) == 1 {
            state.ring = Ring::default();
        }
    }

    /// How many events the ring holds, and about how many bytes.
    #[cfg(test)]
    pub(crate) fn held(&self) -> (usize, usize) {
        self.state().ring.held()
    }
}

/// What a stream takes at once.
struct Taken {
    events: Vec<Arc<Stored>>,
    /// Everything up to here was looked at.
    through: Position,
}
