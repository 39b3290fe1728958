//! How a policy is kept: bytes, JSON, pickle, parameters and clones.

use oo_policies::Bandit;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyString, PyType};
use serde_json::{Value, json};

use super::forms::defaults;
use super::kinds::{arguments, object};
use super::policy::{Policy, spec_of};
use crate::door::quickly;
use crate::error::{invalid, raise};

/// What a policy's JSON says it is.
const FORMAT: &str = "oo.policy.v1";

/// Arguments of which the second follows the first where it is not given.
const FOLLOWING: [(&str, &str); 3] = [("rewards", "reward_range"), ("reward_range", "rewards"), ("members", "weights")];

#[pymethods]
impl Policy {
    /// The policy as checked bytes; loading them changes no bit.
    #[pyo3(signature = () -> "bytes")]
    fn save<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let bytes = self.place.read(py, 0, |bandit| Ok(bandit.save()))?;
        Ok(PyBytes::new(py, &bytes))
    }

    /// The policy that `data` was saved from.
    #[classmethod]
    #[pyo3(signature = (data: "bytes") -> "Self")]
    fn load(cls: &Bound<'_, PyType>, py: Python<'_>, data: &[u8]) -> PyResult<Py<PyAny>> {
        let loaded = object(py, Policy::of(quickly(py, || Bandit::load(data))?))?;
        of_class(cls, py, loaded, "data")
    }

    /// The policy as JSON: its settings in words, and its state as the bytes of `save` in base64.
    #[pyo3(signature = () -> "str")]
    fn to_json(&self, py: Python<'_>) -> PyResult<String> {
        let settings = serde_json::to_value(self.place.spec()).unwrap_or(Value::Null);
        let state = match self.place.on_arrays() {
            true => {
                let encoded = base64(py, "b64encode", self.save(py)?.as_any())?;
                Some(encoded.call_method1(intern!(py, "decode"), ("ascii",))?.extract::<String>()?)
            }
            false => None,
        };
        Ok(json!({"format": FORMAT, "settings": settings, "state": state}).to_string())
    }

    /// The policy of `to_json`; no bit of it changes.
    #[classmethod]
    #[pyo3(signature = (text: "str") -> "Self")]
    fn from_json(cls: &Bound<'_, PyType>, py: Python<'_>, text: &str) -> PyResult<Py<PyAny>> {
        let wrong = || invalid(py, "text", "this is no policy's JSON; pass what to_json returned");
        let read: Value = serde_json::from_str(text).map_err(|_| wrong())?;
        if read.get("format").and_then(Value::as_str) != Some(FORMAT) {
            return Err(wrong());
        }
        match read.get("state").and_then(Value::as_str) {
            Some(state) => {
                let data = base64(py, "b64decode", PyString::new(py, state).as_any()).map_err(|_| wrong())?;
                Policy::load(cls, py, data.extract::<&[u8]>()?)
            }
            None => {
                let settings = read.get("settings").ok_or_else(wrong)?.to_string();
                let spec = spec_of(PyString::new(py, &settings).as_any())?;
                of_class(cls, py, object(py, Policy::new(py, spec, None, None, None)?)?, "text")
            }
        }
    }

    /// The hash of settings and exact sums, hexadecimal; equal for the same set of lessons, in any order.
    #[getter]
    fn state_hash(&self, py: Python<'_>) -> PyResult<String> {
        let hash = self.place.read(py, 0, Bandit::state_hash)?;
        Ok(oo::id::hex(&hash))
    }

    /// How many lessons are in it.
    #[getter]
    fn lessons(&self, py: Python<'_>) -> PyResult<u64> {
        match self.place.on_arrays() {
            true => self.place.read(py, 0, |bandit| Ok(bandit.lessons())),
            false => Ok(0),
        }
    }

    /// The number of columns; None for an engine's policy.
    #[getter]
    fn dim(&self) -> Option<usize> {
        self.columns()
    }

    /// Its arguments by name, those left out that are None by default; a range that was "auto" is the one the first call
    /// fixed.
    #[getter]
    fn settings<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let (said, set) = (self.get_params(py, true)?, PyDict::new(py));
        let known = defaults(self.place.spec().kind());
        for (name, value) in said {
            if !value.is_none() || known.get(name.extract::<&str>()?).is_some_and(|default| !default.is_null()) {
                set.set_item(name, value)?;
            }
        }
        Ok(set)
    }

    /// Its arguments by name, as scikit-learn asks for them.
    #[pyo3(signature = (deep: "bool" = true) -> "dict[str, Any]")]
    fn get_params<'py>(&self, py: Python<'py>, deep: bool) -> PyResult<Bound<'py, PyDict>> {
        let _ = deep;
        arguments(py, &self.place.spec(), self.whole(py)?.as_ref())
    }

    /// Changes arguments of a policy that has learned nothing yet, and returns it.
    #[pyo3(signature = (**params: "Any") -> "Self")]
    fn set_params<'py>(this: Bound<'py, Self>, params: Option<Bound<'py, PyDict>>) -> PyResult<Bound<'py, Self>> {
        let py = this.py();
        let Some(params) = params else { return Ok(this) };
        let all = this.get().get_params(py, true)?;
        for (name, value) in params.iter() {
            if !all.contains(&name)? {
                let known: Vec<String> = all.keys().extract()?;
                return Err(invalid(
                    py,
                    name.extract()?,
                    format!("{} has no such argument; it has {}", this.get_type().name()?, known.join(", ")),
                ));
            }
            all.set_item(name, value)?;
        }
        for (one, other) in FOLLOWING {
            if params.contains(one)? && !params.contains(other)? && all.contains(other)? {
                all.set_item(other, py.None())?;
            }
        }
        let made = this.get_type().call((), Some(&all))?.cast_into::<Policy>()?;
        this.get().place.become_like(py, &made.get().place)?;
        Ok(this)
    }

    /// A policy with the same arguments that has learned nothing: what `sklearn.base.clone` asks for.
    #[pyo3(signature = () -> "Self")]
    fn __sklearn_clone__<'py>(this: Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        let arguments = this.get().get_params(this.py(), true)?;
        this.get_type().call((), Some(&arguments))
    }

    fn __repr__(this: &Bound<'_, Self>) -> PyResult<String> {
        let (py, policy) = (this.py(), this.get());
        let mut said: Vec<String> = Vec::new();
        for (name, argument) in policy.settings(py)?.iter() {
            said.push(format!("{name}={}", argument.repr()?));
        }
        let lessons = policy.lessons(py)?;
        let lessons = if lessons > 0 { format!(" with {lessons} lessons") } else { String::new() };
        Ok(format!("{}({}){lessons}", this.get_type().name()?, said.join(", ")))
    }

    #[pyo3(signature = () -> "tuple[Any, ...]")]
    fn __reduce__<'py>(this: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        let (py, policy) = (this.py(), this.get());
        let parts = match policy.place.on_arrays() {
            true => (this.get_type().getattr("load")?, (policy.save(py)?,)).into_pyobject(py)?,
            false => {
                let json = policy.place.spec().to_json().map_err(|error| raise(py, &error))?;
                (this.getattr("of_settings")?, (json,)).into_pyobject(py)?
            }
        };
        Ok(parts.into_any())
    }
}

/// `loaded`, if it is of the class it was asked of.
fn of_class(cls: &Bound<'_, PyType>, py: Python<'_>, loaded: Py<PyAny>, field: &str) -> PyResult<Py<PyAny>> {
    match loaded.bind(py).is_instance(cls)? {
        true => Ok(loaded),
        false => {
            let class = loaded.bind(py).get_type();
            Err(invalid(py, field, format!("this is a saved {}; load it as that", class.name()?)))
        }
    }
}

fn base64<'py>(py: Python<'py>, way: &str, data: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    py.import(intern!(py, "base64"))?.call_method1(way, (data,))
}
