//! The forgotten list: hashes of the pseudonyms that were forgotten, one a line, outside the database and its backups.
//!
//! A backup that is restored brings deleted people back; this list says whom to forget again. It only grows. A line is
//! durable before the erasure it belongs to is committed.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::PathBuf;

use oo_core::id::hex;
use oo_core::{Error, Result};

use super::open::absolute;
use crate::files::{sync_folder, with_suffix};
use crate::options::Options;

/// The list beside one database.
#[derive(Debug)]
pub(super) struct ForgottenList {
    path: PathBuf,
}

impl ForgottenList {
    pub(super) fn new(path: PathBuf) -> Self {
        ForgottenList { path }
    }

    /// Adds digests, durably; the caller holds the write transaction, so nobody else writes. What it was before is
    /// given back, to [`undo`](Self::undo) should the commit fail.
    pub(super) fn add(&self, digests: &[[u8; 32]]) -> Result<Added> {
        if digests.is_empty() {
            return Ok(Added { length: None });
        }
        let mut lines: String = digests.iter().map(|digest| hex(digest) + "\n").collect();
        let add = || -> std::io::Result<Added> {
            let fresh = !self.path.exists();
            let mut file = OpenOptions::new().append(true).create(true).open(&self.path)?;
            let length = file.metadata()?.len();
            // A line that a crash cut short must not swallow this one.
            if length > 0 && !self.ends_with_newline(length)? {
                lines.insert(0, '\n');
            }
            file.write_all(lines.as_bytes())?;
            file.sync_all()?;
            if fresh {
                sync_folder(&self.path)?;
            }
            Ok(Added { length: Some(length) })
        };
        let mut add = add;
        add().map_err(|error| self.error(&error))
    }

    /// Takes back what [`add`](Self::add) wrote, as far as possible: one line too many only forgets somebody who asked.
    pub(super) fn undo(&self, added: &Added) {
        if let Some(length) = added.length
            && let Ok(file) = OpenOptions::new().write(true).open(&self.path)
        {
            let _ = file.set_len(length).and_then(|()| file.sync_all());
        }
    }

    /// All digests; lines that are none are passed over.
    pub(super) fn read(&self) -> Result<BTreeSet<String>> {
        match fs::read(&self.path) {
            Ok(bytes) => Ok(String::from_utf8_lossy(&bytes)
                .lines()
                .filter(|line| line.len() == 64 && line.bytes().all(|c| c.is_ascii_hexdigit()))
                .map(str::to_owned)
                .collect()),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(BTreeSet::new()),
            Err(error) => Err(self.error(&error)),
        }
    }

    fn ends_with_newline(&self, length: u64) -> std::io::Result<bool> {
        use std::io::{Read as _, Seek as _, SeekFrom};
        let mut file = File::open(&self.path)?;
        file.seek(SeekFrom::Start(length - 1))?;
        let mut last = [0u8];
        file.read_exact(&mut last)?;
        Ok(last == *b"\n")
    }

    fn error(&self, error: &std::io::Error) -> Error {
        Error::storage(format!(
            "the list of forgotten people, {}, cannot be used ({}); make it and its folder writable, and keep it",
            self.path.display(),
            error.kind()
        ))
    }
}

/// What the list was before an addition.
pub(super) struct Added {
    length: Option<u64>,
}
