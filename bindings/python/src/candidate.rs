//! Candidates from Python: a caller's own, and what sources answer. Their JSON form is read by the core.

use oo::TipCandidate;
use pyo3::prelude::*;

use crate::convert::value;
use crate::error::{invalid, raise};

/// The candidates of `given`, an iterable of mappings.
pub(crate) fn candidates(given: Option<&Bound<'_, PyAny>>) -> PyResult<Vec<TipCandidate>> {
    let Some(given) = given else { return Ok(Vec::new()) };
    let py = given.py();
    let serde_json::Value::Array(all) = value("candidates", given)? else {
        return Err(invalid(py, "candidates", "pass a list of mappings with `id` and `content`"));
    };
    let read = all.into_iter().map(oo::wire::candidate_from_value).collect::<oo::Result<_>>();
    read.map_err(|error| raise(py, &error))
}
