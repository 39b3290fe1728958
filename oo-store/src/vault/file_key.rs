//! The master key in a file, outside the database and its backups.
//!
//! One line: `oo-master-key-v1 ` and 64 hexadecimal digits. It is made once, when a database without any key is made:
//! written and synced under a temporary name with mode 0600, then linked to its own name, which fails if somebody was
//! faster, then the folder is synced. So nobody ever reads half a key, and nobody's key is replaced.
//!
//! A rotation makes the next key beside it in the same way, as `FILE.next`, and renames it over the file once the
//! database is wrapped by it. In between, and after a crash in between, the file whose key has the id that the database
//! names is the right one. The key before is kept first, as `FILE.previous-ID`: backups need it. When one of those is
//! restored, its key changes places with the one in the file.
//!
//! The temporary name is locked as long as it is worked under; one that nobody has locked is of a process that was killed,
//! and is removed when the key is next asked for.

use std::fmt;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use oo_core::ports::{Entropy, KeyId, KeyProvider, MasterKey};
use oo_core::{Error, Result};
use zeroize::Zeroizing;

use super::key_text;
use crate::claim::sweep;
use crate::files::{beside, is_serial, serial, sync_folder, with_suffix};
use crate::sqlite::reach;

/// What parts the name of a file from the serial of a temporary one.
const NEW: &str = ".new-";

/// A master key that lives in a file.
pub struct FileKey {
    path: PathBuf,
    entropy: Arc<dyn Entropy>,
}

impl FileKey {
    /// The key in the file `path`; `entropy` makes it if it has to be made.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>, entropy: Arc<dyn Entropy>) -> Self {
        let path = path.into();
        // The process may go to another folder before the key is read again. An empty path stays one, and is an error then.
        FileKey { path: std::path::absolute(&path).unwrap_or(path), entropy }
    }

    /// The key beside the database (or the data folder) `path`: `PATH.key`.
    #[must_use]
    pub fn beside(path: impl AsRef<Path>, entropy: Arc<dyn Entropy>) -> Self {
        FileKey::new(with_suffix(path.as_ref(), ".key"), entropy)
    }

    /// Where the key is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where the key of a rotation waits until the database is wrapped by it.
    fn next_path(&self) -> PathBuf {
        with_suffix(&self.path, ".next")
    }

    /// Where the key known as `id` is kept once another has taken its place.
    fn previous_path(&self, id: KeyId) -> PathBuf {
        with_suffix(&self.path, &format!(".previous-{id}"))
    }

    fn create(&self, path: &Path) -> Result<MasterKey> {
        put(path, MasterKey::new(*Zeroizing::new(self.entropy.bytes("master_key")?)))
    }

    /// Removes temporary files of processes that were killed.
    fn sweep(&self) {
        for file in beside(&self.path, |rest| rest.rsplit_once(NEW).is_some_and(|(_, serial)| is_serial(serial))) {
            if sweep(&file) {
                tracing::info!("a master key that was never used was removed");
            }
        }
    }
}

impl KeyProvider for FileKey {
    fn master_key(&self, create: bool) -> Result<MasterKey> {
        self.sweep();
        match read(&self.path)? {
            Some(key) => Ok(key),
            None if create => self.create(&self.path),
            None => Err(missing(&self.path)),
        }
    }

    fn key_by_id(&self, id: KeyId) -> Result<Option<MasterKey>> {
        // The next one first: it may be renamed while this looks.
        for path in [self.next_path(), self.path.clone(), self.previous_path(id)] {
            if let Ok(Some(key)) = read(&path)
                && key.id() == id
            {
                return Ok(Some(key));
            }
        }
        read(&self.path).map(|_| None)
    }

    fn next_key(&self) -> Result<MasterKey> {
        let path = self.next_path();
        match read(&path)? {
            Some(key) => Ok(key),
            None => self.create(&path),
        }
    }

