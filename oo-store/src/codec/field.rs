//! Fields: bytes of a fixed length, numbers of a narrower type, and the two ways in which an event can be unreadable.

use oo_core::{Error, Result};

/// Bytes that no oO wrote.
pub(super) fn corrupted(what: &str) -> Error {
    Error::storage(format!("the event log is corrupted: an event cannot be read, {what}; restore the newest backup"))
}

/// An event of a newer version.
pub(super) fn newer(what: &str) -> Error {
    Error::incompatible(format!(
        "the event log was written by a newer oO: an event has {what}; upgrade oO and open it again"
    ))
}

/// Exactly `N` bytes.
pub(super) fn array<const N: usize>(bytes: &[u8], field: &str) -> Result<[u8; N]> {
    bytes.try_into().map_err(|_| corrupted(&format!("its field {field:?} has {} bytes, not {N}", bytes.len())))
}

/// Exactly `N` bytes, or none at all.
pub(super) fn array_or_none<const N: usize>(bytes: &[u8], field: &str) -> Result<Option<[u8; N]>> {
    if bytes.is_empty() { Ok(None) } else { array(bytes, field).map(Some) }
}

/// A number of a narrower type.
pub(super) fn narrow<T: TryFrom<u32>>(value: u32, field: &str) -> Result<T> {
    T::try_from(value).map_err(|_| corrupted(&format!("its field {field:?} is {value}, out of range")))
}

/// A message that must be there.
pub(super) fn required<T>(value: Option<T>, field: &str) -> Result<T> {
    value.ok_or_else(|| corrupted(&format!("its field {field:?} is missing")))
}

/// An enum value that this version knows; the unspecified one is `None`.
pub(super) fn known<T: TryFrom<i32> + Default + PartialEq>(value: i32, field: &str) -> Result<T> {
    match T::try_from(value) {
        Ok(known) if known == T::default() => Err(corrupted(&format!("its field {field:?} is unspecified"))),
        Ok(known) => Ok(known),
        Err(_) => Err(newer(&format!("value {value} of {field:?}"))),
    }
}
