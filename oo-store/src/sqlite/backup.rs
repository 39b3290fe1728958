//! Backups: one consistent copy of the database while it is used.
//!
//! `VACUUM INTO` reads one snapshot and writes its rows anew, so the copy is what the log was at one position, and holds
//! nothing that only an unused part of a page still held. It is written under a temporary name, synced, and then named:
//! a file of the asked-for name is whole or not there.

use std::fs;
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use oo_core::ports::{BackupDone, BackupRequest, KeyId, KeyState, Rotated, Upkeep};
use oo_core::{Error, Result};
use rusqlite::{Connection, OpenFlags};

use super::connection::{Purpose, connect, patiently};
use super::error::sql;
use super::leftovers::{PARTIAL, moved_aside, note};
use super::log::head;
use super::meta::incarnation;
use super::open::absolute;
use super::point::reach;
use super::schema::is_ours;
use super::store::SqliteStore;
use super::unlock::key_id;
use crate::claim::{Claim, identity};
use crate::files::{sync_folder, with_suffix};

impl Upkeep for SqliteStore {
    fn backup(&self, request: &BackupRequest) -> Result<BackupDone> {
        self.write_backup(request)
    }

    fn key_state(&self) -> Result<KeyState> {
        self.state_of_key()
    }

    fn rotate_key(&self, new: Option<std::sync::Arc<dyn oo_core::ports::KeyProvider>>) -> Result<Rotated> {
        self.rotate(new)
    }

    fn discard_key(&self, id: KeyId) -> Result<bool> {
        self.discard(id)
    }

    fn compact(&self) -> Result<()> {
        self.rewrite_all()
    }

    fn unreached(&self) -> Vec<PathBuf> {
        moved_aside(&self.path)
    }
}

impl SqliteStore {
    fn write_backup(&self, request: &BackupRequest) -> Result<BackupDone> {
        let target = self.checked(request)?;
        let mut claim =
            Claim::take(&with_suffix(&target, PARTIAL), "a backup to this file is being written; wait for it")?;
        let name = claim
            .path()
            .to_str()
            .ok_or_else(|| Error::invalid("path", "the path of a backup must be UTF-8; choose another name"))?;
        let _note = note(&self.path, name);
        self.aside(|conn| conn.execute("VACUUM INTO ?1", [name]).map_err(sql))?;
        reach("backup.copied");
        let mut done = facts(claim.path())?;
        let failed = |error: &std::io::Error| failed(&target, error);
        claim.file().sync_all().map_err(|error| failed(&error))?;
        done.bytes = claim.file().metadata().map_err(|error| failed(&error))?.len();
        reach("backup.written");
        if request.overwrite {
            fs::rename(claim.path(), &target).map_err(|error| failed(&error))?;
            claim.keep();
        } else {
            name_once(claim.path(), &target)?;
        }
        sync_folder(&target).map_err(|error| failed(&error))?;
        done.path = target;
        tracing::info!(bytes = done.bytes, position = done.position.0, "a backup was written");
        Ok(done)
    }

    /// Runs `work` on a connection of its own, which a fork waits for.
    fn aside<T>(&self, mut work: impl FnMut(&Connection) -> Result<T>) -> Result<T> {
        let _pass = self.gate.enter()?;
        let conn = patiently(self.options.patience, || connect(&self.path, Purpose::Read))?;
        patiently(self.options.patience, || work(&conn))
    }

    /// Where the backup goes, if it may go there.
    fn checked(&self, request: &BackupRequest) -> Result<PathBuf> {
        let wrong = |what: String| Err(Error::invalid("path", what));
        let path = &request.path;
        let Some(name) = path.file_name().filter(|_| !path.is_dir()) else {
            return wrong("name a file for the backup, not a folder".to_owned());
        };
        let folder = absolute(path)?;
        let folder = folder.parent().and_then(|folder| folder.canonicalize().ok()).ok_or_else(|| {
            Error::storage(format!("the folder of {} does not exist; create it first", path.display()))
        })?;
        let target = folder.join(name);
        let own = |path: &Path| identity(path).is_some() && identity(path) == identity(&target);
        let beside = ["-wal", "-shm", ".key", ".key.next", ".forgotten"].map(|suffix| with_suffix(&self.path, suffix));
        if own(&self.path) || self.path == target || beside.contains(&target) {
            return wrong("a backup must not go over the store's own files; choose another name".to_owned());
        }
        if !target.exists() {
            return Ok(target);
        }
        let shown = path.display();
        if !request.overwrite {
            return wrong(format!("{shown} exists; choose another name, or say that it may be overwritten"));
        }
        if !is_backup(&target) {
            return wrong(format!("{shown} is no backup of oO, and is left alone; choose another name"));
        }
        Ok(target)
    }
}

/// Whether the file is a database of ours that nobody uses, so that it may be overwritten.
fn is_backup(path: &Path) -> bool {
    // Looked for first: to open and close a database that this process uses would release its locks.
    if with_suffix(path, "-wal").exists() {
        return false;
    }
    let mut header = Vec::new();
    let read = fs::File::open(path).and_then(|file| file.take(100).read_to_end(&mut header));
    read.is_ok() && is_ours(&header)
}

/// Gives the file `from` the name `to`, which nobody must have.
pub(super) fn name_once(from: &Path, to: &Path) -> Result<()> {
    let exists = || Error::invalid("path", format!("{} exists; choose another name", to.display()));
    match fs::hard_link(from, to) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(exists()),
        // A file system without links.
        Err(_) if to.exists() => Err(exists()),
        Err(_) => fs::rename(from, to).map_err(|error| failed(to, &error)),
    }
}

pub(super) fn failed(path: &Path, error: &std::io::Error) -> Error {
    let room = if error.kind() == ErrorKind::StorageFull { "free some space" } else { "check the disk and the folder" };
    Error::storage(format!("{} cannot be written ({}); {room} and try again", path.display(), error.kind()))
}

/// What stands in a copy.
fn facts(path: &Path) -> Result<BackupDone> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags).map_err(sql)?;
    Ok(BackupDone {
        path: path.to_owned(),
        bytes: 0,
        position: head(&conn)?,
        incarnation: incarnation(&conn)?,
        key: key_id(&conn)?,
    })
}
