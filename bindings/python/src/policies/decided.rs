//! What a bare policy decided, once or many times.

use std::cell::RefCell;
use std::mem;
use std::sync::{Arc, LazyLock};

use numpy::{PyArray1, PyArrayMethods};
use pyo3::prelude::*;
use pyo3::types::PyList;

use crate::error::raise;

/// How many buffers are kept for the next decisions of a thread, as long as it lives, and how many bytes all of them
/// hold at most.
const KEPT: usize = 8;
const MOST_BYTES: usize = 64 << 20;

thread_local! {
    static FREE: RefCell<Vec<Arc<oo_policies::Decided>>> = const { RefCell::new(Vec::new()) };
}

/// What is left in the place of a decision that is kept.
static NONE: LazyLock<Arc<oo_policies::Decided>> = LazyLock::new(Arc::default);

/// A decision that `fill` makes: in buffers that are no longer used, or in new ones.
pub(crate) fn filled(
    fill: impl FnOnce(&mut oo_policies::Decided) -> oo::Result<()>,
) -> oo::Result<Arc<oo_policies::Decided>> {
    let mut free = FREE.with_borrow_mut(Vec::pop).unwrap_or_default();
    fill(Arc::make_mut(&mut free))?;
    Ok(free)
}

/// One decision of a policy. Pass it to `update` with its reward.
#[pyclass(frozen, module = "oo")]
pub(crate) struct Decided {
    pub(crate) inner: Arc<oo_policies::Decided>,
}

impl Drop for Decided {
    fn drop(&mut self) {
        // One that a batch shares stays the batch's.
        let Some(own) = Arc::get_mut(&mut self.inner) else { return };
        let bytes = own.bytes();
        FREE.with_borrow_mut(|free| {
            if free.len() < KEPT && bytes + free.iter().map(|kept| kept.bytes()).sum::<usize>() <= MOST_BYTES {
                free.push(mem::replace(&mut self.inner, NONE.clone()));
            }
        });
    }
}

#[pymethods]
impl Decided {
    /// The drawn row.
    #[getter]
    fn index(&self) -> usize {
        self.inner.index
    }

    /// Its probability, from before the draw.
    #[getter]
    fn propensity(&self) -> f64 {
        self.inner.propensity
    }

    /// The arm of the drawn row; its number when none were named.
    #[getter]
    fn arm(&self) -> Option<&str> {
        self.inner.arm().map(oo::ArmKey::as_str)
    }

    /// The probability of each row, float64.
    #[getter]
    fn pmf<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        PyArray1::from_slice(py, self.inner.pmf())
    }

    /// The score of each row, float64.
    #[getter]
    fn scores<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        PyArray1::from_slice(py, self.inner.scores())
    }

    /// The rows whose score is only an upper bound, because they could not win, int64.
    #[getter]
    fn bounded<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<i64>> {
        bounded(py, &self.inner)
    }

    /// Whether the probabilities are an estimate of the policy's own; they are what was drawn from.
    #[getter]
    fn estimated(&self) -> bool {
        self.inner.estimated()
    }

    fn __repr__(&self) -> String {
        let rows = self.inner.pmf().len();
        format!("Decided(index={}, propensity={:?}, rows={rows})", self.inner.index, self.inner.propensity)
    }
}

/// The decisions of `decide_batch`, as arrays and as a sequence of `Decided`. Pass it to `update_batch` with rewards.
#[pyclass(frozen, module = "oo", sequence)]
pub(crate) struct DecidedBatch {
    pub(crate) all: Vec<Arc<oo_policies::Decided>>,
}

impl DecidedBatch {
    fn each<'py>(&self, py: Python<'py>, of: impl Fn(&oo_policies::Decided) -> &[f64]) -> PyResult<Bound<'py, PyAny>> {
        let rows = self.all.first().map_or(0, |first| first.pmf().len());
        if self.all.iter().all(|one| one.pmf().len() == rows) {
            let flat: Vec<f64> = self.all.iter().flat_map(|one| of(one).iter().copied()).collect();
            return Ok(PyArray1::from_vec(py, flat).reshape([self.all.len(), rows])?.into_any());
        }
        let arrays = self.all.iter().map(|one| PyArray1::from_slice(py, of(one)));
        Ok(PyList::new(py, arrays)?.into_any())
    }
}

#[pymethods]
impl DecidedBatch {
    /// The drawn row of each decision, int64.
    #[getter]
    fn index<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<i64>> {
        PyArray1::from_iter(py, self.all.iter().map(|one| one.index as i64))
    }

    /// The probability of each drawn row, from before the draw, float64.
    #[getter]
    fn propensity<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        PyArray1::from_iter(py, self.all.iter().map(|one| one.propensity))
    }

    /// The arm of each drawn row.
    #[getter]
    fn arm(&self) -> Vec<Option<&str>> {
        self.all.iter().map(|one| one.arm().map(oo::ArmKey::as_str)).collect()
    }

    /// The probability of each row, (decisions, rows) float64; a list of arrays when decisions differ in their rows.
    #[getter]
    fn pmf<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.each(py, oo_policies::Decided::pmf)
    }

    /// The score of each row, as `pmf`.
    #[getter]
    fn scores<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.each(py, oo_policies::Decided::scores)
    }

    /// The rows of each decision whose score is only an upper bound, because they could not win: a list of int64 arrays.
    #[getter]
    fn bounded<'py>(&self, py: Python<'py>) -> Vec<Bound<'py, PyArray1<i64>>> {
        self.all.iter().map(|one| bounded(py, one)).collect()
    }

    /// Whether each decision's probabilities are an estimate of the policy's own, bool; they are what was drawn from.
    #[getter]
    fn estimated<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<bool>> {
        PyArray1::from_iter(py, self.all.iter().map(|one| one.estimated()))
    }

    fn __len__(&self) -> usize {
        self.all.len()
    }

    fn __getitem__(&self, index: isize) -> PyResult<Decided> {
        let place = if index < 0 { index + self.all.len() as isize } else { index };
        let one = usize::try_from(place).ok().and_then(|place| self.all.get(place));
        let missing = || pyo3::exceptions::PyIndexError::new_err("there is no such decision");
        one.map(|one| Decided { inner: one.clone() }).ok_or_else(missing)
    }

    fn __repr__(&self) -> String {
        format!("DecidedBatch of {} decisions", self.all.len())
    }
}

/// The rows of `decided` whose score is only an upper bound.
fn bounded<'py>(py: Python<'py>, decided: &oo_policies::Decided) -> Bound<'py, PyArray1<i64>> {
    let rows = decided.bounded().iter().zip(0_i64..);
    PyArray1::from_iter(py, rows.filter(|(bounded, _)| **bounded).map(|(_, row)| row))
}

/// The decisions of `given`: a batch, or an iterable of `Decided`.
pub(crate) fn decisions(given: &Bound<'_, PyAny>) -> PyResult<Vec<Arc<oo_policies::Decided>>> {
    if let Ok(batch) = given.cast::<DecidedBatch>() {
        return Ok(batch.get().all.clone());
    }
    let wrong = || {
        let message = "pass what decide_batch returned, or a list of what decide returned";
        raise(given.py(), &oo::Error::invalid("decided", message))
    };
    let one =
        |one: PyResult<Bound<'_, PyAny>>| Ok(one?.cast_into::<Decided>().map_err(|_| wrong())?.get().inner.clone());
    given.try_iter().map_err(|_| wrong())?.map(one).collect()
}
