//! What the engine has learned, as an immutable snapshot.

use oo_core::Result;
use oo_core::id::Position;
use oo_core::ports::Snapshot;
use oo_core::registry::PolicyRegistry;

use crate::policies::PolicyMaker;

/// The name under which the registry's snapshots are stored.
pub(crate) const REGISTRY: &str = "registry";

/// The policies, and how far they have read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Mind {
    /// The last event that was folded.
    pub(crate) position: Position,
    /// Lessons at or before this position are in the registry already; folding them again teaches nothing.
    pub(crate) learned: Position,
    /// The epoch of the policies.
    pub(crate) epoch: u32,
    /// The policies.
    pub(crate) registry: PolicyRegistry,
    /// Lessons since the last snapshot.
    pub(crate) unsaved: u64,
}

impl Mind {
    /// The state of a stored snapshot.
    pub(crate) fn load(snapshot: &Snapshot, maker: &PolicyMaker) -> Result<Self> {
        let registry = PolicyRegistry::load(&snapshot.bytes, &|bytes| maker.load(bytes))?;
        Ok(Mind {
            position: snapshot.position,
            learned: snapshot.position,
            epoch: snapshot.epoch,
            registry,
            unsaved: 0,
        })
    }

    /// The snapshot to store.
    pub(crate) fn save(&self) -> Snapshot {
        Snapshot { name: REGISTRY.to_owned(), position: self.position, epoch: self.epoch, bytes: self.registry.save() }
    }
}
