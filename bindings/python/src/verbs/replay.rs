//! `replay`: the log alone must give the same state.

use pyo3::prelude::*;

use crate::answer::answer;
use crate::engine::Engine;

#[pymethods]
impl Engine {
    /// Reads the whole log from its beginning and compares what it gives with what is live, byte for byte.
    #[pyo3(signature = () -> "Replayed")]
    fn replay<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let replayed = self.call(py, oo::blocking::Engine::replay)?;
        answer(py, "Replayed", &replayed)
    }
}
