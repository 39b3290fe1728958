//! Writing projections: rows folded from the log, in transactions that do not wait for the disk.
//!
//! Any process may fold and write; the stored position decides whose rows are taken. Rows of a person who was erased
//! between folding and writing are left out: their decision's event is no longer there.

use oo_core::Result;
use oo_core::id::Position;
use oo_core::ports::{Projection, ScoreRow, TipRow};
use rusqlite::{Connection, params};

use super::connection::Durability;
use super::error::{signed, sql, unsigned};
use super::meta::{get, put};
use super::store::SqliteStore;

impl SqliteStore {
    /// Writes what is new of `projection`; the position up to which projections are written then.
    pub(super) fn write_projection(&self, projection: &Projection) -> Result<Position> {
        let stored = self.writing(|writer| {
            let stored =
                writer.transaction(Durability::Normal, self.options.patience, |conn| write(conn, projection))?;
            writer.unchecked += 512 * projection.tips.len() as u64 + 128 * projection.scores.len() as u64;
            Ok(stored)
        })?;
        self.maintain()?;
        Ok(stored)
    }
}

fn write(conn: &Connection, projection: &Projection) -> Result<Position> {
    let stored = Position(unsigned(get::<i64>(conn, "projected")?.unwrap_or(0))?);
    // Rows that begin after the stored position would leave a gap: the caller folds from where it is.
    if projection.after > stored || projection.through <= stored {
        return Ok(stored);
    }
    let erased_through = Position(unsigned(get::<i64>(conn, "erased_through")?.unwrap_or(0))?);
    let mut present = Presence { conn, erased_through, last: None };
    for (touched, tip) in &projection.tips {
        if *touched > stored && present.has(tip.position)? {
            write_tip(conn, tip)?;
        }
    }
    let mut insert = conn
        .prepare_cached(
            "INSERT OR REPLACE INTO tip_scores (position, idx, key, arm, score, propensity) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )
        .map_err(sql)?;
    for score in &projection.scores {
        if score.position > stored && present.has(score.position)? {
            let ScoreRow { position, index, key, arm, score, propensity } = score;
            insert.execute(params![signed(position.0)?, index, key.0, arm.as_ref(), score, propensity]).map_err(sql)?;
        }
    }
    put(conn, "projected", signed(projection.through.0)?)?;
    Ok(projection.through)
}

fn write_tip(conn: &Connection, tip: &TipRow) -> Result<()> {
    conn.prepare_cached(
        "INSERT INTO tips (position, decision, user, decided_ms, policy, policy_version, key, arm, kind, propensity, holdout, \
         state, reward, shown_ms, due_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15) \
         ON CONFLICT (position) DO UPDATE SET state = excluded.state, reward = excluded.reward, \
         shown_ms = excluded.shown_ms, due_ms = excluded.due_ms",
    )
    .and_then(|mut statement| {
        statement.execute(params![
            tip.position.0.cast_signed(),
            tip.decision.0,
            tip.user.0,
            tip.decided_ms,
            tip.policy.id.as_ref(),
            tip.policy.version,
            tip.key.0,
            tip.arm.as_ref(),
            tip.kind,
            tip.propensity,
            tip.holdout,
            tip.state,
            tip.reward,
            tip.shown_ms,
            tip.due_ms,
        ])
    })
    .map_err(sql)
    .map(|_| ())
}

/// Whether a decision's event is still in the log; asked only for positions that an erasure may have reached.
struct Presence<'a> {
    conn: &'a Connection,
    erased_through: Position,
    last: Option<(Position, bool)>,
}

impl Presence<'_> {
    fn has(&mut self, position: Position) -> Result<bool> {
        if position > self.erased_through {
            return Ok(true);
        }
        if let Some((known, present)) = self.last
            && known == position
        {
            return Ok(present);
        }
        let present = self
            .conn
            .prepare_cached("SELECT 1 FROM events WHERE position = ?1")
            .and_then(|mut statement| statement.exists([position.0.cast_signed()]))
            .map_err(sql)?;
        self.last = Some((position, present));
        Ok(present)
    }
}
