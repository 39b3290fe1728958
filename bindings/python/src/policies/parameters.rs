//! The parameters of a Python class, checked one by one, and the policy that they make.

use oo_policies::{PolicySpec, RangeSpec};
use pyo3::prelude::*;
use pyo3::types::PyString;
use serde_json::{Map, Number, Value};

use super::forms::{defaults, in_words, settings};
use super::policy::{Policy, spec_of};
use crate::convert::{is_mapping, value};
use crate::error::{invalid, raise};

/// An argument as JSON.
pub(crate) trait Parameter {
    /// The argument `name`; `Null` for `None`.
    fn value(self, py: Python<'_>, name: &str) -> PyResult<Value>;
}

impl Parameter for f64 {
    fn value(self, py: Python<'_>, name: &str) -> PyResult<Value> {
        Number::from_f64(self).map(Value::Number).ok_or_else(|| invalid(py, name, "pass a finite number"))
    }
}

impl Parameter for (f64, f64) {
    fn value(self, py: Python<'_>, name: &str) -> PyResult<Value> {
        Ok(Value::Array(vec![self.0.value(py, name)?, self.1.value(py, name)?]))
    }
}

impl Parameter for bool {
    fn value(self, _: Python<'_>, _: &str) -> PyResult<Value> {
        Ok(Value::Bool(self))
    }
}

/// A count.
impl Parameter for i64 {
    fn value(self, py: Python<'_>, name: &str) -> PyResult<Value> {
        let most = u32::MAX;
        let whole = u32::try_from(self).map(Value::from);
        whole.map_err(|_| invalid(py, name, format!("{self} is no count; pass a whole number in [0, {most}]")))
    }
}

impl Parameter for &str {
    fn value(self, _: Python<'_>, _: &str) -> PyResult<Value> {
        Ok(Value::from(self))
    }
}

/// Numbers, or policies, which are their settings.
impl Parameter for Bound<'_, PyAny> {
    fn value(self, py: Python<'_>, name: &str) -> PyResult<Value> {
        let items = match self.is_instance_of::<PyString>() || is_mapping(&self)? {
            true => return Err(invalid(py, name, "pass a list")),
            false => self.try_iter().map_err(|_| invalid(py, name, "pass a list"))?,
        };
        items.map(|item| item_of(name, &item?)).collect::<PyResult<_>>().map(Value::Array)
    }
}

impl<T: Parameter> Parameter for Option<T> {
    fn value(self, py: Python<'_>, name: &str) -> PyResult<Value> {
        self.map_or(Ok(Value::Null), |given| given.value(py, name))
    }
}

fn item_of(name: &str, given: &Bound<'_, PyAny>) -> PyResult<Value> {
    let py = given.py();
    let spec = match given.cast::<Policy>() {
        Ok(policy) if policy.get().columns().is_some() => {
            return Err(invalid(py, name, "a member takes its columns from the mixture; leave its `dim` out"));
        }
        Ok(policy) => policy.get().spec(),
        Err(_) if is_mapping(given)? => spec_of(given)?,
        Err(_) => return value(name, given),
    };
    Ok(serde_json::to_value(spec).unwrap_or_default())
}

/// The policy `kind` of the parameters `given` and what it is told of arrays.
pub(crate) fn made(
    py: Python<'_>,
    kind: &str,
    mut given: Map<String, Value>,
    dim: Option<i64>,
    range: Option<Bound<'_, PyAny>>,
    reward_range: Option<Bound<'_, PyAny>>,
) -> PyResult<Policy> {
    let (range, mut reward) = (range_of("range", range)?, range_of("reward_range", reward_range)?);
    let knows_rewards = defaults(kind).get("reward_range").is_some();
    if knows_rewards && given.get("rewards").is_some_and(Value::is_null) {
        if let Some(grid) = reward.and_then(|reward| reward.grid()) {
            given.insert("rewards".to_owned(), Value::from(vec![grid.lo(), grid.hi()]));
        }
        reward = reward.filter(|_| dim.is_some());
    }
    let settings = settings(kind, given).map_err(|error| raise(py, &error))?;
    let spec = PolicySpec::parse(&Value::Object(settings.clone()).to_string())
        .map_err(|error| raise(py, &in_words(error, &settings)))?;
    if dim.is_some() {
        reward = reward.or_else(|| rewards_of(&spec));
    }
    Policy::new(py, spec, dim, range, reward)
}

/// The rewards that the kind of `spec` knows, as a range of arrays.
pub(crate) fn rewards_of(spec: &PolicySpec) -> Option<RangeSpec> {
    let settings = serde_json::to_value(spec).ok()?;
    serde_json::from_value(settings.get("reward_range")?.clone()).ok()
}

/// The policy of `spec` and what it is told of arrays.
pub(crate) fn of_spec(
    py: Python<'_>,
    spec: PolicySpec,
    dim: Option<i64>,
    range: Option<Bound<'_, PyAny>>,
    reward_range: Option<Bound<'_, PyAny>>,
) -> PyResult<Policy> {
    Policy::new(py, spec, dim, range_of("range", range)?, range_of("reward_range", reward_range)?)
}

/// A range: (lo, hi), or "auto".
pub(crate) fn range_of(field: &str, given: Option<Bound<'_, PyAny>>) -> PyResult<Option<RangeSpec>> {
    let Some(given) = given else { return Ok(None) };
    let py = given.py();
    if given.extract::<&str>().is_ok_and(|word| word == "auto") {
        return Ok(Some(RangeSpec::Auto));
    }
    let [lo, hi]: [f64; 2] = given.extract().map_err(|_| invalid(py, field, "pass (lo, hi) or \"auto\""))?;
    RangeSpec::fixed(lo, hi).map(Some).map_err(|error| raise(py, &error.with_field(field)))
}
