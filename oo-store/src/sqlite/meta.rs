//! Facts about the database, by name.

use oo_core::Result;
use oo_core::ports::Incarnation;
use rusqlite::{Connection, OptionalExtension};

use super::error::{corrupted, fixed, sql};

/// A fact about the database.
pub(super) fn get<T: rusqlite::types::FromSql>(conn: &Connection, key: &str) -> Result<Option<T>> {
    conn.prepare_cached("SELECT value FROM meta WHERE key = ?1")
        .and_then(|mut statement| statement.query_row([key], |row| row.get(0)).optional())
        .map_err(sql)
}

/// Writes a fact about the database.
pub(super) fn put(conn: &Connection, key: &str, value: impl rusqlite::ToSql) -> Result<()> {
    conn.prepare_cached(
        "INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
    )
    .and_then(|mut statement| statement.execute(rusqlite::params![key, value]))
    .map_err(sql)
    .map(|_| ())
}

/// Which life of the database this is.
pub(super) fn incarnation(conn: &Connection) -> Result<Incarnation> {
    let bytes: Vec<u8> = get(conn, "incarnation")?.ok_or_else(|| corrupted("it has no incarnation"))?;
    fixed(&bytes).map(Incarnation)
}

/// Begins another life of the database.
pub(super) fn reincarnate(conn: &Connection, entropy: &dyn oo_core::ports::Entropy) -> Result<Incarnation> {
    let bytes = entropy.bytes("incarnation")?;
    let incarnation = Incarnation(std::array::from_fn(|index| bytes[index]));
    put(conn, "incarnation", &incarnation.0[..])?;
    Ok(incarnation)
}
