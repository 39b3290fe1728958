//! The vault: what is sealed, under which key, bound to what.
//!
//! The master key wraps the lookup key, the store key and every person's key; a person's key seals that person's texts
//! and secrets, the store key the store's own secrets. A seal is XChaCha20-Poly1305 with a random 192-bit nonce, so
//! nonces need no counting. What a sealed value is *for* (purpose, person, item, field) is authenticated with it: moved to
//! another row, it does not open. People are found through HMAC-SHA256(lookup key, caller's id). Nothing secret reaches
//! `Debug` or an error.
//!
//! Only the master key is ever exchanged. Which one a wrapped key is wrapped by stands in the database, and is passed with
//! every wrapped key: when it is another than the one held, the vault asks its provider again.

mod command_key;
mod env_key;
mod file_key;
mod key_text;
mod seal;

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use hmac::{Hmac, KeyInit, Mac};
use oo_core::id::{ItemKey, Pseudonym, UserKey};
use oo_core::ports::{Entropy, KeyId, KeyProvider, MasterKey, TextField};
use oo_core::secret::{Secret, SecretOwner, SecretPurpose};
use oo_core::{Error, Result};
use sha2::Sha256;
use zeroize::Zeroizing;

pub use command_key::CommandKey;
pub use env_key::EnvKey;
pub use file_key::FileKey;
use seal::{NONCE, seal, unseal};

/// Seals and opens, with the keys of one database.
pub(crate) struct Vault {
    held: RwLock<Arc<Held>>,
    lookup: Zeroizing<[u8; 32]>,
    store: Zeroizing<[u8; 32]>,
    keys: Arc<dyn KeyProvider>,
    entropy: Arc<dyn Entropy>,
}

/// A master key and its name.
struct Held {
    id: KeyId,
    key: MasterKey,
}

impl Held {
    fn new(key: MasterKey) -> Arc<Self> {
        Arc::new(Held { id: key.id(), key })
    }
}

/// The keys of a database that are not a person's, wrapped by the master key.
pub(crate) struct WrappedKeys {
    pub(crate) lookup: Vec<u8>,
    /// None in a database that had no secrets yet.
    pub(crate) store: Option<Vec<u8>>,
}

impl Vault {
    /// The vault of a new database, whose keys it makes; [`wrapped`](Self::wrapped) are to be stored.
    pub(crate) fn create(master: MasterKey, keys: Arc<dyn KeyProvider>, entropy: Arc<dyn Entropy>) -> Result<Self> {
        let lookup = Zeroizing::new(entropy.bytes("key")?);
        let store = Zeroizing::new(entropy.bytes("store_key")?);
        Ok(Vault { held: RwLock::new(Held::new(master)), lookup, store, keys, entropy })
    }

    /// The vault of an existing database. Where that has no store key yet, one is made, to be stored.
    pub(crate) fn open(
        master: MasterKey,
        wrapped: &WrappedKeys,
        keys: Arc<dyn KeyProvider>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self> {
        let lookup = key_bytes(unseal(master.expose(), &aad("lookup", None), &wrapped.lookup))?;
        let store = match &wrapped.store {
            Some(wrapped) => key_bytes(unseal(master.expose(), &aad("store", None), wrapped))?,
            None => Zeroizing::new(entropy.bytes("store_key")?),
        };
        Ok(Vault { held: RwLock::new(Held::new(master)), lookup, store, keys, entropy })
    }

    /// The database's own keys, wrapped by `master`.
    pub(crate) fn wrapped(&self, master: &MasterKey) -> Result<WrappedKeys> {
        let wrap = |purpose, key: &[u8; 32]| seal(master.expose(), self.nonce()?, &aad(purpose, None), key);
        Ok(WrappedKeys { lookup: wrap("lookup", &self.lookup)?, store: Some(wrap("store", &self.store)?) })
    }

    /// Where the master key comes from.
    pub(crate) fn provider(&self) -> &dyn KeyProvider {
        &*self.keys
    }

    /// From now on the database is wrapped by `master`.
    pub(crate) fn hold(&self, master: MasterKey) {
        *self.held.write().unwrap_or_else(PoisonError::into_inner) = Held::new(master);
    }

    /// The master key known as `id`: the one held, else what the provider has by now.
    pub(crate) fn master(&self, id: KeyId) -> Result<MasterKey> {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner).clone();
        if held.id == id {
            return Ok(held.key.clone());
        }
        let key = self.keys.key_by_id(id)?.ok_or_else(|| {
            Error::key(
                "the database's master key was exchanged and the new one is not where the old one was; give this process the new key and open the database again",
            )
        })?;
        self.hold(key.clone());
        Ok(key)
    }

    /// Where the person known to the caller as `caller_id` is found.
    pub(crate) fn lookup(&self, caller_id: &str) -> Result<[u8; 32]> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.lookup.as_slice())
            .map_err(|_| Error::internal("the lookup key has a wrong length; please report this"))?;
        mac.update(b"oo.lookup.v1\0");
        mac.update(caller_id.as_bytes());
        Ok(mac.finalize().into_bytes().into())
    }

    /// A person's key, wrapped by `master`.
    pub(crate) fn wrap(&self, master: &MasterKey, user: Pseudonym, key: &UserKey) -> Result<Vec<u8>> {
        seal(master.expose(), self.nonce()?, &aad("user", Some(user)), key.expose())
    }

    /// A person's key, which `master` wrapped.
    pub(crate) fn unwrap(master: &MasterKey, user: Pseudonym, wrapped: &[u8]) -> Result<UserKey> {
        key_bytes(unseal(master.expose(), &aad("user", Some(user)), wrapped)).map(|key| UserKey::new(*key))
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

    /// A secret, sealed under its owner's key.
    pub(crate) fn seal_secret(&self, owner: &SecretOwner, purpose: &SecretPurpose, value: &Secret) -> Result<Vec<u8>> {
        seal(self.key_of(owner), self.nonce()?, &aad_of(owner, purpose), value.expose())
    }

    /// A secret.
    pub(crate) fn open_secret(&self, owner: &SecretOwner, purpose: &SecretPurpose, sealed: &[u8]) -> Result<Secret> {
        let opened = unseal(self.key_of(owner), &aad_of(owner, purpose), sealed);
        opened.map(|mut bytes| Secret::new(std::mem::take(&mut *bytes))).ok_or_else(|| {
            Error::storage("a sealed secret does not open under its owner's key: the database is corrupted; put the secret anew, or restore the newest backup")
        })
    }

    fn key_of<'a>(&'a self, owner: &'a SecretOwner) -> &'a [u8; 32] {
        match owner {
            SecretOwner::Store => &self.store,
            SecretOwner::Person(person) => person.key.expose(),
        }
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

fn aad_of(owner: &SecretOwner, purpose: &SecretPurpose) -> Vec<u8> {
    let mut aad = match owner {
        SecretOwner::Store => aad("store secret", None),
        SecretOwner::Person(person) => aad("secret", Some(person.user)),
    };
    aad.extend_from_slice(purpose.as_str().as_bytes());
    aad
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
