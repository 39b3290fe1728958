//! Checkpoints: copying the write-ahead log into the database, so that it starts from its beginning again.
//!
//! Done by a commit, a checkpoint makes that commit wait for all of it. So once enough has gathered, a thread of its own
//! copies most of it while others write (phase one; again and again, because each pass leaves less than the one before),
//! and a later call copies the little that was written meanwhile with the writer held (phase two), after which the log is
//! empty. The thread has its own connection and ends by itself.

use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::thread::JoinHandle;

use oo_core::{Error, ErrorKind, Result};
use rusqlite::Connection;

use super::connection::{Purpose, Writer, connect, settle};
use super::error::sql;
use super::store::SqliteStore;

/// Bytes after which a checkpoint begins.
const ENOUGH: u64 = 24 << 20;
/// Passes of phase one.
const PASSES: usize = 3;

/// Phase one, if it is running or waits for phase two.
#[derive(Debug, Default)]
pub(super) struct Checkpointer {
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Checkpointer {
    /// Waits until no thread is running.
    pub(super) fn rest(&self) {
        if let Some(thread) = self.slot().take() {
            // A thread that panicked has checkpointed nothing, which the next one does.
            let _ = thread.join();
        }
    }

    /// After a fork the child has no such thread.
    pub(super) fn abandon(&mut self) {
        std::mem::forget(self.slot().take());
    }

    fn slot(&self) -> std::sync::MutexGuard<'_, Option<JoinHandle<()>>> {
        self.thread.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SqliteStore {
    /// Begins or ends a checkpoint if it is time to. To be called now and then, not inside a commit that somebody waits for.
    pub(super) fn maintain(&self) -> Result<()> {
        if self.writing(|writer| Ok(writer.unchecked))? < ENOUGH {
            return Ok(());
        }
        let mut slot = self.checkpointer.slot();
        match slot.take() {
            None => {
                let (path, options) = (self.path.clone(), self.options.clone());
                let thread = std::thread::Builder::new().name("oo-checkpoint".to_owned()).spawn(move || {
                    if let Err(error) = copy(&path, &options) {
                        tracing::warn!(%error, "the write-ahead log could not be copied; it will be tried again");
                    }
                });
                *slot = thread.ok();
                Ok(())
            }
            Some(thread) if thread.is_finished() => {
                let _ = thread.join();
                drop(slot);
                self.writing(|writer: &mut Writer| {
                    writer.unchecked = 0;
                    match checkpoint(&writer.conn, "PASSIVE") {
                        Err(error) if error.kind() != ErrorKind::Busy => Err(error),
                        _ => Ok(()),
                    }
                })
            }
            running => {
                *slot = running;
                Ok(())
            }
        }
    }
}

fn copy(path: &Path, options: &crate::Options) -> Result<()> {
    let conn = connect(path, Purpose::Read)?;
    settle(&conn, options, Purpose::Read)?;
    for _ in 0..PASSES {
        match checkpoint(&conn, "PASSIVE") {
            Err(error) if error.kind() != ErrorKind::Busy => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// Runs a checkpoint; `busy` when it could not do all it was asked for.
pub(super) fn checkpoint(conn: &Connection, mode: &str) -> Result<()> {
    let blocked: i64 = conn.query_row(&format!("PRAGMA wal_checkpoint({mode})"), [], |row| row.get(0)).map_err(sql)?;
    if blocked == 0 { Ok(()) } else { Err(Error::busy("another process reads or writes the database; try again")) }
}
