//! The event codec: any bytes are an event or a typed error, and an event is read as it was written.
#![no_main]

use libfuzzer_sys::fuzz_target;
use oo_store::codec::{decode, encode};

fuzz_target!(|data: &[u8]| {
    let Ok(event) = decode(data) else { return };
    let bytes = encode(&event).expect("what was read can be written");
    let again = decode(&bytes).expect("what was written can be read");
    // NaN is not equal to itself: the bytes are compared.
    assert_eq!(encode(&again).expect("it can be written again"), bytes);
});
