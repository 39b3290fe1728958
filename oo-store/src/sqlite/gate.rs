//! The gate in front of the connections: who is inside, and whether it is closed for a fork.
//!
//! SQLite's locks belong to a process. A child must not use, nor even close, connections it inherited; and as long as
//! they exist its own new ones would believe that locks are held which are not. So before a fork the store is emptied:
//! [`Gate::close`] lets nobody in and waits until all are out. Only atomics, because a mutex that another thread holds
//! at the fork would stay locked in the child for ever.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::time::Duration;

use oo_core::{Error, Result};

/// Counts who is inside.
#[derive(Debug)]
pub(super) struct Gate {
    closed: AtomicBool,
    inside: AtomicUsize,
    process: AtomicU32,
}

/// A pass; dropping it leaves.
pub(super) struct Pass<'a>(&'a Gate);

impl Gate {
    /// An open gate of this process.
    pub(super) fn new() -> Self {
        Gate {
            closed: AtomicBool::new(false),
            inside: AtomicUsize::new(0),
            process: AtomicU32::new(std::process::id()),
        }
    }

    /// Waits until the gate is open, and enters.
    pub(super) fn enter(&self) -> Result<Pass<'_>> {
        loop {
            self.inside.fetch_add(1, Ordering::SeqCst);
            let pass = Pass(self);
            if !self.closed.load(Ordering::SeqCst) {
                if self.foreign() {
                    return Err(Error::new(
                        oo_core::ErrorKind::InvalidInput,
                        "this store was opened before the process forked; leak it and open the database again in the child",
                    ));
                }
                return Ok(pass);
            }
            drop(pass);
            std::thread::sleep(Duration::from_micros(200));
        }
    }

    /// Lets nobody in any more and waits until everybody is out.
    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
        while self.inside.load(Ordering::SeqCst) > 0 {
            std::thread::sleep(Duration::from_micros(200));
        }
    }

    /// Opens a closed gate, for the process that asks.
    pub(super) fn open(&self) {
        if self.foreign() {
            // A thread of the parent may have been trying the gate; it does not exist here.
            self.inside.store(0, Ordering::SeqCst);
            self.process.store(std::process::id(), Ordering::SeqCst);
        }
        self.closed.store(false, Ordering::SeqCst);
    }

    /// Whether this process is another one than the one that opened the store.
    pub(super) fn foreign(&self) -> bool {
        self.process.load(Ordering::Relaxed) != std::process::id()
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        self.0.inside.fetch_sub(1, Ordering::SeqCst);
    }
}
