//! How a policy on arrays learns: one decision, many, rows of a log; and how it takes lessons back.

use std::sync::{Mutex, PoisonError};

use numpy::{PyArray1, PyArrayMethods};
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
use crate::error::{invalid, raise};

/// Multiplications between two looks at signals and progress: some milliseconds.
const PART: usize = 1 << 22;

/// What rows are learned with.
struct Lessons<'py> {
    rows: Numbers<'py>,
    rewards: Numbers<'py>,
    arms: Option<oo::NamedArms>,
    people: Vec<oo::id::Pseudonym>,
    days: Vec<i32>,
    propensities: Option<Numbers<'py>>,
    centres: Option<Numbers<'py>>,
}

impl<'py> Lessons<'py> {
    fn of(
        policy: &Policy,
        x: &Bound<'py, PyAny>,
        rewards: &Bound<'py, PyAny>,
        with: [Option<Bound<'py, PyAny>>; 5],
    ) -> PyResult<Self> {
        let [arms, people, days, propensities, centres] = with;
        let dim = policy.place.dim(x.py())?;
        let propensities = propensities.map(|given| match given.extract::<f64>() {
            Ok(one) => Numbers::vector("propensities", PyArray1::from_slice(given.py(), &[one]).as_any()),
            Err(_) => Numbers::vector("propensities", &given),
        });
        Ok(Lessons {
            rows: Numbers::matrix("x", x, dim)?,
            rewards: Numbers::vector("rewards", rewards)?,
            arms: self::arms(arms.as_ref())?,
            people: self::people(people.as_ref())?,
            days: self::days(days.as_ref())?,
            propensities: propensities.transpose()?,
            centres: centres.map(|given| Numbers::matrix("centres", &given, dim + 1)).transpose()?,
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
            centres: match &self.centres {
                Some(centres) => centres.slice(py)?,
                None => &[],
            },
            ..Rows::new(self.rows.slice(py)?, self.rows.shape()[0])
        })
    }
}

/// How to learn in parts: after how many lessons to ask on, and whom.
type Parts<'a> = Option<(usize, &'a mut dyn FnMut(usize) -> oo::Result<()>)>;

impl Policy {
    /// Learns `total` lessons of `size` numbers: at once where they are few, else in parts, between which signals are
    /// looked at and `progress` is told, until others have learned first so often that they have to wait.
    fn in_parts(
        &self,
        py: Python<'_>,
        size: usize,
        total: usize,
        progress: &Progress,
        mut learn: impl FnMut(&mut Bandit, Parts<'_>) -> oo::Result<()> + Send,
    ) -> PyResult<()> {
        let dim = self.place.dim(py)?;
        let part = (PART / (dim * dim)).clamp(16, 1 << 13);
        if size < LARGE && total <= part && !progress.asked() {
            return self.place.write(py, 0, |bandit, _| learn(bandit, None));
        }
        let stopped: Mutex<Option<PyErr>> = Mutex::new(None);
        let mut rest = |done: usize| {
            let look = |py: Python<'_>| {
                py.check_signals()?;
                progress.show(py, done, total)
            };
            // An interpreter that is going away asks for nothing more.
            let looked = Python::try_attach(look).unwrap_or(Ok(()));
            looked.map_err(|error| {
                *stopped.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                Error::busy("the learning was interrupted; nothing of it was learned")
            })
        };
        // Under the lock at once: signals and progress are Python code.
        let learned = self.place.write(py, size.max(LARGE), |bandit, locked| match locked {
            true => learn(bandit, None),
            false => learn(bandit, Some((part, &mut rest))),
        });
        progress.end(py)?;
        match stopped.lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some(error) => Err(error),
            None => learned,
        }
    }

    fn take(&self, py: Python<'_>, lessons: &Lessons<'_>, progress: &Progress) -> PyResult<()> {
        let (rows, rewards) = (lessons.rows(py)?, lessons.rewards.slice(py)?);
        self.in_parts(py, rows.values.len(), rewards.len(), progress, |bandit, parts| match parts {
            None => bandit.learn(&rows, rewards),
            Some((part, rest)) => bandit.learn_in_parts(&rows, rewards, part, rest),
        })
    }

    fn take_batch(
        &self,
        py: Python<'_>,
        decided: &Bound<'_, PyAny>,
        rewards: &Bound<'_, PyAny>,
        progress: &Progress,
    ) -> PyResult<()> {
        let (decided, rewards) = (decisions(decided)?, Numbers::vector("rewards", rewards)?);
        let all: Vec<&oo_policies::Decided> = decided.iter().map(|one| &**one).collect();
        let rewards = rewards.slice(py)?;
        let size = all.first().map_or(0, |first| first.x().len() * all.len());
        self.in_parts(py, size, rewards.len(), progress, |bandit, parts| match parts {
            None => bandit.update_all(&all, rewards),
            Some((part, rest)) => bandit.update_all_in_parts(&all, rewards, part, rest),
        })
    }
}

