//! The event log: reading it, and running a write transaction.

use oo_core::event::Stored;
use oo_core::id::{DecisionId, Position, Pseudonym};
use oo_core::ports::{EventLog, Scan, Transaction};
use oo_core::{Error, Result};
use rusqlite::{Connection, Params, Row};

use super::connection::Durability;
use super::error::{signed, sql, unsigned};
use super::store::SqliteStore;
use super::transaction::SqliteTransaction;
use crate::codec;

/// The most events one read gives, whatever was asked for.
const MOST: usize = 1_000_000;

impl EventLog for SqliteStore {
    fn head(&self) -> Result<Position> {
        self.reading(head)
    }

    fn read(&self, after: Position, limit: usize) -> Result<Vec<Stored>> {
        self.reading(|conn| events_after(conn, after, limit))
    }

    fn of_user(&self, user: Pseudonym, after: Position, through: Position) -> Result<Vec<Stored>> {
        let (after, through) = (signed(after.0)?, signed(through.0.min(i64::MAX.unsigned_abs()))?);
        self.reading(|conn| {
            events(
                conn,
                "SELECT position, bytes FROM events WHERE user = ?1 AND position > ?2 AND position <= ?3 ORDER BY position",
                (user.0, after, through),
                usize::MAX,
            )
        })
    }

    fn of_decision(&self, decision: DecisionId) -> Result<Vec<Stored>> {
        self.reading(|conn| events_of_decision(conn, decision))
    }

    fn scan(&self, scan: &Scan, visit: &mut dyn FnMut(Stored) -> Result<()>) -> Result<()> {
        self.scan_log(scan, visit)
    }

    fn transact(&self, work: &mut dyn FnMut(&mut dyn Transaction) -> Result<()>) -> Result<()> {
        self.writing(|writer| {
            let mut written = 0;
            let done = writer.transaction(Durability::Full, self.options.patience, |conn| {
                let mut transaction = SqliteTransaction::new(conn, self)?;
                work(&mut transaction)?;
                written = transaction.written();
                let lines = transaction.finish()?;
                self.forgotten.add(&lines)
            });
            writer.unchecked += written;
            done
        })
    }
}

/// The last position.
pub(super) fn head(conn: &Connection) -> Result<Position> {
    conn.prepare_cached("SELECT max(position) FROM events")
        .and_then(|mut statement| statement.query_row([], |row| row.get::<_, Option<i64>>(0)))
        .map_err(sql)
        .and_then(|last| unsigned(last.unwrap_or(0)))
        .map(Position)
}

/// At most `limit` events after `after`.
pub(super) fn events_after(conn: &Connection, after: Position, limit: usize) -> Result<Vec<Stored>> {
    // A position past what SQLite counts to has nothing after it.
    let Ok(after) = i64::try_from(after.0) else { return Ok(Vec::new()) };
    // No LIMIT: SQLite would prepare the statement anew for every value that is bound to it.
    events(conn, "SELECT position, bytes FROM events WHERE position > ?1 ORDER BY position", [after], limit.min(MOST))
}

/// All events of one decision.
pub(super) fn events_of_decision(conn: &Connection, decision: DecisionId) -> Result<Vec<Stored>> {
    events(conn, "SELECT position, bytes FROM events WHERE decision = ?1 ORDER BY position", [decision.0], usize::MAX)
}

fn events(conn: &Connection, query: &str, params: impl Params, limit: usize) -> Result<Vec<Stored>> {
    let mut statement = conn.prepare_cached(query).map_err(sql)?;
    let mut rows = statement.query(params).map_err(sql)?;
    let mut events = Vec::new();
    while events.len() < limit
        && let Some(row) = rows.next().map_err(sql)?
    {
        events.push(stored(row)?);
    }
    Ok(events)
}

fn stored(row: &Row<'_>) -> Result<Stored> {
    let position = Position(row.get::<_, i64>(0).map_err(sql).and_then(unsigned)?);
    let bytes = row.get_ref(1).map_err(sql)?.as_blob().map_err(|_| super::error::corrupted("an event has no bytes"))?;
    let event = codec::decode(bytes).map_err(|error| at_position(position, &error))?;
    Ok(Stored { position, event })
}

/// The error of the event that stands at `position`.
pub(super) fn at_position(position: Position, error: &Error) -> Error {
    Error::new(error.kind(), format!("at position {}: {}", position.0, error.message()))
}
