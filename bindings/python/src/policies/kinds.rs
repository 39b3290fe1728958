//! The policies by name, each with its arguments.

use oo_policies::{
    BanditSpec, EpsilonGreedySpec, Exploration, GreedySpec, LinUcbSpec, PolicySpec, RangeSpec, Sharing, UniformSpec,
};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::policy::Policy;
use crate::error::{invalid, raise};

/// LinUCB: expected reward plus `alpha` widths, the more the less is known (Li, Chu, Langford & Schapire 2010).
///
/// `sharing="disjoint"` keeps a model for each arm. Served through probabilities: `epsilon` of them spread uniformly, or,
/// where `tau` is given, softmax(score / `tau`). `range` is the declared range of all columns, or "auto": fixed by the
/// first call. Without `dim` it is for an engine.
#[pyclass(frozen, extends = Policy, module = "oo", name = "LinUCB")]
pub(crate) struct LinUCB;

#[pymethods]
impl LinUCB {
    #[new]
    #[pyo3(signature = (
        dim: "int | None" = None, *, alpha: "float" = 1.0, lam: "float" = 1.0,
        sharing: "Literal['shared', 'disjoint']" = "shared", epsilon: "float" = 0.05, tau: "float | None" = None,
        intercept: "bool" = true, range: "tuple[float, float] | Literal['auto'] | None" = None,
        reward_range: "tuple[float, float] | None" = None,
    ))]
    #[allow(clippy::too_many_arguments, reason = "keyword arguments of Python")]
    fn new(
        py: Python<'_>,
        dim: Option<i64>,
        alpha: f64,
        lam: f64,
        sharing: &str,
        epsilon: f64,
        tau: Option<f64>,
        intercept: bool,
        range: Option<Bound<'_, PyAny>>,
        reward_range: Option<Bound<'_, PyAny>>,
    ) -> PyResult<PyClassInitializer<Self>> {
        let exploration = tau.map_or(Exploration::EpsilonFloor { epsilon }, |tau| Exploration::Softmax { tau });
        let spec = LinUcbSpec { sharing: self::sharing(py, sharing)?, alpha, lambda: lam, intercept, exploration };
        let policy = made(py, PolicySpec::LinUcb(spec), dim, range, reward_range)?;
        Ok(PyClassInitializer::from(policy).add_subclass(LinUCB))
    }
}

/// ε-greedy on exact ridge regression: the best expected reward, `epsilon` of the probability spread uniformly.
#[pyclass(frozen, extends = Policy, module = "oo")]
pub(crate) struct EpsilonGreedy;

#[pymethods]
impl EpsilonGreedy {
    #[new]
    #[pyo3(signature = (
        dim: "int | None" = None, *, epsilon: "float" = 0.1, lam: "float" = 1.0,
        sharing: "Literal['shared', 'disjoint']" = "shared", intercept: "bool" = true,
        range: "tuple[float, float] | Literal['auto'] | None" = None, reward_range: "tuple[float, float] | None" = None,
    ))]
    #[allow(clippy::too_many_arguments, reason = "keyword arguments of Python")]
    fn new(
        py: Python<'_>,
        dim: Option<i64>,
        epsilon: f64,
        lam: f64,
        sharing: &str,
        intercept: bool,
        range: Option<Bound<'_, PyAny>>,
        reward_range: Option<Bound<'_, PyAny>>,
    ) -> PyResult<PyClassInitializer<Self>> {
        let spec = EpsilonGreedySpec { sharing: self::sharing(py, sharing)?, epsilon, lambda: lam, intercept };
        let policy = made(py, PolicySpec::EpsilonGreedy(spec), dim, range, reward_range)?;
        Ok(PyClassInitializer::from(policy).add_subclass(EpsilonGreedy))
    }
}

/// Greedy on exact ridge regression: always the best expected reward, ties split equally.
#[pyclass(frozen, extends = Policy, module = "oo")]
pub(crate) struct Greedy;

#[pymethods]
impl Greedy {
    #[new]
    #[pyo3(signature = (
        dim: "int | None" = None, *, lam: "float" = 1.0, sharing: "Literal['shared', 'disjoint']" = "shared",
        intercept: "bool" = true, range: "tuple[float, float] | Literal['auto'] | None" = None,
        reward_range: "tuple[float, float] | None" = None,
    ))]
    fn new(
        py: Python<'_>,
        dim: Option<i64>,
        lam: f64,
        sharing: &str,
        intercept: bool,
        range: Option<Bound<'_, PyAny>>,
        reward_range: Option<Bound<'_, PyAny>>,
    ) -> PyResult<PyClassInitializer<Self>> {
        let spec = GreedySpec { sharing: self::sharing(py, sharing)?, lambda: lam, intercept };
        let policy = made(py, PolicySpec::Greedy(spec), dim, range, reward_range)?;
        Ok(PyClassInitializer::from(policy).add_subclass(Greedy))
    }
}