#[pymethods]
impl Policy {
    /// Learns the reward of what was decided.
    #[pyo3(signature = (decided: "Decided", reward: "float") -> "None")]
    fn update(&self, py: Python<'_>, decided: Bound<'_, Decided>, reward: f64) -> PyResult<()> {
        let decided = &decided.get().inner;
        self.place.write(py, 0, |bandit, _| bandit.update(decided, reward))
    }

    /// Learns the rewards of what `decide_batch` returned, or of a list of decisions, in their order; all or nothing.
    #[pyo3(signature = (decided: "DecidedBatch | Iterable[Decided]", rewards: "npt.ArrayLike") -> "None")]
    fn update_batch(&self, py: Python<'_>, decided: Bound<'_, PyAny>, rewards: Bound<'_, PyAny>) -> PyResult<()> {
        self.take_batch(py, &decided, &rewards, &Progress::none())
    }

    /// Learns `rewards`, one for each row of `X`, in their order; or, where `X` is what `decide_batch` returned, its own.
    ///
    /// All or nothing: when one of them is wrong, or Ctrl-C interrupts, the policy is as it was. `people` and `days`: one
    /// for all rows, or one a row. `propensities`: the probability with which each row was drawn, where a log knows it.
    /// `centres`: what `centre` gives for each row's decision, for `ActionCentredTS`.
    /// `progress` shows a bar on a terminal, or is called with (done, total).
    #[pyo3(signature = (
        X: "npt.ArrayLike | DecidedBatch", rewards: "npt.ArrayLike", *,
        arms: "Iterable[str | int] | Arms | None" = None, people: "str | int | Iterable[str | int] | None" = None,
        days: "int | datetime.date | npt.ArrayLike | None" = None,
        propensities: "float | npt.ArrayLike | None" = None, centres: "npt.ArrayLike | None" = None,
        progress: "bool | Callable[[int, int], object]" = Progress::none()
    ) -> "None", text_signature = "(self, X, rewards, *, arms=None, people=None, days=None, propensities=None, centres=None, progress=False)")]
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
        centres: Option<Bound<'py, PyAny>>,
        progress: Progress,
    ) -> PyResult<()> {
        if X.is_instance_of::<DecidedBatch>() {
            let with = [arms, people, days, propensities, centres];
            let names = ["arms", "people", "days", "propensities", "centres"];
            return match names.into_iter().zip(with).find(|(_, given)| given.is_some()) {
                Some((name, _)) => Err(invalid(py, name, "what was decided says this itself; leave it out")),
                None => self.take_batch(py, &X, &rewards, &progress),
            };
        }
        let lessons = Lessons::of(self, &X, &rewards, [arms, people, days, propensities, centres])?;
        self.take(py, &lessons, &progress)
    }

    /// As `learn`, and returns the policy: the name that scikit-learn has for it.
    #[pyo3(signature = (
        X: "npt.ArrayLike | DecidedBatch", rewards: "npt.ArrayLike", *,
        arms: "Iterable[str | int] | Arms | None" = None, people: "str | int | Iterable[str | int] | None" = None,
        days: "int | datetime.date | npt.ArrayLike | None" = None,
        propensities: "float | npt.ArrayLike | None" = None, centres: "npt.ArrayLike | None" = None,
        progress: "bool | Callable[[int, int], object]" = Progress::none()
    ) -> "Self", text_signature = "(self, X, rewards, *, arms=None, people=None, days=None, propensities=None, centres=None, progress=False)")]
    #[allow(non_snake_case, clippy::too_many_arguments, reason = "keyword arguments of Python")]
    fn partial_fit<'py>(
        this: Bound<'py, Self>,
        X: Bound<'py, PyAny>,
        rewards: Bound<'py, PyAny>,
        arms: Option<Bound<'py, PyAny>>,
        people: Option<Bound<'py, PyAny>>,
        days: Option<Bound<'py, PyAny>>,
        propensities: Option<Bound<'py, PyAny>>,
        centres: Option<Bound<'py, PyAny>>,
        progress: Progress,
    ) -> PyResult<Bound<'py, Self>> {
        this.get().learn(this.py(), X, rewards, arms, people, days, propensities, centres, progress)?;
        Ok(this)
    }

    /// What a decision of this policy would have shown on average, for `ActionCentredTS`: Σ pᵢxᵢ of the rows that do
    /// something, and the probability of doing anything, `dim` + 1 numbers; a row each for many decisions. As `centres` it
    /// lets their lessons be learned from a log, revised and taken back. Other policies have none: an empty array.
    #[pyo3(signature = (decided: "Decided | DecidedBatch | Iterable[Decided]") -> "npt.NDArray[np.float64]")]
    fn centre<'py>(&self, py: Python<'py>, decided: Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        if let Ok(one) = decided.cast::<Decided>() {
            let one = one.get().inner.clone();
            let centre = self.place.read(py, 0, |bandit| bandit.centre(&one))?;
            return Ok(PyArray1::from_vec(py, centre).into_any());
        }
        let all = decisions(&decided)?;
        let centres = |bandit: &Bandit| all.iter().map(|one| bandit.centre(one)).collect::<oo::Result<Vec<_>>>();
        let centres = self.place.read(py, 0, centres)?;
        let columns = centres.first().map_or(0, Vec::len);
        Ok(PyArray1::from_vec(py, centres.concat()).reshape([centres.len(), columns])?.into_any())
    }

    /// Puts `rewards` in the place of `replaced`, which the rows of `X` were learned with: leaves the state of learning
    /// the last rewards only.
    #[pyo3(signature = (
        X: "npt.ArrayLike", rewards: "npt.ArrayLike", replaced: "npt.ArrayLike", *,
        arms: "Iterable[str | int] | Arms | None" = None, people: "str | int | Iterable[str | int] | None" = None,
        days: "int | datetime.date | npt.ArrayLike | None" = None,
        propensities: "float | npt.ArrayLike | None" = None, centres: "npt.ArrayLike | None" = None
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
        centres: Option<Bound<'py, PyAny>>,
    ) -> PyResult<()> {
        let lessons = Lessons::of(self, &X, &rewards, [arms, people, days, propensities, centres])?;
        let replaced = Numbers::vector("replaced", &replaced)?;
        let (rows, rewards, replaced) = (lessons.rows(py)?, lessons.rewards.slice(py)?, replaced.slice(py)?);
        self.in_parts(py, rows.values.len(), rewards.len(), &Progress::none(), |bandit, parts| match parts {
            None => bandit.revise(&rows, rewards, replaced),
            Some((part, rest)) => bandit.revise_in_parts(&rows, rewards, replaced, part, rest),
        })
    }

    /// Takes lessons away again, exactly: the policy that never saw them.
    #[pyo3(signature = (
        X: "npt.ArrayLike", rewards: "npt.ArrayLike", *, arms: "Iterable[str | int] | Arms | None" = None,
        people: "str | int | Iterable[str | int] | None" = None,
        days: "int | datetime.date | npt.ArrayLike | None" = None,
        propensities: "float | npt.ArrayLike | None" = None, centres: "npt.ArrayLike | None" = None
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
        centres: Option<Bound<'py, PyAny>>,
    ) -> PyResult<()> {
        let lessons = Lessons::of(self, &X, &rewards, [arms, people, days, propensities, centres])?;
        let (rows, rewards) = (lessons.rows(py)?, lessons.rewards.slice(py)?);
        self.place.write(py, rows.values.len(), |bandit, _| bandit.unlearn(&rows, rewards))
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
