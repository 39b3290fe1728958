//! `policies`: the registry of the tips' policies.

use pyo3::prelude::*;

use crate::answer::answer;
use crate::engine::Engine;

#[pymethods]
impl Engine {
    /// Every policy that chooses tips, oldest first: which one serves, which score in its shadow, which are retired.
    #[pyo3(signature = () -> "list[RegisteredPolicy]")]
    fn policies<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let policies = self.call(py, oo::blocking::Engine::policies)?;
        answer(py, "RegisteredPolicy", &policies)
    }
}
