//! Connections: how one is opened, how long it waits, and the writer's transaction.

use std::path::Path;
use std::time::{Duration, Instant};

use oo_core::{Error, ErrorKind, Result};
use rusqlite::{Connection, OpenFlags};

use super::error::sql;
use crate::options::Options;

/// The page size of new databases: small, because a commit writes whole pages and most touch a few scattered ones.
pub(super) const PAGE_SIZE: u32 = 4096;
/// Frames after which a commit checkpoints by itself if nobody did (128 MiB).
const AUTO_CHECKPOINT: u32 = 32_768;

/// What a connection is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Writing, and making the file if there is none.
    Create,
    /// Writing.
    Write,
    /// Reading.
    Read,
}

/// Opens a connection with every setting that is a connection's own.
pub(super) fn connect(path: &Path, purpose: Purpose) -> Result<Connection> {
    let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    if purpose == Purpose::Create {
        flags |= OpenFlags::SQLITE_OPEN_CREATE;
    }
    let conn = Connection::open_with_flags(path, flags).map_err(sql)?;
    // Waiting is `patiently`'s: SQLite's own waits grow to 100 ms and starve beside a busy writer.
    conn.busy_timeout(Duration::ZERO).map_err(sql)?;
    conn.set_prepared_statement_cache_capacity(64);
    let cache_kib = match purpose {
        Purpose::Create | Purpose::Write => 16_384,
        Purpose::Read => 2_048,
    };
    conn.execute_batch(&format!(
        "PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF; PRAGMA cache_size = -{cache_kib};"
    ))
    .map_err(sql)?;
    Ok(conn)
}

/// The settings that touch the file; only after it is known to be ours or fresh.
pub(super) fn settle(conn: &Connection, options: &Options, purpose: Purpose) -> Result<()> {
    match purpose {
        Purpose::Create | Purpose::Write => {
            conn.execute_batch(&format!("PRAGMA page_size = {PAGE_SIZE}")).map_err(sql)?;
            let mode: String = conn.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0)).map_err(sql)?;
            if mode != "wal" {
                return Err(Error::storage(
                    "the file system cannot hold a write-ahead log; put the database on a local disk, not on a network file system",
                ));
            }
            conn.execute_batch(&format!(
                "PRAGMA secure_delete = ON; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = {AUTO_CHECKPOINT};"
            ))
            .map_err(sql)?;
            if let Some(bytes) = options.max_bytes {
                conn.execute_batch(&format!("PRAGMA max_page_count = {}", bytes / u64::from(PAGE_SIZE)))
                    .map_err(sql)?;
            }
            Ok(())
        }
        Purpose::Read => conn.execute_batch("PRAGMA query_only = ON").map_err(sql),
    }
}

/// Runs `attempt` until it is not `busy`, at most for `patience`.
pub(super) fn patiently<T>(patience: Duration, mut attempt: impl FnMut() -> Result<T>) -> Result<T> {
    let first = attempt();
    match first {
        Err(error) if error.kind() == ErrorKind::Busy => {}
        done => return done,
    }
    #[allow(clippy::disallowed_methods, reason = "a time budget; it reaches no fold")]
    let start = Instant::now();
    let mut pause = Duration::from_micros(100);
    loop {
        std::thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(2));
        match attempt() {
            Err(error) if error.kind() == ErrorKind::Busy && start.elapsed() < patience => {}
            done => return done,
        }
    }
}

/// Whether a commit waits for the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Durability {
    Full,
    Normal,
}

/// The connection that writes.
pub(super) struct Writer {
    pub(super) conn: Connection,
    durability: Durability,
    /// About how many bytes went into the write-ahead log since it was last checkpointed by this store.
    pub(super) unchecked: u64,
}

impl Writer {
    /// Takes over a connection that was just settled.
    pub(super) fn new(conn: Connection) -> Self {
        Writer { conn, durability: Durability::Full, unchecked: 0 }
    }

    /// Runs `work` in a write transaction: committed if it is `Ok`, rolled back if it is not, or panics.
    pub(super) fn transaction<T>(
        &mut self,
        durability: Durability,
        patience: Duration,
        work: impl FnOnce(&Connection) -> Result<T>,
    ) -> Result<T> {
        self.recover()?;
        if self.durability != durability {
            let mode = match durability {
                Durability::Full => "PRAGMA synchronous = FULL",
                Durability::Normal => "PRAGMA synchronous = NORMAL",
            };
            self.conn.execute_batch(mode).map_err(sql)?;
            self.durability = durability;
        }
        let conn = &self.conn;
        patiently(patience, || execute(conn, "BEGIN IMMEDIATE"))?;
        let open = Open(conn);
        let done = work(conn)?;
        execute(conn, "COMMIT")?;
        drop(open);
        Ok(done)
    }

    /// Leaves no transaction open that a panic or a failed rollback left behind.
    fn recover(&self) -> Result<()> {
        if self.conn.is_autocommit() { Ok(()) } else { execute(&self.conn, "ROLLBACK") }
    }
}

/// Runs a statement without parameters or rows from the cache.
pub(super) fn execute(conn: &Connection, statement: &str) -> Result<()> {
    conn.prepare_cached(statement).and_then(|mut statement| statement.execute([])).map_err(sql).map(|_| ())
}

/// An open transaction, rolled back unless it was committed.
struct Open<'a>(&'a Connection);

impl Drop for Open<'_> {
    fn drop(&mut self) {
        if !self.0.is_autocommit() {
            // Should this fail too, `recover` tries again before the next transaction.
            let _ = execute(self.0, "ROLLBACK");
        }
    }
}
