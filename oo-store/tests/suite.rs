//! The conformance suite for stores, plain, under faults, and with several stores on one file.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test fails by panicking and may look at the clock"
)]

mod support;

use oo_core::testing::faults::{Faults, FaultyStore};
use oo_core::testing::store_suite::{StoreSuite, Subject};
use support::Place;

#[test]
fn passes_the_store_suite() {
    let make = || {
        let place = Place::new();
        let store = support::open_with(&place.path, oo_store::Options::default()).unwrap();
        Subject { log: store.clone(), state: store.clone(), secrets: store, keep: Some(Box::new(place)) }
    };
    assert_eq!(StoreSuite::new(&make).run().len(), 24);
}

#[test]
fn passes_the_store_suite_with_two_stores_on_one_file() {
    // The log through one, everything beside it through the other.
    let make = || {
        let place = Place::new();
        let log = support::open_with(&place.path, oo_store::Options::default()).unwrap();
        let state = support::open_with(&place.path, oo_store::Options::default()).unwrap();
        Subject { log, state: state.clone(), secrets: state, keep: Some(Box::new(place)) }
    };
    let _ = StoreSuite::new(&make).run();
}

#[test]
fn passes_the_store_suite_under_faults() {
    for seed in 0..4 {
        let make = || {
            let place = Place::new();
            let store = support::open_with(&place.path, oo_store::Options::default()).unwrap();
            let faulty =
                FaultyStore::new(store.clone(), store.clone(), Faults { reorder: 0, ..Faults::default() }, seed);
            let secrets = faulty.secrets(store);
            Subject { log: faulty.clone(), state: faulty, secrets, keep: Some(Box::new(place)) }
        };
        println!("seed {seed}");
        let _ = StoreSuite::new(&make).under_faults().run();
    }
}
