//! People and their texts.

use oo_core::id::{ItemKey, Pseudonym};
use oo_core::ports::{KeyId, NewUser, TextField, UserRecord};
use oo_core::{ErrorKind, Result};
use rusqlite::{Connection, OptionalExtension, params};

use super::connection::Durability;
use super::error::{fixed, sql};
use super::store::SqliteStore;
use super::unlock::key_id;
use crate::vault::{TextPlace, Vault};

impl SqliteStore {
    /// The person known as `caller_id`, made if `create` says so.
    pub(super) fn find_or_make(&self, caller_id: &str, create: Option<&NewUser>) -> Result<Option<UserRecord>> {
        let lookup = self.vault.lookup(caller_id)?;
        if let Some(found) = self.reading(|conn| find(conn, &self.vault, &lookup))? {
            return Ok(Some(found));
        }
        let Some(new) = create else { return Ok(None) };
        self.writing(|writer| {
            writer.transaction(Durability::Full, self.options.patience, |conn| {
                // Of two that race the later one finds the earlier one's.
                if let Some(found) = find(conn, &self.vault, &lookup)? {
                    return Ok(Some(found));
                }
                // Inside, because a rotation may have come before.
                let master = self.vault.master(key_id(conn)?)?;
                let wrapped = self.vault.wrap(&master, new.user, &new.key)?;
                insert(conn, &lookup, new.user, &wrapped)?;
                Ok(Some(UserRecord { user: new.user, key: new.key.clone() }))
            })
        })
    }

    /// The texts of `items`, in the order asked for.
    pub(super) fn open_texts(&self, user: &UserRecord, items: &[(ItemKey, TextField)]) -> Result<Vec<Option<String>>> {
        self.reading(|conn| {
            let mut statement = conn
                .prepare_cached("SELECT sealed FROM texts WHERE user = ?1 AND item = ?2 AND field = ?3")
                .map_err(sql)?;
            items
                .iter()
                .map(|&(item, field)| {
                    let sealed: Option<Vec<u8>> = statement
                        .query_row(params![user.user.0, item.0, field as u8], |row| row.get(0))
                        .optional()
                        .map_err(sql)?;
                    let place = TextPlace { user: user.user, item, field };
                    sealed.map(|sealed| Vault::open_text(&user.key, place, &sealed)).transpose()
                })
                .collect()
        })
    }
}

fn insert(conn: &Connection, lookup: &[u8; 32], user: Pseudonym, wrapped: &[u8]) -> Result<()> {
    conn.prepare_cached("INSERT INTO keys (wrapped) VALUES (?1)")
        .and_then(|mut statement| statement.execute([wrapped]))
        .map_err(sql)?;
    conn.prepare_cached("INSERT INTO users (number, lookup, user) VALUES (?1, ?2, ?3)")
        .and_then(|mut statement| statement.execute(params![conn.last_insert_rowid(), lookup, user.0]))
        .map_err(sql)
        .map(|_| ())
}

fn find(conn: &Connection, vault: &Vault, lookup: &[u8; 32]) -> Result<Option<UserRecord>> {
    record(conn, vault, &format!("{RECORD} WHERE lookup = ?1"), lookup)
}

/// The person behind a pseudonym.
pub(super) fn person(conn: &Connection, vault: &Vault, user: Pseudonym) -> Result<Option<UserRecord>> {
    record(conn, vault, &format!("{RECORD} WHERE user = ?1"), &user.0)
}

/// A wrapped key, together with the name of what it is wrapped by.
const RECORD: &str = "SELECT user, wrapped, (SELECT value FROM meta WHERE key = 'master_key_id') \
                      FROM users JOIN keys USING (number)";

fn record(conn: &Connection, vault: &Vault, query: &str, by: &[u8]) -> Result<Option<UserRecord>> {
    loop {
        let row: Option<(Vec<u8>, Vec<u8>, Vec<u8>)> = conn
            .prepare_cached(query)
            .and_then(|mut statement| {
                statement.query_row([by], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).optional()
            })
            .map_err(sql)?;
        let Some((user, wrapped, id)) = row else { return Ok(None) };
        let (user, id) = (Pseudonym(fixed(&user)?), KeyId(fixed(&id)?));
        match vault.master(id).and_then(|master| Vault::unwrap(&master, user, &wrapped)) {
            Ok(key) => return Ok(Some(UserRecord { user, key })),
            // Rotated since the row was read: what it was wrapped by is gone.
            Err(error) if error.kind() == ErrorKind::Key && key_id(conn)? != id => {}
            Err(error) => return Err(error),
        }
    }
}
