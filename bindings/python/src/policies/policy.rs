//! `oo.Policy`: what all policies do with arrays.

use numpy::{PyArray1, PyUntypedArrayMethods};
use oo_policies::{Bandit, BanditSpec, PolicySpec, RangeSpec, Rows};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyString, PyTuple, PyType};

use super::arrays::{Matrix, arms, matrix, seed, vector};
use super::decided::Decided;
use super::kinds::{arguments, made, object};
use super::shared::Shared;
use crate::convert::value;
use crate::door::quickly;
use crate::error::{invalid, raise};

/// A contextual bandit on numpy arrays: `decide` among the rows of `X`, then `update` with the reward.
///
/// C-contiguous float64 is taken without a copy; other numeric arrays are converted to it. Values are rounded to the
/// grid of the declared range, on which sums are exact: learning in any order, merging and unlearning give the same bits.
#[pyclass(frozen, subclass, module = "oo")]
pub(crate) struct Policy {
    spec: PolicySpec,
    bandit: Option<Shared>,
}

impl Policy {
    /// A policy that has learned nothing; without `dim` it is settings for an engine.
    pub(crate) fn new(
        py: Python<'_>,
        spec: PolicySpec,
        dim: Option<i64>,
        range: Option<RangeSpec>,
        reward_range: Option<RangeSpec>,
    ) -> PyResult<Self> {
        spec.validate().map_err(|error| raise(py, &error))?;
        let Some(dim) = dim else { return Ok(Policy { spec, bandit: None }) };
        let dim = usize::try_from(dim).map_err(|_| invalid(py, "dim", "pass the number of columns, 1 or more"))?;
        let mut whole = BanditSpec::new(spec, dim);
        whole.range = range.unwrap_or(whole.range);
        whole.reward_range = reward_range.unwrap_or(whole.reward_range);
        quickly(py, || Bandit::new(whole)).map(Policy::of)
    }

    /// The policy of `bandit`.
    pub(crate) fn of(bandit: Bandit) -> Self {
        Policy { spec: bandit.spec().policy, bandit: Some(Shared::new(bandit)) }
    }

    /// Its settings, for an engine, which has columns of its own.
    pub(crate) fn settings_for_engine(&self, py: Python<'_>) -> PyResult<PolicySpec> {
        match self.bandit {
            None => Ok(self.spec.clone()),
            Some(_) => {
                Err(invalid(py, "policy", "an engine's policy takes its columns from the schema; leave `dim` out"))
            }
        }
    }

    /// Its settings.
    pub(crate) fn spec(&self) -> &PolicySpec {
        &self.spec
    }

    fn bandit(&self, py: Python<'_>) -> PyResult<&Shared> {
        self.bandit
            .as_ref()
            .ok_or_else(|| invalid(py, "dim", "a policy on arrays needs the number of columns: pass `dim`"))
    }

    fn whole(&self, py: Python<'_>) -> PyResult<BanditSpec> {
        self.bandit(py)?.read(py, 0, |bandit| Ok(bandit.spec()))
    }

    fn rows<'py>(&self, py: Python<'py>, x: &Bound<'py, PyAny>) -> PyResult<Matrix<'py>> {
        matrix("x", x, self.whole(py)?.dim)
    }
}

/// The settings of a policy, from a mapping or its JSON.
pub(crate) fn spec_of(given: &Bound<'_, PyAny>) -> PyResult<PolicySpec> {
    let py = given.py();
    let json = match given.cast::<PyString>() {
        Ok(text) => text.to_str()?.to_owned(),
        Err(_) => value("policy", given)?.to_string(),
    };
    PolicySpec::parse(&json).map_err(|error| raise(py, &error))
}

/// The numbers of an array that was checked to be contiguous.
fn slice<'a, D: numpy::ndarray::Dimension>(
    py: Python<'_>,
    array: &'a numpy::PyReadonlyArray<'_, f64, D>,
) -> PyResult<&'a [f64]> {
    array.as_slice().map_err(|error| raise(py, &oo::Error::internal(error.to_string())))
}

