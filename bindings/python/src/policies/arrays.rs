//! Arrays from Python: C-contiguous float64 is taken as it is, without a copy; anything else that is numeric is
//! converted to it once. What is not numeric, or of another shape, is an error that names the argument.

use numpy::{PyArrayDyn, PyArrayMethods, PyReadonlyArrayDyn, PyUntypedArray, PyUntypedArrayMethods};
use oo::Seed;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyFloat, PyInt, PyList, PyTuple};

use crate::error::{invalid, raise};

/// The most dimensions that are taken: decisions, rows, columns.
const DEEPEST: usize = 3;

/// Numbers, row-major, and their shape.
pub(crate) struct Numbers<'py>(PyReadonlyArrayDyn<'py, f64>);

impl<'py> Numbers<'py> {
    /// The numbers of `given`, an array-like of any shape.
    pub(crate) fn of(field: &str, given: &Bound<'py, PyAny>) -> PyResult<Self> {
        let py = given.py();
        if !given.is_exact_instance_of::<PyUntypedArray>() {
            refuse_masked(field, given)?;
        }
        let own = given.cast::<PyArrayDyn<f64>>().ok().filter(|own| own.is_c_contiguous() && own.is_aligned());
        let array = match own {
            Some(own) => own.clone(),
            None => converted(field, given)?
                .cast_into::<PyArrayDyn<f64>>()
                .map_err(|_| invalid(py, field, "this is no array of numbers"))?,
        };
        let read = array.try_readonly();
        read.map(Numbers).map_err(|_| raise(py, &oo::Error::busy("the array is being written; try again")))
    }

    /// The rows of `given`, a two-dimensional array-like of `dim` columns.
    pub(crate) fn matrix(field: &str, given: &Bound<'py, PyAny>, dim: usize) -> PyResult<Self> {
        let numbers = Numbers::of(field, given)?;
        match *numbers.shape() {
            [rows, columns] if columns == dim || rows == 0 => Ok(numbers),
            [_, columns] => Err(columns_error(given.py(), field, columns, dim)),
            _ => Err(shape_error(given.py(), field, "two-dimensional: one row a candidate, one column a feature")),
        }
    }

    /// As [`matrix`](Numbers::matrix), or one context of `dim` numbers where there are arms for it; true for a context.
    pub(crate) fn rows_or_context(given: &Bound<'py, PyAny>, dim: usize, arms: bool) -> PyResult<(Self, bool)> {
        let numbers = Numbers::of("x", given)?;
        let py = given.py();
        match *numbers.shape() {
            [rows, columns] if columns == dim || rows == 0 => Ok((numbers, false)),
            [columns] if arms && columns == dim => Ok((numbers, true)),
            [columns] if arms => Err(columns_error(py, "x", columns, dim)),
            [_, columns] => Err(columns_error(py, "x", columns, dim)),
            [_] => Err(shape_error(
                py,
                "x",
                "two-dimensional, one row a candidate; one context for many arms needs `arms`",
            )),
            _ => Err(shape_error(py, "x", "two-dimensional: one row a candidate, one column a feature")),
        }
    }

    /// The numbers of `given`, a one-dimensional array-like.
    pub(crate) fn vector(field: &str, given: &Bound<'py, PyAny>) -> PyResult<Self> {
        let numbers = Numbers::of(field, given)?;
        match numbers.shape().len() {
            1 => Ok(numbers),
            _ => Err(shape_error(given.py(), field, "one-dimensional: one number a row")),
        }
    }

    pub(crate) fn shape(&self) -> &[usize] {
        self.0.shape()
    }

    /// The numbers, in row-major order.
    pub(crate) fn slice(&self, py: Python<'_>) -> PyResult<&[f64]> {
        self.0.as_slice().map_err(|error| raise(py, &oo::Error::internal(error.to_string())))
    }
}

pub(crate) fn columns_error(py: Python<'_>, field: &str, columns: usize, dim: usize) -> PyErr {
    let message = format!("it has {columns} columns and the policy {dim}; pass dim={columns} or the right columns");
    invalid(py, field, message)
}

pub(crate) fn shape_error(py: Python<'_>, field: &str, shape: &str) -> PyErr {
    invalid(py, field, format!("the array must be {shape}"))
}

