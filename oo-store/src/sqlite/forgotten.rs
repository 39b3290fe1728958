//! The forgotten list: hashes of the pseudonyms that were forgotten, one a line, outside the database and its backups.
//!
//! A backup that is restored brings deleted people back; this list says whom to forget again. It only grows. A line is
//! durable before the erasure it belongs to is committed, and is never taken back: a commit that failed may be found done
//! after a crash, and by then another process may have written the next line. So a line may be one too many: of somebody
//! whose forgetting was asked for and failed, which is then done when the database is next opened.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

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
    /// The list of the database at `path`, which is absolute.
    pub(super) fn of(path: &Path, options: &Options) -> Result<Self> {
        let path = match &options.forgotten {
            Some(list) => absolute(list)?,
            None => with_suffix(path, ".forgotten"),
        };
        Ok(ForgottenList { path })
    }

    /// Adds digests, durably; the caller holds the write transaction, so nobody else writes.
    pub(super) fn add(&self, digests: &[[u8; 32]]) -> Result<()> {
        if digests.is_empty() {
            return Ok(());
        }
        self.append(digests.iter().map(|digest| hex(digest) + "\n").collect()).map_err(|error| self.error(&error))
    }

    fn append(&self, mut lines: String) -> std::io::Result<()> {
        let fresh = !self.path.exists();
        let mut file = OpenOptions::new().append(true).create(true).open(&self.path)?;
        let length = file.metadata()?.len();
        // A line that a crash cut short must not swallow this one.
        if length > 0 && !self.ends_with_newline(length)? {
            lines.insert(0, '\n');
        }
        file.write_all(lines.as_bytes())?;
        file.sync_all()?;
        if fresh { sync_folder(&self.path) } else { Ok(()) }
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// All digests, lines that are none passed over; nothing where there is no list.
    pub(super) fn read(&self) -> Result<Option<BTreeSet<String>>> {
        match fs::read(&self.path) {
            Ok(bytes) => {
                let text = String::from_utf8_lossy(&bytes);
                let lines = text.lines().filter(|line| line.len() == 64 && line.bytes().all(|c| c.is_ascii_hexdigit()));
                Ok(Some(lines.map(str::to_owned).collect()))
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
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
