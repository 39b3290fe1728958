//! What every store must do, whatever it is made of.
//!
//! A store's tests call [`StoreSuite::run`] with a function that makes an empty store; each case gets its own. Under
//! faults ([`StoreSuite::under_faults`]) every step is repeated with the same ids until it is acknowledged, and the
//! outcome must be the same. A case fails by panicking.
#![allow(clippy::expect_used, clippy::panic, reason = "a test harness fails by panicking")]

mod append_cases;
mod bench;
mod crowd_cases;
mod erase_cases;
mod secret_cases;
mod state_cases;

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use crate::ports::{EventLog, SecretStore, StateStore};
use bench::Bench;

/// An empty store to test.
pub struct Subject {
    /// Its event log.
    pub log: Arc<dyn EventLog>,
    /// What is beside the log.
    pub state: Arc<dyn StateStore>,
    /// Its secrets.
    pub secrets: Arc<dyn SecretStore>,
    /// What must live as long as the store, such as a temporary folder.
    pub keep: Option<Box<dyn Any>>,
}

impl fmt::Debug for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Subject(..)")
    }
}

/// The suite.
pub struct StoreSuite<'a> {
    make: &'a dyn Fn() -> Subject,
    faulty: bool,
}

impl fmt::Debug for StoreSuite<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreSuite").field("faulty", &self.faulty).finish_non_exhaustive()
    }
}

type Case = (&'static str, fn(&Bench));

const CASES: [Case; 24] = [
    ("an empty log", append_cases::empty),
    ("positions rise by one", append_cases::positions_rise),
    ("every body comes back as it was", append_cases::every_body),
    ("a scan gives what is read", append_cases::scan),
    ("an id appends once", append_cases::once),
    ("an error undoes everything", append_cases::all_or_nothing),
    ("own appends are seen inside", append_cases::own_appends),
    ("one open tip a person", append_cases::slot),
    ("a request answers the same decision", append_cases::request),
    ("an unknown person is not found", append_cases::stranger),
    ("the events of a decision", append_cases::of_decision),
    ("parking", append_cases::parking),
    ("parking is bounded", append_cases::parking_full),
    ("people", state_cases::people),
    ("texts", state_cases::texts),
    ("snapshots", state_cases::snapshots),
    ("projections", state_cases::projections),
    ("timers", state_cases::timers),
    ("secrets", secret_cases::secrets),
    ("an erasure takes everything and nothing else", erase_cases::erasure),
    ("nothing late brings an erased person back", erase_cases::late),
    ("a forgotten person's secrets are gone", secret_cases::forgotten),
    ("of two that make a person one wins", crowd_cases::race_for_a_person),
    ("delivered ten times from many threads, stored once", crowd_cases::s14_ten_fold_delivery),
];

impl<'a> StoreSuite<'a> {
    /// The suite for stores that `make` makes, empty each time.
    #[must_use]
    pub fn new(make: &'a dyn Fn() -> Subject) -> Self {
        StoreSuite { make, faulty: false }
    }

    /// The store fails now and then: `busy` and `storage` errors are answered by repeating the step.
    #[must_use]
    pub fn under_faults(mut self) -> Self {
        self.faulty = true;
        self
    }

    /// Runs every case; the names of those that ran.
    ///
    /// # Panics
    /// When the store does not do what it must.
    #[must_use]
    pub fn run(&self) -> Vec<&'static str> {
        CASES
            .iter()
            .map(|(name, case)| {
                case(&Bench::new((self.make)(), self.faulty, name));
                *name
            })
            .collect()
    }
}
