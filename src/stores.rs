//! What is behind an engine: the SQLite file, opened with the key and the list that the settings name, or test stores.

use std::path::Path;
use std::sync::Arc;

use oo_core::Result;
use oo_core::ports::{Entropy, EventLog, KeyProvider, SecretStore, StateStore, Upkeep};
use oo_store::Revived;

/// The ports of one store, and whom and what a restored backup brought back.
pub(crate) struct Stores {
    pub(crate) log: Arc<dyn EventLog>,
    pub(crate) state: Arc<dyn StateStore>,
    pub(crate) secrets: Arc<dyn SecretStore>,
    pub(crate) upkeep: Arc<dyn Upkeep>,
    pub(crate) revived: Revived,
}

impl Stores {
    /// The database at `path`.
    pub(crate) fn open(
        path: &Path,
        key: Arc<dyn KeyProvider>,
        entropy: Arc<dyn Entropy>,
        options: oo_store::Options,
    ) -> Result<Self> {
        let store = oo_store::open_with(path, key, entropy, options)?;
        let revived = store.revived()?;
        Ok(Stores { log: store.clone(), state: store.clone(), secrets: store.clone(), upkeep: store, revived })
    }

    /// Test stores: secrets in memory, and no upkeep.
    #[cfg(feature = "testing")]
    pub(crate) fn of(log: Arc<dyn EventLog>, state: Arc<dyn StateStore>, revived: Revived) -> Self {
        let secrets = Arc::new(oo_core::testing::memory::MemoryStore::new());
        Stores { log, state, secrets, upkeep: Arc::new(testing::NoUpkeep), revived }
    }
}

#[cfg(feature = "testing")]
mod testing {
    use std::path::PathBuf;
    use std::sync::Arc;

    use oo_core::ports::{BackupDone, BackupRequest, KeyId, KeyProvider, KeyState, Rotated, Upkeep};
    use oo_core::{Error, Result};

    /// A test store has neither files nor keys.
    pub(super) struct NoUpkeep;

    fn none<T>() -> Result<T> {
        Err(Error::invalid("store", "a test store has neither files nor keys; open a database"))
    }

    impl Upkeep for NoUpkeep {
        fn backup(&self, _: &BackupRequest) -> Result<BackupDone> {
            none()
        }

        fn key_state(&self) -> Result<KeyState> {
            none()
        }

        fn rotate_key(&self, _: Option<Arc<dyn KeyProvider>>) -> Result<Rotated> {
            none()
        }

        fn discard_key(&self, _: KeyId) -> Result<bool> {
            none()
        }

        fn compact(&self) -> Result<()> {
            none()
        }

        fn unreached(&self) -> Vec<PathBuf> {
            Vec::new()
        }
    }
}
