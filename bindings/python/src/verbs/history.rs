//! `history` and `decisions`: past tips of a person, and of all people.

use pyo3::prelude::*;

use crate::answer::answer;
use crate::convert::{Text, count};
use crate::engine::Engine;

#[pymethods]
impl Engine {
    /// The last `limit` tips of `user`, newest first. An unknown person has none.
    #[pyo3(signature = (user: "str", limit: "int" = 20) -> "list[PastTip]")]
    fn history<'py>(&self, py: Python<'py>, user: Text, limit: i128) -> PyResult<Bound<'py, PyAny>> {
        let limit = count(py, "limit", limit)?;
        let past = self.call(py, move |engine| engine.history(&user, limit))?;
        answer(py, "PastTip", &past)
    }

    /// The last `limit` decisions over all people, newest first, without their texts; 10,000 at most.
    #[pyo3(signature = (limit: "int" = 50) -> "list[PastTip]")]
    fn decisions<'py>(&self, py: Python<'py>, limit: i128) -> PyResult<Bound<'py, PyAny>> {
        let limit = count(py, "limit", limit)?;
        let past = self.call(py, move |engine| engine.decisions(limit))?;
        answer(py, "PastTip", &past)
    }
}
