//! The event codec: any bytes are an event or a typed error, an event is read as it was written, and learning reads of it
//! what everybody else does.
#![no_main]

use libfuzzer_sys::fuzz_target;
use oo_core::event::Event;
use oo_store::codec::{decode, decode_lean, encode};

fuzz_target!(|data: &[u8]| {
    let (whole, lean) = (decode(data), decode_lean(data));
    let event = match (whole, lean) {
        (Ok(event), Ok(lean)) => {
            let alone = Event { body: event.body.clone().drawn_alone(), ..event.clone() };
            assert_eq!(format!("{alone:?}"), format!("{lean:?}"));
            event
        }
        (Err(whole), Err(lean)) => {
            assert_eq!((whole.kind(), whole.message()), (lean.kind(), lean.message()));
            return;
        }
        (whole, lean) => panic!("whole: {whole:?}, lean: {lean:?}"),
    };
    let bytes = encode(&event).expect("what was read can be written");
    let again = decode(&bytes).expect("what was written can be read");
    // NaN is not equal to itself: the bytes are compared.
    assert_eq!(encode(&again).expect("it can be written again"), bytes);
});
