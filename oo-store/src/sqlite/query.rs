//! Reading what is kept beside the log.

use std::sync::Arc;

use oo_core::Result;
use oo_core::decision::PolicyRef;
use oo_core::id::{DecisionId, EventId, ItemKey, Position, Pseudonym};
use oo_core::ports::{
    Due, DueKind, NewUser, Projection, Query, Rows, ScoreRow, Snapshot, StateStore, StoreInfo, TextField, TipRow,
    UserRecord,
};
use rusqlite::{Connection, OptionalExtension, Params, Row, params};

use super::error::{corrupted, fixed, sql, unsigned};
use super::meta::{get, incarnation};
use super::schema::FORMAT;
use super::store::SqliteStore;
use super::users::person;

const TIP: &str = "SELECT t.position, t.decision, t.user, t.decided_ms, t.policy, t.policy_version, t.key, t.arm, t.kind, \
                   t.propensity, t.holdout, t.state, t.reward, t.shown_ms, t.due_ms FROM ";

/// A receipt as it was written, with the stage it has reached.
const RECEIPT: &str = "SELECT json_replace(json, '$.stage', stage) FROM receipts ";

impl StateStore for SqliteStore {
    fn user(&self, caller_id: &str, create: Option<NewUser>) -> Result<Option<UserRecord>> {
        self.find_or_make(caller_id, create.as_ref())
    }

    fn texts(&self, user: &UserRecord, items: &[(ItemKey, TextField)]) -> Result<Vec<Option<String>>> {
        self.open_texts(user, items)
    }

    fn snapshot(&self, name: &str) -> Result<Option<Snapshot>> {
        self.reading(|conn| {
            conn.prepare_cached(
                "SELECT position, epoch, bytes FROM snapshots WHERE name = ?1 ORDER BY position DESC LIMIT 1",
            )
            .and_then(|mut statement| {
                statement.query_row([name], |row| Ok((row.get::<_, i64>(0)?, row.get(1)?, row.get(2)?))).optional()
            })
            .map_err(sql)?
            .map(|(position, epoch, bytes)| {
                Ok(Snapshot { name: name.to_owned(), position: Position(unsigned(position)?), epoch, bytes })
            })
            .transpose()
        })
    }

    fn project(&self, projection: &Projection) -> Result<Position> {
        self.write_projection(projection)
    }

    fn query(&self, query: &Query) -> Result<Rows> {
        self.reading(|conn| match query {
            Query::Tips { user, limit } => tips(conn, *user, *limit).map(Rows::Tips),
            Query::Tip { decision } => {
                let from = format!("{TIP} events e JOIN tips t ON t.position = e.position WHERE e.decision = ?1");
                collect(conn, &from, [decision.0], tip).map(Rows::Tips)
            }
            Query::Scores { decision } => scores(conn, *decision).map(Rows::Scores),
            Query::Due { now_ms, limit } => due(conn, *now_ms, *limit).map(Rows::Due),
            Query::Receipt { id } => receipt(conn, *id).map(Rows::Receipt),
            Query::Receipts { limit } => receipts(conn, *limit).map(Rows::Receipts),
            Query::Request { user, request } => request_of(conn, *user, *request).map(Rows::Request),
            Query::Person { user } => person(conn, &self.vault, *user).map(Rows::Person),
            Query::Holds { digest } => holds(conn, digest).map(Rows::Holds),
            Query::Info => info(conn).map(Rows::Info),
        })
    }

    fn scrub(&self, wait: bool) -> Result<bool> {
        self.truncate_log(wait)
    }
}

/// The tables that name people, and the columns that do.
const NAMING: [(&str, &str); 7] = [
    ("users", "user"),
    ("events", "user"),
    ("texts", "user"),
    ("secrets", "owner"),
    ("open_tips", "user"),
    ("requests", "user"),
    ("tips", "user"),
];

