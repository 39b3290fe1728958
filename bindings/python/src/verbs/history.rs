//! `history` and `decisions`: past tips of a person, and of all people.

use pyo3::prelude::*;

use crate::answer::answer;
use crate::convert::{Count, Text};
use crate::engine::Engine;

#[pymethods]
impl Engine {
    /// The last `limit` tips of `user`, newest first. An unknown person has none.
    #[pyo3(signature = (user: "str", limit: "int" = Count(20)) -> "list[PastTip]")]
    fn history<'py>(&self, py: Python<'py>, user: Text, limit: Count) -> PyResult<Bound<'py, PyAny>> {
        let past = self.call(py, move |engine| engine.history(&user, limit.0))?;
        answer(py, "PastTip", &past)
    }

    /// The last `limit` decisions over all people, newest first, without their texts.
    #[pyo3(signature = (limit: "int" = Count(50)) -> "list[PastTip]")]
    fn decisions<'py>(&self, py: Python<'py>, limit: Count) -> PyResult<Bound<'py, PyAny>> {
        let past = self.call(py, move |engine| engine.decisions(limit.0))?;
        answer(py, "PastTip", &past)
    }
}
