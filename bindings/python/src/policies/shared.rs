//! A bandit that threads may share.
//!
//! The lock is held with the GIL only, so that a fork never meets it locked. Large work runs without the GIL, on a copy
//! (a policy is an immutable value), which takes the place of the bandit if nobody learned meanwhile.

use std::sync::{Mutex, MutexGuard, PoisonError};

use oo::Result;
use oo_policies::Bandit;
use pyo3::prelude::*;

use crate::door::quickly;

/// Numbers from which it pays to let other threads run.
const LARGE: usize = 1 << 15;
/// Copies that are made before other threads have to wait.
const TRIES: usize = 4;

/// A bandit and how often it has learned.
pub(crate) struct Shared(Mutex<(Bandit, u64)>);

impl Shared {
    /// `bandit`, shared.
    pub(crate) fn new(bandit: Bandit) -> Self {
        Shared(Mutex::new((bandit, 0)))
    }

    /// Reads, over `size` numbers.
    pub(crate) fn read<T: Send>(
        &self,
        py: Python<'_>,
        size: usize,
        read: impl Fn(&Bandit) -> Result<T> + Sync,
    ) -> PyResult<T> {
        // A range that the first call fixes has to be fixed in the one that stays.
        let first = self.place().0.spec().range.grid().is_none();
        if size < LARGE || first {
            return quickly(py, || read(&self.place().0));
        }
        let bandit = self.place().0.clone();
        quickly(py, || py.detach(|| read(&bandit)))
    }

    /// Learns, from `size` numbers.
    pub(crate) fn write(
        &self,
        py: Python<'_>,
        size: usize,
        write: impl Fn(&mut Bandit) -> Result<()> + Sync,
    ) -> PyResult<()> {
        for _ in 0..TRIES {
            if size < LARGE {
                break;
            }
            let (mut bandit, seen) = self.place().clone();
            quickly(py, || py.detach(|| write(&mut bandit)))?;
            let mut place = self.place();
            if place.1 == seen {
                *place = (bandit, seen + 1);
                return Ok(());
            }
        }
        quickly(py, || {
            let mut place = self.place();
            place.1 += 1;
            write(&mut place.0)
        })
    }

    fn place(&self) -> MutexGuard<'_, (Bandit, u64)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
