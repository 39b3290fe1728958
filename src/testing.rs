//! What fuzzing and other tests of the inside need, behind the feature `testing`.

use std::sync::Arc;

use oo_core::Result;
use oo_core::features::default_schema;
use oo_core::id::Position;
use oo_core::ports::Snapshot;
use oo_core::reward::RewardSpec;

use crate::policies::PolicyMaker;
use crate::run::{Mind, REGISTRY};

/// The bytes of a snapshot of the registry and the named bandits, read over the default schema and saved again.
///
/// # Errors
/// What reading says: `storage` for damaged bytes, `incompatible` for those of a newer oO.
pub fn saved_again(bytes: &[u8]) -> Result<Vec<u8>> {
    let maker = PolicyMaker::new(Arc::clone(&default_schema()?), RewardSpec::v1()?, Vec::new())?;
    let snapshot = Snapshot { name: REGISTRY.to_owned(), position: Position(0), epoch: 0, bytes: bytes.to_vec() };
    Ok(Mind::load(&snapshot, &maker)?.bytes())
}
