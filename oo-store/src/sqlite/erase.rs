//! Erasing a person, and making sure that what was erased is gone from every file.
//!
//! `secure_delete` overwrites deleted rows in their pages; the old pages still stand in the write-ahead log until a
//! checkpoint has truncated it. Until then a receipt is `erasing`, afterwards `erased`; that rows wait, also those of a
//! consent taken back and of retention, which have no receipt, stands in `meta.unscrubbed`. The attempt is repeated by
//! whoever opens the database next.
//!
//! When SQLite balances a tree it moves rows between pages, and the unused part of a page may keep a copy of a row that
//! was moved away, which no later deletion finds. Wrapped keys therefore never move: they are overwritten in place. What
//! else such a copy can hold (pseudonyms, numbers, sealed texts) a small database loses by being rewritten; in a large one
//! it stays until somebody asks for that ([`compact`](oo_core::ports::Upkeep::compact)).

use std::time::Duration;

use oo_core::id::{EventId, Pseudonym};
use oo_core::ports::{Erasure, Scope};
use oo_core::retention::Trim;
use oo_core::{Error, ErrorKind, Result};
use rusqlite::{Connection, params};

use super::checkpoint::checkpoint;
use super::connection::{Durability, Writer, patiently};
use super::error::{signed, sql, unsigned};
use super::forgotten::Line;
use super::meta::{get, put};
use super::rotate::{unwiped, wiped};
use super::store::SqliteStore;
use super::transaction::SqliteTransaction;
use crate::codec;

/// The fact that rows were erased whose old pages may still stand in the write-ahead log.
const UNSCRUBBED: &str = "unscrubbed";
/// How long whoever forgets waits for readers to end.
const WAIT: Duration = Duration::from_secs(2);

/// What belongs to a person, children before what finds them. `?1` is the pseudonym. Everything that names one of
/// their decisions goes, parked reactions included.
const DELETIONS: [&str; 11] = [
    "DELETE FROM tip_scores WHERE position IN (SELECT position FROM events WHERE user = ?1 AND decision IS NOT NULL)",
    "DELETE FROM tips WHERE user = ?1",
    "DELETE FROM parked WHERE decision IN (SELECT decision FROM events WHERE user = ?1 AND decision IS NOT NULL)",
    "DELETE FROM requests WHERE user = ?1",
    "DELETE FROM open_tips WHERE user = ?1",
    "DELETE FROM texts WHERE user = ?1",
    "DELETE FROM secrets WHERE owner = ?1",
    "DELETE FROM events WHERE user IS NULL AND decision IN (SELECT decision FROM events WHERE user = ?1 AND decision IS NOT NULL)",
    "DELETE FROM events WHERE user = ?1",
    "UPDATE keys SET wrapped = zeroblob(length(wrapped)) WHERE number = (SELECT number FROM users WHERE user = ?1)",
    "DELETE FROM users WHERE user = ?1",
];

impl SqliteTransaction<'_> {
    /// Erases a person, or part of what is held of them, in this transaction.
    pub(super) fn erase_scope(&mut self, erasure: &Erasure) -> Result<()> {
        self.erase_rows(erasure).inspect_err(|error| self.doomed = Some(error.clone()))
    }

    fn erase_rows(&mut self, erasure: &Erasure) -> Result<()> {
        match &erasure.scope {
            Scope::Person { receipt, receipt_json } => self.erase_person(erasure.user, *receipt, receipt_json)?,
            Scope::Part(trim) => self.erase_part(erasure.user, trim)?,
        }
        let mut through = signed(self.head)?;
        if let Some(snapshot) = &erasure.snapshot {
            let position = signed(snapshot.position.0)?;
            self.execute("DELETE FROM snapshots WHERE position < ?1", params![position])?;
            self.write_snapshot(snapshot)?;
            through = through.max(position);
        }
        put(self.conn, "erased_through", through)?;
        // Another value than any before, so that whoever truncated for an earlier erasure leaves this one's.
        let before: i64 = get(self.conn, UNSCRUBBED)?.unwrap_or(0);
        put(self.conn, UNSCRUBBED, signed(self.head)?.max(before.saturating_add(1)))
    }

    fn erase_person(&mut self, user: Pseudonym, receipt: EventId, receipt_json: &str) -> Result<()> {
        for deletion in DELETIONS {
            self.execute(deletion, params![user.0])?;
        }
        self.present.remove(&user);
        self.parked = None;
        self.execute(
            "INSERT INTO receipts (id, json, stage) VALUES (?1, ?2, 'erasing') ON CONFLICT DO NOTHING",
            params![receipt.0, receipt_json],
        )?;
        self.listed.push(Line::Forgotten(user.digest()));
        Ok(())
    }

    fn erase_part(&mut self, user: Pseudonym, trim: &Trim) -> Result<()> {
        for position in &trim.events {
            let position = signed(position.0)?;
            for deletion in [
                "DELETE FROM tip_scores WHERE position = ?1",
                "DELETE FROM tips WHERE position = ?1",
                "DELETE FROM events WHERE position = ?1",
            ] {
                self.execute(deletion, params![position])?;
            }
            self.execute("DELETE FROM requests WHERE user = ?1 AND position = ?2", params![user.0, position])?;
        }
        for (position, event) in &trim.collapsed {
            let bytes = codec::encode(event)?;
            let decision = event.body.decision().map(|decision| decision.0);
            self.execute(
                "UPDATE events SET id = ?2, decision = ?3, bytes = ?4 WHERE position = ?1",
                params![signed(position.0)?, event.id.0, decision, bytes],
            )?;
        }
        for item in &trim.items {
            self.execute("DELETE FROM texts WHERE user = ?1 AND item = ?2", params![user.0, item.0])?;
        }
        if !trim.decisions.is_empty() {
            self.parked = None;
        }
        for decision in &trim.decisions {
            self.execute("DELETE FROM open_tips WHERE user = ?1 AND decision = ?2", params![user.0, decision.0])?;
            // Reactions that waited for it without a person, and that they did.
            self.execute("DELETE FROM parked WHERE decision = ?1", params![decision.0])?;
            self.execute("DELETE FROM events WHERE user IS NULL AND decision = ?1", params![decision.0])?;
        }
        Ok(())
    }
}

