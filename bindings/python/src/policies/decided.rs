//! What a bare policy decided.

use numpy::PyArray1;
use pyo3::prelude::*;

/// One decision of a policy. Pass it to `update` with its reward.
#[pyclass(frozen, module = "oo")]
pub(crate) struct Decided {
    pub(crate) inner: oo_policies::Decided,
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

    fn __repr__(&self) -> String {
        let rows = self.inner.pmf().len();
        format!("Decided(index={}, propensity={:?}, rows={rows})", self.inner.index, self.inner.propensity)
    }
}
