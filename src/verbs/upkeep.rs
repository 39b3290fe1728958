//! `backup`, `compact`, `keys` and `rotate_key`: a store in good order while it is used.

use std::path::PathBuf;
use std::sync::Arc;

use oo_core::Result;
use oo_core::ports::{BackupRequest, KeyId, KeyProvider};

use crate::aside::aside;
use crate::engine::Engine;
use crate::upkeep::{Backup, Keys, Rotation};

impl Engine {
    /// Writes a whole, consistent copy of the store to the file `path`, which must not exist, while others go on writing.
    /// It holds neither the master key nor the forgotten list.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let oo = oo::blocking::Engine::open(folder.path().join("oo.db"))?;
    /// let backup = oo.backup(folder.path().join("monday.backup"))?;
    /// assert_eq!(backup.position, oo.health()?.position);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// `invalid_input` when there is such a file; `storage` when it cannot be written; `busy` when another backup to it is.
    pub async fn backup(&self, path: impl Into<PathBuf>) -> Result<Backup> {
        self.backup_with(BackupRequest { path: path.into(), overwrite: false }).await
    }

    /// As [`backup`](Engine::backup), over an earlier backup where the request says so.
    ///
    /// # Errors
    /// As there, and `invalid_input` when the file to overwrite is no backup.
    pub async fn backup_with(&self, request: BackupRequest) -> Result<Backup> {
        self.run().catch_up().await?;
        let upkeep = self.run().upkeep.clone();
        aside("oo-backup", move || upkeep.backup(&request)).await.map(Backup::from)
    }

    /// Rewrites the whole database, which removes copies of erased rows from unused parts of its pages and gives free
    /// space back. One of up to 16 MiB is rewritten after each erasure; a larger one is when this is called. Takes as long
    /// as copying it, and room for a second copy; writers wait meanwhile, readers do not.
    ///
    /// # Errors
    /// `busy` when another process reads the database for long; `storage` when there is no room.
    pub async fn compact(&self) -> Result<()> {
        self.run().catch_up().await?;
        let upkeep = self.run().upkeep.clone();
        aside("oo-compact", move || upkeep.compact()).await
    }

    /// What is known of the master key.
    ///
    /// # Errors
    /// `storage`, `busy`.
    pub async fn keys(&self) -> Result<Keys> {
        self.run().catch_up().await?;
        self.run().upkeep.key_state().map(Keys::from)
    }

    /// Makes a new master key, wraps every key of the store by it in one transaction, and puts it where the old one was.
    /// Other processes that have the store open go on.
    ///
    /// # Errors
    /// `invalid_input` when the key is not in a file: [`rotate_key_to`](Engine::rotate_key_to) takes one; `key` when a
    /// wrapped key does not open; `storage`, `busy`. After an error the old key is as good as before.
    pub async fn rotate_key(&self) -> Result<Rotation> {
        self.rotated(None).await
    }

    /// As [`rotate_key`](Engine::rotate_key), to the key that `new` gives. From then on whoever opens the store has to be
    /// given that key, other processes that have it open included.
    ///
    /// # Errors
    /// As there, and `invalid_input` when it is the key that the store has.
    pub async fn rotate_key_to(&self, new: Arc<dyn KeyProvider>) -> Result<Rotation> {
        self.rotated(Some(new)).await
    }

    /// Removes what was kept of the master key known as `key_id` when a rotation replaced it: `FILE.previous-ID`, beside
    /// the key's file. Backups that were made before that rotation are then opened by nothing. Whether it was kept.
    ///
    /// # Errors
    /// `invalid_input` for a malformed id, and for the key that the store has; `key` when it cannot be removed.
    pub async fn discard_key(&self, key_id: &str) -> Result<bool> {
        let id = KeyId::parse(key_id)?;
        let upkeep = self.run().upkeep.clone();
        aside("oo-discard", move || upkeep.discard_key(id)).await
    }

    async fn rotated(&self, new: Option<Arc<dyn KeyProvider>>) -> Result<Rotation> {
        self.run().catch_up().await?;
        let upkeep = self.run().upkeep.clone();
        aside("oo-rotate", move || upkeep.rotate_key(new)).await.map(Rotation::from)
    }
}
