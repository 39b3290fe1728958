//! `forget` and its receipts.

use pyo3::intern;
use pyo3::prelude::*;

use crate::answer::answer;
use crate::convert::{Text, count};
use crate::engine::Engine;
use crate::error::raise;

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

    /// The last `limit` receipts, newest first. They name nobody; one whose answer was lost is among them.
    #[pyo3(signature = (limit: "int" = 50) -> "list[Receipt]")]
    fn receipts<'py>(&self, py: Python<'py>, limit: i128) -> PyResult<Bound<'py, PyAny>> {
        let limit = count(py, "limit", limit)?;
        let receipts = self.call(py, move |engine| engine.receipts(limit))?;
        answer(py, "Receipt", &receipts)
    }

    /// Checks `receipt`, as `forget` gave it or as its JSON text, against the log. One that does not hold is an answer.
    #[pyo3(signature = (receipt: "Receipt | str") -> "VerifiedReceipt")]
    fn verify_receipt<'py>(&self, py: Python<'py>, receipt: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let text: String = match receipt.extract() {
            Ok(text) => text,
            Err(_) => {
                py.import(intern!(py, "oo.privacy"))?.getattr(intern!(py, "_written"))?.call1((receipt,))?.extract()?
            }
        };
        let receipt = oo::Receipt::parse(&text).map_err(|error| raise(py, &error))?;
        let verified = self.call(py, move |engine| engine.verify_receipt(&receipt))?;
        answer(py, "VerifiedReceipt", &verified)
    }

    /// Erases what has been held for longer than the settings' `retain_…_days` say.
    #[pyo3(signature = () -> "Retained")]
    fn retain<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let retained = self.call(py, oo::blocking::Engine::retain)?;
        answer(py, "Retained", &retained)
    }
}
