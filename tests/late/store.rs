//! A store that counts, fails its decisions, and lets something happen at a moment.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use oo_core::event::{EventBody, Stored};
use oo_core::id::{DecisionId, ItemKey, Position, Pseudonym};
use oo_core::ports::{
    EventLog, NewUser, Projection, Query, Rows, Snapshot, StateStore, TextField, Transaction, UserRecord,
};
use oo_core::testing::world::SeededWorld;
use oo_core::{Error, Result};
use oo_store::SqliteStore;

type Hook = Box<dyn FnOnce() + Send>;

pub(crate) struct Hooked {
    inner: Arc<SqliteStore>,
    pub(crate) scrubs: AtomicU32,
    /// Whether a transaction that holds a decision fails when all of it was done.
    pub(crate) fail_decisions: AtomicBool,
    /// Whether a transaction in which something was erased fails when all of it was done.
    pub(crate) fail_erasures: AtomicBool,
    on_text: Mutex<Option<(&'static str, Hook)>>,
}

impl Hooked {
    pub(crate) fn open(path: &Path, world: &Arc<SeededWorld>) -> Result<Arc<Self>> {
        let inner = oo_store::open(path, world.clone(), world.clone())?;
        Ok(Arc::new(Hooked {
            inner,
            scrubs: AtomicU32::new(0),
            fail_decisions: AtomicBool::new(false),
            fail_erasures: AtomicBool::new(false),
            on_text: Mutex::default(),
        }))
    }

    /// Does `then`, on another thread, as soon as `text` was read, before whoever reads it has it.
    pub(crate) fn on_text(&self, text: &'static str, then: impl FnOnce() + Send + 'static) {
        if let Ok(mut hook) = self.on_text.lock() {
            *hook = Some((text, Box::new(then)));
        }
    }
}

impl EventLog for Hooked {
    fn head(&self) -> Result<Position> {
        self.inner.head()
    }

    fn read(&self, after: Position, limit: usize) -> Result<Vec<Stored>> {
        self.inner.read(after, limit)
    }

    fn of_user(&self, user: Pseudonym, after: Position, through: Position) -> Result<Vec<Stored>> {
        self.inner.of_user(user, after, through)
    }

    fn of_decision(&self, decision: DecisionId) -> Result<Vec<Stored>> {
        self.inner.of_decision(decision)
    }

    fn transact(&self, work: &mut dyn FnMut(&mut dyn Transaction) -> Result<()>) -> Result<()> {
        self.inner.transact(&mut |tx| {
            let before = tx.head()?;
            work(tx)?;
            let fails = tx.read(before, 100)?.iter().any(|stored| match &stored.event.body {
                EventBody::Decision(_) => self.fail_decisions.load(Ordering::SeqCst),
                EventBody::Forgotten(_) | EventBody::Trimmed(_) => self.fail_erasures.load(Ordering::SeqCst),
                _ => false,
            });
            if fails { Err(Error::storage("the disk is full, or so it says; make room")) } else { Ok(()) }
        })
    }
}

impl StateStore for Hooked {
    fn user(&self, caller_id: &str, create: Option<NewUser>) -> Result<Option<UserRecord>> {
        self.inner.user(caller_id, create)
    }

    fn texts(&self, user: &UserRecord, items: &[(ItemKey, TextField)]) -> Result<Vec<Option<String>>> {
        let texts = self.inner.texts(user, items)?;
        let met = match self.on_text.lock() {
            Ok(mut hook) => hook.take_if(|(text, _)| texts.iter().flatten().any(|read| read == text)),
            Err(_) => None,
        };
        if let Some((_, then)) = met {
            // Whoever reads may be on an executor, which an engine that blocks must not be.
            std::thread::spawn(then).join().map_err(|_| Error::internal("what was to happen panicked"))?;
        }
        Ok(texts)
    }

    fn snapshot(&self, name: &str) -> Result<Option<Snapshot>> {
        self.inner.snapshot(name)
    }

    fn project(&self, projection: &Projection) -> Result<Position> {
        self.inner.project(projection)
    }

    fn query(&self, query: &Query) -> Result<Rows> {
        self.inner.query(query)
    }

    fn scrub(&self, wait: bool) -> Result<bool> {
        self.scrubs.fetch_add(1, Ordering::SeqCst);
        self.inner.scrub(wait)
    }
}
