//! The master key of a database: which one it is wrapped by, and opening the vault with it.
//!
//! The database names its key by id. What is read with a wrapped key, is read together with that name, in one statement:
//! a rotation may commit at any moment.

use std::sync::Arc;

use oo_core::ports::{Entropy, KeyId, KeyProvider, MasterKey};
use oo_core::{Error, ErrorKind, Result};
use rusqlite::{Connection, OptionalExtension};

use super::error::{corrupted, fixed, sql};
use super::meta::{get, put};
use crate::vault::{Vault, WrappedKeys};

/// An opened vault.
pub(super) struct Unlocked {
    pub(super) vault: Vault,
    /// Whether the key was not where the provider keeps the current one: a rotation ended before it was put there.
    pub(super) displaced: bool,
}

/// The id of the master key that the database is wrapped by.
pub(super) fn key_id(conn: &Connection) -> Result<KeyId> {
    let id: Vec<u8> = get(conn, "master_key_id")?.ok_or_else(|| corrupted("it has no key id"))?;
    fixed(&id).map(KeyId)
}

/// Opens the vault of the database.
pub(super) fn unlock(conn: &Connection, keys: &Arc<dyn KeyProvider>, entropy: &Arc<dyn Entropy>) -> Result<Unlocked> {
    loop {
        let (id, wrapped) = stored(conn)?;
        let opened = find(&**keys, id).and_then(|(master, displaced)| {
            let vault = Vault::open(master, &wrapped, keys.clone(), entropy.clone())?;
            Ok(Unlocked { vault, displaced })
        });
        match opened {
            // Rotated between the two looks.
            Err(error) if error.kind() == ErrorKind::Key && key_id(conn)? != id => {}
            done => return done,
        }
    }
}

/// Stores the keys of a new vault, or those that an older database has not got yet.
pub(super) fn store(conn: &Connection, vault: &Vault, master: &MasterKey) -> Result<()> {
    let wrapped = vault.wrapped(master)?;
    put(conn, "master_key_id", &master.id().0[..])?;
    put(conn, "lookup_key", wrapped.lookup)?;
    put(conn, "store_key", wrapped.store)
}

fn stored(conn: &Connection) -> Result<(KeyId, WrappedKeys)> {
    type Row = (Option<Vec<u8>>, Option<Vec<u8>>, Option<Vec<u8>>);
    let fact = |name| format!("(SELECT value FROM meta WHERE key = '{name}')");
    let query = format!("SELECT {}, {}, {}", fact("master_key_id"), fact("lookup_key"), fact("store_key"));
    let row: Option<Row> =
        conn.query_row(&query, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).optional().map_err(sql)?;
    let (id, lookup, store) = row.unwrap_or_default();
    let id = KeyId(fixed(&id.ok_or_else(|| corrupted("it has no key id"))?)?);
    Ok((id, WrappedKeys { lookup: lookup.ok_or_else(|| corrupted("it has no lookup key"))?, store }))
}

/// The key known as `id`, and whether it was elsewhere than where the current one belongs.
fn find(keys: &dyn KeyProvider, id: KeyId) -> Result<(MasterKey, bool)> {
    let current = keys.master_key(false);
    match &current {
        Ok(key) if key.id() == id => return Ok((key.clone(), false)),
        _ => {}
    }
    if let Ok(Some(key)) = keys.key_by_id(id) {
        return Ok((key, true));
    }
    current.and_then(|_| {
        Err(Error::key(
            "the database was made with another master key, or was rotated to one; put that key back (a different one opens nothing)",
        ))
    })
}
