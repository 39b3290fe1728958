//! What the upkeep of a store answers: backups, restores, and its master key.

use std::path::{Path, PathBuf};

use serde::Serialize;

use oo_core::Result;
use oo_core::ports::{BackupDone, KeyState, Rotated};

use crate::builder::EngineBuilder;

/// A backup that was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Backup {
    /// The file.
    pub path: PathBuf,
    /// Its length.
    pub bytes: u64,
    /// The last event in it.
    pub position: u64,
    /// Which life of the store it was made of, hexadecimal.
    pub incarnation: String,
    /// The id of the master key that opens it, hexadecimal: keep that key as long as the backup.
    pub key_id: String,
}

impl From<BackupDone> for Backup {
    fn from(done: BackupDone) -> Self {
        Backup {
            path: done.path,
            bytes: done.bytes,
            position: done.position.0,
            incarnation: done.incarnation.to_string(),
            key_id: done.key.to_string(),
        }
    }
}

/// A backup that was restored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Restored {
    /// The database.
    pub path: PathBuf,
    /// The last event in it.
    pub position: u64,
    /// The life that begins with it, hexadecimal. Positions repeat, so whoever remembers one remembers this with it.
    pub incarnation: String,
    /// The id of the master key that opens it, hexadecimal.
    pub key_id: String,
    /// Wrapped keys that were opened, to see that they do.
    pub keys: u64,
    /// Where the database is that was there before. Forgetting does not reach it: delete it once the new one is good.
    pub replaced: Option<PathBuf>,
    /// Whom opening it forgets again.
    pub forgotten_list: ForgottenList,
}

/// The list of people who were forgotten, as a restore found it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ForgottenList {
    /// Where it is, or has to be.
    pub path: PathBuf,
    /// How many people are on it; none where there is no list: then nobody is forgotten again. If anybody was forgotten
    /// since the backup, put their list there and open the database once more.
    pub lines: Option<u64>,
}

impl From<oo_store::Restored> for Restored {
    fn from(done: oo_store::Restored) -> Self {
        Restored {
            path: done.path,
            position: done.position.0,
            incarnation: done.incarnation.to_string(),
            key_id: done.key.to_string(),
            keys: done.keys,
            replaced: done.replaced,
            forgotten_list: ForgottenList { path: done.forgotten, lines: done.listed },
        }
    }
}

/// What is known of the master key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Keys {
    /// The id of the master key that the store is wrapped by, hexadecimal.
    pub key_id: String,
    /// Keys that it wraps: the store's two and one a person.
    pub wrapped: u64,
    /// Whether keys wrapped by an earlier master key may still stand in the write-ahead log; they are overwritten when the
    /// store is next opened and nobody else reads it.
    pub unwiped: bool,
}

impl From<KeyState> for Keys {
    fn from(state: KeyState) -> Self {
        Keys { key_id: state.key.to_string(), wrapped: state.wrapped, unwiped: state.unwiped }
    }
}

/// A rotation that was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rotation {
    /// The id of the master key before, hexadecimal. Backups made until now still need that key.
    pub from: String,
    /// The id of the master key now, hexadecimal.
    pub to: String,
    /// Keys that were wrapped anew.
    pub wrapped: u64,
    /// Whether the old wrapped keys are gone from every file; if not, that is tried again when the store is next opened.
    pub wiped: bool,
}

impl From<Rotated> for Rotation {
    fn from(done: Rotated) -> Self {
        Rotation { from: done.from.to_string(), to: done.to.to_string(), wrapped: done.wrapped, wiped: done.wiped }
    }
}

/// Restores the backup `backup` as the database at `path`, where there must be none. To replace one, or for settings
/// other than the defaults, see [`EngineBuilder::restore`].
///
/// The backup is looked at whole before anything is put in place: that it is ours, of a known format and sound, and that
/// the master key opens it. Opening the engine then forgets again whom the forgotten list names, before it serves anything.
///
/// # Errors
/// `invalid_input` when there is no backup or a database is at `path`; `storage` for a damaged or foreign file, or no
/// room; `incompatible` for a backup of a newer oO; `key` when the master key does not open it.
pub fn restore(backup: impl AsRef<Path>, path: impl AsRef<Path>) -> Result<Restored> {
    EngineBuilder::new(path).restore(backup, false)
}
