//! The inside of a write transaction.

use std::collections::BTreeSet;

use oo_core::event::{EventBody, Stored};
use oo_core::id::{DecisionId, Position, Pseudonym};
use oo_core::ports::{Appended, Entry, Erasure, Snapshot, Transaction};
use oo_core::{Error, Result};
use rusqlite::{Connection, params};

use super::append::parking_ends;
use super::error::{signed, sql};
use super::forgotten::Line;
use super::log;
use super::meta::get;
use super::store::SqliteStore;

/// A running write transaction.
pub(super) struct SqliteTransaction<'a> {
    pub(super) conn: &'a Connection,
    pub(super) store: &'a SqliteStore,
    /// The last position, own appends included.
    pub(super) head: u64,
    /// People who were seen to exist in this transaction.
    pub(super) present: BTreeSet<Pseudonym>,
    /// How many parked reactions wait, once it was counted.
    pub(super) parked: Option<u64>,
    /// The decision that was appended last, if nothing had waited for it.
    pub(super) unawaited: Option<DecisionId>,
    /// What the forgotten list is to say of this transaction.
    pub(super) listed: Vec<Line>,
    /// About how many bytes were written.
    pub(super) written: u64,
    /// Why this transaction must not be committed.
    pub(super) doomed: Option<Error>,
}

impl<'a> SqliteTransaction<'a> {
    pub(super) fn new(conn: &'a Connection, store: &'a SqliteStore) -> Result<Self> {
        let head = log::head(conn)?.0;
        Ok(SqliteTransaction {
            conn,
            store,
            head,
            present: BTreeSet::new(),
            parked: None,
            unawaited: None,
            listed: Vec::new(),
            written: 0,
            doomed: None,
        })
    }

    /// About how many bytes were written.
    pub(super) fn written(&self) -> u64 {
        self.written
    }

    /// Whether it may be committed: no entry was left half written, and positions go on rising after the erased ones
    /// are gone. Gives the lines to list.
    pub(super) fn finish(self) -> Result<Vec<Line>> {
        if let Some(error) = self.doomed {
            return Err(error);
        }
        if !self.listed.is_empty() && log::head(self.conn)?.0 < self.head {
            return Err(Error::internal(
                "an erasure removed the last event of the log; append the forget event in the same transaction",
            ));
        }
        Ok(self.listed)
    }
}

impl Transaction for SqliteTransaction<'_> {
    fn head(&mut self) -> Result<Position> {
        Ok(Position(self.head))
    }

    fn read(&mut self, after: Position, limit: usize) -> Result<Vec<Stored>> {
        log::events_after(self.conn, after, limit)
    }

    fn append(&mut self, entry: &Entry) -> Result<Appended> {
        self.append_entry(entry)
    }

    fn parked(&mut self, decision: DecisionId) -> Result<Vec<Stored>> {
        let mut waiting = Vec::new();
        if self.unawaited == Some(decision) {
            return Ok(waiting);
        }
        for stored in log::events_of_decision(self.conn, decision)? {
            match stored.event.body {
                EventBody::Reaction { .. } if stored.event.user.is_none() => waiting.push(stored),
                EventBody::ParkingLapsed { .. } => {
                    let lapsed_ms = stored.event.moment.at_ms;
                    waiting.retain(|parked: &Stored| parking_ends(parked.event.recorded_ms) > lapsed_ms);
                }
                _ => {}
            }
        }
        Ok(waiting)
    }

    fn erase(&mut self, erasure: &Erasure) -> Result<()> {
        self.erase_scope(erasure)
    }

    fn save_snapshot(&mut self, snapshot: &Snapshot) -> Result<()> {
        let erased_through: i64 = get(self.conn, "erased_through")?.unwrap_or(0);
        if signed(snapshot.position.0)? < erased_through {
            // Made before somebody was forgotten, so they are in it.
            return Ok(());
        }
        self.write_snapshot(snapshot)
    }
}

impl SqliteTransaction<'_> {
    /// Writes a snapshot and drops all but the newest two of its name.
    pub(super) fn write_snapshot(&mut self, snapshot: &Snapshot) -> Result<()> {
        self.conn
            .prepare_cached("INSERT OR REPLACE INTO snapshots (name, position, epoch, bytes) VALUES (?1, ?2, ?3, ?4)")
            .and_then(|mut statement| {
                statement.execute(params![
                    snapshot.name,
                    snapshot.position.0.cast_signed(),
                    snapshot.epoch,
                    snapshot.bytes
                ])
            })
            .map_err(sql)?;
        self.conn
            .prepare_cached(
                "DELETE FROM snapshots WHERE name = ?1 AND position NOT IN \
                 (SELECT position FROM snapshots WHERE name = ?1 ORDER BY position DESC LIMIT 2)",
            )
            .and_then(|mut statement| statement.execute([&snapshot.name]))
            .map_err(sql)?;
        self.written += snapshot.bytes.len() as u64;
        Ok(())
    }
}
