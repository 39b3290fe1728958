//! `reward`, `reward_all` and `choice`: what came of named bandits' choices, and a choice as it was logged.

use pyo3::prelude::*;
use pyo3::types::PyList;

use super::decide;
use crate::answer::answer;
use crate::convert::decision_id;
use crate::engine::Engine;
use crate::error::{invalid, raise};

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

    /// As `reward` for each of `rewards`, pairs of a choice or its id and a reward, in few commits; at most 1000 at once.
    ///
    /// Each stands for itself: one that is refused has its `oo.Error` in its place, not raised, and the others are
    /// recorded. What is no pair of an id and a number is raised before anything is recorded.
    #[pyo3(signature = (
        rewards: "Iterable[tuple[Choice | uuid.UUID | str, float]]"
    ) -> "list[Rewarded | Error]")]
    fn reward_all<'py>(&self, py: Python<'py>, rewards: Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let wrong = |field: String| invalid(py, &field, "pass pairs of a choice, or its id, and its reward");
        let mut given = Vec::new();
        for (index, pair) in rewards.try_iter().map_err(|_| wrong("rewards".to_owned()))?.enumerate() {
            let pair = pair?.extract::<(Bound<'py, PyAny>, f64)>();
            let (decision, reward) = pair.map_err(|_| wrong(format!("rewards[{index}]")))?;
            given.push((decision_id(&format!("rewards[{index}].decision"), &decision)?, reward));
        }
        let rewarded = self.call(py, move |engine| engine.reward_all(given))?;
        let each = rewarded.into_iter().map(|rewarded| match rewarded {
            Ok(rewarded) => answer(py, "Rewarded", &rewarded),
            Err(error) => Ok(raise(py, &error).into_value(py).into_bound(py).into_any()),
        });
        Ok(PyList::new(py, each.collect::<PyResult<Vec<_>>>()?)?.into_any())
    }

    /// The choice of an id as it was logged, with the reward it has now.
    #[pyo3(signature = (decision: "Choice | uuid.UUID | str") -> "Choice")]
    fn choice<'py>(&self, py: Python<'py>, decision: Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let decision = decision_id("decision", &decision)?;
        decide::choice(py, self.call(py, move |engine| engine.choice(decision))?)
    }
}
