//! `decide` and `decide_all`: named bandits choose among rows of numbers.

use numpy::PyArray1;
use oo::{Choice, DecideRequest, PolicySpec};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyMapping};

use crate::components::is_policy;
use crate::convert::{decision_id, entries, text};
use crate::engine::Engine;
use crate::error::{invalid, raise};
use crate::policies::{Numbers, Policy, arms, range_of, rewards_of, shape_error, spec_of};

#[pymethods]
impl Engine {
    /// Chooses one row of `X` by the bandit named `bandit`, durably: the choice is on disk before it is answered, and the
    /// bandit has learned from every reward that was acknowledged before the call, in any process.
    ///
    /// A bandit is opened by its first decision, with `policy` (without `dim`; the default policy when left out), the
    /// `range` of all columns and the `reward_range`, (-16, 16) each unless given; later these are only checked. `arms`
    /// names the arm of each row; with it a one-dimensional `X` is one context for all of them. The decision of a `user`
    /// is exported and forgotten with them. `id`, a UUID, seeds the draw; the same id answers the same decision again.
    #[pyo3(signature = (
        X: "npt.ArrayLike", *, bandit: "str" = "default", policy: "Policy | Mapping[str, Any] | str | None" = None,
        range: "tuple[float, float] | Literal['auto'] | None" = None, reward_range: "tuple[float, float] | None" = None,
        arms: "Iterable[str | int] | Arms | None" = None, user: "str | None" = None,
        id: "str | uuid.UUID | None" = None
    ) -> "Choice")]
    #[allow(non_snake_case, clippy::too_many_arguments, reason = "keyword arguments of Python")]
    fn decide<'py>(
        &self,
        py: Python<'py>,
        X: Bound<'py, PyAny>,
        bandit: &str,
        policy: Option<Bound<'py, PyAny>>,
        range: Option<Bound<'py, PyAny>>,
        reward_range: Option<Bound<'py, PyAny>>,
        arms: Option<Bound<'py, PyAny>>,
        user: Option<Bound<'py, PyAny>>,
        id: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let named = named(bandit, policy, range, reward_range)?;
        let request = request(named, &X, arms.as_ref(), user.as_ref(), id.as_ref())?;
        choice(py, self.call(py, move |engine| engine.decide(request))?)
    }

    /// As `decide` for each of `decisions`, in one commit: all of them are made, or none.
    ///
    /// A decision is its `X`, or a mapping with the names of `decide`'s arguments; what it does not say is as the
    /// arguments here. An error's field begins with `decisions[i]` where there are several.
    #[pyo3(signature = (
        decisions: "Iterable[npt.ArrayLike | Mapping[str, Any]]", *, bandit: "str" = "default",
        policy: "Policy | Mapping[str, Any] | str | None" = None,
        range: "tuple[float, float] | Literal['auto'] | None" = None, reward_range: "tuple[float, float] | None" = None,
        arms: "Iterable[str | int] | Arms | None" = None, user: "str | None" = None
    ) -> "list[Choice]")]
    #[allow(clippy::too_many_arguments, reason = "keyword arguments of Python")]
    fn decide_all<'py>(
        &self,
        py: Python<'py>,
        decisions: Bound<'py, PyAny>,
        bandit: &str,
        policy: Option<Bound<'py, PyAny>>,
        range: Option<Bound<'py, PyAny>>,
        reward_range: Option<Bound<'py, PyAny>>,
        arms: Option<Bound<'py, PyAny>>,
        user: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let shared = named(bandit, policy, range, reward_range)?;
        let wrong = || invalid(py, "decisions", "pass a list of matrices, or of mappings with an `X` each");
        if decisions.cast::<PyMapping>().is_ok() {
            return Err(wrong());
        }
        let given = decisions.try_iter().map_err(|_| wrong())?.collect::<PyResult<Vec<_>>>()?;
        let each = given.iter().enumerate().map(|(index, one)| {
            let request = match one.cast::<PyMapping>() {
                Ok(mapping) => of_mapping(mapping.as_any(), &shared, arms.as_ref(), user.as_ref()),
                Err(_) => request(shared.clone(), one, arms.as_ref(), user.as_ref(), None),
            };
            request.map_err(|error| if given.len() > 1 { at(py, index, error) } else { error })
        });
        let requests = each.collect::<PyResult<Vec<_>>>()?;
        let choices = self.call(py, move |engine| engine.decide_all(requests))?;
        let choices = choices.into_iter().map(|made| choice(py, made)).collect::<PyResult<Vec<_>>>()?;
        Ok(PyList::new(py, choices)?.into_any())
    }
}

/// A request of no rows yet, for the bandit `name`.
fn named(
    name: &str,
    policy: Option<Bound<'_, PyAny>>,
    range: Option<Bound<'_, PyAny>>,
    reward_range: Option<Bound<'_, PyAny>>,
) -> PyResult<DecideRequest> {
    let mut request = DecideRequest::new(name, Vec::new(), 0);
    request.range = range_of("range", range)?;
    request.reward_range = range_of("reward_range", reward_range)?;
    if let Some(policy) = policy {
        let (policy, own) = policy_of(&policy)?;
        request.policy = Some(policy);
        request.reward_range = request.reward_range.or(own);
    }
    Ok(request)
}

