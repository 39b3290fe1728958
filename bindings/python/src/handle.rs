//! What is behind an `oo.Engine`: how to open it, and the open engine of this process.

use std::mem;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use oo::{Error, Result};
use pyo3::prelude::*;

use crate::recipe::Recipe;
use crate::{door, fork};

/// An engine that opens itself again after a fork.
pub(crate) struct Handle {
    recipe: Recipe,
    closed: AtomicBool,
    /// Locked only with a pass or while no pass is given out, so that no fork meets it locked; and never with the GIL, which
    /// an opening may need for a policy of one's own.
    slot: Mutex<Option<Live>>,
}

/// An open engine and the process that opened it; in any other process it is leaked, never closed.
struct Live {
    engine: Option<oo::blocking::Engine>,
    process: u32,
}

impl Drop for Live {
    fn drop(&mut self) {
        if self.process != std::process::id() {
            mem::forget(self.engine.take());
        }
    }
}

impl Handle {
    /// Opens the engine of `recipe`.
    pub(crate) fn open(py: Python<'_>, recipe: Recipe) -> PyResult<Arc<Self>> {
        let handle = Arc::new(Handle { recipe, closed: AtomicBool::new(false), slot: Mutex::default() });
        let opening = handle.clone();
        door::through(py, move || {
            let _pass = fork::enter();
            opening.engine()?;
            fork::remember(&opening);
            Ok(())
        })?;
        Ok(handle)
    }

    /// Runs `verb` on the open engine, through the door.
    pub(crate) fn call<T: Send + 'static>(
        self: &Arc<Self>,
        py: Python<'_>,
        verb: impl FnOnce(&oo::blocking::Engine) -> Result<T> + Send + 'static,
    ) -> PyResult<T> {
        let handle = self.clone();
        door::through(py, move || {
            let _pass = fork::enter();
            let engine = handle.engine()?;
            verb(&engine)
        })
    }

    /// Closes the engine for good; again is nothing.
    pub(crate) fn close(self: &Arc<Self>, py: Python<'_>) -> PyResult<()> {
        let handle = self.clone();
        door::through(py, move || {
            let _pass = fork::enter();
            handle.closed.store(true, Ordering::SeqCst);
            handle.rest();
            Ok(())
        })
    }

    /// Closes the engine until it is used again.
    pub(crate) fn rest(&self) {
        let live = self.slot().take();
        if let Some(engine) =
            live.as_ref().filter(|live| live.process == std::process::id()).and_then(|live| live.engine.as_ref())
        {
            engine.close();
        }
    }

    /// Whether [`close`](Handle::close) was called.
    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::SeqCst)
    }

    /// How it is opened.
    pub(crate) fn recipe(&self) -> &Recipe {
        &self.recipe
    }

    /// The open engine of this process. Called with a pass.
    pub(crate) fn engine(&self) -> Result<oo::blocking::Engine> {
        let mut slot = self.slot();
        if self.is_closed() {
            return Err(Error::new(
                oo::ErrorKind::InvalidInput,
                "the engine is closed; open it again with oo.Engine(path)",
            ));
        }
        let process = std::process::id();
        if let Some(engine) = slot.as_ref().filter(|live| live.process == process).and_then(|live| live.engine.clone())
        {
            return Ok(engine);
        }
        let engine = self.recipe.open()?;
        *slot = Some(Live { engine: Some(engine.clone()), process });
        Ok(engine)
    }

    fn slot(&self) -> MutexGuard<'_, Option<Live>> {
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
