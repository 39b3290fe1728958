//! What lies about: half-written backups of processes that were killed, and databases that a restore moved aside.
//!
//! A backup may be written anywhere. So while one is, a note beside the database, `PATH.backing-up-PROCESS-COUNT`, holds
//! the name of its temporary file. A note that nobody has locked is of a process that is gone; whoever opens the database
//! removes what it names.

use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use crate::claim::{Claim, sweep};
use crate::files::{beside, is_serial, serial, with_suffix};

const NOTE: &str = ".backing-up-";
/// How the temporary file of a backup ends.
pub(super) const PARTIAL: &str = ".partial";

/// Notes that a backup is written to `partial`, as long as what it gives is kept. Without a note the next backup to the
/// same file removes what this one may leave.
pub(super) fn note(database: &Path, partial: &str) -> Option<Claim> {
    let name = with_suffix(database, &format!("{NOTE}{}", serial()));
    let mut claim = Claim::take(&name, "a note of that name is held; try again").ok()?;
    claim.file().write_all(partial.as_bytes()).ok().map(|()| claim)
}

/// Removes what killed processes left of backups.
pub(super) fn sweep_backups(database: &Path) {
    for note in beside(database, |rest| rest.strip_prefix(NOTE).is_some_and(is_serial)) {
        let Ok(mut claim) = Claim::mark(&note, "its backup is being written") else { continue };
        let mut partial = String::new();
        if claim.file().read_to_string(&mut partial).is_ok() && partial.ends_with(PARTIAL) && sweep(Path::new(&partial))
        {
            tracing::info!(file = partial, "a backup that was cut off was removed");
        }
    }
}

/// Databases that restores moved aside, with their logs: whoever is forgotten is still in them.
pub(super) fn moved_aside(database: &Path) -> Vec<PathBuf> {
    beside(database, |rest| rest.strip_prefix(".replaced").is_some_and(|rest| rest.is_empty() || rest.starts_with('-')))
}