    fn adopt(&self, id: KeyId) -> Result<()> {
        let current = read(&self.path).ok().flatten();
        if current.as_ref().is_some_and(|key| key.id() == id) {
            return Ok(());
        }
        for from in [self.next_path(), self.previous_path(id)] {
            if !read(&from)?.is_some_and(|key| key.id() == id) {
                continue;
            }
            if let Some(current) = current {
                let kept = self.previous_path(current.id());
                if put(&kept, current.clone())? != current {
                    return Err(Error::key(format!(
                        "{} holds another master key than its name says, and the one that it is for must be kept; move that file away",
                        kept.display()
                    )));
                }
                reach("key.kept");
            }
            return fs::rename(&from, &self.path).and_then(|()| sync_folder(&self.path)).map_err(|error| {
                error_of(&from, "cannot be renamed", &error, "make its folder writable, and keep both files until then")
            });
        }
        Ok(())
    }

    fn discard(&self, id: KeyId) -> Result<bool> {
        let path = self.previous_path(id);
        match fs::remove_file(&path).and_then(|()| sync_folder(&path)) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error_of(&path, "cannot be removed", &error, "make its folder writable, or remove it")),
        }
    }
}

impl fmt::Debug for FileKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileKey").field("path", &self.path).finish_non_exhaustive()
    }
}

fn read(path: &Path) -> Result<Option<MasterKey>> {
    let text = match fs::read(path) {
        Ok(text) => Zeroizing::new(text),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => {
            let hint = "correct its permissions, or put the right file there";
            return Err(error_of(path, "cannot be read", &error, hint));
        }
    };
    std::str::from_utf8(&text).ok().and_then(key_text::read).map(Some).ok_or_else(|| {
        Error::key(format!(
            "the master key file {} is not a key file of oO; put the right key back from its backup",
            path.display()
        ))
    })
}

fn missing(path: &Path) -> Error {
    Error::key(format!(
        "the master key file {} is missing; put it back from its backup (a new key cannot open this database)",
        path.display()
    ))
}

fn error_of(path: &Path, what: &str, error: &std::io::Error, hint: &str) -> Error {
    Error::key(format!("the master key file {} {what} ({}); {hint}", path.display(), error.kind()))
}

/// Writes `key` to `path` if nothing is there; the key that is there then.
fn put(path: &Path, key: MasterKey) -> Result<MasterKey> {
    let doing = |error: std::io::Error| {
        error_of(path, "cannot be made", &error, "make its folder writable, or name another file")
    };
    let text = key_text::write(&key);
    let mut written = linked(path, text.as_bytes());
    for _ in 0..10 {
        // Swept away between its making and its locking.
        if !matches!(&written, Err(error) if error.kind() == ErrorKind::NotFound) {
            break;
        }
        written = linked(path, text.as_bytes());
    }
    match written {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::AlreadyExists && path.exists() => {
            return read(path)?.ok_or_else(|| missing(path));
        }
        // A file system without links: exclusive creation in place, synced before anybody's first commit.
        Err(error) if matches!(error.kind(), ErrorKind::Unsupported | ErrorKind::PermissionDenied) => {
            write_synced(path, text.as_bytes()).map_err(doing)?;
        }
        Err(error) => return Err(doing(error)),
    }
    sync_folder(path).map_err(doing)?;
    Ok(key)
}

/// Writes a file under a temporary name and links it to its own, which nobody must have.
fn linked(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let temporary = with_suffix(path, &format!("{NEW}{}", serial()));
    // A leftover of the same name is of a process long gone.
    let _ = fs::remove_file(&temporary);
    let held = write_synced(&temporary, bytes);
    reach("key.written");
    let linked = held.and_then(|held| {
        let linked = fs::hard_link(&temporary, path);
        drop(held);
        linked
    });
    let _ = fs::remove_file(&temporary);
    linked
}

/// Writes a new file, which is locked as long as it is kept open where files can be.
fn write_synced(path: &Path, bytes: &[u8]) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => return Err(ErrorKind::NotFound.into()),
        Ok(()) | Err(TryLockError::Error(_)) => {}
    }
    file.write_all(bytes)?;
    file.sync_all()?;
    Ok(file)
}
