//! `health` and `metrics`: how the engine is.

use pyo3::prelude::*;

use crate::answer::answer;
use crate::engine::Engine;

#[pymethods]
impl Engine {
    /// How the engine is: position, epoch and state hash.
    #[pyo3(signature = () -> "Health")]
    fn health<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let health = self.call(py, oo::blocking::Engine::health)?;
        answer(py, "Health", &health)
    }

    /// Counts since the engine was opened, by name; a fork opens it anew.
    #[pyo3(signature = () -> "dict[str, int]")]
    fn metrics<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let metrics = self.call(py, |engine| Ok(engine.metrics()))?;
        answer(py, "dict", &metrics)
    }
}
