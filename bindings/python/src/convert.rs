//! From Python: texts, times and JSON-like values, each checked, each error naming its field.

use oo::id::DecisionId;
use oo::{Error, Result};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyString};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::error::{invalid, raise};

/// How deep a value may be nested; beyond it a value is taken to hold itself.
const DEEPEST: u32 = 16;

/// A text that is whole: Python's may hold lone surrogates, which no UTF-8 can carry.
#[derive(Clone, Debug)]
pub(crate) struct Text(pub(crate) String);

impl<'a, 'py> FromPyObject<'a, 'py> for Text {
    type Error = PyErr;

    fn extract(given: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        text("text", given.cast::<PyString>()?.as_any()).map(Text)
    }
}

impl std::ops::Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

/// `given` as a count.
pub(crate) fn count(py: Python<'_>, field: &str, given: i128) -> PyResult<usize> {
    usize::try_from(given).map_err(|_| invalid(py, field, format!("{given} is no count; pass a number from 0 on")))
}

/// `given`, a text that is whole.
pub(crate) fn text(field: &str, given: &Bound<'_, PyAny>) -> PyResult<String> {
    let text = given.cast::<PyString>()?;
    match text.to_str() {
        Ok(text) => Ok(text.to_owned()),
        Err(_) => {
            Err(invalid(given.py(), field, "the text holds a lone surrogate, so it is no valid UTF-8; decode it again"))
        }
    }
}

/// An instant in Unix milliseconds, from an aware `datetime` or RFC 3339.
pub(crate) fn instant(field: &str, given: Option<&Bound<'_, PyAny>>) -> PyResult<Option<i64>> {
    let Some(given) = given.filter(|given| !given.is_none()) else { return Ok(None) };
    let py = given.py();
    let wrong = || invalid(py, field, "pass an aware datetime or RFC 3339 text such as 2026-11-30T10:00:00Z");
    let written = match time(field, given)? {
        Some(written) => written,
        None if given.is_instance_of::<PyString>() => text(field, given)?,
        None => return Err(wrong()),
    };
    oo::moment::parse_rfc3339(field, &written).map(Some).map_err(|error| raise(py, &error))
}

/// A time of day as `HH:MM`, from such a text or a `datetime.time`.
pub(crate) fn clock(field: &str, given: Option<&Bound<'_, PyAny>>) -> PyResult<Option<String>> {
    let Some(given) = given else { return Ok(None) };
    if given.is_instance_of::<PyString>() {
        return text(field, given).map(Some);
    }
    let written = given.call_method1(intern!(given.py(), "strftime"), ("%H:%M",));
    written
        .and_then(|written| written.extract().map(Some))
        .map_err(|_| invalid(given.py(), field, "pass a time of day as \"22:00\" or datetime.time(22)"))
}

/// The id of a tip: its text, a `uuid.UUID`, or whatever has one as `.id`.
pub(crate) fn tip_id(given: &Bound<'_, PyAny>) -> PyResult<oo::TipId> {
    let py = given.py();
    let own = given.getattr_opt(intern!(py, "id"))?.unwrap_or_else(|| given.clone());
    let text = text("tip", own.str()?.as_any())?;
    text.parse().map_err(|error| raise(py, &error))
}

/// The id of a decision: a `Choice`, a UUID or its text.
pub(crate) fn decision_id(field: &str, given: &Bound<'_, PyAny>) -> PyResult<DecisionId> {
    let py = given.py();
    let own = given.getattr_opt(intern!(py, "decision"))?.unwrap_or_else(|| given.clone());
    let text = text(field, own.str()?.as_any())?;
    DecisionId::parse(&text).map_err(|error| raise(py, &error.with_field(field)))
}

/// `given` as a form that is read field by field.
pub(crate) fn form<T: DeserializeOwned>(field: &str, given: &Bound<'_, PyAny>) -> PyResult<T> {
    let value = value(field, given)?;
    serde_json::from_value(value).map_err(|error| invalid(given.py(), field, error.to_string()))
}