/// The seed of `given`: a number from 0 to 2⁶⁴−1, a decision's id, or the operating system's when it is left out.
pub(crate) fn seed(py: Python<'_>, given: Option<&Bound<'_, PyAny>>) -> PyResult<Seed> {
    static URANDOM: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let wrong = |_| invalid(py, "seed", "pass a number from 0 to 2**64 - 1, or the text of a UUID");
    let Some(given) = given else {
        let urandom = URANDOM.import(py, "os", "urandom")?;
        let bytes: [u8; 8] = urandom.call1((8,))?.extract()?;
        return Ok(Seed::Number(u64::from_le_bytes(bytes)));
    };
    if given.is_instance_of::<PyInt>() {
        return given.extract().map(Seed::Number).map_err(wrong);
    }
    if given.hasattr(intern!(py, "__index__"))? {
        return given.call_method0(intern!(py, "__index__"))?.extract().map(Seed::Number).map_err(wrong);
    }
    let text = given.str()?;
    let id = oo::id::DecisionId::parse(text.to_str().map_err(wrong)?);
    id.map(Seed::Decision).map_err(|error| raise(py, &error.with_field("seed")))
}

/// Refuses masked arrays, also in lists, for numpy would hand over what the mask hides; and lists that are nested beyond
/// any array, such as one that holds itself, at which numpy can look for ever.
pub(crate) fn refuse_masked(field: &str, given: &Bound<'_, PyAny>) -> PyResult<()> {
    refuse_masked_in(field, given, DEEPEST)
}

fn refuse_masked_in(field: &str, given: &Bound<'_, PyAny>, levels: usize) -> PyResult<()> {
    static MASKED: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let py = given.py();
    if let Some(mut items) = listed(given) {
        let inner = levels.checked_sub(1).ok_or_else(|| invalid(py, field, "the lists are nested too deeply"))?;
        return items.try_for_each(|item| {
            let number = item.is_exact_instance_of::<PyFloat>() || item.is_exact_instance_of::<PyInt>();
            let plain = number || item.is_exact_instance_of::<PyUntypedArray>();
            if plain { Ok(()) } else { refuse_masked_in(field, &item, inner) }
        });
    }
    if !given.is_instance_of::<PyUntypedArray>()
        || !given.is_instance(MASKED.import(py, "numpy.ma", "MaskedArray")?)?
    {
        return Ok(());
    }
    let message = "a masked array hides numbers that would be used all the same; pass `.filled(...)` of it, with a column \
                   of its own for \"missing\"";
    Err(invalid(py, field, message))
}

/// Whether lists are nested in `given` more than `levels` deep.
pub(crate) fn is_deeper(given: &Bound<'_, PyAny>, levels: usize) -> bool {
    listed(given).is_some_and(|mut items| levels == 0 || items.any(|item| is_deeper(&item, levels - 1)))
}

/// The items of a list or a tuple; none of anything else.
fn listed<'a, 'py>(given: &'a Bound<'py, PyAny>) -> Option<Box<dyn Iterator<Item = Bound<'py, PyAny>> + 'a>> {
    match (given.cast::<PyList>(), given.cast::<PyTuple>()) {
        (Ok(list), _) => Some(Box::new(list.iter())),
        (_, Ok(tuple)) => Some(Box::new(tuple.iter())),
        _ => None,
    }
}

/// `given` as a new C-contiguous array of float64.
fn converted<'py>(field: &str, given: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let py = given.py();
    let numpy = py.import(intern!(py, "numpy"))?;
    let array = numpy
        .call_method1(intern!(py, "asarray"), (given,))
        .map_err(|error| invalid(py, field, format!("this is no array: {}", error.value(py))))?;
    let dtype = array.getattr(intern!(py, "dtype"))?;
    let kind: String = dtype.getattr(intern!(py, "kind"))?.extract()?;
    if !matches!(kind.as_str(), "b" | "i" | "u" | "f") {
        return Err(invalid(py, field, format!("an array of {dtype} holds no plain numbers; convert it to float64")));
    }
    // Not `ascontiguousarray`, which makes one dimension of none.
    array.call_method1(intern!(py, "astype"), (numpy.getattr(intern!(py, "float64"))?, "C"))
}
