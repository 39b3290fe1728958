//! Components that are Python objects: candidate sources, policies and featurisers.
//!
//! What they are asked is in `oo/components.py`. They run with the GIL on threads of the engine's; an exception is an
//! error there, counted and never fatal.

mod featuriser;
mod policy;
mod source;

pub(crate) use featuriser::PyFeaturiser;
pub(crate) use policy::{PyFactory, is_policy};
pub(crate) use source::PySource;

use oo::moment::{Moment, rfc3339};
use oo::{Error, Result};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::error::invalid;

/// The stable name of a component.
pub(crate) fn name_of(field: &str, component: &Bound<'_, PyAny>) -> PyResult<String> {
    let name: String = helper(component.py(), "_name")?
        .call1((component,))
        .and_then(|name| name.extract())
        .map_err(|error| invalid(component.py(), field, error.value(component.py()).to_string()))?;
    Ok(name)
}

fn helper<'py>(py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyAny>> {
    py.import(intern!(py, "oo.components"))?.getattr(name)
}

/// Runs `call` with the GIL; what it raises is an error of the component.
fn attached<T>(what: &str, call: impl FnOnce(Python<'_>) -> PyResult<T>) -> Result<T> {
    let run = |py: Python<'_>| call(py).map_err(|error| Error::invalid(what, format!("it raised {error}")));
    Python::try_attach(run).unwrap_or_else(|| Err(Error::busy("the Python interpreter is shutting down")))
}

/// Calls `helper(component, …)`.
fn asked<'py>(
    py: Python<'py>,
    name: &str,
    component: &Py<PyAny>,
    rest: Vec<Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    let mut given = vec![component.bind(py).clone()];
    given.extend(rest);
    helper(py, name)?.call1(PyTuple::new(py, given)?)
}

/// The context of `oo/components.py` as JSON.
fn context(user: &str, now: &Moment, language: &str, decision: String, limit: Option<usize>) -> String {
    serde_json::json!({
        "user": user,
        "now": rfc3339(now.at_ms),
        "zone": &*now.zone,
        "language": language,
        "decision": decision,
        "limit": limit,
    })
    .to_string()
}