/// `given` as a JSON value: mappings, sequences, texts, numbers, booleans, `None`, dates and aware datetimes.
pub(crate) fn value(field: &str, given: &Bound<'_, PyAny>) -> PyResult<Value> {
    nested(field, given, DEEPEST)
}

/// Whether `given` is a mapping.
pub(crate) fn is_mapping(given: &Bound<'_, PyAny>) -> PyResult<bool> {
    given.hasattr(intern!(given.py(), "keys"))
}

/// The entries of a mapping.
pub(crate) fn entries<'py>(given: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyDict>> {
    let entries = PyDict::new(given.py());
    entries.call_method1(intern!(given.py(), "update"), (given,))?;
    Ok(entries)
}

fn nested(field: &str, given: &Bound<'_, PyAny>, depth: u32) -> PyResult<Value> {
    let py = given.py();
    if depth == 0 {
        return Err(invalid(py, field, "the value is nested too deeply; pass it flat"));
    }
    if given.is_none() {
        return Ok(Value::Null);
    }
    if let Ok(flag) = given.cast::<PyBool>() {
        return Ok(Value::Bool(flag.is_true()));
    }
    if given.is_instance_of::<PyString>() {
        return text(field, given).map(Value::String);
    }
    if let Some(written) = time(field, given)? {
        return Ok(Value::String(written));
    }
    if let Some(number) = number(field, given)? {
        return number.map_err(|error| raise(py, &error));
    }
    if is_mapping(given)? {
        let entry = |(key, inner): (Bound<'_, PyAny>, Bound<'_, PyAny>)| {
            let key = text(field, &key).map_err(|_| invalid(py, field, "every key must be a text"))?;
            nested(&key, &inner, depth - 1).map(|inner| (key, inner))
        };
        return entries(given)?.iter().map(entry).collect::<PyResult<Map<_, _>>>().map(Value::Object);
    }
    match given.try_iter() {
        Ok(items) => items.map(|item| nested(field, &item?, depth - 1)).collect::<PyResult<_>>().map(Value::Array),
        Err(_) => Err(invalid(py, field, format!("a {} is not understood here", given.get_type().name()?))),
    }
}

/// A `date` or aware `datetime` in its ISO form; `None` for anything else.
fn time(field: &str, given: &Bound<'_, PyAny>) -> PyResult<Option<String>> {
    let py = given.py();
    let datetime = py.import(intern!(py, "datetime"))?;
    if !given.is_instance(&datetime.getattr(intern!(py, "date"))?)? {
        return Ok(None);
    }
    let aware = !given.is_instance(&datetime.getattr(intern!(py, "datetime"))?)?
        || !given.call_method0(intern!(py, "utcoffset"))?.is_none();
    if !aware {
        return Err(invalid(py, field, "the datetime has no zone; give it one, such as tzinfo=datetime.timezone.utc"));
    }
    given.call_method0(intern!(py, "isoformat"))?.extract().map(Some)
}

/// A number, numpy's included; `None` for anything else.
fn number(field: &str, given: &Bound<'_, PyAny>) -> PyResult<Option<Result<Value>>> {
    let py = given.py();
    let out_of_range = || Error::invalid(field, "the number is not finite or too large; correct it or leave it out");
    if given.is_instance_of::<PyInt>() || given.hasattr(intern!(py, "__index__"))? {
        let whole = given.call_method0(intern!(py, "__index__"))?;
        let value = whole.extract::<i64>().map(Value::from).or_else(|_| whole.extract::<u64>().map(Value::from));
        return Ok(Some(value.map_err(|_| out_of_range())));
    }
    if given.is_instance_of::<PyFloat>() || given.hasattr(intern!(py, "__float__"))? {
        let number = given.extract::<f64>()?;
        return Ok(Some(serde_json::Number::from_f64(number).map(Value::Number).ok_or_else(out_of_range)));
    }
    Ok(None)
}
