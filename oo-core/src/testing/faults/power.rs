//! The power: on, until it is cut at a call of the test's choosing; then off for good.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::error::{Error, Result};

/// On which side of a call the power goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// The call has done nothing.
    Before,
    /// The call has done its work, and nobody hears of it.
    After,
}

/// A cut of the power at one of the calls to come.
pub struct PowerCut {
    /// The call's name: that of the port's method, `append`, `erase` and `save_snapshot` being inside a transaction, and
    /// `commit` after all of its work.
    pub call: &'static str,
    /// How many calls of that name pass first.
    pub passing: u32,
    /// On which side of it.
    pub when: When,
    /// What is done at that moment, such as copying the files as they are.
    pub then: Box<dyn FnOnce() + Send>,
}

impl fmt::Debug for PowerCut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PowerCut({:?} {} after {} of them)", self.when, self.call, self.passing)
    }
}

#[derive(Debug, Default)]
pub(super) struct Power {
    off: AtomicBool,
    armed: Mutex<Option<PowerCut>>,
}

impl Power {
    pub(super) fn arm(&self, cut: PowerCut) {
        *self.armed.lock().unwrap_or_else(PoisonError::into_inner) = Some(cut);
    }

    pub(super) fn disarm(&self) -> bool {
        self.armed.lock().unwrap_or_else(PoisonError::into_inner).take();
        self.is_off()
    }

    pub(super) fn is_off(&self) -> bool {
        self.off.load(Ordering::SeqCst)
    }

    pub(super) fn off(&self) {
        self.off.store(true, Ordering::SeqCst);
    }

    /// Lets a call pass while there is power.
    pub(super) fn pass(&self, call: &str, when: When) -> Result<()> {
        if !self.off.load(Ordering::SeqCst) {
            let mut armed = self.armed.lock().unwrap_or_else(PoisonError::into_inner);
            let Some(cut) = armed.as_mut().filter(|cut| cut.call == call && cut.when == when) else { return Ok(()) };
            if cut.passing > 0 {
                cut.passing -= 1;
                return Ok(());
            }
            self.off();
            if let Some(cut) = armed.take() {
                (cut.then)();
            }
        }
        Err(Error::storage("the power is off; open the store again"))
    }
}