/// Whether any table names a person whose pseudonym has the hash `digest`. A key has no name: it is found by its mapping.
fn holds(conn: &Connection, digest: &[u8; 32]) -> Result<bool> {
    for (table, user) in NAMING {
        // The store's own secrets have no owner.
        let query = format!("SELECT DISTINCT {user} FROM {table} WHERE length({user}) > 0");
        let found = collect(conn, &query, [], |row| {
            Ok(Pseudonym(fixed(&row.get::<_, Vec<u8>>(0).map_err(sql)?)?).digest() == *digest)
        })?;
        if found.contains(&true) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn tips(conn: &Connection, user: Option<Pseudonym>, limit: usize) -> Result<Vec<TipRow>> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    match user {
        Some(user) => {
            let query = format!("{TIP} tips t WHERE t.user = ?1 ORDER BY t.position DESC LIMIT ?2");
            collect(conn, &query, params![user.0, limit], tip)
        }
        None => collect(conn, &format!("{TIP} tips t ORDER BY t.position DESC LIMIT ?1"), [limit], tip),
    }
}

fn scores(conn: &Connection, decision: DecisionId) -> Result<Vec<ScoreRow>> {
    let query = "SELECT s.position, s.idx, s.key, s.arm, s.score, s.propensity FROM events e \
                 JOIN tip_scores s ON s.position = e.position WHERE e.decision = ?1 ORDER BY s.position, s.idx";
    collect(conn, query, [decision.0], |row| {
        Ok(ScoreRow {
            position: position(row, 0)?,
            index: column(row, 1)?,
            key: ItemKey(id(row, 2)?),
            arm: shared(row, 3)?,
            score: column(row, 4)?,
            propensity: column(row, 5)?,
        })
    })
}

fn due(conn: &Connection, now_ms: i64, limit: usize) -> Result<Vec<Due>> {
    // A decision that several reactions wait for is due once, when the first has waited long enough.
    let query = "SELECT decision, user, 0, due_ms FROM tips WHERE due_ms IS NOT NULL AND due_ms <= ?1 \
                 UNION ALL SELECT decision, NULL, 1, min(due_ms) FROM parked WHERE due_ms <= ?1 GROUP BY decision \
                 ORDER BY 4, 1 LIMIT ?2";
    collect(conn, query, params![now_ms, i64::try_from(limit).unwrap_or(i64::MAX)], |row| {
        let user: Option<Vec<u8>> = column(row, 1)?;
        let parking: bool = column(row, 2)?;
        Ok(Due {
            decision: DecisionId(id(row, 0)?),
            user: user.map(|user| fixed(&user).map(Pseudonym)).transpose()?,
            kind: if parking { DueKind::Parking } else { DueKind::Tip },
            due_ms: column(row, 3)?,
        })
    })
}

fn request_of(conn: &Connection, user: Pseudonym, request: ItemKey) -> Result<Option<Position>> {
    let query = "SELECT position FROM requests WHERE user = ?1 AND request = ?2";
    collect(conn, query, params![user.0, request.0], |row| position(row, 0)).map(|found| found.first().copied())
}

fn receipt(conn: &Connection, id: EventId) -> Result<Option<String>> {
    conn.query_row(&format!("{RECEIPT} WHERE id = ?1"), [id.0], |row| row.get(0)).optional().map_err(sql)
}

fn receipts(conn: &Connection, limit: usize) -> Result<Vec<String>> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    collect(conn, &format!("{RECEIPT} ORDER BY number DESC LIMIT ?1"), [limit], |row| column(row, 0))
}

fn info(conn: &Connection) -> Result<StoreInfo> {
    let count = |query: &str| {
        conn.prepare_cached(query)
            .and_then(|mut statement| statement.query_row([], |row| row.get::<_, i64>(0)))
            .map_err(sql)
            .and_then(unsigned::<u64>)
    };
    Ok(StoreInfo {
        projected: Position(unsigned(get::<i64>(conn, "projected")?.unwrap_or(0))?),
        parked: count("SELECT count(*) FROM parked")?,
        users: count("SELECT count(*) FROM users")?,
        format: FORMAT,
        incarnation: incarnation(conn)?,
        erasing: count("SELECT count(*) FROM receipts WHERE stage = 'erasing'")?,
        newest_receipt: conn
            .query_row(&format!("{RECEIPT} ORDER BY number DESC LIMIT 1"), [], |row| row.get(0))
            .optional()
            .map_err(sql)?,
    })
}

fn tip(row: &Row<'_>) -> Result<TipRow> {
    Ok(TipRow {
        position: position(row, 0)?,
        decision: DecisionId(id(row, 1)?),
        user: Pseudonym(id(row, 2)?),
        decided_ms: column(row, 3)?,
        policy: PolicyRef { id: shared(row, 4)?, version: column(row, 5)? },
        key: ItemKey(id(row, 6)?),
        arm: shared(row, 7)?,
        kind: word(row, 8, &["todo", "advice"])?,
        propensity: column(row, 9)?,
        holdout: column(row, 10)?,
        state: word(row, 11, &["open", "snoozed", "done", "dismissed", "expired"])?,
        reward: column(row, 12)?,
        shown_ms: column(row, 13)?,
        due_ms: column(row, 14)?,
    })
}

fn collect<T>(
    conn: &Connection,
    query: &str,
    params: impl Params,
    read: impl Fn(&Row<'_>) -> Result<T>,
) -> Result<Vec<T>> {
    let mut statement = conn.prepare_cached(query).map_err(sql)?;
    let mut rows = statement.query(params).map_err(sql)?;
    let mut all = Vec::new();
    while let Some(row) = rows.next().map_err(sql)? {
        all.push(read(row)?);
    }
    Ok(all)
}

fn column<T: rusqlite::types::FromSql>(row: &Row<'_>, index: usize) -> Result<T> {
    row.get(index).map_err(sql)
}

fn position(row: &Row<'_>, index: usize) -> Result<Position> {
    column::<i64>(row, index).and_then(unsigned).map(Position)
}

fn id<const N: usize>(row: &Row<'_>, index: usize) -> Result<[u8; N]> {
    fixed(row.get_ref(index).map_err(sql)?.as_blob().map_err(|_| corrupted("an id is no blob"))?)
}

fn shared(row: &Row<'_>, index: usize) -> Result<Arc<str>> {
    row.get_ref(index).map_err(sql)?.as_str().map(Arc::from).map_err(|_| corrupted("a name is no text"))
}

fn word(row: &Row<'_>, index: usize, words: &[&'static str]) -> Result<&'static str> {
    let text = row.get_ref(index).map_err(sql)?.as_str().map_err(|_| corrupted("a word is no text"))?;
    words.iter().find(|word| **word == text).copied().ok_or_else(|| corrupted("a word is none that oO writes"))
}
