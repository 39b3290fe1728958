//! Forks: SQLite's locks and our threads belong to one process, so nothing of an open engine may cross a fork.
//!
//! `os.register_at_fork` calls [`before_fork`], which lets no call in any more, waits for those that are running and
//! closes every engine; [`after_fork`] lets calls in again, in the parent and in the child, and the next one opens the
//! engine again. A process that was forked without these hooks finds that its engines are another process's: it leaks
//! them, since closing would release the parent's locks and join threads that are not there, and opens its own.
//!
//! Only atomics are touched outside the GIL: a mutex that another thread holds at the fork stays locked in the child.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread;
use std::time::Duration;

use pyo3::prelude::*;

use crate::handle::Handle;

static CLOSED: AtomicBool = AtomicBool::new(false);
static INSIDE: AtomicUsize = AtomicUsize::new(0);
/// Every open engine of this process.
static HANDLES: Mutex<Vec<Weak<Handle>>> = Mutex::new(Vec::new());

const LOOK_AGAIN: Duration = Duration::from_micros(200);

/// A pass into the engines; dropping it leaves.
pub(crate) struct Pass(());

/// Waits while a fork is going on, and enters.
pub(crate) fn enter() -> Pass {
    loop {
        INSIDE.fetch_add(1, Ordering::SeqCst);
        let pass = Pass(());
        if !CLOSED.load(Ordering::SeqCst) {
            return pass;
        }
        drop(pass);
        thread::sleep(LOOK_AGAIN);
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        INSIDE.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Makes a fork close `handle`. Called with a pass.
pub(crate) fn remember(handle: &Arc<Handle>) {
    let mut handles = HANDLES.lock().unwrap_or_else(PoisonError::into_inner);
    handles.retain(|known| known.strong_count() > 0);
    handles.push(Arc::downgrade(handle));
}

/// Waits for the calls that are running, then closes every engine until the fork is over.
#[pyfunction(name = "_before_fork")]
#[pyo3(signature = () -> "None")]
pub(crate) fn before_fork(py: Python<'_>) {
    py.detach(|| {
        CLOSED.store(true, Ordering::SeqCst);
        while INSIDE.load(Ordering::SeqCst) > 0 {
            thread::sleep(LOOK_AGAIN);
        }
        let handles: Vec<_> = {
            let handles = HANDLES.lock().unwrap_or_else(PoisonError::into_inner);
            handles.iter().filter_map(Weak::upgrade).collect()
        };
        for handle in handles {
            handle.rest();
        }
    });
}

/// Lets calls in again, in the parent or in the child.
#[pyfunction(name = "_after_fork")]
#[pyo3(signature = (child: "bool") -> "None")]
pub(crate) fn after_fork(child: bool) {
    if child {
        // Threads that were trying the door do not exist here.
        INSIDE.store(0, Ordering::SeqCst);
    }
    CLOSED.store(false, Ordering::SeqCst);
}