/// Uniform: every row with the same probability.
#[pyclass(frozen, extends = Policy, module = "oo")]
pub(crate) struct Uniform;

#[pymethods]
impl Uniform {
    #[new]
    #[pyo3(signature = (
        dim: "int | None" = None, *, range: "tuple[float, float] | Literal['auto'] | None" = None,
        reward_range: "tuple[float, float] | None" = None,
    ))]
    fn new(
        py: Python<'_>,
        dim: Option<i64>,
        range: Option<Bound<'_, PyAny>>,
        reward_range: Option<Bound<'_, PyAny>>,
    ) -> PyResult<PyClassInitializer<Self>> {
        let policy = made(py, PolicySpec::Uniform(UniformSpec::default()), dim, range, reward_range)?;
        Ok(PyClassInitializer::from(policy).add_subclass(Uniform))
    }
}

/// `policy` as an object of its own class.
pub(crate) fn object(py: Python<'_>, policy: Policy) -> PyResult<Py<PyAny>> {
    let kind = policy.spec().kind();
    let base = PyClassInitializer::from(policy);
    Ok(match kind {
        "linucb" => Py::new(py, base.add_subclass(LinUCB))?.into_any(),
        "epsilon_greedy" => Py::new(py, base.add_subclass(EpsilonGreedy))?.into_any(),
        "greedy" => Py::new(py, base.add_subclass(Greedy))?.into_any(),
        _ => Py::new(py, base.add_subclass(Uniform))?.into_any(),
    })
}

/// The arguments with which `spec`, and `whole` where it works on arrays, is made.
pub(crate) fn arguments<'py>(
    py: Python<'py>,
    spec: &PolicySpec,
    whole: Option<&BanditSpec>,
) -> PyResult<Bound<'py, PyDict>> {
    let said = PyDict::new(py);
    if let Some(whole) = whole {
        said.set_item("dim", whole.dim)?;
    }
    let linear = |lambda: f64, sharing: Sharing, intercept: bool| {
        said.set_item("lam", lambda)?;
        said.set_item("sharing", if sharing == Sharing::Shared { "shared" } else { "disjoint" })?;
        said.set_item("intercept", intercept)
    };
    match spec {
        PolicySpec::LinUcb(spec) => {
            said.set_item("alpha", spec.alpha)?;
            match spec.exploration {
                Exploration::EpsilonFloor { epsilon } => said.set_item("epsilon", epsilon)?,
                Exploration::Softmax { tau } => said.set_item("tau", tau)?,
            }
            linear(spec.lambda, spec.sharing, spec.intercept)?;
        }
        PolicySpec::EpsilonGreedy(spec) => {
            said.set_item("epsilon", spec.epsilon)?;
            linear(spec.lambda, spec.sharing, spec.intercept)?;
        }
        PolicySpec::Greedy(spec) => linear(spec.lambda, spec.sharing, spec.intercept)?,
        _ => {}
    }
    for (name, range) in
        whole.map(|whole| [("range", whole.range), ("reward_range", whole.reward_range)]).iter().flatten()
    {
        match range.grid() {
            Some(grid) => said.set_item(*name, (grid.lo(), grid.hi()))?,
            None => said.set_item(*name, "auto")?,
        }
    }
    Ok(said)
}

/// The policy of `spec` and what it is told of arrays.
pub(crate) fn made(
    py: Python<'_>,
    spec: PolicySpec,
    dim: Option<i64>,
    given: Option<Bound<'_, PyAny>>,
    reward: Option<Bound<'_, PyAny>>,
) -> PyResult<Policy> {
    let range = given.map(|given| range("range", &given)).transpose()?;
    let reward = reward.map(|given| self::range("reward_range", &given)).transpose()?;
    Policy::new(py, spec, dim, range, reward)
}

fn sharing(py: Python<'_>, text: &str) -> PyResult<Sharing> {
    match text {
        "shared" => Ok(Sharing::Shared),
        "disjoint" => Ok(Sharing::Disjoint),
        _ => Err(invalid(py, "sharing", "use \"shared\" or \"disjoint\"")),
    }
}

fn range(field: &str, given: &Bound<'_, PyAny>) -> PyResult<RangeSpec> {
    let py = given.py();
    if given.extract::<&str>().is_ok_and(|word| word == "auto") {
        return Ok(RangeSpec::Auto);
    }
    let [lo, hi]: [f64; 2] = given.extract().map_err(|_| invalid(py, field, "pass (lo, hi) or \"auto\""))?;
    RangeSpec::fixed(lo, hi).map_err(|error| raise(py, &error.with_field(field)))
}
