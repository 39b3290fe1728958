//! A file name that one process at a time works under, and that a killed one leaves behind without harm.
//!
//! Whoever has the claim holds a lock on the file of that name, which the system releases with the process. A file that
//! nobody has locked is a leftover, and is taken away.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use oo_core::{Error, Result};

/// A claimed name with a new, empty file; removed again when it is dropped, unless it was given up.
#[derive(Debug)]
pub(super) struct Claim {
    path: PathBuf,
    file: File,
    kept: bool,
}

impl Claim {
    /// Claims `path`, or says that it is `taken`.
    pub(super) fn take(path: &Path, taken: &str) -> Result<Self> {
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
            if fresh {
                return Ok(Claim { path: path.to_owned(), file, kept: false });
            }
            fs::remove_file(path).map_err(|error| wrong(&error))?;
        }
        Err(Error::busy(taken))
    }

    /// The file.
    pub(super) fn file(&mut self) -> &mut File {
        &mut self.file
    }

    /// The name.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The name was given to something else: it is not removed.
    pub(super) fn keep(mut self) {
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

fn open(path: &Path, new: bool) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(new);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Which file has the name `path`, where the system can tell. Nothing is opened: closing a second handle of a database
/// would release this process's locks on it.
pub(super) fn identity(path: &Path) -> Option<(u64, u64)> {
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
