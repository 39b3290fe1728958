//! Where a policy object keeps its bandit, for the event loop and a fit beside it to share.

use std::sync::{Mutex, MutexGuard, PoisonError};

use oo::Bandit;

use crate::door;

/// A bandit and how often it has learned.
pub struct Place(Mutex<Held>);

struct Held {
    bandit: Bandit,
    turn: u64,
}

/// A copy of a bandit, and what it was when the copy was made. A bandit is an immutable value: a copy costs nothing.
pub struct Copied {
    pub(crate) bandit: Bandit,
    turn: u64,
    fixed: bool,
}

impl Place {
    pub(crate) fn new(bandit: Bandit) -> Self {
        Place(Mutex::new(Held { bandit, turn: 0 }))
    }

    /// Reads.
    pub(crate) fn read<T>(&self, read: impl FnOnce(&Bandit) -> oo::Result<T>) -> napi::Result<T> {
        door::now(|| read(&self.held().bandit))
    }

    /// Learns.
    pub(crate) fn write(&self, write: impl FnOnce(&mut Bandit) -> oo::Result<()>) -> napi::Result<()> {
        door::now(|| {
            let mut held = self.held();
            held.turn += 1;
            write(&mut held.bandit)
        })
    }

    /// The number of columns.
    pub(crate) fn dim(&self) -> usize {
        self.held().bandit.dim()
    }

    /// The bandit as it is.
    pub(crate) fn copy(&self) -> Bandit {
        self.held().bandit.clone()
    }

    /// A copy that may come back.
    pub(crate) fn lend(&self) -> Copied {
        let held = self.held();
        Copied { bandit: held.bandit.clone(), turn: held.turn, fixed: held.bandit.is_fixed() }
    }

    /// Puts a copy in the place of the bandit, unless that one has learned, or fixed its range, meanwhile: whether it did.
    pub(crate) fn take_back(&self, copied: Copied) -> bool {
        let mut held = self.held();
        if held.turn != copied.turn || held.bandit.is_fixed() != copied.fixed {
            return false;
        }
        held.turn += 1;
        held.bandit = copied.bandit;
        true
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
