//! Arrays from Python: C-contiguous float64 is taken as it is, without a copy; anything else that is numeric is
//! converted to it once. What is not numeric, or of another shape, is an error that names the argument.

use numpy::{
    PyArray, PyArrayMethods, PyReadonlyArray, PyUntypedArrayMethods, ndarray::Dimension, ndarray::Ix1, ndarray::Ix2,
};
use oo::{ArmKey, Seed};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyInt, PyString};

use crate::error::{invalid, raise};

/// Rows of numbers, row-major.
pub(crate) type Matrix<'py> = PyReadonlyArray<'py, f64, Ix2>;
/// Numbers.
pub(crate) type Vector<'py> = PyReadonlyArray<'py, f64, Ix1>;

/// The rows of `given`, a two-dimensional array-like of `dim` columns.
pub(crate) fn matrix<'py>(field: &str, given: &Bound<'py, PyAny>, dim: usize) -> PyResult<Matrix<'py>> {
    let rows: Matrix<'py> = array(field, given, "two-dimensional: one row a candidate, one column a feature")?;
    match rows.shape()[1] {
        columns if columns == dim || rows.shape()[0] == 0 => Ok(rows),
        columns => Err(invalid(
            given.py(),
            field,
            format!("it has {columns} columns and the policy {dim}; pass dim={columns} or the right columns"),
        )),
    }
}

/// The numbers of `given`, a one-dimensional array-like.
pub(crate) fn vector<'py>(field: &str, given: &Bound<'py, PyAny>) -> PyResult<Vector<'py>> {
    array(field, given, "one-dimensional: one number a row")
}

/// The arms of `given`: texts or whole numbers.
pub(crate) fn arms(given: Option<&Bound<'_, PyAny>>) -> PyResult<Option<Vec<ArmKey>>> {
    let Some(given) = given else { return Ok(None) };
    let py = given.py();
    let arm = |arm: Bound<'_, PyAny>| {
        let named = arm.is_instance_of::<PyString>() || arm.hasattr(intern!(py, "__index__"))?;
        let text = if named { arm.str()?.to_str().map(str::to_owned).ok() } else { None };
        text.map(ArmKey::new).ok_or_else(|| invalid(py, "arms", "an arm is a text or a whole number"))
    };
    given.try_iter()?.map(|given| arm(given?)).collect::<PyResult<_>>().map(Some)
}

/// The seed of `given`: a number from 0 to 2⁶⁴−1, a decision's id, or the operating system's when it is left out.
pub(crate) fn seed(py: Python<'_>, given: Option<&Bound<'_, PyAny>>) -> PyResult<Seed> {
    let wrong = |_| invalid(py, "seed", "pass a number from 0 to 2**64 - 1, or the text of a UUID");
    let Some(given) = given else {
        let bytes: [u8; 8] = py.import(intern!(py, "os"))?.call_method1(intern!(py, "urandom"), (8,))?.extract()?;
        return Ok(Seed::Number(u64::from_le_bytes(bytes)));
    };
    if given.is_instance_of::<PyInt>() || given.hasattr(intern!(py, "__index__"))? {
        return given.call_method0(intern!(py, "__index__"))?.extract().map(Seed::Number).map_err(wrong);
    }
    let text = given.str()?;
    let id = oo::id::DecisionId::parse(text.to_str().map_err(wrong)?);
    id.map(Seed::Decision).map_err(|error| raise(py, &error.with_field("seed")))
}

fn array<'py, D: Dimension>(
    field: &str,
    given: &Bound<'py, PyAny>,
    shape: &str,
) -> PyResult<PyReadonlyArray<'py, f64, D>> {
    let py = given.py();
    let own = given.cast::<PyArray<f64, D>>().ok().filter(|own| own.is_c_contiguous() && own.is_aligned());
    let array = match own {
        Some(own) => own.clone(),
        None => converted(field, given)?
            .cast_into::<PyArray<f64, D>>()
            .map_err(|_| invalid(py, field, format!("the array must be {shape}")))?,
    };
    array.try_readonly().map_err(|_| raise(py, &oo::Error::busy("the array is being written; try again")))
}

/// `given` as a new C-contiguous array of float64.
fn converted<'py>(field: &str, given: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let py = given.py();
    let numpy = py.import(intern!(py, "numpy"))?;
    let array = numpy
        .call_method1(intern!(py, "asarray"), (given,))
        .map_err(|error| invalid(py, field, format!("this is no array: {}", error.value(py))))?;
    let kind: String = array.getattr(intern!(py, "dtype"))?.getattr(intern!(py, "kind"))?.extract()?;
    if !matches!(kind.as_str(), "b" | "i" | "u" | "f") {
        let dtype = array.getattr(intern!(py, "dtype"))?;
        return Err(invalid(py, field, format!("an array of {dtype} holds no plain numbers; convert it to float64")));
    }
    // Not `ascontiguousarray`, which makes one dimension of none.
    array.call_method1(intern!(py, "astype"), (numpy.getattr(intern!(py, "float64"))?, "C"))
}
