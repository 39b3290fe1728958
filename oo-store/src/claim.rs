//! A file name that one process at a time works under, and that a killed one leaves behind without harm.
//!
//! Whoever has the claim holds a lock on the file of that name, which the system releases with the process. A file that
//! nobody has locked is a leftover: [`Claim::take`] takes it away and begins with an empty file, [`Claim::mark`] takes it
//! over, so that a name that says something was begun is never gone before it was ended. [`sweep`] removes one.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use oo_core::{Error, Result};

use crate::sqlite::reach;

/// A claimed name with a new, empty file; removed again when it is dropped, unless it was given up.
#[derive(Debug)]
pub(crate) struct Claim {
    path: PathBuf,
    file: File,
    kept: bool,
}

impl Claim {
    /// Claims `path`, with a new file, or says that it is `taken`.
    pub(crate) fn take(path: &Path, taken: &str) -> Result<Self> {
        Claim::of(path, taken, false)
    }

    /// Claims `path` as a mark, or says that it is `taken`. A mark that was left behind stays in its place all the while.
    pub(crate) fn mark(path: &Path, taken: &str) -> Result<Self> {
        Claim::of(path, taken, true)
    }

    fn of(path: &Path, taken: &str, leftover: bool) -> Result<Self> {
        let wrong = |error: &std::io::Error| {
            Error::storage(format!(
                "{} cannot be made ({}); make its folder writable, and see that there is room",
                path.display(),
                error.kind()
            ))
        };
        // Each round somebody else was faster, and has ended since.
        for _ in 0..100 {
            let fresh = open(path, true);
            let (file, fresh) = match fresh {
                Ok(file) => (file, true),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => match open(path, false) {
                    Ok(file) => (file, false),
                    Err(error) if error.kind() == ErrorKind::NotFound => continue,
                    Err(error) => return Err(wrong(&error)),
                },
                Err(error) => return Err(wrong(&error)),
            };
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Err(Error::busy(taken)),
                Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Unsupported => {}
                Err(TryLockError::Error(error)) => return Err(wrong(&error)),
            }
            // Between opening and locking the name may have gone to another file.
            if !names(path, &file) {
                continue;
            }
            if fresh || leftover {
                reach("claim.held");
                return Ok(Claim { path: path.to_owned(), file, kept: false });
            }
            fs::remove_file(path).map_err(|error| wrong(&error))?;
        }
        Err(Error::busy(taken))
    }

    /// The file.
    pub(crate) fn file(&mut self) -> &mut File {
        &mut self.file
    }

    /// The name.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The name was given to something else: it is not removed.
    pub(crate) fn keep(mut self) {
        self.kept = true;
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        if !self.kept {
            // A leftover is taken away by the next.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Removes the file at `path` if a killed process left it behind; whether it did.
pub(crate) fn sweep(path: &Path) -> bool {
    let Ok(file) = open(path, false) else { return false };
    // Where files cannot be locked, nobody can tell.
    file.try_lock().is_ok() && names(path, &file) && fs::remove_file(path).is_ok()
}

fn open(path: &Path, new: bool) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(new);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Which file has the name `path`, where the system can tell. Nothing is opened: closing a second handle of a database
/// would release this process's locks on it.
pub(crate) fn identity(path: &Path) -> Option<(u64, u64)> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        fs::metadata(path).ok().map(|file| (file.dev(), file.ino()))
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        None
    }
}

fn names(path: &Path, file: &File) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        file.metadata().is_ok_and(|file| Some((file.dev(), file.ino())) == identity(path))
    }
    #[cfg(not(unix))]
    {
        let _ = (path, file);
        true
    }
}
