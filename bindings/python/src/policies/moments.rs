//! Whose rows they are and of which day, from Python.

use numpy::{PyArray1, PyArrayMethods};
use oo::id::Pseudonym;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyString;

use super::arrays::refuse_masked;
use crate::error::invalid;

/// 1970-01-01 as Python counts days.
const EPOCH: i64 = 719_163;

/// The person `given`, a text or a whole number.
pub(crate) fn person(given: Option<&Bound<'_, PyAny>>) -> PyResult<Option<Pseudonym>> {
    given.map(|given| named("person", given)).transpose()
}

/// The people of `given`: one for all rows, or one a row.
pub(crate) fn people(given: Option<&Bound<'_, PyAny>>) -> PyResult<Vec<Pseudonym>> {
    let Some(given) = given else { return Ok(Vec::new()) };
    if given.is_instance_of::<PyString>() || given.hasattr(intern!(given.py(), "__index__"))? && !is_sized(given)? {
        return named("people", given).map(|person| vec![person]);
    }
    let wrong = |_| invalid(given.py(), "people", "a person is a text or a whole number; one, or one a row");
    given.try_iter().map_err(wrong)?.map(|one| named("people", &one?)).collect()
}

/// The day of `given`: days since 1970-01-01, or a date.
pub(crate) fn day(given: Option<&Bound<'_, PyAny>>) -> PyResult<i32> {
    Ok(days_of("day", given)?.first().copied().unwrap_or(0))
}

/// The days of `given`: one for all rows, or one a row; whole numbers since 1970-01-01, dates, or `datetime64`.
pub(crate) fn days(given: Option<&Bound<'_, PyAny>>) -> PyResult<Vec<i32>> {
    days_of("days", given)
}

fn days_of(field: &str, given: Option<&Bound<'_, PyAny>>) -> PyResult<Vec<i32>> {
    let Some(given) = given else { return Ok(Vec::new()) };
    let py = given.py();
    let wrong =
        || invalid(py, field, "a day is a whole number since 1970-01-01, a date or a datetime64; one, or one a row");
    if let Ok(day) = given.extract::<i32>() {
        return Ok(vec![day]);
    }
    if let Some(ordinal) = given.getattr_opt(intern!(py, "toordinal"))? {
        let day: i64 = ordinal.call0()?.extract()?;
        return Ok(vec![i32::try_from(day - EPOCH).map_err(|_| wrong())?]);
    }
    refuse_masked(field, given)?;
    let numpy = py.import(intern!(py, "numpy"))?;
    let mut array = numpy.call_method1(intern!(py, "asarray"), (given,)).map_err(|_| wrong())?;
    let kind: String = array.getattr(intern!(py, "dtype"))?.getattr(intern!(py, "kind"))?.extract()?;
    if kind == "O" || kind == "M" {
        array = array.call_method1(intern!(py, "astype"), ("datetime64[D]",)).map_err(|_| wrong())?;
    } else if kind != "i" && kind != "u" {
        return Err(wrong());
    }
    let array = array.call_method1(intern!(py, "astype"), ("int64",))?.call_method0(intern!(py, "ravel"))?;
    let array = array.cast_into::<PyArray1<i64>>().map_err(|_| wrong())?;
    let days = array.to_vec().map_err(|_| wrong())?;
    days.into_iter().map(|day| i32::try_from(day).map_err(|_| wrong())).collect()
}

fn is_sized(given: &Bound<'_, PyAny>) -> PyResult<bool> {
    // numpy arrays have `__index__` whatever their shape.
    Ok(given.hasattr(intern!(given.py(), "shape"))? && given.getattr(intern!(given.py(), "shape"))?.len()? > 0)
}

fn named(field: &str, given: &Bound<'_, PyAny>) -> PyResult<Pseudonym> {
    let py = given.py();
    let wrong = || invalid(py, field, "a person is a text or a whole number");
    if let Ok(text) = given.cast::<PyString>() {
        return text.to_str().map(Pseudonym::named).map_err(|_| wrong());
    }
    if !given.hasattr(intern!(py, "__index__"))? {
        return Err(wrong());
    }
    let number = given.call_method0(intern!(py, "__index__"))?.str()?;
    number.to_str().map(Pseudonym::named).map_err(|_| wrong())
}
