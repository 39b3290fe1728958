//! Secrets: sealed under their owner's key, by owner and purpose.

use oo_core::ports::SecretStore;
use oo_core::secret::{Secret, SecretOwner, SecretPurpose};
use oo_core::{Error, Result};
use rusqlite::{OptionalExtension, params};

use super::connection::Durability;
use super::error::{corrupted, sql};
use super::store::SqliteStore;

/// The owner as it stands in a row.
fn row_owner(owner: &SecretOwner) -> &[u8] {
    match owner {
        SecretOwner::Store => &[],
        SecretOwner::Person(person) => &person.user.0,
    }
}

impl SecretStore for SqliteStore {
    fn put_secret(&self, owner: &SecretOwner, purpose: &SecretPurpose, value: &Secret) -> Result<()> {
        value.validate()?;
        let sealed = self.vault.seal_secret(owner, purpose, value)?;
        self.writing(|writer| {
            writer.transaction(Durability::Full, self.options.patience, |conn| {
                if let SecretOwner::Person(person) = owner
                    && !conn
                        .prepare_cached("SELECT 1 FROM users WHERE user = ?1")
                        .and_then(|mut statement| statement.exists([person.user.0]))
                        .map_err(sql)?
                {
                    return Err(Error::not_found(
                        "this person has been forgotten, or was never known; begin anew with their id",
                    ));
                }
                conn.prepare_cached(
                    "INSERT INTO secrets (owner, purpose, sealed) VALUES (?1, ?2, ?3) \
                     ON CONFLICT (owner, purpose) DO UPDATE SET sealed = excluded.sealed",
                )
                .and_then(|mut statement| statement.execute(params![row_owner(owner), purpose.as_str(), sealed]))
                .map_err(sql)
                .map(|_| ())
            })
        })
    }

    fn secret(&self, owner: &SecretOwner, purpose: &SecretPurpose) -> Result<Option<Secret>> {
        let sealed: Option<Vec<u8>> = self.reading(|conn| {
            conn.prepare_cached("SELECT sealed FROM secrets WHERE owner = ?1 AND purpose = ?2")
                .and_then(|mut statement| {
                    statement.query_row(params![row_owner(owner), purpose.as_str()], |row| row.get(0)).optional()
                })
                .map_err(sql)
        })?;
        sealed.map(|sealed| self.vault.open_secret(owner, purpose, &sealed)).transpose()
    }

    fn delete_secret(&self, owner: &SecretOwner, purpose: &SecretPurpose) -> Result<bool> {
        self.writing(|writer| {
            writer.transaction(Durability::Full, self.options.patience, |conn| {
                conn.prepare_cached("DELETE FROM secrets WHERE owner = ?1 AND purpose = ?2")
                    .and_then(|mut statement| statement.execute(params![row_owner(owner), purpose.as_str()]))
                    .map_err(sql)
                    .map(|deleted| deleted > 0)
            })
        })
    }

    fn secret_purposes(&self, owner: &SecretOwner) -> Result<Vec<SecretPurpose>> {
        self.reading(|conn| {
            let mut statement =
                conn.prepare_cached("SELECT purpose FROM secrets WHERE owner = ?1 ORDER BY purpose").map_err(sql)?;
            let mut rows = statement.query([row_owner(owner)]).map_err(sql)?;
            let mut purposes = Vec::new();
            while let Some(row) = rows.next().map_err(sql)? {
                let purpose: String = row.get(0).map_err(sql)?;
                purposes.push(SecretPurpose::parse(&purpose).map_err(|_| corrupted("a secret has no purpose"))?);
            }
            Ok(purposes)
        })
    }
}
