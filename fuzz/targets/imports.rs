//! Files that a person already has: Todoist's CSV, iCalendar, JSON lines, or whatever the file says it is. The first byte
//! chooses.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use oo::moment::Zone;
use oo_server::import::{Format, parse};

static ZONE: LazyLock<Zone> = LazyLock::new(|| Zone::parse("Europe/Berlin").expect("a zone"));

fuzz_target!(|data: &[u8]| {
    let Some((choice, file)) = data.split_first() else { return };
    let format = Format::ALL.get(usize::from(*choice) % 4).copied();
    let Ok(import) = parse("file", file, format, &ZONE, 1_772_438_400_000, None) else { return };
    assert_eq!(import.signals.len() as u64, import.report.imported);
    for signal in &import.signals {
        signal.validate().expect("what is imported is valid");
    }
});
