//! The master key in a file, outside the database and its backups.
//!
//! One line: `oo-master-key-v1 ` and 64 hexadecimal digits. It is made once, when a database without any key is made:
//! written and synced under a temporary name with mode 0600, then linked to its own name, which fails if somebody was
//! faster, then the folder is synced. So nobody ever reads half a key, and nobody's key is replaced.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use oo_core::id::hex;
use oo_core::ports::{Entropy, KeyProvider, MasterKey};
use oo_core::{Error, Result};
use zeroize::Zeroizing;

const TAG: &str = "oo-master-key-v1 ";

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

    fn read(&self) -> Result<Option<MasterKey>> {
        let text = match fs::read_to_string(&self.path) {
            Ok(text) => Zeroizing::new(text),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => {
                return Err(self.error(
                    "cannot be read",
                    &error,
                    "correct its permissions, or put the right file there",
                ));
            }
        };
        parse(&text).map(|key| Some(MasterKey::new(*key))).ok_or_else(|| {
            Error::key(format!(
                "the master key file {} is not a key file of oO; put the right key back from its backup",
                self.path.display()
            ))
        })
    }

    fn create(&self) -> Result<MasterKey> {
        let doing = |error: std::io::Error| {
            self.error("cannot be made", &error, "make its folder writable, or name another file")
        };
        let key = Zeroizing::new(self.entropy.bytes("key")?);
        let text = Zeroizing::new(format!("{TAG}{}\n", *Zeroizing::new(hex(key.as_slice()))));
        static MADE: AtomicU64 = AtomicU64::new(0);
        let name = format!(".new-{}-{}", std::process::id(), MADE.fetch_add(1, Ordering::Relaxed));
        let temporary = with_suffix(&self.path, &name);
        // A leftover of the same name is of a process long gone.
        let _ = fs::remove_file(&temporary);
        let written = write_synced(&temporary, text.as_bytes()).and_then(|()| fs::hard_link(&temporary, &self.path));
        let _ = fs::remove_file(&temporary);
        match written {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::AlreadyExists && self.path.exists() => {
                return self.read()?.ok_or_else(|| self.missing());
            }
            // A file system without links: exclusive creation in place, synced before anybody's first commit.
            Err(error) if matches!(error.kind(), ErrorKind::Unsupported | ErrorKind::PermissionDenied) => {
                write_synced(&self.path, text.as_bytes()).map_err(doing)?;
            }
            Err(error) => return Err(doing(error)),
        }
        sync_folder(&self.path).map_err(doing)?;
        Ok(MasterKey::new(*key))
    }

    fn missing(&self) -> Error {
        Error::key(format!(
            "the master key file {} is missing; put it back from its backup (a new key cannot open this database)",
            self.path.display()
        ))
    }

    fn error(&self, what: &str, error: &std::io::Error, hint: &str) -> Error {
        Error::key(format!("the master key file {} {what} ({}); {hint}", self.path.display(), error.kind()))
    }
}

impl KeyProvider for FileKey {
    fn master_key(&self, create: bool) -> Result<MasterKey> {
        match self.read()? {
            Some(key) => Ok(key),
            None if create => self.create(),
            None => Err(self.missing()),
        }
    }
}

impl fmt::Debug for FileKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileKey").field("path", &self.path).finish_non_exhaustive()
    }
}

fn parse(text: &str) -> Option<Zeroizing<[u8; 32]>> {
    let digits = text.trim_end_matches(['\r', '\n', ' ']).strip_prefix(TAG)?.as_bytes();
    let mut key = Zeroizing::new([0u8; 32]);
    let (pairs, rest) = digits.as_chunks::<2>();
    if pairs.len() != key.len() || !rest.is_empty() {
        return None;
    }
    for (byte, [high, low]) in key.iter_mut().zip(pairs) {
        let digit = |c: &u8| char::from(*c).to_digit(16);
        *byte = u8::try_from(digit(high)? * 16 + digit(low)?).ok()?;
    }
    Some(key)
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
