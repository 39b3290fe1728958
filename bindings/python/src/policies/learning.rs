//! How a policy on arrays learns: one decision, many, rows of a log; and how it takes lessons back.

use std::sync::{Mutex, PoisonError};

use oo::Error;
use oo_policies::{Bandit, Rows};
use pyo3::prelude::*;

use super::arms::arms;
use super::arrays::Numbers;
use super::decided::{Decided, DecidedBatch, decisions};
use super::moments::{days, people};
use super::place::LARGE;
use super::policy::Policy;
use super::progress::Progress;
use crate::error::raise;

/// Multiplications between two looks at signals and progress: some milliseconds.
const PART: usize = 1 << 22;

/// What rows are learned with.
struct Lessons<'py> {
    rows: Numbers<'py>,
    rewards: Numbers<'py>,
    arms: Option<std::sync::Arc<[oo::ArmKey]>>,
    people: Vec<oo::id::Pseudonym>,
    days: Vec<i32>,
    propensities: Option<Numbers<'py>>,
}

impl<'py> Lessons<'py> {
    fn of(
        policy: &Policy,
        x: &Bound<'py, PyAny>,
        rewards: &Bound<'py, PyAny>,
        with: [Option<Bound<'py, PyAny>>; 4],
    ) -> PyResult<Self> {
        let [arms, people, days, propensities] = with;
        let propensities = propensities.map(|given| match given.extract::<f64>() {
            Ok(one) => Numbers::vector("propensities", numpy::PyArray1::from_slice(given.py(), &[one]).as_any()),
            Err(_) => Numbers::vector("propensities", &given),
        });
        Ok(Lessons {
            rows: Numbers::matrix("x", x, policy.place.dim(x.py())?)?,
            rewards: Numbers::vector("rewards", rewards)?,
            arms: self::arms(arms.as_ref())?,
            people: self::people(people.as_ref())?,
            days: self::days(days.as_ref())?,
            propensities: propensities.transpose()?,
        })
    }

    fn rows(&self, py: Python<'py>) -> PyResult<Rows<'_>> {
        Ok(Rows {
            arms: self.arms.as_deref(),
            people: &self.people,
            days: &self.days,
            propensities: match &self.propensities {
                Some(propensities) => propensities.slice(py)?,
                None => &[],
            },
            ..Rows::new(self.rows.slice(py)?, self.rows.shape()[0])
        })
    }
}

impl Policy {
    fn take(&self, py: Python<'_>, lessons: &Lessons<'_>, progress: &Progress) -> PyResult<()> {
        let (rows, rewards) = (lessons.rows(py)?, lessons.rewards.slice(py)?);
        let dim = self.place.dim(py)?;
        let part = (PART / (dim * dim)).clamp(16, 1 << 13);
        if rows.values.len() < LARGE && rewards.len() <= part && !progress.asked() {
            return self.place.write(py, 0, |bandit| bandit.learn(&rows, rewards));
        }
        let stopped: Mutex<Option<PyErr>> = Mutex::new(None);
        let mut rest = |done: usize| {
            let look = |py: Python<'_>| {
                py.check_signals()?;
                progress.show(py, done, rewards.len())
            };
            // An interpreter that is going away asks for nothing more.
            let looked = Python::try_attach(look).unwrap_or(Ok(()));
            looked.map_err(|error| {
                *stopped.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                Error::busy("the learning was interrupted; nothing of it was learned")
            })
        };
        let learned = self.place.write(py, rows.values.len().max(LARGE), |bandit: &mut Bandit| {
            bandit.learn_in_parts(&rows, rewards, part, &mut rest)
        });
        progress.end(py)?;
        match stopped.lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some(error) => Err(error),
            None => learned,
        }
    }
}

