//! To Python: an answer leaves in its JSON form, of which `oo/answers.py` makes the dataclass.

use pyo3::intern;
use pyo3::prelude::*;
use serde::Serialize;

use crate::error::raise;

/// `value` as the dataclass `class`, or as a list of them when it is a list.
pub(crate) fn answer<'py, T: Serialize>(py: Python<'py>, class: &str, value: &T) -> PyResult<Bound<'py, PyAny>> {
    let text = serde_json::to_string(value)
        .map_err(|error| raise(py, &oo::Error::internal(format!("an answer does not serialise: {error}"))))?;
    py.import(intern!(py, "oo.answers"))?.getattr(intern!(py, "_read"))?.call1((class, text))
}
