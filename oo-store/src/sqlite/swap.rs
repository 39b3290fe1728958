//! Putting a restored copy in the place of a database, so that at every moment one of the two is there, whole.
//!
//! Beside a database at `PATH`: `PATH.restoring` is claimed while a restore runs, `PATH.restored` is the copy,
//! `PATH.replacing` a second name of the database that is to be replaced. The copy is renamed over `PATH`, which is one
//! step; only then does the second name become `PATH.replaced`. A restore that was cut off is undone or ended by whoever
//! opens the database next: undone while the copy has its own name, ended once it has the database's. The mark
//! `PATH.restoring` stays until that is done, however often it is cut off.
//!
//! A write-ahead log that stands beside a file is applied to it, whatever file it was written for. So the old database is
//! taken out of its write-ahead mode first, under an exclusive lock that is held until the end; one that is too damaged
//! for that has what is left of its log moved aside.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use oo_core::{Error, ErrorKind, Result};
use rusqlite::Connection;

use super::backup::{failed, name_once};
use super::connection::{Purpose, connect, execute, patiently};
use super::error::sql;
use super::point::reach;
use super::schema::is_foreign;
use crate::claim::{Claim, identity};
use crate::files::{sync_folder, with_suffix};

/// What SQLite keeps beside a database and would apply to whatever file has its name.
const LOGS: [&str; 2] = ["-wal", "-journal"];

/// A restore under way.
pub(super) struct Swap {
    path: PathBuf,
    copy: PathBuf,
    claim: Option<Claim>,
}

impl Swap {
    /// Begins a restore to `path`, after ending one that was cut off.
    pub(super) fn begin(path: &Path) -> Result<Self> {
        let claim = Claim::mark(&mark(path), "a restore to this place is under way; wait for it")?;
        let swap = Swap { path: path.to_owned(), copy: copied(path), claim: Some(claim) };
        // Dropping it tries once more what fails here.
        recover(path)?;
        Ok(swap)
    }

    /// Where the copy is made.
    pub(super) fn copy(&self) -> &Path {
        &self.copy
    }

    /// Puts the copy in its place, and gives the name of what was there.
    pub(super) fn put_in_place(&self, patience: Duration) -> Result<Option<PathBuf>> {
        let old = self.path.exists();
        // Held until the end: nobody opens the old database meanwhile.
        let _lock = if old { locked(&self.path, patience)? } else { None };
        let aside = replacing(&self.path);
        if old {
            // Where a file cannot have two names, it has this one for a moment; the claim keeps others from the gap.
            fs::hard_link(&self.path, &aside)
                .or_else(|_| fs::rename(&self.path, &aside))
                .map_err(|error| failed(&aside, &error))?;
        }
        reach("restore.linked");
        for log in LOGS {
            moved(&with_suffix(&self.path, log), &with_suffix(&aside, log))?;
        }
        removed(&with_suffix(&self.path, "-shm"))?;
        synced(&self.path)?;
        reach("restore.cleared");
        if old {
            fs::rename(&self.copy, &self.path).map_err(|error| failed(&self.path, &error))?;
        } else {
            name_once(&self.copy, &self.path)?;
            removed(&self.copy)?;
        }
        synced(&self.path)?;
        reach("restore.swapped");
        set_aside(&self.path)
    }
}

impl Drop for Swap {
    fn drop(&mut self) {
        // After an error nothing of the copy stays; what cannot be undone now is undone by whoever opens the database.
        if let Err(error) = recover(&self.path) {
            tracing::warn!(%error, "a restore that failed could not be undone; it will be when the database is opened");
            // The mark says so.
            self.claim.take().into_iter().for_each(Claim::keep);
        }
    }
}

/// Ends or undoes a restore that was cut off, where there is one.
pub(super) fn settle_interrupted(path: &Path) -> Result<()> {
    let mark = mark(path);
    if !mark.exists() {
        return Ok(());
    }
    let claim = Claim::mark(&mark, "the database is being restored; wait for it")?;
    recover(path).inspect_err(|_| claim.keep())
}

