//! A defect that is there on purpose: schedules that do not find it would find nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use oo::id::{DecisionId, Position, Pseudonym};
use oo_core::event::Stored;
use oo_core::ports::{EventLog, Transaction};

/// Of as many commits one is lost.
const EVERY: u64 = 8;

/// A log that undoes a commit now and then, and says that it happened: a disk that lies about its cache.
pub(crate) struct Forgetful {
    log: Arc<dyn EventLog>,
    commits: AtomicU64,
}

impl Forgetful {
    pub(crate) fn around(log: Arc<dyn EventLog>) -> Arc<dyn EventLog> {
        Arc::new(Forgetful { log, commits: AtomicU64::new(0) })
    }
}

impl EventLog for Forgetful {
    fn head(&self) -> oo::Result<Position> {
        self.log.head()
    }

    fn read(&self, after: Position, limit: usize) -> oo::Result<Vec<Stored>> {
        self.log.read(after, limit)
    }

    fn of_user(&self, user: Pseudonym, after: Position, through: Position) -> oo::Result<Vec<Stored>> {
        self.log.of_user(user, after, through)
    }

    fn of_decision(&self, decision: DecisionId) -> oo::Result<Vec<Stored>> {
        self.log.of_decision(decision)
    }

    fn transact(&self, work: &mut dyn FnMut(&mut dyn Transaction) -> oo::Result<()>) -> oo::Result<()> {
        if self.commits.fetch_add(1, Ordering::Relaxed) % EVERY < EVERY - 1 {
            return self.log.transact(work);
        }
        let mut done = false;
        let undone = self.log.transact(&mut |transaction| {
            work(transaction)?;
            done = true;
            Err(oo::Error::storage("undone on purpose"))
        });
        if done { Ok(()) } else { undone }
    }
}
