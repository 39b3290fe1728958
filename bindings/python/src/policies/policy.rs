//! `oo.Policy`: how a policy on arrays is made, decides and explains.

use std::sync::Arc;

use numpy::{PyArray1, PyUntypedArray, PyUntypedArrayMethods};
use oo::{NamedArms, Seed};
use oo_policies::{Bandit, BanditSpec, PolicySpec, RangeSpec, Rows};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyIterator, PyList, PyString, PyTuple};

use super::arms::{Arms, arms, arms_of, items};
use super::arrays::{Numbers, columns_error, is_deeper, seed, shape_error};
use super::decided::{Decided, DecidedBatch, filled};
use super::kinds::object;
use super::moments::{day, days, people, person};
use super::parameters::of_spec;
use super::place::Place;
use crate::convert::value;
use crate::door::quickly;
use crate::error::{invalid, raise};

/// A contextual bandit on numpy arrays: `decide` among the rows of `X`, then `update` with the reward.
///
/// C-contiguous float64 is taken without a copy; other numeric arrays are converted to it. Values are rounded to the
/// grid of the declared range, on which sums are exact: learning in any order, merging and unlearning give the same bits.
#[pyclass(frozen, subclass, module = "oo")]
pub(crate) struct Policy {
    pub(super) place: Place,
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
        let Some(dim) = dim else {
            for (field, range) in [("range", range), ("reward_range", reward_range)] {
                if range.is_some() {
                    return Err(invalid(py, field, "a range is of arrays: pass `dim` with it, or leave it out"));
                }
            }
            return Ok(Policy { place: Place::new(spec, None) });
        };
        let dim = usize::try_from(dim).map_err(|_| invalid(py, "dim", "pass the number of columns, 1 or more"))?;
        let mut whole = BanditSpec::new(spec, dim);
        whole.range = range.unwrap_or(whole.range);
        whole.reward_range = reward_range.unwrap_or(whole.reward_range);
        quickly(py, || Bandit::new(whole)).map(Policy::of)
    }

    /// The policy of `bandit`.
    pub(crate) fn of(bandit: Bandit) -> Self {
        Policy { place: Place::new(bandit.spec().policy, Some(bandit)) }
    }

    /// The number of columns; none for an engine's policy.
    pub(crate) fn columns(&self) -> Option<usize> {
        self.place.columns()
    }

    /// Its settings, for an engine, which has columns of its own.
    pub(crate) fn settings_for_engine(&self, py: Python<'_>) -> PyResult<PolicySpec> {
        match self.place.on_arrays() {
            false => Ok(self.place.spec()),
            true => Err(invalid(py, "policy", "an engine's policy takes its columns from the schema; leave `dim` out")),
        }
    }

    /// Its settings.
    pub(crate) fn spec(&self) -> PolicySpec {
        self.place.spec()
    }

    /// Its settings on arrays; `None` for an engine's policy.
    pub(super) fn whole(&self, py: Python<'_>) -> PyResult<Option<BanditSpec>> {
        match self.place.on_arrays() {
            true => self.place.read(py, 0, |bandit| Ok(bandit.spec())).map(Some),
            false => Ok(None),
        }
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
        object(py, of_spec(py, spec_of(&settings)?, dim, range, reward_range)?)
    }

    /// Draws one row of `X` by the policy's probabilities.
    ///
    /// `arms` names the arm of each row; without it a row's arm is its number. With `arms`, a one-dimensional `X` is one
    /// context for all of them, each named once. The same `seed`, a number or a UUID, draws the same row everywhere;
    /// without one the operating system's randomness is used. `person` and `day` say whose decision it is, and when.
    #[pyo3(signature = (
        X: "npt.ArrayLike", *, arms: "Iterable[str | int] | Arms | None" = None,
        seed: "int | str | uuid.UUID | None" = None, person: "str | int | None" = None,
        day: "int | datetime.date | None" = None
    ) -> "Decided")]
    #[allow(non_snake_case, reason = "the data scientist's name of a matrix")]
    fn decide<'py>(
        &self,
        py: Python<'py>,
        X: Bound<'py, PyAny>,
        arms: Option<Bound<'py, PyAny>>,
        seed: Option<Bound<'py, PyAny>>,
        person: Option<Bound<'py, PyAny>>,
        day: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Decided> {
        let (numbers, context) = Numbers::rows_or_context(&X, self.place.dim(py)?, arms.is_some())?;
        let arms = self::arms(arms.as_ref())?;
        let (person, day) = (self::person(person.as_ref())?, [self::day(day.as_ref())?]);
        let (seed, values) = (self::seed(py, seed.as_ref())?, numbers.slice(py)?);
        let rows = match (&arms, context) {
            (Some(arms), true) => Rows::of_named(values, arms),
            _ => Rows { arms: arms.as_deref(), ..Rows::new(values, numbers.shape()[0]) },
        };
        let rows = Rows { people: person.as_slice(), days: &day, ..rows };
        let decide = |bandit: &Bandit| filled(|decided| bandit.decide_into(&rows, seed, decided));
        let inner = self.place.read(py, values.len() * if context { rows.count } else { 1 }, decide)?;
        Ok(Decided { inner })
    }

    /// Decides many times: a `X` of (decisions, rows, columns), a list of matrices, or, with `arms`, one context a row.
    ///
    /// `arms` are the same for all decisions, or, for a list of matrices, one list a decision. A number as `seed` is
    /// decision 0's, the next is decision 1's, and so on; or one seed a decision. `people` and `days`: one, or one a
    /// decision.
    #[pyo3(signature = (
        X: "npt.ArrayLike | Sequence[npt.ArrayLike]", *,
        arms: "Iterable[str | int] | Arms | Sequence[Iterable[str | int]] | None" = None,
        seed: "int | Iterable[int | str | uuid.UUID] | None" = None,
        people: "str | int | Iterable[str | int] | None" = None,
        days: "int | datetime.date | npt.ArrayLike | None" = None
    ) -> "DecidedBatch")]
    #[allow(non_snake_case, reason = "the data scientist's name of a matrix")]
    fn decide_batch<'py>(
        &self,
        py: Python<'py>,
        X: Bound<'py, PyAny>,
        arms: Option<Bound<'py, PyAny>>,
        seed: Option<Bound<'py, PyAny>>,
        people: Option<Bound<'py, PyAny>>,
        days: Option<Bound<'py, PyAny>>,
    ) -> PyResult<DecidedBatch> {
        let given = Given::of(&X, self.place.dim(py)?, arms.as_ref())?;
        let sets = given.sets(py)?;
        let seeds = seeds(py, seed.as_ref(), sets.len())?;
        let (people, days) = (self::people(people.as_ref())?, self::days(days.as_ref())?);
        for (field, len) in [("people", people.len()), ("days", days.len())] {
            if len > 1 && len != sets.len() {
                let message = format!("{} decisions need one or {} of them, not {len}", sets.len(), sets.len());
                return Err(invalid(py, field, message));
            }
        }
        let one = |len: usize, index: usize| if len > 1 { index..index + 1 } else { 0..len };
        let size = sets.iter().map(|rows| rows.values.len()).sum();
        let decide = |bandit: &Bandit| {
            // Whatever comes again with the next decision, such as where its arms were, is found once.
            let mut scratch = oo_policies::Decided::default();
            let decide = |(index, (rows, seed)): (usize, (&Rows<'_>, &Seed))| {
                let rows =
                    Rows { people: &people[one(people.len(), index)], days: &days[one(days.len(), index)], ..*rows };
                bandit.decide_into(&rows, *seed, &mut scratch).map_err(|error| error_of_decision(index, &error))?;
                Ok::<_, oo::Error>(Arc::new(scratch.kept()))
            };
            sets.iter().zip(&seeds).enumerate().map(decide).collect::<oo::Result<Vec<_>>>()
        };
        self.place.read(py, size, decide).map(|all| DecidedBatch { all })
    }

    /// Why row `index` of `X` scores as it does.
    #[pyo3(signature = (
        X: "npt.ArrayLike", index: "int", *, arms: "Iterable[str | int] | Arms | None" = None,
        person: "str | int | None" = None, day: "int | datetime.date | None" = None
    ) -> "Explanation")]
    #[allow(non_snake_case, reason = "the data scientist's name of a matrix")]
    fn explain<'py>(
        &self,
        py: Python<'py>,
        X: Bound<'py, PyAny>,
        index: i64,
        arms: Option<Bound<'py, PyAny>>,
        person: Option<Bound<'py, PyAny>>,
        day: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (numbers, context) = Numbers::rows_or_context(&X, self.place.dim(py)?, arms.is_some())?;
        let arms = self::arms(arms.as_ref())?;
        let (person, day) = (self::person(person.as_ref())?, [self::day(day.as_ref())?]);
        let values = numbers.slice(py)?;
        let rows = match (&arms, context) {
            (Some(arms), true) => Rows::of_named(values, arms),
            _ => Rows { arms: arms.as_deref(), ..Rows::new(values, numbers.shape()[0]) },
        };
        let rows = Rows { people: person.as_slice(), days: &day, ..rows };
        let count = rows.count;
        let place = usize::try_from(index).ok().filter(|place| *place < count || count == 0);
        let place =
            place.ok_or_else(|| invalid(py, "index", format!("there is no row {index}; X has {count} rows")))?;
        let said = self.place.read(py, 0, |bandit| bandit.explain(&rows, place))?;
        let contributions = PyArray1::from_vec(py, said.contributions);
        let parts = (contributions, said.intercept, said.mean, said.width, said.score);
        py.import(intern!(py, "oo.answers"))?.getattr(intern!(py, "Explanation"))?.call1(parts)
    }
}

