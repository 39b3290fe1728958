//! Between the parameters of a Python class and the settings of a policy.
//!
//! They have the same names, but for three: `lambda` is a word of Python's own, so it is `lam`; how scores become
//! probabilities, an object in settings, is `epsilon` or `tau`; and the columns of hybrid sharing are `context`.

use oo_policies::{BanditSpec, Exploration, PolicySpec, RangeSpec};
use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};
use serde_json::{Map, Number, Value, json};

use super::policy::Policy;
use crate::convert::value;
use crate::error::{invalid, raise};

/// What an argument is in settings; `None` where it was left out.
pub(crate) trait Parameter {
    /// As JSON; `Null` for a number that JSON has not got.
    fn value(self) -> PyResult<Option<Value>>;
}

impl Parameter for f64 {
    fn value(self) -> PyResult<Option<Value>> {
        Ok(Some(Number::from_f64(self).map_or(Value::Null, Value::Number)))
    }
}

impl Parameter for bool {
    fn value(self) -> PyResult<Option<Value>> {
        Ok(Some(Value::Bool(self)))
    }
}

impl Parameter for i64 {
    fn value(self) -> PyResult<Option<Value>> {
        Ok(Some(Value::from(self)))
    }
}

impl Parameter for &str {
    fn value(self) -> PyResult<Option<Value>> {
        Ok(Some(Value::from(self)))
    }
}

impl Parameter for Bound<'_, PyAny> {
    fn value(self) -> PyResult<Option<Value>> {
        json_of(&self).map(Some)
    }
}

impl<T: Parameter> Parameter for Option<T> {
    fn value(self) -> PyResult<Option<Value>> {
        self.map_or(Ok(None), Parameter::value)
    }
}

/// `given` as JSON; policies in it are their settings.
fn json_of(given: &Bound<'_, PyAny>) -> PyResult<Value> {
    if let Ok(policy) = given.cast::<Policy>() {
        let spec = policy.get().settings_for_engine(given.py())?;
        return Ok(serde_json::to_value(spec).unwrap_or(Value::Null));
    }
    if given.is_instance_of::<PyList>() || given.is_instance_of::<pyo3::types::PyTuple>() {
        return given.try_iter()?.map(|item| json_of(&item?)).collect::<PyResult<_>>().map(Value::Array);
    }
    value("settings", given)
}

/// Enters the argument `name` into `settings`.
pub(crate) fn given(
    py: Python<'_>,
    settings: &mut Map<String, Value>,
    name: &str,
    value: Option<Value>,
) -> PyResult<()> {
    match value {
        None => {}
        Some(Value::Null) => return Err(invalid(py, name, "pass a finite number")),
        Some(value) => drop(settings.insert(name.to_owned(), value)),
    }
    Ok(())
}

/// The policy `kind` of `settings` and what it is told of arrays.
pub(crate) fn made(
    py: Python<'_>,
    kind: &str,
    mut settings: Map<String, Value>,
    dim: Option<i64>,
    range: Option<Bound<'_, PyAny>>,
    reward_range: Option<Bound<'_, PyAny>>,
) -> PyResult<Policy> {
    if let Some(lambda) = settings.remove("lam") {
        settings.insert("lambda".to_owned(), lambda);
    }
    if let Some(context) = settings.remove("context") {
        if settings.get("sharing").and_then(Value::as_str) != Some("hybrid") {
            return Err(invalid(py, "context", "only sharing=\"hybrid\" knows which columns are the context"));
        }
        settings.insert("sharing".to_owned(), json!({"hybrid": {"context": context}}));
    }
    if explores(kind) {
        let epsilon = settings.remove("epsilon");
        let exploration = match (settings.remove("tau"), epsilon) {
            (Some(tau), _) => Some(json!({"type": "softmax", "tau": tau})),
            (None, Some(epsilon)) => Some(json!({"type": "epsilon_floor", "epsilon": epsilon})),
            (None, None) => None,
        };
        if let Some(exploration) = exploration {
            settings.insert("exploration".to_owned(), exploration);
        }
    }
    settings.insert("type".to_owned(), Value::from(kind));
    let spec = PolicySpec::parse(&Value::Object(settings).to_string()).map_err(|error| raise(py, &error))?;
    of_spec(py, spec, dim, range, reward_range)
}

