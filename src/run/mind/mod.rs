//! What the engine has learned, as an immutable snapshot.
//!
//! Saved, it is `oo.mind1`, u64 length and the saved registry, then the bandits; a snapshot from before there were
//! bandits is the registry alone.

use oo_core::id::Position;
use oo_core::ports::Snapshot;
use oo_core::registry::PolicyRegistry;
use oo_core::{Error, Result};

use crate::bandits::Bandits;
use crate::policies::PolicyMaker;

/// The name under which the registry's snapshots are stored.
pub(crate) const REGISTRY: &str = "registry";

/// The tag in front of a saved mind.
const TAG: &[u8; 8] = b"oo.mind1";

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
    pub(crate) fn load(snapshot: &Snapshot, maker: &PolicyMaker) -> Result<Self> {
        let (registry, bandits) = match snapshot.bytes.strip_prefix(TAG) {
            None => (&snapshot.bytes[..], Bandits::default()),
            Some(rest) => {
                let damaged = || Error::storage("the saved policies are damaged; restore the database from a backup");
                let (len, rest) = rest.split_first_chunk::<8>().ok_or_else(damaged)?;
                let len = usize::try_from(u64::from_le_bytes(*len)).map_err(|_| damaged())?;
                let (registry, bandits) = rest.split_at_checked(len).ok_or_else(damaged)?;
                (registry, Bandits::load(bandits)?)
            }
        };
        let registry = PolicyRegistry::load(registry, &|bytes| maker.load(bytes))?;
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
        out.extend_from_slice(&(registry.len() as u64).to_le_bytes());
        out.extend_from_slice(&registry);
        self.bandits.save(&mut out);
        out
    }
}

#[cfg(test)]
mod tests;