/// With the claim: the copy still has its own name, so nothing was replaced; or it has not, and all that is left is to
/// set the old database aside.
fn recover(path: &Path) -> Result<()> {
    let (copy, aside) = (copied(path), replacing(path));
    if copy.exists() && identity(&copy).is_some() && identity(&copy) == identity(path) {
        // Named, and not yet unnamed.
        removed(&copy)?;
    }
    if !copy.exists() {
        return set_aside(path).map(|_| ());
    }
    for log in LOGS {
        moved(&with_suffix(&aside, log), &with_suffix(path, log))?;
    }
    if path.exists() {
        removed(&aside)?;
    } else {
        moved(&aside, path)?;
    }
    for suffix in ["", "-journal", "-wal", "-shm"] {
        removed(&with_suffix(&copy, suffix))?;
    }
    synced(path)
}

/// Gives the old database, and logs that could not be applied to it, a name to stay.
fn set_aside(path: &Path) -> Result<Option<PathBuf>> {
    let aside = replacing(path);
    let left: Vec<&str> = [""].into_iter().chain(LOGS).filter(|suffix| with_suffix(&aside, suffix).exists()).collect();
    if left.is_empty() {
        return Ok(None);
    }
    let taken = |name: &Path| [""].into_iter().chain(LOGS).any(|suffix| with_suffix(name, suffix).exists());
    let mut name = with_suffix(path, ".replaced");
    for number in 2.. {
        if !taken(&name) {
            break;
        }
        name = with_suffix(path, &format!(".replaced-{number}"));
    }
    for suffix in left.iter().rev() {
        moved(&with_suffix(&aside, suffix), &with_suffix(&name, suffix))?;
    }
    synced(path)?;
    Ok(left.contains(&"").then_some(name))
}

/// An exclusive lock on a database that was taken out of its write-ahead mode; none on one that is too damaged for it.
fn locked(path: &Path, patience: Duration) -> Result<Option<Connection>> {
    let in_use = || Error::busy("the database to replace is open in a process; stop it and try again");
    let damaged = |error: &Error| {
        tracing::warn!(%error, "the database to replace is damaged; it is moved aside as it is");
        Ok(None)
    };
    let conn = match connect(path, Purpose::Write) {
        Ok(conn) => conn,
        Err(error) if error.kind() == ErrorKind::Busy => return Err(in_use()),
        Err(error) => return damaged(&error),
    };
    if is_foreign(&conn) {
        return Err(Error::invalid(
            "path",
            format!("{} is another program's database, and is left alone; restore elsewhere", path.display()),
        ));
    }
    let lock = || -> Result<()> {
        let mode: String = conn.query_row("PRAGMA journal_mode = DELETE", [], |row| row.get(0)).map_err(sql)?;
        if mode == "delete" { execute(&conn, "BEGIN EXCLUSIVE") } else { Err(in_use()) }
    };
    match patiently(patience, lock) {
        Ok(()) => Ok(Some(conn)),
        Err(error) if error.kind() == ErrorKind::Busy => Err(in_use()),
        Err(error) => damaged(&error),
    }
}

fn mark(path: &Path) -> PathBuf {
    with_suffix(path, ".restoring")
}

fn copied(path: &Path) -> PathBuf {
    with_suffix(path, ".restored")
}

fn replacing(path: &Path) -> PathBuf {
    with_suffix(path, ".replacing")
}

fn moved(from: &Path, to: &Path) -> Result<()> {
    match fs::rename(from, to) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed(to, &error)),
        _ => Ok(()),
    }
}

fn removed(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed(path, &error)),
        _ => Ok(()),
    }
}

fn synced(path: &Path) -> Result<()> {
    sync_folder(path).map_err(|error| failed(path, &error))
}
