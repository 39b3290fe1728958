//! The port of secrets that are kept for people and for the store itself, sealed.

use crate::error::Result;
use crate::secret::{Secret, SecretOwner, SecretPurpose};

/// Keeps secrets. What is put is sealed under its owner's key, bound to its owner and its purpose; it opens nowhere else.
pub trait SecretStore: Send + Sync {
    /// Keeps `value`, in place of the one before; durable when this returns.
    ///
    /// # Errors
    /// `not_found` when the person has been forgotten meanwhile; `invalid_input` for an empty or oversized value; `busy`,
    /// `storage`.
    fn put_secret(&self, owner: &SecretOwner, purpose: &SecretPurpose, value: &Secret) -> Result<()>;

    /// The value, where there is one.
    ///
    /// # Errors
    /// `storage` when it does not open under its owner's key; `busy`.
    fn secret(&self, owner: &SecretOwner, purpose: &SecretPurpose) -> Result<Option<Secret>>;

    /// Deletes the value; whether there was one.
    ///
    /// # Errors
    /// `busy`, `storage`.
    fn delete_secret(&self, owner: &SecretOwner, purpose: &SecretPurpose) -> Result<bool>;

    /// What the owner's secrets are for, in order.
    ///
    /// # Errors
    /// `busy`, `storage`.
    fn secret_purposes(&self, owner: &SecretOwner) -> Result<Vec<SecretPurpose>>;
}
