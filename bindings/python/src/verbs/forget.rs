//! `forget` and its receipts.

use pyo3::prelude::*;

use crate::answer::answer;
use crate::convert::Text;
use crate::engine::Engine;

#[pymethods]
impl Engine {
    /// Takes `user` out of every row, text, key and policy. Forgetting somebody unknown succeeds too.
    #[pyo3(signature = (user: "str") -> "Receipt")]
    fn forget<'py>(&self, py: Python<'py>, user: Text) -> PyResult<Bound<'py, PyAny>> {
        let receipt = self.call(py, move |engine| engine.forget(&user))?;
        answer(py, "Receipt", &receipt)
    }

    /// The receipt with the id `id`.
    #[pyo3(signature = (id: "str") -> "Receipt")]
    fn receipt<'py>(&self, py: Python<'py>, id: Text) -> PyResult<Bound<'py, PyAny>> {
        let receipt = self.call(py, move |engine| engine.receipt(&id))?;
        answer(py, "Receipt", &receipt)
    }
}
