//! Secrets behind the faults of a [`FaultyStore`].

use std::fmt;
use std::sync::Arc;

use super::FaultyStore;
use crate::error::Result;
use crate::ports::SecretStore;
use crate::secret::{Secret, SecretOwner, SecretPurpose};

/// A store of secrets with the faults of another store, in one order.
pub struct FaultySecrets {
    faults: Arc<FaultyStore>,
    secrets: Arc<dyn SecretStore>,
}

impl FaultyStore {
    /// `secrets` with the faults of this store.
    #[must_use]
    pub fn secrets(self: &Arc<Self>, secrets: Arc<dyn SecretStore>) -> Arc<FaultySecrets> {
        Arc::new(FaultySecrets { faults: self.clone(), secrets })
    }
}

impl fmt::Debug for FaultySecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FaultySecrets(..)")
    }
}

impl SecretStore for FaultySecrets {
    fn put_secret(&self, owner: &SecretOwner, purpose: &SecretPurpose, value: &Secret) -> Result<()> {
        self.faults.twice("put_secret", || self.secrets.put_secret(owner, purpose, value))
    }

    fn secret(&self, owner: &SecretOwner, purpose: &SecretPurpose) -> Result<Option<Secret>> {
        self.faults.disturbed("secret", || self.secrets.secret(owner, purpose))
    }

    fn delete_secret(&self, owner: &SecretOwner, purpose: &SecretPurpose) -> Result<bool> {
        self.faults.disturbed("delete_secret", || self.secrets.delete_secret(owner, purpose))
    }

    fn secret_purposes(&self, owner: &SecretOwner) -> Result<Vec<SecretPurpose>> {
        self.faults.disturbed("secret_purposes", || self.secrets.secret_purposes(owner))
    }
}
