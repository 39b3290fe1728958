//! Answers that do not end by themselves: how many there may be, and their end when the server stops.

use std::sync::Arc;
use std::time::Duration;

use oo::ErrorKind;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use super::problem::Problem;

/// Room for streams.
#[derive(Debug)]
pub struct Streams {
    room: Arc<Semaphore>,
    most: usize,
    stopping: watch::Sender<bool>,
    /// How long a stream may be silent.
    pub heartbeat: Duration,
}

/// A stream's place; it is free again when this is dropped.
#[derive(Debug)]
pub struct Seat {
    _permit: OwnedSemaphorePermit,
    stopping: watch::Receiver<bool>,
}

impl Streams {
    /// Room for `most` streams at once.
    #[must_use]
    pub fn new(most: usize, heartbeat: Duration) -> Self {
        let most = most.min(Semaphore::MAX_PERMITS);
        Streams { room: Arc::new(Semaphore::new(most)), most, stopping: watch::Sender::new(false), heartbeat }
    }

    /// Takes a place.
    ///
    /// # Errors
    /// A problem `busy` when all are taken.
    pub fn enter(&self) -> Result<Seat, Problem> {
        let full = |_| {
            Problem::new(
                ErrorKind::Busy,
                format!("{} streams are open, and there is no room for more; close one, or try again later", self.most),
            )
        };
        let permit = self.room.clone().try_acquire_owned().map_err(full)?;
        Ok(Seat { _permit: permit, stopping: self.stopping.subscribe() })
    }

    /// How many are open.
    #[must_use]
    pub fn open(&self) -> usize {
        self.most - self.room.available_permits()
    }

    /// Ends all of them.
    pub fn stop(&self) {
        self.stopping.send_replace(true);
    }
}

impl Seat {
    /// Resolves when the server stops.
    pub async fn stopped(&mut self) {
        // Without a server there is nobody to wait for.
        let _ = self.stopping.wait_for(|stopping| *stopping).await;
    }
}
