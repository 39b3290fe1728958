//! Opening: look first, then the key, then the format.
//!
//! Nothing is written to a file before it is known to be fresh or ours. A fresh database gets its master key, durable,
//! before its first commit; an existing one is opened with the key it was made with or not at all.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use oo_core::ports::{Entropy, KeyProvider};
use oo_core::{Error, Result};
use rusqlite::Connection;
use rusqlite::config::DbConfig;

use super::connection::{Durability, Purpose, Writer, connect, patiently, settle};
use super::error::sql;
use super::forgotten::ForgottenList;
use super::leftovers::sweep_backups;
use super::meta::{get, put, reincarnate};
use super::point::reach;
use super::schema::{FORMAT, Found, inspect, migrate};
use super::store::SqliteStore;
use super::swap::settle_interrupted;
use super::unlock::{self, Unlocked};
use crate::claim::identity;
use crate::files::{sync_folder, with_suffix};
use crate::options::Options;
use crate::vault::Vault;

/// Opens the database at `path`, making it if there is none.
///
/// # Errors
/// `key` when the master key is missing, unreadable or another one; `incompatible` for a database of a newer oO;
/// `storage` when the file cannot be used; `busy` when another process keeps it locked.
///
/// # Examples
/// ```
/// # fn main() -> oo_core::Result<()> {
/// # #[derive(Debug)] struct Fixed;
/// # impl oo_core::ports::Entropy for Fixed {
/// #     fn bytes(&self, _: &'static str) -> oo_core::Result<[u8; 32]> { Ok([7; 32]) }
/// # }
/// # let folder = tempfile::tempdir().map_err(|e| oo_core::Error::internal(e.to_string()))?;
/// # let path = folder.path().join("oo.db");
/// # let entropy = std::sync::Arc::new(Fixed);
/// use oo_core::ports::EventLog;
/// use oo_core::id::Position;
///
/// let key = oo_store::FileKey::beside(&path, entropy.clone());
/// let store = oo_store::open(&path, std::sync::Arc::new(key), entropy)?;
/// assert_eq!(store.head()?, Position(0));
/// # Ok(()) }
/// ```
pub fn open(path: impl AsRef<Path>, keys: Arc<dyn KeyProvider>, entropy: Arc<dyn Entropy>) -> Result<Arc<SqliteStore>> {
    open_with(path, keys, entropy, Options::default())
}

/// As [`open`], with settings.
///
/// # Errors
/// As [`open`].
#[allow(clippy::needless_pass_by_value, reason = "the store's, who may have to ask again")]
pub fn open_with(
    path: impl AsRef<Path>,
    keys: Arc<dyn KeyProvider>,
    entropy: Arc<dyn Entropy>,
    options: Options,
) -> Result<Arc<SqliteStore>> {
    let path = path.as_ref();
    check_path(path)?;
    // A folder that is renamed or a process that changes its directory must not move the database under us.
    let path = absolute(path)?;
    let forgotten = ForgottenList::of(&path, &options)?;
    let mut fresh = false;
    let conn = patiently(options.patience, || {
        settle_interrupted(&path)?;
        let before = identity(&path);
        fresh = !path.exists();
        let logged = with_suffix(&path, "-wal").exists();
        let conn = connect(&path, Purpose::Create)?;
        if logged {
            // Should it be refused, closing it must not copy a write-ahead log into it that may be another database's.
            let stays = conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true);
            stays.map_err(sql)?;
        }
        inspect(&conn)?;
        if conn.is_readonly(rusqlite::MAIN_DB).map_err(sql)? {
            return Err(Error::storage(
                "the database is read-only; make the file and its folder writable for this user, and the file system writable",
            ));
        }
        settle(&conn, &options, Purpose::Create)?;
        if before.is_some() && before != identity(&path) {
            return Err(Error::busy("the database was replaced while it was opened; try again"));
        }
        Ok(conn)
    })?;
    if fresh {
        sync_folder(&path).map_err(|error| {
            Error::storage(format!("the database's folder cannot be synced ({}); check the disk", error.kind()))
        })?;
    }
    let mut writer = Writer::new(conn);
    let Unlocked { vault, displaced } = prepare(&mut writer, &keys, &entropy, &options)?;
    writer.conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false).map_err(sql)?;
    let store = SqliteStore::new(path, options, vault, forgotten, writer);
    if displaced && let Err(error) = store.writing(|writer| store.adopt(writer)) {
        // What is needed was found: that it is not where it belongs can be mended by the next.
        tracing::warn!(%error, "the rotated master key could not be put in its place; keep both files");
    }
    sweep_backups(&store.path);
    store.finish_erasing()?;
    Ok(store)
}

/// `path` whatever folder the process goes to.
pub(super) fn absolute(path: &Path) -> Result<PathBuf> {
    std::path::absolute(path).map_err(|_| Error::storage("the current folder is gone; pass an absolute path"))
}

pub(super) fn check_path(path: &Path) -> Result<()> {
    if path.as_os_str().is_empty() || path.as_os_str() == ":memory:" {
        return Err(Error::invalid(
            "path",
            "name a file; the store keeps its keys beside it and is never in memory only",
        ));
    }
    if path.as_os_str().as_encoded_bytes().contains(&0) {
        return Err(Error::invalid("path", "a path must not hold a NUL character; strip it"));
    }
    if path.is_dir() {
        return Err(Error::storage(format!("{} is a folder; name a file in it", path.display())));
    }
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() && !folder.is_dir() => {
            Err(Error::storage(format!("the folder {} does not exist; create it first", folder.display())))
        }
        _ => Ok(()),
    }
}

/// Makes or migrates the database, and opens its vault.
fn prepare(
    writer: &mut Writer,
    keys: &Arc<dyn KeyProvider>,
    entropy: &Arc<dyn Entropy>,
    options: &Options,
) -> Result<Unlocked> {
    match inspect(&writer.conn)? {
        Found::Ours(FORMAT) => unlock::unlock(&writer.conn, keys, entropy),
        Found::Ours(_) | Found::Fresh => writer.transaction(Durability::Full, options.patience, |conn| {
            // Somebody may have been faster; what counts is what stands in the file now.
            let found = inspect(conn)?;
            match found {
                Found::Ours(FORMAT) => unlock::unlock(conn, keys, entropy),
                Found::Ours(format) => {
                    let unlocked = unlock::unlock(conn, keys, entropy)?;
                    migrate(conn, format)?;
                    reach("format.migrated");
                    complete(conn, &unlocked.vault, entropy)?;
                    reach("format.completed");
                    Ok(unlocked)
                }
                Found::Fresh => {
                    let master = keys.master_key(true)?;
                    let vault = Vault::create(master.clone(), keys.clone(), entropy.clone())?;
                    migrate(conn, 0)?;
                    unlock::store(conn, &vault, &master)?;
                    put(conn, "projected", 0_i64)?;
                    put(conn, "erased_through", 0_i64)?;
                    complete(conn, &vault, entropy)?;
                    Ok(Unlocked { vault, displaced: false })
                }
            }
        }),
    }
}

/// What a database of this format has, and an older one has not, that no SQL can make.
fn complete(conn: &Connection, vault: &Vault, entropy: &Arc<dyn Entropy>) -> Result<()> {
    if get::<Vec<u8>>(conn, "store_key")?.is_none() {
        unlock::store(conn, vault, &vault.master(unlock::key_id(conn)?)?)?;
    }
    if get::<Vec<u8>>(conn, "incarnation")?.is_none() {
        reincarnate(conn, &**entropy)?;
    }
    Ok(())
}