impl SqliteStore {
    /// Truncates the write-ahead log and marks what waited for it; whether that succeeded. With `wait`, readers are given
    /// a moment to end; without, one attempt is made.
    pub(super) fn truncate_log(&self, wait: bool) -> Result<bool> {
        let patience = if wait { self.options.patience } else { Duration::ZERO };
        if wait {
            self.checkpointer.rest();
        }
        self.writing(|writer| {
            // What another process erases later must wait for its own truncation.
            let waiting = Waiting::look(&writer.conn)?;
            let truncate = |writer: &mut Writer| -> Result<()> {
                patiently(patience.min(WAIT), || checkpoint(&writer.conn, "TRUNCATE"))?;
                writer.unchecked = 0;
                Ok(())
            };
            let gone = truncate(writer).and_then(|()| {
                if !waiting.rows() || size(&writer.conn)? > self.options.rewrite_below {
                    return Ok(());
                }
                match patiently(patience, || rewrite(&writer.conn)) {
                    Err(error) if error.kind() != ErrorKind::Busy => {
                        // Without the room for it, the rest is still right.
                        tracing::warn!(%error, "the database could not be rewritten after an erasure");
                        Ok(())
                    }
                    done => done,
                }?;
                truncate(writer)
            });
            let marked = gone.and_then(|()| match waiting.anything() {
                true => writer.transaction(Durability::Full, patience, |conn| waiting.done(conn)),
                false => Ok(()),
            });
            match marked {
                Err(error) if error.kind() == ErrorKind::Busy => Ok(false),
                done => done.map(|()| true),
            }
        })
    }

    /// Rewrites the whole database, whatever its size.
    pub(super) fn rewrite_all(&self) -> Result<()> {
        self.writing(|writer| patiently(self.options.patience, || rewrite(&writer.conn)))?;
        if self.truncate_log(true)? {
            return Ok(());
        }
        Err(Error::busy(
            "the database was rewritten, and a process that reads it keeps the old pages in the write-ahead log; try again once it has ended",
        ))
    }

    /// On opening: the truncation that an earlier process did not get to. That it is still impossible is no error.
    pub(super) fn finish_erasing(&self) -> Result<()> {
        let unfinished = self.reading(|conn| Waiting::look(conn).map(|waiting| waiting.anything()))?;
        if unfinished && !self.truncate_log(true)? {
            tracing::warn!(
                "erased rows or old wrapped keys wait for the write-ahead log to be truncated; another process reads the database"
            );
        }
        Ok(())
    }
}

/// What waits for the write-ahead log to be truncated.
struct Waiting {
    /// The newest receipt that is `erasing`.
    receipt: Option<i64>,
    /// The mark of erased rows.
    rows: Option<i64>,
    /// The key that a rotation was to.
    rotated: Option<Vec<u8>>,
}

impl Waiting {
    fn look(conn: &Connection) -> Result<Self> {
        let receipt = conn
            .query_row("SELECT max(number) FROM receipts WHERE stage = 'erasing'", [], |row| row.get(0))
            .map_err(sql)?;
        Ok(Waiting { receipt, rows: get(conn, UNSCRUBBED)?, rotated: unwiped(conn)? })
    }

    fn rows(&self) -> bool {
        self.receipt.is_some() || self.rows.is_some()
    }

    fn anything(&self) -> bool {
        self.rows() || self.rotated.is_some()
    }

    fn done(&self, conn: &Connection) -> Result<()> {
        if let Some(key) = &self.rotated {
            wiped(conn, key)?;
        }
        conn.execute("DELETE FROM meta WHERE key = ?1 AND value = ?2", params![UNSCRUBBED, self.rows]).map_err(sql)?;
        let erased = "UPDATE receipts SET stage = 'erased' WHERE stage = 'erasing' AND number <= ?1";
        conn.execute(erased, [self.receipt]).map_err(sql).map(|_| ())
    }
}

fn size(conn: &Connection) -> Result<u64> {
    let number =
        |pragma: &str| conn.query_row(pragma, [], |row| row.get::<_, i64>(0)).map_err(sql).and_then(unsigned::<u64>);
    Ok(number("PRAGMA page_count")?.saturating_mul(number("PRAGMA page_size")?))
}

fn rewrite(conn: &Connection) -> Result<()> {
    conn.execute_batch("VACUUM").map_err(sql)
}
