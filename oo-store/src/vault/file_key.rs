//! The master key in a file, outside the database and its backups.
//!
//! One line: `oo-master-key-v1 ` and 64 hexadecimal digits. It is made once, when a database without any key is made:
//! written and synced under a temporary name with mode 0600, then linked to its own name, which fails if somebody was
//! faster, then the folder is synced. So nobody ever reads half a key, and nobody's key is replaced.
//!
//! A rotation makes the next key beside it in the same way, as `FILE.next`, and renames it over the file once the
//! database is wrapped by it. In between, and after a crash in between, the file whose key has the id that the database
//! names is the right one.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use oo_core::ports::{Entropy, KeyId, KeyProvider, MasterKey};
use oo_core::{Error, Result};
use zeroize::Zeroizing;

use super::key_text;

/// A master key that lives in a file.
pub struct FileKey {
    path: PathBuf,
    entropy: Arc<dyn Entropy>,
}

impl FileKey {
    /// The key in the file `path`; `entropy` makes it if it has to be made.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>, entropy: Arc<dyn Entropy>) -> Self {
        FileKey { path: path.into(), entropy }
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

    fn create(&self, path: &Path) -> Result<MasterKey> {
        let doing = |error: std::io::Error| {
            error_of(path, "cannot be made", &error, "make its folder writable, or name another file")
        };
        let key = MasterKey::new(*Zeroizing::new(self.entropy.bytes("master_key")?));
        let text = key_text::write(&key);
        static MADE: AtomicU64 = AtomicU64::new(0);
        let name = format!(".new-{}-{}", std::process::id(), MADE.fetch_add(1, Ordering::Relaxed));
        let temporary = with_suffix(path, &name);
        // A leftover of the same name is of a process long gone.
        let _ = fs::remove_file(&temporary);
        let written = write_synced(&temporary, text.as_bytes()).and_then(|()| fs::hard_link(&temporary, path));
        let _ = fs::remove_file(&temporary);
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
}

impl KeyProvider for FileKey {
    fn master_key(&self, create: bool) -> Result<MasterKey> {
        match read(&self.path)? {
            Some(key) => Ok(key),
            None if create => self.create(&self.path),
            None => Err(missing(&self.path)),
        }
    }

    fn key_by_id(&self, id: KeyId) -> Result<Option<MasterKey>> {
        // The next one first: it may be renamed while this looks.
        for path in [self.next_path(), self.path.clone()] {
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
        if read(&self.path).ok().flatten().is_some_and(|key| key.id() == id) {
            return Ok(());
        }
        let next = self.next_path();
        if read(&next)?.is_some_and(|key| key.id() == id) {
            fs::rename(&next, &self.path).and_then(|()| sync_folder(&self.path)).map_err(|error| {
                error_of(&next, "cannot be renamed", &error, "make its folder writable, and keep both files until then")
            })?;
        }
        Ok(())
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

fn write_synced(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Makes the name of `path` in its folder durable.
pub(crate) fn sync_folder(path: &Path) -> std::io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    // Windows has no handle to sync a folder with, and needs none.
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

/// `path` with `suffix` appended to its last part.
pub(crate) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
