//! What another store gave of a person: one line of an event, or a whole export behind its header. The first byte chooses.
#![no_main]

use std::cell::RefCell;
use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use oo::blocking::Engine;
use oo::event_json::EventLine;
use oo_core::testing::memory::MemoryStore;
use oo_core::testing::world::SeededWorld;

/// Imports after which the store begins anew, so that it stays small.
const EVERY: u32 = 100;
const HEADER: &str = "{\"type\":\"export\",\"format\":\"oo.export.v1\",\"user\":\"me\"}\n";

fn engine() -> Engine {
    let (world, store) = (Arc::new(SeededWorld::new(1_772_438_400_000, "fuzz")), Arc::new(MemoryStore::new()));
    let builder = oo::Engine::builder("unused").clock(world.clone()).entropy(world);
    Engine::from_builder(builder.test_store(store.clone(), store, oo_store::Revived::default())).expect("an engine")
}

thread_local! {
    static STORE: RefCell<(Engine, u32)> = RefCell::new((engine(), 0));
}

fuzz_target!(|data: &[u8]| {
    let Some((choice, rest)) = data.split_first() else { return };
    let Ok(text) = std::str::from_utf8(rest) else { return };
    if choice % 2 == 0 {
        let Ok(line) = EventLine::parse(text) else { return };
        let Ok(stored) = line.to_stored() else { return };
        let again = EventLine::new(&stored);
        let json = again.to_json().expect("what was read is written");
        assert_eq!(EventLine::parse(&json).expect("what was written is read").to_stored().expect("an event"), stored);
        return;
    }
    STORE.with_borrow_mut(|(engine, imports)| {
        if *imports >= EVERY {
            engine.close();
            (*engine, *imports) = (self::engine(), 0);
        }
        *imports += 1;
        let export = format!("{HEADER}{text}");
        let Ok(first) = engine.import_export("me", &export) else { return };
        let again = engine.import_export("me", &export).expect("what was read once reads again");
        assert_eq!((again.signals, again.consents), (0, 0), "the same export changes nothing: {first:?}");
    });
});
