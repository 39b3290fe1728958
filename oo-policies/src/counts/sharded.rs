//! A map in pieces, shared copy-on-write between a policy and its successors: a change copies one piece of 256.

use std::collections::BTreeMap;
use std::sync::Arc;

const PIECES: usize = 256;

/// Keys that say which bytes place them.
pub(crate) trait Placed: Ord + Clone {
    /// The bytes.
    fn bytes(&self) -> &[u8];
}

/// A map from `K` to `V`.
#[derive(Clone, Debug)]
pub(crate) struct Sharded<K, V> {
    pieces: Vec<Arc<BTreeMap<K, V>>>,
}

impl<K: Placed, V: Clone> Default for Sharded<K, V> {
    fn default() -> Self {
        Sharded { pieces: (0..PIECES).map(|_| Arc::default()).collect() }
    }
}

/// FNV-1a, folded to a piece; only where a key is kept follows from it.
fn piece(bytes: &[u8]) -> usize {
    let hash = bytes.iter().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193));
    ((hash ^ hash >> 16) & 0xff) as usize
}

impl<K: Placed, V: Clone> Sharded<K, V> {
    /// The value of `key`.
    pub(crate) fn get(&self, key: &K) -> Option<&V> {
        self.pieces[piece(key.bytes())].get(key)
    }

    /// The piece of `key`, to change.
    pub(crate) fn piece_mut(&mut self, key: &K) -> &mut BTreeMap<K, V> {
        Arc::make_mut(&mut self.pieces[piece(key.bytes())])
    }

    /// All entries in the order of their keys.
    pub(crate) fn sorted(&self) -> Vec<(&K, &V)> {
        let mut all: Vec<(&K, &V)> = self.pieces.iter().flat_map(|piece| piece.iter()).collect();
        all.sort_by_key(|(key, _)| *key);
        all
    }
}

impl Placed for oo_core::candidate::ArmKey {
    fn bytes(&self) -> &[u8] {
        self.as_str().as_bytes()
    }
}

impl Placed for oo_core::id::Pseudonym {
    fn bytes(&self) -> &[u8] {
        &self.0
    }
}