#[pymethods]
impl Policy {
    /// The policy of `settings`, `{"type": "linucb", "alpha": 0.7}` or its JSON: the form of an engine's settings and of
    /// HTTP. What is left out has its default, what is unknown is an error.
    #[staticmethod]
    #[pyo3(signature = (
        settings: "Mapping[str, Any] | str", dim: "int | None" = None, *,
        range: "tuple[float, float] | Literal['auto'] | None" = None, reward_range: "tuple[float, float] | None" = None
    ) -> "Policy")]
    fn of_settings(
        py: Python<'_>,
        settings: Bound<'_, PyAny>,
        dim: Option<i64>,
        range: Option<Bound<'_, PyAny>>,
        reward_range: Option<Bound<'_, PyAny>>,
    ) -> PyResult<Py<PyAny>> {
        object(py, made(py, spec_of(&settings)?, dim, range, reward_range)?)
    }

    /// Draws one row of `X` by the policy's probabilities.
    ///
    /// `arms` names the arm of each row for disjoint policies; without it a row's arm is its number. The same `seed`, a
    /// number or a UUID, draws the same row everywhere; without one the operating system's randomness is used.
    #[pyo3(signature = (
        X: "npt.ArrayLike", *, arms: "Iterable[str | int] | None" = None, seed: "int | str | uuid.UUID | None" = None
    ) -> "Decided")]
    #[allow(non_snake_case, reason = "the data scientist's name of a matrix")]
    fn decide<'py>(
        &self,
        py: Python<'py>,
        X: Bound<'py, PyAny>,
        arms: Option<Bound<'py, PyAny>>,
        seed: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Decided> {
        let (rows, arms) = (self.rows(py, &X)?, self::arms(arms.as_ref())?);
        let (seed, values) = (self::seed(py, seed.as_ref())?, slice(py, &rows)?);
        let count = rows.shape()[0];
        let rows = Rows { arms: arms.as_deref(), ..Rows::new(values, count) };
        let decide = |bandit: &Bandit| bandit.decide(&rows, seed);
        self.bandit(py)?.read(py, values.len(), decide).map(|inner| Decided { inner })
    }

    /// Learns the reward of what was decided.
    #[pyo3(signature = (decided: "Decided", reward: "float") -> "None")]
    fn update(&self, py: Python<'_>, decided: Bound<'_, Decided>, reward: f64) -> PyResult<()> {
        let decided = &decided.get().inner;
        self.bandit(py)?.write(py, 0, |bandit| bandit.update(decided, reward))
    }

    /// Learns `rewards`, one for each row of `X`, in their order. Nothing is learned when one of them is wrong.
    #[pyo3(signature = (
        X: "npt.ArrayLike", rewards: "npt.ArrayLike", *, arms: "Iterable[str | int] | None" = None
    ) -> "None")]
    #[allow(non_snake_case, reason = "the data scientist's name of a matrix")]
    fn learn<'py>(
        &self,
        py: Python<'py>,
        X: Bound<'py, PyAny>,
        rewards: Bound<'py, PyAny>,
        arms: Option<Bound<'py, PyAny>>,
    ) -> PyResult<()> {
        let (rows, rewards, arms) = (self.rows(py, &X)?, vector("rewards", &rewards)?, self::arms(arms.as_ref())?);
        let (rows, rewards) = (slice(py, &rows)?, slice(py, &rewards)?);
        let lessons = Rows { arms: arms.as_deref(), ..Rows::new(rows, rewards.len()) };
        self.bandit(py)?.write(py, rows.len(), |bandit| bandit.learn(&lessons, rewards))
    }

    /// Puts `rewards` in the place of `replaced`, which the rows of `X` were learned with: leaves the state of learning
    /// the last rewards only.
    #[pyo3(signature = (
        X: "npt.ArrayLike", rewards: "npt.ArrayLike", replaced: "npt.ArrayLike", *,
        arms: "Iterable[str | int] | None" = None
    ) -> "None")]
    #[allow(non_snake_case, reason = "the data scientist's name of a matrix")]
    fn revise<'py>(
        &self,
        py: Python<'py>,
        X: Bound<'py, PyAny>,
        rewards: Bound<'py, PyAny>,
        replaced: Bound<'py, PyAny>,
        arms: Option<Bound<'py, PyAny>>,
    ) -> PyResult<()> {
        let (rows, arms) = (self.rows(py, &X)?, self::arms(arms.as_ref())?);
        let (rewards, replaced) = (vector("rewards", &rewards)?, vector("replaced", &replaced)?);
        let (rows, rewards, replaced) = (slice(py, &rows)?, slice(py, &rewards)?, slice(py, &replaced)?);
        let lessons = Rows { arms: arms.as_deref(), ..Rows::new(rows, rewards.len()) };
        self.bandit(py)?.write(py, rows.len(), |bandit| bandit.revise(&lessons, rewards, replaced))
    }

    /// Takes lessons away again, exactly: the policy that never saw them.
    #[pyo3(signature = (
        X: "npt.ArrayLike", rewards: "npt.ArrayLike", *, arms: "Iterable[str | int] | None" = None
    ) -> "None")]
    #[allow(non_snake_case, reason = "the data scientist's name of a matrix")]
    fn unlearn<'py>(
        &self,
        py: Python<'py>,
        X: Bound<'py, PyAny>,
        rewards: Bound<'py, PyAny>,
        arms: Option<Bound<'py, PyAny>>,
    ) -> PyResult<()> {
        let (rows, rewards, arms) = (self.rows(py, &X)?, vector("rewards", &rewards)?, self::arms(arms.as_ref())?);
        let (rows, rewards) = (slice(py, &rows)?, slice(py, &rewards)?);
        let lessons = Rows { arms: arms.as_deref(), ..Rows::new(rows, rewards.len()) };
        self.bandit(py)?.write(py, rows.len(), |bandit| bandit.unlearn(&lessons, rewards))
    }

    /// Why row `index` of `X` scores as it does.
    #[pyo3(signature = (
        X: "npt.ArrayLike", index: "int", *, arms: "Iterable[str | int] | None" = None
    ) -> "Explanation")]
    #[allow(non_snake_case, reason = "the data scientist's name of a matrix")]
    fn explain<'py>(
        &self,
        py: Python<'py>,
        X: Bound<'py, PyAny>,
        index: i64,
        arms: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (rows, arms) = (self.rows(py, &X)?, self::arms(arms.as_ref())?);
        let (values, count) = (slice(py, &rows)?, rows.shape()[0]);
        let place = usize::try_from(index).ok().filter(|place| *place < count || count == 0);
        let place =
            place.ok_or_else(|| invalid(py, "index", format!("there is no row {index}; X has {count} rows")))?;
        let rows = Rows { arms: arms.as_deref(), ..Rows::new(values, count) };
        let said = self.bandit(py)?.read(py, 0, |bandit| bandit.explain(&rows, place))?;
        let contributions = PyArray1::from_vec(py, said.contributions);
        let parts = (contributions, said.intercept, said.mean, said.width, said.score);
        py.import("oo.answers")?.getattr("Explanation")?.call1(parts)
    }

    /// The policy as checked bytes; loading them changes no bit.
    #[pyo3(signature = () -> "bytes")]
    fn save<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let bytes = self.bandit(py)?.read(py, 0, |bandit| Ok(bandit.save()))?;
        Ok(PyBytes::new(py, &bytes))
    }

    /// The policy that `data` was saved from.
    #[classmethod]
    #[pyo3(signature = (data: "bytes") -> "Self")]
    fn load(cls: &Bound<'_, PyType>, py: Python<'_>, data: &[u8]) -> PyResult<Py<PyAny>> {
        let loaded = object(py, Policy::of(quickly(py, || Bandit::load(data))?))?;
        match loaded.bind(py).is_instance(cls)? {
            true => Ok(loaded),
            false => Err(invalid(
                py,
                "data",
                format!("this is a saved {}; load it as that", loaded.bind(py).get_type().name()?),
            )),
        }
    }

    /// The policy of the lessons of all `policies` together: exact, whatever the order.
    #[staticmethod]
    #[pyo3(signature = (*policies: "Policy") -> "Policy")]
    fn merge(py: Python<'_>, policies: &Bound<'_, PyTuple>) -> PyResult<Py<PyAny>> {
        let mut bandits = Vec::new();
        for given in policies.iter() {
            let policy = given.cast_into::<Policy>()?;
            bandits.push(policy.get().bandit(py)?.read(py, 0, |bandit| Ok(bandit.clone()))?);
        }
        let merged = quickly(py, || Bandit::merge(&bandits.iter().collect::<Vec<_>>()))?;
        object(py, Policy::of(merged))
    }

    /// The hash of settings and exact sums, hexadecimal; equal for the same set of lessons, in any order.
    #[getter]
    fn state_hash(&self, py: Python<'_>) -> PyResult<String> {
        let hash = self.bandit(py)?.read(py, 0, Bandit::state_hash)?;
        Ok(oo::id::hex(&hash))
    }

    /// How many lessons are in it.
    #[getter]
    fn lessons(&self, py: Python<'_>) -> PyResult<u64> {
        self.bandit.as_ref().map_or(Ok(0), |bandit| bandit.read(py, 0, |bandit| Ok(bandit.lessons())))
    }

    /// The number of columns; None for an engine's policy.
    #[getter]
    fn dim(&self, py: Python<'_>) -> PyResult<Option<usize>> {
        self.bandit.as_ref().map(|_| self.whole(py).map(|whole| whole.dim)).transpose()
    }

    /// Its arguments by name; a range that was "auto" is the one the first call fixed.
    #[getter]
    fn settings<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let whole = self.bandit.as_ref().map(|_| self.whole(py)).transpose()?;
        arguments(py, &self.spec, whole.as_ref())
    }

    fn __repr__(this: &Bound<'_, Self>) -> PyResult<String> {
        let (py, policy) = (this.py(), this.get());
        let mut said: Vec<String> = Vec::new();
        for (name, argument) in policy.settings(py)?.iter() {
            said.push(format!("{name}={}", argument.repr()?));
        }
        let lessons = policy.lessons(py)?;
        let lessons = if lessons > 0 { format!(" with {lessons} lessons") } else { String::new() };
        Ok(format!("{}({}){lessons}", this.get_type().name()?, said.join(", ")))
    }

    #[pyo3(signature = () -> "tuple[Any, ...]")]
    fn __reduce__<'py>(this: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        let (py, policy) = (this.py(), this.get());
        let parts = match policy.bandit {
            Some(_) => (this.get_type().getattr("load")?, (policy.save(py)?,)).into_pyobject(py)?,
            None => {
                let json = policy.spec.to_json().map_err(|error| raise(py, &error))?;
                (this.getattr("of_settings")?, (json,)).into_pyobject(py)?
            }
        };
        Ok(parts.into_any())
    }
}
