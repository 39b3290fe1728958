//! Rotation: every wrapped key of the database is wrapped anew by another master key, in one transaction.
//!
//! The new key is durable before anything is wrapped by it. Wrapped keys have one length and are overwritten where they
//! stand, so that no page keeps an old one; the write-ahead log, which does, is truncated afterwards. What can be cut off
//! where: before the commit nothing has happened, and the next rotation takes the key that is there already. After it
//! the database names the new key, and whoever opens it next puts that key in its place. All of it is done under the
//! database's write lock, so two rotations do not meet.

use std::sync::Arc;

use oo_core::id::Pseudonym;
use oo_core::ports::{KeyId, KeyProvider, KeyState, MasterKey, Rotated};
use oo_core::{Error, Result};
use rusqlite::{Connection, params};

use super::connection::{Durability, Writer};
use super::error::{fixed, sql, unsigned};
use super::meta::{get, put};
use super::point::reach;
use super::store::SqliteStore;
use super::unlock;
use crate::vault::Vault;

impl SqliteStore {
    /// What is known of the master key.
    pub(super) fn state_of_key(&self) -> Result<KeyState> {
        self.reading(|conn| {
            let people: i64 = conn.query_row("SELECT count(*) FROM users", [], |row| row.get(0)).map_err(sql)?;
            let unwiped: Option<Vec<u8>> = get(conn, "unwiped")?;
            Ok(KeyState {
                key: unlock::key_id(conn)?,
                wrapped: unsigned::<u64>(people)? + 2,
                unwiped: unwiped.is_some(),
            })
        })
    }

    /// Rotates the master key.
    #[allow(clippy::needless_pass_by_value, reason = "the store's, who asks it once")]
    pub(super) fn rotate(&self, new: Option<Arc<dyn KeyProvider>>) -> Result<Rotated> {
        let mut rotated = self.writing(|writer| {
            let (to, mut rotated) = writer.transaction(Durability::Full, self.options.patience, |conn| {
                let from = unlock::key_id(conn)?;
                let to = match &new {
                    Some(new) => new.master_key(true)?,
                    None => {
                        // What an earlier rotation left undone comes first: its key is in use.
                        self.vault.provider().adopt(from)?;
                        self.vault.provider().next_key()?
                    }
                };
                if to.id() == from {
                    return Err(Error::invalid("new_key", "this key is the one that the database has; name a new one"));
                }
                reach("rotate.next");
                let wrapped = self.wrap_anew(conn, &self.vault.master(from)?, &to)?;
                put(conn, "unwiped", &to.id().0[..])?;
                reach("rotate.wrapped");
                let rotated = Rotated { from, to: to.id(), wrapped, wiped: false };
                Ok((to, rotated))
            })?;
            reach("rotate.committed");
            self.vault.hold(to);
            if new.is_none() {
                // The rotation has happened: should this fail, whoever opens the database next does it.
                if let Err(error) = self.adopt(writer) {
                    tracing::warn!(%error, "the new master key could not be put in its place; keep both files");
                }
            }
            rotated.wrapped += 2;
            Ok(rotated)
        })?;
        reach("rotate.adopted");
        rotated.wiped = self.truncate_log(true)?;
        tracing::info!(from = %rotated.from, to = %rotated.to, wiped = rotated.wiped, "the master key was rotated");
        Ok(rotated)
    }

    /// Gives up a key that the database is not wrapped by any more.
    pub(super) fn discard(&self, id: KeyId) -> Result<bool> {
        self.writing(|writer| {
            writer.transaction(Durability::Full, self.options.patience, |conn| {
                if unlock::key_id(conn)? == id {
                    return Err(Error::invalid("key_id", "this is the key that the database needs; name an older one"));
                }
                self.vault.provider().discard(id)
            })
        })
    }

    /// Sees to it that the provider gives the key that the database names.
    pub(super) fn adopt(&self, writer: &mut Writer) -> Result<()> {
        writer.transaction(Durability::Full, self.options.patience, |conn| {
            self.vault.provider().adopt(unlock::key_id(conn)?)
        })
    }

    /// Wraps every key anew; how many people have one.
    fn wrap_anew(&self, conn: &Connection, from: &MasterKey, to: &MasterKey) -> Result<u64> {
        let mut people = conn
            .prepare("SELECT number, user, wrapped FROM users JOIN keys USING (number) WHERE number > ?1 ORDER BY number LIMIT 512")
            .map_err(sql)?;
        let mut update = conn.prepare("UPDATE keys SET wrapped = ?2 WHERE number = ?1").map_err(sql)?;
        let (mut last, mut wrapped) = (i64::MIN, 0);
        loop {
            let page: Vec<(i64, Vec<u8>, Vec<u8>)> = people
                .query_map([last], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
                .and_then(Iterator::collect)
                .map_err(sql)?;
            let Some((number, _, _)) = page.last() else { break };
            last = *number;
            for (number, user, old) in page {
                let user = Pseudonym(fixed(&user)?);
                let key = Vault::unwrap(from, user, &old)?;
                update.execute(params![number, self.vault.wrap(to, user, &key)?]).map_err(sql)?;
                wrapped += 1;
            }
        }
        unlock::store(conn, &self.vault, to)?;
        Ok(wrapped)
    }
}

/// Whether a rotation waits for the write-ahead log to be truncated: the key it was to.
pub(super) fn unwiped(conn: &Connection) -> Result<Option<Vec<u8>>> {
    get(conn, "unwiped")
}

/// The write-ahead log was truncated after the rotation to `key`.
pub(super) fn wiped(conn: &Connection, key: &[u8]) -> Result<()> {
    conn.execute("DELETE FROM meta WHERE key = 'unwiped' AND value = ?1", [key]).map_err(sql).map(|_| ())
}

/// Checks that every wrapped key opens under `master`; how many there are.
pub(super) fn check_all(conn: &Connection, master: &MasterKey) -> Result<u64> {
    let mut people = conn.prepare("SELECT user, wrapped FROM users JOIN keys USING (number)").map_err(sql)?;
    let mut rows = people.query([]).map_err(sql)?;
    let mut checked = 2;
    while let Some(row) = rows.next().map_err(sql)? {
        let (user, wrapped): (Vec<u8>, Vec<u8>) = (row.get(0).map_err(sql)?, row.get(1).map_err(sql)?);
        Vault::unwrap(master, Pseudonym(fixed(&user)?), &wrapped)?;
        checked += 1;
    }
    Ok(checked)
}
