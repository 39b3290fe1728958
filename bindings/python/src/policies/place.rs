//! Where a policy object keeps its policy, for threads to share.
//!
//! The lock is held with the GIL only, so that a fork never meets it locked, and no Python code runs under it: that may
//! hand the GIL to a thread that waits for the lock, or want the lock itself. Large work runs without the GIL, on a copy
//! (a policy is an immutable value), which takes the place of the bandit if nobody learned meanwhile.

use std::ops::ControlFlow;
use std::sync::{Mutex, MutexGuard, PoisonError};

use oo::{Error, Result};
use oo_policies::{Bandit, PolicySpec};
use pyo3::prelude::*;

use crate::door::{contained, quickly};
use crate::error::raise;

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
        self.columns().ok_or_else(|| raise(py, &without_dim()))
    }

    /// Reads, over `size` numbers.
    pub(crate) fn read<T: Send>(
        &self,
        py: Python<'_>,
        size: usize,
        mut read: impl FnMut(&Bandit) -> Result<T> + Send,
    ) -> PyResult<T> {
        let step = self.locked(py, |held| {
            let bandit = held.bandit()?;
            // A range that the first call fixes has to be fixed in the one that stays.
            if size < LARGE || !bandit.is_fixed() {
                return read(bandit).map(ControlFlow::Break);
            }
            Ok(ControlFlow::Continue(bandit.clone()))
        })?;
        match step {
            ControlFlow::Break(answer) => Ok(answer),
            ControlFlow::Continue(copy) => py.detach(|| contained(|| read(&copy))).map_err(|error| raise(py, &error)),
        }
    }

    /// Learns, from `size` numbers. `write` is told whether it works under the lock: it may not come back to Python then.
    pub(crate) fn write(
        &self,
        py: Python<'_>,
        size: usize,
        mut write: impl FnMut(&mut Bandit, bool) -> Result<()> + Send,
    ) -> PyResult<()> {
        for _ in 0..TRIES {
            if size < LARGE {
                break;
            }
            let (mut copy, seen) = self.locked(py, |held| Ok((held.bandit()?.clone(), held.turn)))?;
            let fixed = copy.is_fixed();
            py.detach(|| contained(|| write(&mut copy, false))).map_err(|error| raise(py, &error))?;
            let mut held = self.held();
            // A decision may have fixed the range of the one that stays.
            if held.turn == seen && held.bandit.as_ref().is_some_and(|bandit| bandit.is_fixed() == fixed) {
                held.bandit = Some(copy);
                held.turn += 1;
                return Ok(());
            }
        }
        self.locked(py, |held| {
            held.turn += 1;
            write(held.bandit()?, true)
        })
    }

    /// Takes over what `other` holds, unless something was learned here.
    pub(crate) fn become_like(&self, py: Python<'_>, other: &Place) -> PyResult<()> {
        let (spec, bandit) = {
            let other = other.held();
            (other.spec.clone(), other.bandit.clone())
        };
        self.locked(py, |held| {
            if held.bandit.as_ref().is_some_and(|bandit| bandit.lessons() > 0) {
                let message =
                    "this policy has learned; settings belong to what was learned, so make a new policy of them";
                return Err(Error::incompatible(message));
            }
            *held = Held { spec, bandit, turn: held.turn + 1 };
            Ok(())
        })
    }

    /// Does `work` under the lock. An exception is made when the lock is free again: that runs Python code.
    fn locked<T>(&self, py: Python<'_>, work: impl FnOnce(&mut Held) -> Result<T>) -> PyResult<T> {
        quickly(py, || work(&mut self.held()))
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    fn bandit(&mut self) -> Result<&mut Bandit> {
        self.bandit.as_mut().ok_or_else(without_dim)
    }
}

fn without_dim() -> Error {
    Error::invalid("dim", "a policy on arrays needs the number of columns: pass `dim`")
}