/// What many decisions are about.
enum Given<'py> {
    /// (decisions, rows, columns), with the arms of the rows.
    Cube(Numbers<'py>, Option<NamedArms>),
    /// One context a row, for the same arms.
    Contexts(Numbers<'py>, NamedArms),
    /// A matrix a decision.
    Matrices(Vec<(Numbers<'py>, Option<NamedArms>)>),
}

impl<'py> Given<'py> {
    fn of(x: &Bound<'py, PyAny>, dim: usize, arms: Option<&Bound<'py, PyAny>>) -> PyResult<Self> {
        let py = x.py();
        if is_list_of_matrices(x)? {
            let each = arms.map(each_of).transpose()?.flatten();
            let shared = if each.is_some() { None } else { self::arms(arms)? };
            let matrices = x.try_iter()?.collect::<PyResult<Vec<_>>>()?;
            if each.as_ref().is_some_and(|each| each.len() != matrices.len()) {
                return Err(invalid(py, "arms", "each decision needs its arms"));
            }
            let set = |(index, matrix): (usize, &Bound<'py, PyAny>)| {
                let own = match &each {
                    Some(each) => self::arms_of(&each[index]).map(Some),
                    None => Ok(shared.clone()),
                };
                let set = own.and_then(|own| Ok((Numbers::matrix("x", matrix, dim)?, own)));
                set.map_err(|error| of_decision(py, index, error))
            };
            return matrices.iter().enumerate().map(set).collect::<PyResult<_>>().map(Given::Matrices);
        }
        let (numbers, arms) = (Numbers::of("x", x)?, self::arms(arms)?);
        match (numbers.shape(), arms) {
            ([_, _, columns], _) | ([_, columns], Some(_)) if *columns != dim => {
                Err(columns_error(py, "x", *columns, dim))
            }
            ([_, _, _], arms) => Ok(Given::Cube(numbers, arms)),
            ([_, _], Some(arms)) => Ok(Given::Contexts(numbers, arms)),
            _ => Err(shape_error(
                py,
                "x",
                "three-dimensional (decisions, rows, columns), a list of matrices, or with `arms` one context a row",
            )),
        }
    }

    fn sets(&self, py: Python<'py>) -> PyResult<Vec<Rows<'_>>> {
        match self {
            Given::Cube(numbers, arms) => {
                let (values, shape) = (numbers.slice(py)?, numbers.shape());
                let (count, size) = (shape[1], shape[1] * shape[2]);
                let set = |index| Rows {
                    arms: arms.as_deref(),
                    ..Rows::new(&values[index * size..(index + 1) * size], count)
                };
                Ok((0..shape[0]).map(set).collect())
            }
            Given::Contexts(numbers, arms) => {
                let (values, shape) = (numbers.slice(py)?, numbers.shape());
                Ok(values.chunks_exact(shape[1].max(1)).map(|context| Rows::of_named(context, arms)).collect())
            }
            Given::Matrices(sets) => sets
                .iter()
                .map(|(numbers, arms)| {
                    let rows = Rows::new(numbers.slice(py)?, numbers.shape()[0]);
                    Ok(Rows { arms: arms.as_deref(), ..rows })
                })
                .collect(),
        }
    }
}

/// `error`, which says what is wrong with decision `index`.
fn error_of_decision(index: usize, error: &oo::Error) -> oo::Error {
    let said = oo::Error::new(error.kind(), format!("decision {index}: {}", error.message()));
    match error.field() {
        Some(field) => said.with_field(field),
        None => said,
    }
}

/// As [`error_of_decision`], of an exception.
fn of_decision(py: Python<'_>, index: usize, error: PyErr) -> PyErr {
    let value = error.value(py);
    let said = |name: &str| value.getattr(name).and_then(|said| said.extract::<String>()).ok();
    match (said("field"), said("message")) {
        (Some(field), Some(message)) => invalid(py, &field, format!("decision {index}: {message}")),
        _ => error,
    }
}

/// Whether `x` is a list whose first item is an array of two dimensions.
fn is_list_of_matrices(x: &Bound<'_, PyAny>) -> PyResult<bool> {
    let py = x.py();
    if !x.is_instance_of::<PyList>() && !x.is_instance_of::<PyTuple>() {
        return Ok(false);
    }
    let Some(first) = x.try_iter()?.next().transpose()? else { return Ok(false) };
    match first.cast::<PyUntypedArray>() {
        Ok(array) => Ok(array.ndim() == 2),
        // No matrix; and at one that holds itself numpy can look for ever.
        Err(_) if is_deeper(&first, 2) => Ok(false),
        Err(_) => {
            let array = py.import(intern!(py, "numpy"))?.call_method1(intern!(py, "ndim"), (first,));
            Ok(array.and_then(|ndim| ndim.extract::<usize>()).is_ok_and(|ndim| ndim == 2))
        }
    }
}

/// The arms of each decision, where `given` holds lists of them.
fn each_of<'py>(given: &Bound<'py, PyAny>) -> PyResult<Option<Vec<Bound<'py, PyAny>>>> {
    // An iterator is read once, and not here.
    if given.is_instance_of::<Arms>() || given.cast::<PyIterator>().is_ok() {
        return Ok(None);
    }
    let items = items(given)?;
    let lists = items.first().is_some_and(|first| !first.is_instance_of::<PyString>() && first.try_iter().is_ok());
    Ok(lists.then_some(items))
}

/// A seed for each of `count` decisions.
fn seeds(py: Python<'_>, given: Option<&Bound<'_, PyAny>>, count: usize) -> PyResult<Vec<Seed>> {
    let many = given.filter(|given| !given.is_instance_of::<PyString>()).and_then(|given| given.try_iter().ok());
    let Some(many) = many else {
        return match seed(py, given)? {
            Seed::Number(first) => Ok((0..count as u64).map(|n| Seed::Number(first.wrapping_add(n))).collect()),
            Seed::Decision(_) if count > 1 => {
                Err(invalid(py, "seed", "one UUID is one decision's; pass a list of them, or a number"))
            }
            one => Ok(vec![one; count]),
        };
    };
    let seeds = many.map(|one| seed(py, Some(&one?))).collect::<PyResult<Vec<_>>>()?;
    match seeds.len() == count {
        true => Ok(seeds),
        false => Err(invalid(py, "seed", format!("{count} decisions need one or {count} seeds, not {}", seeds.len()))),
    }
}
