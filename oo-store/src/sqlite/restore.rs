//! Restoring: a backup is copied beside its place, looked at whole, made a life of its own, and only then put there.
//!
//! Looked at: that it is ours and of a format we know, that every page is sound, that the master key opens every wrapped
//! key. The backup itself is only read. [`swap`](super::swap) puts the copy in place.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use oo_core::id::Position;
use oo_core::ports::{Entropy, Incarnation, KeyId, KeyProvider};
use oo_core::{Error, Result};
use rusqlite::Connection;

use super::backup::failed;
use super::connection::{Durability, Purpose, Writer, connect};
use super::error::{corrupted, sql};
use super::forgotten::ForgottenList;
use super::log::head;
use super::meta::reincarnate;
use super::open::{absolute, check_path};
use super::point::reach;
use super::rotate::check_all;
use super::schema::{Found, inspect};
use super::swap::Swap;
use super::unlock::{key_id, unlock};
use crate::claim::identity;
use crate::files::with_suffix;
use crate::options::Options;

/// A backup to restore.
#[derive(Clone, Debug)]
pub struct RestoreRequest {
    /// The backup.
    pub backup: PathBuf,
    /// Where the database goes.
    pub path: PathBuf,
    /// Whether a database that is there is moved aside; else it is left alone and nothing is restored.
    pub replace: bool,
}

/// A backup that was restored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// The database.
    pub path: PathBuf,
    /// The last event in it.
    pub position: Position,
    /// The life that begins with it.
    pub incarnation: Incarnation,
    /// The master key that opens it.
    pub key: KeyId,
    /// Wrapped keys that were opened to see that they do.
    pub keys: u64,
    /// Where the database is that was there before.
    pub replaced: Option<PathBuf>,
    /// The list of forgotten people that opening it goes by.
    pub forgotten: PathBuf,
    /// How many people are on it; none where there is no list, so that nobody is forgotten again.
    pub listed: Option<u64>,
}

/// Restores a backup. Nothing is served from it before it is opened, and opening forgets again whom the forgotten list
/// names.
///
/// # Errors
/// `invalid_input` when there is no backup or the place is taken; `storage` when the backup is another program's, damaged,
/// or there is no room; `incompatible` for one of a newer oO; `key` when the master key does not open it; `busy` when the
/// database to replace is open somewhere. Whatever fails, what was there before is there still.
pub fn restore(
    request: &RestoreRequest,
    keys: &Arc<dyn KeyProvider>,
    entropy: &Arc<dyn Entropy>,
    options: &Options,
) -> Result<Restored> {
    check_path(&request.path)?;
    let path = absolute(&request.path)?;
    let list = ForgottenList::of(&path, options)?;
    let listed = list.read()?.map(|listed| listed.people.len() as u64);
    let source = checked(request, &path)?;
    let swap = Swap::begin(&path)?;
    if path.exists() && !request.replace {
        return Err(Error::invalid(
            "path",
            format!("a database is at {}; say that it is to be replaced, or restore elsewhere", path.display()),
        ));
    }
    copy(source, swap.copy(), &path)?;
    reach("restore.copied");
    let mut restored = examine(swap.copy(), keys, entropy, options).map_err(|error| {
        Error::new(error.kind(), format!("the backup {}: {}", request.backup.display(), error.message()))
    })?;
    restored.replaced = swap.put_in_place(options.patience)?;
    restored.path = path;
    restored.forgotten = list.path().to_owned();
    restored.listed = listed;
    if listed.is_none() {
        tracing::warn!(
            list = %restored.forgotten.display(),
            "there is no list of forgotten people, so nobody is forgotten again; put theirs there before the database is opened"
        );
    }
    tracing::info!(position = restored.position.0, "a backup was restored");
    Ok(restored)
}

/// The backup, open to be read.
fn checked(request: &RestoreRequest, path: &Path) -> Result<File> {
    let backup = &request.backup;
    let wrong = |what: &str| Err(Error::invalid("backup", format!("{} {what}", backup.display())));
    if !backup.is_file() {
        return wrong("is not there, or is no file; name a file that `backup` wrote");
    }
    if identity(backup).is_some() && identity(backup) == identity(path) {
        return wrong("is the database itself; name a backup of it");
    }
    if with_suffix(backup, "-wal").exists() {
        return wrong(
            "has a write-ahead log beside it, so it is a database in use or a copy of one, not a backup; make one with `backup`",
        );
    }
    File::open(backup).map_err(|error| {
        Error::storage(format!("{} cannot be read ({}); correct its permissions", backup.display(), error.kind()))
    })
}

fn copy(mut source: File, to: &Path, path: &Path) -> Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
        .open(to)
        .and_then(|mut file| {
            std::io::copy(&mut source, &mut file)?;
            file.sync_all()
        })
        .map_err(|error| failed(path, &error))
}

/// Looks at the copy whole, and begins its life.
fn examine(
    copy: &Path,
    keys: &Arc<dyn KeyProvider>,
    entropy: &Arc<dyn Entropy>,
    options: &Options,
) -> Result<Restored> {
    let conn = connect(copy, Purpose::Write)?;
    if inspect(&conn)? == Found::Fresh {
        return Err(Error::storage("there is nothing in it; restore another backup"));
    }
    // No write-ahead log: the file alone is the database.
    let mode: String = conn.query_row("PRAGMA journal_mode = DELETE", [], |row| row.get(0)).map_err(sql)?;
    if mode != "delete" {
        return Err(Error::storage("it cannot be taken out of its write-ahead mode; copy it elsewhere and try again"));
    }
    sound(&conn, copy)?;
    let vault = unlock(&conn, keys, entropy)?.vault;
    let id = key_id(&conn)?;
    let checked = check_all(&conn, &vault.master(id)?)?;
    let mut writer = Writer::new(conn);
    let incarnation = writer.transaction(Durability::Full, options.patience, |conn| reincarnate(conn, &**entropy))?;
    let position = head(&writer.conn)?;
    writer.conn.close().map_err(|(_, error)| sql(error))?;
    Ok(Restored {
        path: copy.to_owned(),
        position,
        incarnation,
        key: id,
        keys: checked,
        replaced: None,
        forgotten: PathBuf::new(),
        listed: None,
    })
}

fn sound(conn: &Connection, copy: &Path) -> Result<()> {
    let number = |pragma: &str| conn.query_row(pragma, [], |row| row.get::<_, i64>(0)).map_err(sql);
    // SQLite reads what is missing of the last page as zeros.
    let length = number("PRAGMA page_count")?.saturating_mul(number("PRAGMA page_size")?);
    if fs::metadata(copy).ok().and_then(|file| i64::try_from(file.len()).ok()) != Some(length) {
        return Err(corrupted("it was cut off"));
    }
    let found: String = conn.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0)).map_err(sql)?;
    if found == "ok" {
        return Ok(());
    }
    // What is wrong may quote what is stored.
    tracing::debug!("the integrity check failed");
    Err(corrupted("its pages do not fit together"))
}