/// The policy of `spec` and what it is told of arrays.
pub(crate) fn of_spec(
    py: Python<'_>,
    spec: PolicySpec,
    dim: Option<i64>,
    given: Option<Bound<'_, PyAny>>,
    reward: Option<Bound<'_, PyAny>>,
) -> PyResult<Policy> {
    let range = given.map(|given| range_of("range", &given)).transpose()?;
    let reward = reward.map(|given| range_of("reward_range", &given)).transpose()?;
    Policy::new(py, spec, dim, range, reward)
}

/// Whether the settings of `kind` say how scores become probabilities.
fn explores(kind: &str) -> bool {
    PolicySpec::parse(&json!({"type": kind}).to_string())
        .ok()
        .and_then(|spec| serde_json::to_value(spec).ok())
        .is_some_and(|settings| settings.get("exploration").is_some())
}

/// `settings`, and `whole` where it works on arrays, as the arguments `names`; all settings where none are named.
pub(crate) fn said<'py>(
    py: Python<'py>,
    settings: &Value,
    names: Option<&[&str]>,
    whole: Option<&BanditSpec>,
) -> PyResult<Bound<'py, PyDict>> {
    let said = PyDict::new(py);
    said.set_item("dim", whole.map(|whole| whole.dim))?;
    let exploration = settings.get("exploration");
    // Where `tau` is given, `epsilon` says nothing: it has its default.
    let floor = serde_json::to_value(Exploration::default()).unwrap_or(Value::Null);
    let hybrid = settings.get("sharing").and_then(|sharing| sharing.get("hybrid"));
    let word = Value::from("hybrid");
    let of = |name: &str| match (name, exploration) {
        ("sharing", _) if hybrid.is_some() => Some(&word),
        ("context", _) => hybrid.and_then(|hybrid| hybrid.get("context")),
        ("lam", _) => settings.get("lambda"),
        ("epsilon", Some(exploration)) => exploration.get(name).or_else(|| floor.get(name)),
        ("tau", Some(exploration)) => exploration.get(name),
        _ => settings.get(name),
    };
    match names {
        Some(names) => {
            for name in names {
                said.set_item(*name, object_of(py, of(name).unwrap_or(&Value::Null))?)?;
            }
        }
        None => said.set_item("settings", object_of(py, settings)?)?,
    }
    let range = |range: Option<RangeSpec>| match range.map(|range| range.grid()) {
        None => Ok(py.None().into_bound(py)),
        Some(None) => "auto".into_bound_py_any(py),
        Some(Some(grid)) => (grid.lo(), grid.hi()).into_bound_py_any(py),
    };
    said.set_item("range", range(whole.map(|whole| whole.range))?)?;
    said.set_item("reward_range", range(whole.map(|whole| whole.reward_range))?)?;
    Ok(said)
}

/// `value` as Python's own.
fn object_of<'py>(py: Python<'py>, value: &Value) -> PyResult<Bound<'py, PyAny>> {
    match value {
        Value::Null => Ok(py.None().into_bound(py)),
        Value::Bool(flag) => flag.into_bound_py_any(py),
        Value::Number(number) => match number.as_i64() {
            Some(whole) if !number.is_f64() => whole.into_bound_py_any(py),
            _ => number.as_f64().into_bound_py_any(py),
        },
        Value::String(text) => text.into_bound_py_any(py),
        Value::Array(items) => {
            let items = items.iter().map(|item| object_of(py, item)).collect::<PyResult<Vec<_>>>()?;
            items.into_bound_py_any(py)
        }
        Value::Object(entries) => {
            let dict = PyDict::new(py);
            for (name, value) in entries {
                dict.set_item(name, object_of(py, value)?)?;
            }
            dict.into_bound_py_any(py)
        }
    }
}

fn range_of(field: &str, given: &Bound<'_, PyAny>) -> PyResult<RangeSpec> {
    let py = given.py();
    if given.extract::<&str>().is_ok_and(|word| word == "auto") {
        return Ok(RangeSpec::Auto);
    }
    let [lo, hi]: [f64; 2] = given.extract().map_err(|_| invalid(py, field, "pass (lo, hi) or \"auto\""))?;
    RangeSpec::fixed(lo, hi).map_err(|error| raise(py, &error.with_field(field)))
}
