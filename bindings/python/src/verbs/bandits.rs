//! `bandits`: the named bandits.

use pyo3::prelude::*;

use crate::answer::answer;
use crate::engine::Engine;

#[pymethods]
impl Engine {
    /// The named bandits by name, with their settings and how much they have learned.
    #[pyo3(signature = () -> "list[NamedBandit]")]
    fn bandits<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let bandits = self.call(py, oo::blocking::Engine::bandits)?;
        answer(py, "NamedBandit", &bandits)
    }
}