#[pymethods]
impl Policy {
    /// Learns the reward of what was decided.
    #[pyo3(signature = (decided: "Decided", reward: "float") -> "None")]
    fn update(&self, py: Python<'_>, decided: Bound<'_, Decided>, reward: f64) -> PyResult<()> {
        let decided = &decided.get().inner;
        self.place.write(py, 0, |bandit| bandit.update(decided, reward))
    }

    /// Learns the rewards of what `decide_batch` returned, or of a list of decisions, in their order; all or nothing.
    #[pyo3(signature = (decided: "DecidedBatch | Iterable[Decided]", rewards: "npt.ArrayLike") -> "None")]
    fn update_batch(&self, py: Python<'_>, decided: Bound<'_, PyAny>, rewards: Bound<'_, PyAny>) -> PyResult<()> {
        let (decided, rewards) = (decisions(&decided)?, Numbers::vector("rewards", &rewards)?);
        let all: Vec<&oo_policies::Decided> = decided.iter().map(|one| &**one).collect();
        let rewards = rewards.slice(py)?;
        let size = all.first().map_or(0, |first| first.x().len() * all.len());
        self.place.write(py, size, |bandit| bandit.update_all(&all, rewards))
    }

    /// Learns `rewards`, one for each row of `X`, in their order; or, where `X` is what `decide_batch` returned, its own.
    ///
    /// All or nothing: when one of them is wrong, or Ctrl-C interrupts, the policy is as it was. `people` and `days`: one
    /// for all rows, or one a row. `propensities`: the probability with which each row was drawn, where a log knows it.
    /// `progress` shows a bar on a terminal, or is called with (done, total).
    #[pyo3(signature = (
        X: "npt.ArrayLike | DecidedBatch", rewards: "npt.ArrayLike", *,
        arms: "Iterable[str | int] | Arms | None" = None, people: "str | int | Iterable[str | int] | None" = None,
        days: "int | datetime.date | npt.ArrayLike | None" = None,
        propensities: "float | npt.ArrayLike | None" = None,
        progress: "bool | Callable[[int, int], object]" = Progress::none()
    ) -> "None", text_signature = "(self, X, rewards, *, arms=None, people=None, days=None, propensities=None, progress=False)")]
    #[allow(non_snake_case, clippy::too_many_arguments, reason = "keyword arguments of Python")]
    fn learn<'py>(
        &self,
        py: Python<'py>,
        X: Bound<'py, PyAny>,
        rewards: Bound<'py, PyAny>,
        arms: Option<Bound<'py, PyAny>>,
        people: Option<Bound<'py, PyAny>>,
        days: Option<Bound<'py, PyAny>>,
        propensities: Option<Bound<'py, PyAny>>,
        progress: Progress,
    ) -> PyResult<()> {
        if X.is_instance_of::<DecidedBatch>() {
            return self.update_batch(py, X, rewards);
        }
        let lessons = Lessons::of(self, &X, &rewards, [arms, people, days, propensities])?;
        self.take(py, &lessons, &progress)
    }

    /// As `learn`, and returns the policy: the name that scikit-learn has for it.
    #[pyo3(signature = (
        X: "npt.ArrayLike | DecidedBatch", rewards: "npt.ArrayLike", *,
        arms: "Iterable[str | int] | Arms | None" = None, people: "str | int | Iterable[str | int] | None" = None,
        days: "int | datetime.date | npt.ArrayLike | None" = None,
        propensities: "float | npt.ArrayLike | None" = None,
        progress: "bool | Callable[[int, int], object]" = Progress::none()
    ) -> "Self", text_signature = "(self, X, rewards, *, arms=None, people=None, days=None, propensities=None, progress=False)")]
    #[allow(non_snake_case, clippy::too_many_arguments, reason = "keyword arguments of Python")]
    fn partial_fit<'py>(
        this: Bound<'py, Self>,
        X: Bound<'py, PyAny>,
        rewards: Bound<'py, PyAny>,
        arms: Option<Bound<'py, PyAny>>,
        people: Option<Bound<'py, PyAny>>,
        days: Option<Bound<'py, PyAny>>,
        propensities: Option<Bound<'py, PyAny>>,
        progress: Progress,
    ) -> PyResult<Bound<'py, Self>> {
        this.get().learn(this.py(), X, rewards, arms, people, days, propensities, progress)?;
        Ok(this)
    }

    /// Puts `rewards` in the place of `replaced`, which the rows of `X` were learned with: leaves the state of learning
    /// the last rewards only.
    #[pyo3(signature = (
        X: "npt.ArrayLike", rewards: "npt.ArrayLike", replaced: "npt.ArrayLike", *,
        arms: "Iterable[str | int] | Arms | None" = None, people: "str | int | Iterable[str | int] | None" = None,
        days: "int | datetime.date | npt.ArrayLike | None" = None,
        propensities: "float | npt.ArrayLike | None" = None
    ) -> "None")]
    #[allow(non_snake_case, clippy::too_many_arguments, reason = "keyword arguments of Python")]
    fn revise<'py>(
        &self,
        py: Python<'py>,
        X: Bound<'py, PyAny>,
        rewards: Bound<'py, PyAny>,
        replaced: Bound<'py, PyAny>,
        arms: Option<Bound<'py, PyAny>>,
        people: Option<Bound<'py, PyAny>>,
        days: Option<Bound<'py, PyAny>>,
        propensities: Option<Bound<'py, PyAny>>,
    ) -> PyResult<()> {
        let lessons = Lessons::of(self, &X, &rewards, [arms, people, days, propensities])?;
        let replaced = Numbers::vector("replaced", &replaced)?;
        let (rows, rewards, replaced) = (lessons.rows(py)?, lessons.rewards.slice(py)?, replaced.slice(py)?);
        self.place.write(py, rows.values.len(), |bandit| bandit.revise(&rows, rewards, replaced))
    }

    /// Takes lessons away again, exactly: the policy that never saw them.
    #[pyo3(signature = (
        X: "npt.ArrayLike", rewards: "npt.ArrayLike", *, arms: "Iterable[str | int] | Arms | None" = None,
        people: "str | int | Iterable[str | int] | None" = None,
        days: "int | datetime.date | npt.ArrayLike | None" = None,
        propensities: "float | npt.ArrayLike | None" = None
    ) -> "None")]
    #[allow(non_snake_case, clippy::too_many_arguments, reason = "keyword arguments of Python")]
    fn unlearn<'py>(
        &self,
        py: Python<'py>,
        X: Bound<'py, PyAny>,
        rewards: Bound<'py, PyAny>,
        arms: Option<Bound<'py, PyAny>>,
        people: Option<Bound<'py, PyAny>>,
        days: Option<Bound<'py, PyAny>>,
        propensities: Option<Bound<'py, PyAny>>,
    ) -> PyResult<()> {
        let lessons = Lessons::of(self, &X, &rewards, [arms, people, days, propensities])?;
        let (rows, rewards) = (lessons.rows(py)?, lessons.rewards.slice(py)?);
        self.place.write(py, rows.values.len(), |bandit| bandit.unlearn(&rows, rewards))
    }

    /// The policy of the lessons of all `policies` together: exact, whatever the order.
    #[staticmethod]
    #[pyo3(signature = (*policies: "Policy") -> "Policy")]
    fn merge(py: Python<'_>, policies: &Bound<'_, pyo3::types::PyTuple>) -> PyResult<Py<PyAny>> {
        let mut bandits = Vec::new();
        for given in policies.iter() {
            let policy = given.cast_into::<Policy>()?;
            bandits.push(policy.get().place.read(py, 0, |bandit| Ok(bandit.clone()))?);
        }
        let merge = || Bandit::merge(&bandits.iter().collect::<Vec<_>>());
        let merged = py.detach(|| crate::door::contained(merge)).map_err(|error| raise(py, &error))?;
        super::kinds::object(py, Policy::of(merged))
    }
}
