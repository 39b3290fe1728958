//! The store in memory passes what every store must, also where it fails.

use std::sync::Arc;

use super::MemoryStore;
use crate::testing::faults::{Faults, FaultyStore};
use crate::testing::store_suite::{StoreSuite, Subject};

#[test]
fn passes_the_store_suite() {
    let make = || {
        let store = Arc::new(MemoryStore::new());
        Subject { log: store.clone(), state: store.clone(), secrets: store, keep: None }
    };
    assert_eq!(StoreSuite::new(&make).run().len(), 24);
}

#[test]
fn passes_the_store_suite_under_faults() {
    for seed in 0..3 {
        let make = || {
            let store = Arc::new(MemoryStore::new());
            let faulty = FaultyStore::new(
                store.clone(),
                store.clone(),
                Faults { late: 0, reorder: 0, ..Faults::default() },
                seed,
            );
            let secrets = faulty.secrets(store);
            Subject { log: faulty.clone(), state: faulty, secrets, keep: None }
        };
        let _ = StoreSuite::new(&make).under_faults().run();
    }
}
