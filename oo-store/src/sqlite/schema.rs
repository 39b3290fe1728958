//! The format of the database: numbered SQL, applied in one transaction; the number is `user_version`.
//!
//! A file is ours if it carries our `application_id`. A fresh one has nothing at all in it. Another program's database
//! and one of a newer oO are refused before anything is written to them.

use oo_core::{Error, Result};
use rusqlite::Connection;

use super::error::sql;

/// `oOdb`, so that `file` and we know our databases.
const APPLICATION: i64 = 0x6f4f_6462;

/// One entry a format, oldest first. Entries are never edited: a change is a new one.
const MIGRATIONS: [&str; 2] =
    [include_str!("../../migrations/0001_first.sql"), include_str!("../../migrations/0002_secrets.sql")];

/// The format of the database that this version writes.
pub const FORMAT: u32 = MIGRATIONS.len() as u32;

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// Nothing is in it.
    Fresh,
    /// A database of ours, of that format.
    Ours(u32),
}

/// Looks at a database without changing it.
pub(super) fn inspect(conn: &Connection) -> Result<Found> {
    let number = |query: &str| conn.query_row(query, [], |row| row.get::<_, i64>(0)).map_err(sql);
    // One snapshot: a process that makes the database between two reads would else look like another program.
    let snapshot = conn.is_autocommit().then(|| conn.unchecked_transaction()).transpose().map_err(sql)?;
    let application = number("PRAGMA application_id")?;
    let version = number("PRAGMA user_version")?;
    let tables = number("SELECT count(*) FROM sqlite_schema")?;
    drop(snapshot);
    if application == APPLICATION {
        let version = u32::try_from(version).unwrap_or(u32::MAX);
        if version > FORMAT {
            return Err(Error::incompatible(format!(
                "the database has format {version}, this oO knows formats up to {FORMAT}; upgrade oO (the file was left as it was)"
            )));
        }
        return Ok(Found::Ours(version));
    }
    if application == 0 && version == 0 && tables == 0 {
        return Ok(Found::Fresh);
    }
    Err(Error::storage("the file is another program's database; choose another path (the file was left as it was)"))
}

/// Whether a file that begins with `header` is a database of ours.
pub(super) fn is_ours(header: &[u8]) -> bool {
    let application = header.get(68..72).and_then(|bytes| <[u8; 4]>::try_from(bytes).ok()).map(u32::from_be_bytes);
    header.starts_with(b"SQLite format 3\0") && application.map(i64::from) == Some(APPLICATION)
}

/// Whether it is a sound database that is neither ours nor empty.
pub(super) fn is_foreign(conn: &Connection) -> bool {
    let number = |query: &str| conn.query_row(query, [], |row| row.get::<_, i64>(0)).ok();
    let _snapshot = conn.unchecked_transaction();
    let tables = number("SELECT count(*) FROM sqlite_schema");
    tables.is_some_and(|tables| tables > 0) && number("PRAGMA application_id") != Some(APPLICATION)
}

/// Brings a database from format `from` to [`FORMAT`]. The caller holds the write transaction.
pub(super) fn migrate(conn: &Connection, from: u32) -> Result<()> {
    for migration in MIGRATIONS.iter().skip(from as usize) {
        conn.execute_batch(migration).map_err(sql)?;
    }
    conn.execute_batch(&format!("PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {FORMAT}")).map_err(sql)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sqlite::connection::{Purpose, connect};

    type Outcome = std::result::Result<(), Box<dyn std::error::Error>>;

    /// Who looks while another process makes the database sees it fresh or whole, never as another program's.
    #[test]
    fn a_database_that_is_being_made_is_fresh_or_ours() -> Outcome {
        let folder = tempfile::tempdir()?;
        for round in 0..60 {
            let path = folder.path().join(format!("{round}.db"));
            let maker = connect(&path, Purpose::Create)?;
            maker.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF")?;
            let looker = connect(&path, Purpose::Write)?;
            let looking = std::thread::spawn(move || {
                loop {
                    match inspect(&looker) {
                        Ok(Found::Fresh) => {}
                        done => break done,
                    }
                }
            });
            maker.execute_batch("BEGIN IMMEDIATE")?;
            migrate(&maker, 0)?;
            maker.execute_batch("COMMIT")?;
            let found = looking.join().map_err(|_| "the thread that looks panicked")??;
            assert_eq!(found, Found::Ours(FORMAT), "round {round}");
        }
        Ok(())
    }
}
