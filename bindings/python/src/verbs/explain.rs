//! `explain`: everything about one decision.

use pyo3::prelude::*;

use crate::answer::answer;
use crate::convert::tip_id;
use crate::engine::Engine;

#[pymethods]
impl Engine {
    /// Everything about the decision of `tip`: why it was chosen, every probability and score, its features.
    #[pyo3(signature = (tip: "Tip | PastTip | uuid.UUID | str") -> "Explained")]
    fn explain<'py>(&self, py: Python<'py>, tip: Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let tip = tip_id(&tip)?;
        let explained = self.call(py, move |engine| engine.explain(tip))?;
        answer(py, "Explained", &explained)
    }
}
