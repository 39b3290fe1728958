//! The master key and where it comes from: a port, because it lives outside the store and its backups.

use std::fmt;

use sha2::{Digest, Sha256};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::error::{Error, Result};
use crate::id::hex;

/// The key that wraps every person's key; it lives outside the store and its backups.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct MasterKey([u8; 32]);

impl MasterKey {
    /// Takes 32 random bytes.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        MasterKey(bytes)
    }

    /// The raw bytes, for the vault alone.
    #[must_use]
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    /// Under which name a database knows it: a prefix of a hash of it.
    #[must_use]
    pub fn id(&self) -> KeyId {
        let digest = Sha256::new().chain_update(b"oo.master-key-id.v1").chain_update(self.0).finalize();
        KeyId(std::array::from_fn(|index| digest[index]))
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey(..)")
    }
}

/// The name of a master key, which says nothing of it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct KeyId(pub [u8; 16]);

impl KeyId {
    /// The id in `text`: 32 hexadecimal digits, as it is displayed.
    ///
    /// # Errors
    /// `invalid_input` about `key_id` when it is none.
    pub fn parse(text: &str) -> Result<Self> {
        let wrong =
            || Error::invalid("key_id", "this is no id of a key; pass the 32 digits that `keys` or a rotation gave");
        if text.len() != 32 || !text.bytes().all(|c| c.is_ascii_hexdigit()) {
            return Err(wrong());
        }
        u128::from_str_radix(text, 16).map(|id| KeyId(id.to_be_bytes())).map_err(|_| wrong())
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Where the master key comes from.
///
/// Most have one place for it and implement [`master_key`](KeyProvider::master_key) alone. One that can make the key of
/// a rotation keeps it beside the current one until the database is wrapped by it. `next_key` and `adopt` are called by
/// whoever holds the write lock of the database, so by one process at a time.
pub trait KeyProvider: Send + Sync + fmt::Debug {
    /// The master key. With `create`, a database without any key is being made: one is created, once, and is durable
    /// before this returns.
    ///
    /// # Errors
    /// `key` when there is none and `create` is false, or when what is there cannot be read.
    fn master_key(&self, create: bool) -> Result<MasterKey>;

    /// The master key known as `id`, in whatever place it is.
    ///
    /// # Errors
    /// As [`master_key`](KeyProvider::master_key).
    fn key_by_id(&self, id: KeyId) -> Result<Option<MasterKey>> {
        let key = self.master_key(false)?;
        Ok((key.id() == id).then_some(key))
    }

    /// The key to rotate to: the one that an earlier rotation left behind, else a new one; durable before this returns.
    ///
    /// # Errors
    /// `invalid_input` when the new key has to come from elsewhere; `key` when it cannot be made.
    fn next_key(&self) -> Result<MasterKey> {
        Err(Error::invalid(
            "new_key",
            "this master key is not in a file that oO may replace; make a new one, and name it with --new-key-file or --new-key-command",
        ))
    }

    /// The database is wrapped by the key known as `id`: from now on that is the one `master_key` gives, as far as this
    /// provider can see to it.
    ///
    /// # Errors
    /// `key` when it cannot be put in its place.
    fn adopt(&self, id: KeyId) -> Result<()> {
        let _ = id;
        Ok(())
    }

    /// The key known as `id` is needed no more, not even for a backup: what was kept of it after a rotation is removed.
    /// Whether anything was.
    ///
    /// # Errors
    /// `key` when it cannot be removed.
    fn discard(&self, id: KeyId) -> Result<bool> {
        let _ = id;
        Ok(false)
    }
}
