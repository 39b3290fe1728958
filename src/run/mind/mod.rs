//! What the engine has learned, as an immutable snapshot.
//!
//! Saved, it is `oo.mind2`, the SHA-256 of all that follows, u64 length and the saved registry, then the bandits. Before
//! there was a hash it was `oo.mind1`; before there were bandits, the registry alone.

use std::cell::Cell;

use oo_core::id::Position;
use oo_core::ports::Snapshot;
use oo_core::registry::PolicyRegistry;
use oo_core::{Error, ErrorKind, Result};
use sha2::{Digest, Sha256};

use crate::bandits::Bandits;
use crate::policies::PolicyMaker;

/// The name under which the registry's snapshots are stored.
pub(crate) const REGISTRY: &str = "registry";

/// The tag in front of a saved mind.
const TAG: &[u8; 8] = b"oo.mind2";
/// The tag of a mind without a hash.
const TAG_1: &[u8; 8] = b"oo.mind1";
/// How the tags of every version begin.
const TAGS: [&[u8]; 2] = [b"oo.mind", b"oo.reg."];

/// The policies, and how far they have read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Mind {
    /// The last event that was folded.
    pub(crate) position: Position,
    /// The last event that another process committed, as far as it was folded while this one runs.
    pub(crate) foreign: Position,
    /// Lessons at or before this position are in the registry already; folding them again teaches nothing.
    pub(crate) learned: Position,
    /// The epoch of the policies.
    pub(crate) epoch: u32,
    /// The policies.
    pub(crate) registry: PolicyRegistry,
    /// The named bandits.
    pub(crate) bandits: Bandits,
    /// Lessons since the last snapshot.
    pub(crate) unsaved: u64,
}

impl Mind {
    /// The state of a stored snapshot.
    ///
    /// # Errors
    /// `storage` when it is damaged, `incompatible` when a newer oO wrote any of it, or else when any is
    /// [over another schema](is_over_another_schema).
    pub(crate) fn load(snapshot: &Snapshot, maker: &PolicyMaker) -> Result<Self> {
        let bytes = &snapshot.bytes[..];
        let parts = match (bytes.strip_prefix(TAG), bytes.strip_prefix(TAG_1)) {
            (Some(rest), _) => Some(checked(rest)?),
            (None, Some(rest)) => Some(rest),
            (None, None) if TAGS.iter().any(|tag| bytes.starts_with(tag)) => None,
            (None, None) => return Err(damaged()),
        };
        let (registry, bandits) = match parts {
            None => (bytes, Bandits::default()),
            Some(rest) => {
                let (len, rest) = rest.split_first_chunk::<8>().ok_or_else(damaged)?;
                let len = usize::try_from(u64::from_le_bytes(*len)).map_err(|_| damaged())?;
                let (registry, bandits) = rest.split_at_checked(len).ok_or_else(damaged)?;
                (registry, Bandits::load(bandits)?)
            }
        };
        let other = Cell::new(None);
        let registry = PolicyRegistry::load(registry, &|bytes| match maker.load(bytes) {
            // The others are looked at all the same: what a newer oO wrote is not learned anew in its old form.
            Err(error) if is_over_another_schema(&error) => {
                other.set(Some(error));
                maker.fallback()
            }
            loaded => loaded,
        })?;
        if let Some(error) = other.into_inner() {
            return Err(error);
        }
        Ok(Mind {
            position: snapshot.position,
            foreign: Position(0),
            learned: snapshot.position,
            epoch: snapshot.epoch,
            registry,
            bandits,
            unsaved: 0,
        })
    }

    /// The snapshot to store.
    pub(crate) fn save(&self) -> Snapshot {
        Snapshot { name: REGISTRY.to_owned(), position: self.position, epoch: self.epoch, bytes: self.bytes() }
    }

    /// Registry and bandits as bytes.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let registry = self.registry.save();
        let mut out = TAG.to_vec();
        out.extend_from_slice(&[0; 32]);
        out.extend_from_slice(&(registry.len() as u64).to_le_bytes());
        out.extend_from_slice(&registry);
        self.bandits.save(&mut out);
        let (head, content) = out.split_at_mut(TAG.len() + 32);
        head[TAG.len()..].copy_from_slice(&Sha256::digest(content));
        out
    }
}

/// Whether `error` says that something saved is over another feature schema: what a migration learns anew.
pub(crate) fn is_over_another_schema(error: &Error) -> bool {
    error.kind() == ErrorKind::Incompatible && error.field() == Some("schema")
}

/// What follows the hash in front of `rest`, if it is what was hashed.
fn checked(rest: &[u8]) -> Result<&[u8]> {
    let (hash, content) = rest.split_first_chunk::<32>().ok_or_else(damaged)?;
    if Sha256::digest(content)[..] == hash[..] { Ok(content) } else { Err(damaged()) }
}

fn damaged() -> Error {
    Error::storage("the saved policies are damaged; open the store again, which learns them anew from the log")
}

#[cfg(test)]
mod tests;
