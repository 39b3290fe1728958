//! `reward` and `choice`: what came of a named bandit's choice, and the choice as it was logged.

use pyo3::prelude::*;

use super::decide;
use crate::answer::answer;
use crate::convert::decision_id;
use crate::engine::Engine;

#[pymethods]
impl Engine {
    /// Records the reward of a choice: pass what `decide` returned, or its id. The next choice of its bandit, in any
    /// process, has learned from it. Another reward later takes its place, as if only the last had been learned.
    #[pyo3(signature = (decision: "Choice | uuid.UUID | str", reward: "float") -> "Rewarded")]
    fn reward<'py>(&self, py: Python<'py>, decision: Bound<'py, PyAny>, reward: f64) -> PyResult<Bound<'py, PyAny>> {
        let decision = decision_id("decision", &decision)?;
        let rewarded = self.call(py, move |engine| engine.reward(decision, reward))?;
        answer(py, "Rewarded", &rewarded)
    }

    /// The choice of an id as it was logged, with the reward it has now.
    #[pyo3(signature = (decision: "Choice | uuid.UUID | str") -> "Choice")]
    fn choice<'py>(&self, py: Python<'py>, decision: Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let decision = decision_id("decision", &decision)?;
        decide::choice(py, self.call(py, move |engine| engine.choice(decision))?)
    }
}
