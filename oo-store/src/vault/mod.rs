//! The vault: what is sealed, under which key, bound to what.
//!
//! The master key wraps the lookup key and every person's key; a person's key seals that person's texts. A seal is
//! XChaCha20-Poly1305 with a random 192-bit nonce, so nonces need no counting. What a sealed value is *for* (purpose,
//! person, item, field) is authenticated with it: moved to another row, it does not open. People are found through
//! HMAC-SHA256(lookup key, caller's id). Nothing secret reaches `Debug` or an error.

mod file_key;
mod seal;

use std::fmt;
use std::sync::Arc;

use hmac::{Hmac, KeyInit, Mac};
use oo_core::id::{ItemKey, Pseudonym, UserKey};
use oo_core::ports::{Entropy, MasterKey, TextField};
use oo_core::{Error, Result};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

pub use file_key::FileKey;
pub(crate) use file_key::{sync_folder, with_suffix};
use seal::{NONCE, seal, unseal};

/// Seals and opens, with the keys of one database.
pub(crate) struct Vault {
    master: MasterKey,
    lookup: Zeroizing<[u8; 32]>,
    entropy: Arc<dyn Entropy>,
}

impl Vault {
    /// The vault of a new database, and its lookup key, wrapped, to be stored.
    pub(crate) fn create(master: MasterKey, entropy: Arc<dyn Entropy>) -> Result<(Self, Vec<u8>)> {
        let lookup = Zeroizing::new(entropy.bytes("key")?);
        let vault = Vault { master, lookup, entropy };
        let wrapped = seal(vault.master.expose(), vault.nonce()?, &aad("lookup", None), vault.lookup.as_slice())?;
        Ok((vault, wrapped))
    }

    /// The vault of an existing database.
    pub(crate) fn open(master: MasterKey, wrapped_lookup: &[u8], entropy: Arc<dyn Entropy>) -> Result<Self> {
        let lookup = key_bytes(unseal(master.expose(), &aad("lookup", None), wrapped_lookup))?;
        Ok(Vault { master, lookup, entropy })
    }

    /// Under which name the database knows `master`: a prefix of a hash of it.
    pub(crate) fn key_id(master: &MasterKey) -> [u8; 16] {
        let digest = Sha256::new().chain_update(b"oo.master-key-id.v1").chain_update(master.expose()).finalize();
        std::array::from_fn(|index| digest[index])
    }

    /// Where the person known to the caller as `caller_id` is found.
    pub(crate) fn lookup(&self, caller_id: &str) -> Result<[u8; 32]> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.lookup.as_slice())
            .map_err(|_| Error::internal("the lookup key has a wrong length; please report this"))?;
        mac.update(b"oo.lookup.v1\0");
        mac.update(caller_id.as_bytes());
        Ok(mac.finalize().into_bytes().into())
    }

    /// A person's key, wrapped by the master key.
    pub(crate) fn wrap(&self, user: Pseudonym, key: &UserKey) -> Result<Vec<u8>> {
        seal(self.master.expose(), self.nonce()?, &aad("user", Some(user)), key.expose())
    }

    /// A person's key.
    pub(crate) fn unwrap(&self, user: Pseudonym, wrapped: &[u8]) -> Result<UserKey> {
        key_bytes(unseal(self.master.expose(), &aad("user", Some(user)), wrapped)).map(|key| UserKey::new(*key))
    }

    /// A text, sealed under its person's key.
    pub(crate) fn seal_text(&self, key: &UserKey, of: TextPlace, text: &str) -> Result<Vec<u8>> {
        seal(key.expose(), self.nonce()?, &of.aad(), text.as_bytes())
    }

    /// A text.
    pub(crate) fn open_text(key: &UserKey, of: TextPlace, sealed: &[u8]) -> Result<String> {
        unseal(key.expose(), &of.aad(), sealed).and_then(|text| String::from_utf8(text.to_vec()).ok()).ok_or_else(|| {
            Error::storage("a sealed text does not open under its person's key: the database is corrupted; restore the newest backup")
        })
    }

    fn nonce(&self) -> Result<[u8; NONCE]> {
        let bytes = self.entropy.bytes("nonce")?;
        Ok(std::array::from_fn(|index| bytes[index]))
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Vault(..)")
    }
}

/// Where a text belongs; a sealed text opens nowhere else.
#[derive(Clone, Copy)]
pub(crate) struct TextPlace {
    pub(crate) user: Pseudonym,
    pub(crate) item: ItemKey,
    pub(crate) field: TextField,
}

impl TextPlace {
    fn aad(self) -> Vec<u8> {
        let mut aad = aad("text", Some(self.user));
        aad.extend_from_slice(&self.item.0);
        aad.push(self.field as u8);
        aad
    }
}

fn aad(purpose: &str, user: Option<Pseudonym>) -> Vec<u8> {
    let mut aad = Vec::with_capacity(64);
    aad.extend_from_slice(b"oo.vault.v1\0");
    aad.extend_from_slice(purpose.as_bytes());
    aad.push(0);
    aad.extend(user.iter().flat_map(|user| user.0));
    aad
}

fn key_bytes(opened: Option<Zeroizing<Vec<u8>>>) -> Result<Zeroizing<[u8; 32]>> {
    opened.and_then(|bytes| <[u8; 32]>::try_from(bytes.as_slice()).ok()).map(Zeroizing::new).ok_or_else(|| {
        Error::key("a wrapped key does not open under the master key: the database is corrupted or its keys were exchanged; restore the newest backup")
    })
}

#[cfg(test)]
mod tests;
