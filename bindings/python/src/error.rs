//! Errors on their way to Python: one class a kind, made in `oo/errors.py`; a kind it does not know is its base class.

use oo::{Error, ErrorKind};
use pyo3::intern;
use pyo3::prelude::*;

/// The exception of `error`.
pub(crate) fn raise(py: Python<'_>, error: &Error) -> PyErr {
    let made = py
        .import(intern!(py, "oo.errors"))
        .and_then(|errors| errors.getattr(intern!(py, "_of")))
        .and_then(|of| of.call1((error.kind().as_str(), error.message(), error.field())));
    match made {
        Ok(exception) => PyErr::from_value(exception),
        Err(failure) => failure,
    }
}

/// `invalid_input` about `field`.
pub(crate) fn invalid(py: Python<'_>, field: &str, message: impl Into<String>) -> PyErr {
    raise(py, &Error::invalid(field, message))
}

/// The stable names of all kinds of error, in order.
#[pyfunction(name = "_error_kinds")]
#[pyo3(signature = () -> "list[str]")]
pub(crate) fn error_kinds() -> Vec<&'static str> {
    ErrorKind::ALL.into_iter().map(ErrorKind::as_str).collect()
}

/// Fails with the error of `kind`, through the door.
#[cfg(feature = "testing")]
#[pyfunction(name = "_fail")]
pub(crate) fn fail(py: Python<'_>, kind: &str, message: String, field: Option<String>) -> PyResult<()> {
    let kind = ErrorKind::ALL
        .into_iter()
        .find(|known| known.as_str() == kind)
        .ok_or_else(|| invalid(py, "kind", "there is no such kind of error"))?;
    let error = Error::new(kind, message);
    let error = field.map_or_else(|| error.clone(), |field| error.clone().with_field(field));
    crate::door::through(py, move || Err(error))
}

/// Panics behind the door.
#[cfg(feature = "testing")]
#[pyfunction(name = "_panic")]
#[allow(clippy::panic, reason = "a test that panics are contained needs one")]
pub(crate) fn panic(py: Python<'_>) -> PyResult<()> {
    crate::door::through(py, || panic!("on purpose"))
}
