//! The one door: every call into oO goes through here.
//!
//! [`through`] releases the GIL, runs the call, contains a panic as `internal`, and maps the error. On the main thread,
//! the only one on which Python runs signal handlers, the call runs on a thread of its own while this one looks for
//! signals, so that Ctrl-C interrupts the waiting. The call itself runs to its end: it is committed or it is not. What waits
//! in slices goes through [`patiently`].

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use oo::{Error, Result};
use pyo3::intern;
use pyo3::prelude::*;

use crate::error::raise;

/// How long a signal may wait.
const SLICE: Duration = Duration::from_millis(50);

/// Runs `call` without the GIL.
pub(crate) fn through<T: Send + 'static>(
    py: Python<'_>,
    call: impl FnOnce() -> Result<T> + Send + 'static,
) -> PyResult<T> {
    let outcome = if on_main_thread(py)? { watched(py, call)? } else { py.detach(|| contained(call)) };
    outcome.map_err(|error| raise(py, &error))
}

/// Runs `call` at once and with the GIL: for what takes microseconds.
pub(crate) fn quickly<T>(py: Python<'_>, call: impl FnOnce() -> Result<T>) -> PyResult<T> {
    contained(call).map_err(|error| raise(py, &error))
}

/// Runs `call`, which waits for a moment at most, without the GIL; signals can wait as long.
pub(crate) fn patiently<T: Send>(py: Python<'_>, call: impl FnOnce() -> Result<T> + Send) -> PyResult<T> {
    py.detach(|| contained(call)).map_err(|error| raise(py, &error))
}

fn on_main_thread(py: Python<'_>) -> PyResult<bool> {
    let threading = py.import(intern!(py, "threading"))?;
    let main = threading.call_method0(intern!(py, "main_thread"))?.getattr(intern!(py, "ident"))?;
    threading.call_method0(intern!(py, "get_ident"))?.eq(main)
}

fn watched<T: Send + 'static>(
    py: Python<'_>,
    call: impl FnOnce() -> Result<T> + Send + 'static,
) -> PyResult<Result<T>> {
    let (sender, mut receiver) = channel();
    let work = move || {
        // Nobody listens any more after an interrupt.
        let _ = sender.send(contained(call));
    };
    if let Err(error) = thread::Builder::new().name("oo-verb".to_owned()).spawn(work) {
        return Ok(Err(Error::busy(format!("no thread for the call ({error}); try again later"))));
    }
    loop {
        let (answer, back) = py.detach(move || (receiver.recv_timeout(SLICE), receiver));
        receiver = back;
        match answer {
            Ok(outcome) => return Ok(outcome),
            Err(RecvTimeoutError::Timeout) => py.check_signals()?,
            Err(RecvTimeoutError::Disconnected) => return Ok(Err(Error::internal("the call ended without an answer"))),
        }
    }
}

pub(crate) fn contained<T>(call: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(call)).unwrap_or_else(|panic| Err(Error::internal(words(&*panic))))
}

fn words(panic: &(dyn Any + Send)) -> String {
    let said = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    format!("oO panicked: {}; report this as a defect", said.unwrap_or("without words"))
}
