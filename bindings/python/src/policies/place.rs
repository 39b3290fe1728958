//! Where a policy object keeps its policy, for threads to share.
//!
//! The lock is held with the GIL only, so that a fork never meets it locked. Large work runs without the GIL, on a copy
//! (a policy is an immutable value), which takes the place of the bandit if nobody learned meanwhile.

use std::sync::{Mutex, MutexGuard, PoisonError};

use oo::{Error, Result};
use oo_policies::{Bandit, PolicySpec};
use pyo3::prelude::*;

use crate::door::quickly;
use crate::error::{invalid, raise};

/// Numbers from which it pays to let other threads run.
pub(crate) const LARGE: usize = 1 << 15;
/// Copies that are made before other threads have to wait.
const TRIES: usize = 4;

/// A policy's settings, and on arrays its bandit.
pub(crate) struct Place(Mutex<Held>);

struct Held {
    spec: PolicySpec,
    bandit: Option<Bandit>,
    /// How often it has learned.
    turn: u64,
}

impl Place {
    pub(crate) fn new(spec: PolicySpec, bandit: Option<Bandit>) -> Self {
        Place(Mutex::new(Held { spec, bandit, turn: 0 }))
    }

    /// The settings of the policy alone.
    pub(crate) fn spec(&self) -> PolicySpec {
        self.held().spec.clone()
    }

    /// Whether it works on arrays.
    pub(crate) fn on_arrays(&self) -> bool {
        self.held().bandit.is_some()
    }

    /// The number of columns; none for an engine's policy.
    pub(crate) fn columns(&self) -> Option<usize> {
        self.held().bandit.as_ref().map(Bandit::dim)
    }

    /// The number of columns, which there must be.
    pub(crate) fn dim(&self, py: Python<'_>) -> PyResult<usize> {
        self.columns().ok_or_else(|| without_dim(py))
    }

    /// Reads, over `size` numbers.
    pub(crate) fn read<T: Send>(
        &self,
        py: Python<'_>,
        size: usize,
        mut read: impl FnMut(&Bandit) -> Result<T> + Send,
    ) -> PyResult<T> {
        let bandit = {
            let held = self.held();
            let bandit = held.bandit.as_ref().ok_or_else(|| without_dim(py))?;
            // A range that the first call fixes has to be fixed in the one that stays.
            if size < LARGE || !bandit.is_fixed() {
                return quickly(py, || read(bandit));
            }
            bandit.clone()
        };
        py.detach(|| crate::door::contained(|| read(&bandit))).map_err(|error| raise(py, &error))
    }

    /// Learns, from `size` numbers.
    pub(crate) fn write(
        &self,
        py: Python<'_>,
        size: usize,
        mut write: impl FnMut(&mut Bandit) -> Result<()> + Send,
    ) -> PyResult<()> {
        for _ in 0..TRIES {
            if size < LARGE {
                break;
            }
            let (mut bandit, seen) = {
                let held = self.held();
                (held.bandit.clone().ok_or_else(|| without_dim(py))?, held.turn)
            };
            py.detach(|| crate::door::contained(|| write(&mut bandit))).map_err(|error| raise(py, &error))?;
            let mut held = self.held();
            if held.turn == seen {
                held.bandit = Some(bandit);
                held.turn += 1;
                return Ok(());
            }
        }
        let mut held = self.held();
        held.turn += 1;
        let bandit = held.bandit.as_mut().ok_or_else(|| without_dim(py))?;
        quickly(py, || write(bandit))
    }

    /// Takes over what `other` holds, unless something was learned here.
    pub(crate) fn become_like(&self, py: Python<'_>, other: &Place) -> PyResult<()> {
        let new = {
            let other = other.held();
            Held { spec: other.spec.clone(), bandit: other.bandit.clone(), turn: 0 }
        };
        let mut held = self.held();
        if held.bandit.as_ref().is_some_and(|bandit| bandit.lessons() > 0) {
            let message = "this policy has learned; settings belong to what was learned, so make a new policy of them";
            return Err(raise(py, &Error::incompatible(message)));
        }
        let turn = held.turn + 1;
        *held = Held { turn, ..new };
        Ok(())
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn without_dim(py: Python<'_>) -> PyErr {
    invalid(py, "dim", "a policy on arrays needs the number of columns: pass `dim`")
}
