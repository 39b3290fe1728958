//! The port of a store's upkeep: backups, and the master key it is wrapped by.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use crate::error::Result;
use crate::id::{Position, hex};
use crate::ports::{KeyId, KeyProvider};

/// Keeps a store in good order while it is used.
pub trait Upkeep: Send + Sync {
    /// Writes a whole, consistent copy of the store as it is at one moment, while others go on writing. It holds neither
    /// the master key nor the forgotten list.
    ///
    /// # Errors
    /// `invalid_input` when the target exists or is the store itself; `storage` when there is no room; `busy` when the same
    /// target is being written.
    fn backup(&self, request: &BackupRequest) -> Result<BackupDone>;

    /// What is known of the master key.
    ///
    /// # Errors
    /// `busy` or `storage`.
    fn key_state(&self) -> Result<KeyState>;

    /// Wraps every key of the store by another master key, in one transaction: the one that `new` gives, else the one
    /// that the store's own provider makes. Other processes that have the store open go on.
    ///
    /// # Errors
    /// `key` when a wrapped key does not open or the new key cannot be made; `invalid_input` when the new key has to be
    /// named; `busy`, `storage`. After an error the old key is as good as before.
    fn rotate_key(&self, new: Option<Arc<dyn KeyProvider>>) -> Result<Rotated>;

    /// Removes what the store's provider kept of the master key known as `id`, which a rotation replaced: backups that it
    /// opens are then opened by nothing. Whether anything was kept.
    ///
    /// # Errors
    /// `invalid_input` when the store is wrapped by it; `key` when it cannot be removed; `busy`, `storage`.
    fn discard_key(&self, id: KeyId) -> Result<bool>;

    /// Rewrites the whole store, which also removes copies of erased rows from unused parts of its files, and gives free
    /// space back. Takes as long as copying it; writers wait, readers do not.
    ///
    /// # Errors
    /// `busy`, or `storage` when there is no room for a second copy.
    fn compact(&self) -> Result<()>;

    /// Files beside the store that hold whoever is forgotten all the same, and are their owner's to remove: databases that
    /// restores moved aside.
    fn unreached(&self) -> Vec<PathBuf>;
}

/// Which life of a store this is: random, made with it and anew by each restore. Positions repeat after a restore, so
/// whoever remembers a position remembers this with it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Incarnation(pub [u8; 16]);

impl fmt::Display for Incarnation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl fmt::Debug for Incarnation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A backup to make.
#[derive(Clone, Debug)]
pub struct BackupRequest {
    /// The file to write.
    pub path: PathBuf,
    /// Whether a file that is there already is replaced.
    pub overwrite: bool,
}

/// A backup that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackupDone {
    /// The file.
    pub path: PathBuf,
    /// Its length.
    pub bytes: u64,
    /// The last event in it.
    pub position: Position,
    /// Which life of the store it was made of.
    pub incarnation: Incarnation,
    /// The master key that opens it.
    pub key: KeyId,
}

/// What is known of the master key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyState {
    /// The key that the store is wrapped by.
    pub key: KeyId,
    /// Keys that it wraps: the store's two and one a person.
    pub wrapped: u64,
    /// Whether keys wrapped by an earlier master key may still stand in the write-ahead log.
    pub unwiped: bool,
}

/// A rotation that was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rotated {
    /// The key before.
    pub from: KeyId,
    /// The key now.
    pub to: KeyId,
    /// Keys that were wrapped anew.
    pub wrapped: u64,
    /// Whether the old wrapped keys are gone from every file; if not, it is tried again when the store is next opened.
    pub wiped: bool,
}
