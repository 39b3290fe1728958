//! What the tests of the door need: an error of each kind, and panics. Absent from release builds.

use napi_derive::napi;

use crate::door;

/// Every kind of error, by name.
#[napi]
pub fn error_kinds() -> Vec<String> {
    oo::ErrorKind::ALL.iter().map(|kind| kind.as_str().to_owned()).collect()
}

/// Fails with an error of `kind` about `field`.
#[napi]
pub async fn fail(kind: String, message: String, field: Option<String>) -> napi::Result<()> {
    door::contained(async { failing(&kind, &message, field.as_deref()) }).await
}

/// As [`fail`], at once.
#[napi]
pub fn fail_now(kind: String, message: String, field: Option<String>) -> napi::Result<()> {
    door::now(|| failing(&kind, &message, field.as_deref()))
}

/// Panics behind the door.
#[napi]
#[allow(clippy::panic, reason = "that is what is tested")]
pub async fn panics() -> napi::Result<()> {
    door::contained(async { panic!("a panic for the test of the door") }).await
}

/// As [`panics`], at once.
#[napi]
#[allow(clippy::panic, reason = "that is what is tested")]
pub fn panics_now() -> napi::Result<()> {
    door::now(|| panic!("a panic for the test of the door"))
}

fn failing(kind: &str, message: &str, field: Option<&str>) -> oo::Result<()> {
    let kind = oo::ErrorKind::ALL.into_iter().find(|known| known.as_str() == kind);
    let error = oo::Error::new(kind.unwrap_or(oo::ErrorKind::Internal), message);
    Err(match field {
        Some(field) => error.with_field(field),
        None => error,
    })
}
