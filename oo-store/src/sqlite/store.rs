//! [`SqliteStore`]: the connections of one database, the vault, and who may use them when.

use std::cell::Cell;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use oo_core::{Error, Result};
use rusqlite::Connection;

use super::checkpoint::Checkpointer;
use super::connection::{Purpose, Writer, connect, patiently, settle};
use super::forgotten::ForgottenList;
use super::gate::Gate;
use crate::options::Options;
use crate::vault::Vault;

/// The event log and everything beside it, in one SQLite file that several processes may have open.
pub struct SqliteStore {
    pub(super) path: PathBuf,
    pub(super) options: Options,
    pub(super) vault: Vault,
    pub(super) forgotten: ForgottenList,
    pub(super) checkpointer: Checkpointer,
    pub(super) gate: Gate,
    writer: Mutex<Option<Writer>>,
    readers: Mutex<Vec<Connection>>,
}

impl SqliteStore {
    pub(super) fn new(
        path: PathBuf,
        options: Options,
        vault: Vault,
        forgotten: ForgottenList,
        writer: Writer,
    ) -> Arc<Self> {
        Arc::new(SqliteStore {
            path,
            options,
            vault,
            forgotten,
            checkpointer: Checkpointer::default(),
            gate: Gate::new(),
            writer: Mutex::new(Some(writer)),
            readers: Mutex::new(Vec::new()),
        })
    }

    /// Where the database is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Before a fork: waits for calls that are running, closes every connection, and makes new calls wait until
    /// [`after_fork`](Self::after_fork). A process that forks without this must use [`leak`](Self::leak) in the child,
    /// and must then not be the last to close the database while the child has it open.
    pub fn before_fork(&self) {
        self.gate.close();
        self.checkpointer.rest();
        self.locked(&self.readers).clear();
        *self.locked(&self.writer) = None;
    }

    /// After a fork, in the parent and in the child: calls go on, on new connections.
    pub fn after_fork(&self) {
        self.gate.open();
    }

    /// In a forked child, for a store inherited without [`before_fork`](Self::before_fork): drops it without closing
    /// anything, because closing inherited connections would release the parent's locks.
    pub fn leak(self: Arc<Self>) {
        std::mem::forget(self);
    }

    /// Runs `read` on a read connection, again while the database is busy.
    pub(super) fn reading<T>(&self, mut read: impl FnMut(&Connection) -> Result<T>) -> Result<T> {
        let _pass = self.gate.enter()?;
        let idle = self.locked(&self.readers).pop();
        let conn = match idle {
            Some(conn) => conn,
            None => patiently(self.options.patience, || {
                let conn = connect(&self.path, Purpose::Read)?;
                settle(&conn, &self.options, Purpose::Read)?;
                Ok(conn)
            })?,
        };
        let answer = patiently(self.options.patience, || read(&conn));
        let mut readers = self.locked(&self.readers);
        if readers.len() < self.options.readers {
            readers.push(conn);
        }
        answer
    }

    /// Runs `write` with the writer, which nobody else has meanwhile.
    pub(super) fn writing<T>(&self, write: impl FnOnce(&mut Writer) -> Result<T>) -> Result<T> {
        thread_local! {
            static INSIDE: Cell<bool> = const { Cell::new(false) };
        }
        struct Leave;
        impl Drop for Leave {
            fn drop(&mut self) {
                INSIDE.set(false);
            }
        }
        if INSIDE.replace(true) {
            return Err(Error::internal(
                "a write was started inside a write transaction of the same thread; please report this",
            ));
        }
        let _leave = Leave;
        let _pass = self.gate.enter()?;
        let mut slot = self.locked(&self.writer);
        let writer = match &mut *slot {
            Some(writer) => writer,
            empty => empty.insert(Writer::new(patiently(self.options.patience, || {
                let conn = connect(&self.path, Purpose::Write)?;
                settle(&conn, &self.options, Purpose::Write)?;
                Ok(conn)
            })?)),
        };
        write(writer)
    }

    /// A lock that a panic elsewhere does not poison for good: a transaction left open is rolled back by the next.
    fn locked<'a, T>(&self, mutex: &'a Mutex<T>) -> MutexGuard<'a, T> {
        mutex.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for SqliteStore {
    fn drop(&mut self) {
        if self.gate.foreign() {
            // Inherited through a fork: closing would release the parent's locks.
            let readers = std::mem::take(self.readers.get_mut().unwrap_or_else(PoisonError::into_inner));
            let writer = self.writer.get_mut().unwrap_or_else(PoisonError::into_inner).take();
            std::mem::forget((readers, writer));
            self.checkpointer.abandon();
        } else {
            self.checkpointer.rest();
        }
    }
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore").field("path", &self.path).finish_non_exhaustive()
    }
}