/// The settings of a policy, and the rewards that an `oo.Policy` knows.
fn policy_of(given: &Bound<'_, PyAny>) -> PyResult<(PolicySpec, Option<oo::RangeSpec>)> {
    let py = given.py();
    if let Ok(policy) = given.cast::<Policy>() {
        if policy.get().columns().is_some() {
            let message = "the policy of a named bandit takes its columns from the rows; leave its `dim` out";
            return Err(invalid(py, "policy", message));
        }
        let spec = policy.get().spec();
        let own = rewards_of(&spec);
        return Ok((spec, own));
    }
    if is_policy(given)? {
        return Err(invalid(py, "policy", "a named bandit has a policy of oO's own; pass one, or its settings"));
    }
    spec_of(given).map(|spec| (spec, None))
}

/// `named` with its rows.
fn request(
    named: DecideRequest,
    x: &Bound<'_, PyAny>,
    arms: Option<&Bound<'_, PyAny>>,
    user: Option<&Bound<'_, PyAny>>,
    id: Option<&Bound<'_, PyAny>>,
) -> PyResult<DecideRequest> {
    let py = x.py();
    let (numbers, arms) = (Numbers::of("x", x)?, self::arms(arms)?);
    let values = numbers.slice(py)?;
    let (values, count) = match (numbers.shape(), &arms) {
        ([0, ..], None) | ([0, _], _) => return Err(no_candidate(py)),
        ([_], Some(arms)) if arms.is_empty() => return Err(no_candidate(py)),
        ([rows, _], _) if !values.is_empty() => (values.to_vec(), *rows),
        ([_], Some(arms)) if !values.is_empty() => {
            oo::Rows::of_named(values, arms).check_distinct().map_err(|error| raise(py, &error))?;
            (values.repeat(arms.len()), arms.len())
        }
        _ => {
            let shape = "two-dimensional, one row a candidate; one context for many arms needs `arms`";
            return Err(shape_error(py, "x", shape));
        }
    };
    Ok(DecideRequest {
        values,
        count,
        arms: arms.map(|arms| arms.to_vec()),
        user: user.map(|user| text("user", user)).transpose()?,
        id: id.map(|id| decision_id("id", id)).transpose()?,
        ..named
    })
}

/// The request of the mapping `given`; what it does not say is as in `shared`.
fn of_mapping(
    given: &Bound<'_, PyAny>,
    shared: &DecideRequest,
    arms: Option<&Bound<'_, PyAny>>,
    user: Option<&Bound<'_, PyAny>>,
) -> PyResult<DecideRequest> {
    const NAMES: [&str; 8] = ["X", "bandit", "policy", "range", "reward_range", "arms", "user", "id"];
    let (py, given): (_, Bound<'_, PyDict>) = (given.py(), entries(given)?);
    for name in given.keys() {
        let name = text("decisions", &name)?;
        if !NAMES.contains(&name.as_str()) {
            let message = format!("a decision has no such argument; it has {}", NAMES.join(", "));
            return Err(invalid(py, &name, message));
        }
    }
    let said = |name: &str| Ok::<_, PyErr>(given.get_item(name)?.filter(|value| !value.is_none()));
    let x = said("X")?.ok_or_else(|| invalid(py, "X", "a decision needs rows: pass them as `X`"))?;
    let bandit = match said("bandit")? {
        Some(name) => text("bandit", &name)?,
        None => shared.bandit.clone(),
    };
    let own = named(&bandit, said("policy")?, said("range")?, said("reward_range")?)?;
    let own = DecideRequest {
        policy: own.policy.or_else(|| shared.policy.clone()),
        range: own.range.or(shared.range),
        reward_range: own.reward_range.or(shared.reward_range),
        ..own
    };
    let (own_arms, own_user) = (said("arms")?, said("user")?);
    request(own, &x, own_arms.as_ref().or(arms), own_user.as_ref().or(user), said("id")?.as_ref())
}

/// `error` as one of the decision `index`.
fn at(py: Python<'_>, index: usize, error: PyErr) -> PyErr {
    let field = error.value(py).getattr_opt(intern!(py, "field")).ok().flatten();
    let Some(field) = field.and_then(|field| field.extract::<String>().ok()) else { return error };
    match error.value(py).setattr(intern!(py, "field"), format!("decisions[{index}].{field}")) {
        Ok(()) => error,
        Err(failure) => failure,
    }
}

fn no_candidate(py: Python<'_>) -> PyErr {
    invalid(py, "candidates", "there is no candidate; pass at least one row")
}

/// `made` as an `oo.Choice`.
pub(super) fn choice(py: Python<'_>, made: Choice) -> PyResult<Bound<'_, PyAny>> {
    let (pmf, scores) = (PyArray1::from_vec(py, made.pmf), PyArray1::from_vec(py, made.scores));
    let bounded = PyArray1::from_iter(py, made.bounded.iter().map(|row| i64::from(*row)));
    let Choice { decision, bandit, index, arm, propensity, estimated, reward, .. } = made;
    let parts = (decision, bandit, index, arm, propensity, pmf, scores, estimated, bounded, reward);
    py.import(intern!(py, "oo.answers"))?.getattr(intern!(py, "Choice"))?.call1(parts)
}
