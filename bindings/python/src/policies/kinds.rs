//! The policies by name: a block of the table a kind. Its parameters are the fields of the kind's settings.
//!
//! To add a kind, add its block; a test walks `PolicySpec::KINDS` and compares every default with the core's.

use oo_policies::{BanditSpec, PolicySpec};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use serde_json::{Map, Value};

use super::parameters::{Parameter, given, made, said};
use super::policy::Policy;

macro_rules! policies {
    ($($(#[doc = $doc:literal])+ $kind:literal $class:ident($($name:ident: $type:ty = $default:tt, $note:tt;)*))+) => {
        $(
            $(#[doc = $doc])+
            #[pyclass(frozen, extends = Policy, module = "oo")]
            pub(crate) struct $class;

            #[pymethods]
            impl $class {
                #[new]
                #[pyo3(signature = (
                    dim: "int | None" = None, *, $($name: $note = $default,)*
                    range: "tuple[float, float] | Literal['auto'] | None" = None,
                    reward_range: "tuple[float, float] | None" = None,
                ))]
                #[allow(clippy::too_many_arguments, reason = "keyword arguments of Python")]
                fn new(
                    py: Python<'_>,
                    dim: Option<i64>,
                    $($name: $type,)*
                    range: Option<Bound<'_, PyAny>>,
                    reward_range: Option<Bound<'_, PyAny>>,
                ) -> PyResult<PyClassInitializer<Self>> {
                    #[allow(unused_mut, reason = "a kind may have no settings")]
                    let mut settings = Map::new();
                    $(given(py, &mut settings, stringify!($name), Parameter::value($name)?)?;)*
                    let policy = made(py, $kind, settings, dim, range, reward_range)?;
                    Ok(PyClassInitializer::from(policy).add_subclass($class))
                }
            }
        )+

        /// `policy` as an object of its own class.
        pub(crate) fn object(py: Python<'_>, policy: Policy) -> PyResult<Py<PyAny>> {
            let kind = policy.spec().kind();
            let base = PyClassInitializer::from(policy);
            Ok(match kind {
                $($kind => Py::new(py, base.add_subclass($class))?.into_any(),)+
                _ => Py::new(py, base)?.into_any(),
            })
        }

        /// The parameters of a kind, in order; none for a kind without a class.
        fn names(kind: &str) -> Option<&'static [&'static str]> {
            match kind {
                $($kind => Some(&[$(stringify!($name)),*]),)+
                _ => None,
            }
        }
    };
}

policies! {
    /// Auto, the one without a knob: LinUCB that estimates its ridge, its noise and the width of its optimism from the exact
    /// sums, and notices drift. `sharing="disjoint"` keeps a model for each arm; `epsilon` and `tau` as of `LinUCB`.
    "auto" Auto(
        sharing: &str = "shared", "Literal['shared', 'disjoint']";
        epsilon: f64 = 0.05, "float";
        tau: Option<f64> = None, "float | None";
        intercept: bool = true, "bool";
    )

    /// LinUCB: expected reward plus `alpha` widths, the more the less is known (Li, Chu, Langford & Schapire 2010).
    ///
    /// `sharing="disjoint"` keeps a model for each arm, "hybrid" one of all and what each arm adds to it, over all columns
    /// or the first `context` of them. Served through probabilities: `epsilon` of them spread uniformly, or, where `tau` is
    /// given, softmax(score / `tau`). `range` is the declared range of all columns, or "auto": fixed by the first call.
    /// Without `dim` it is for an engine.
    "linucb" LinUCB(
        alpha: f64 = 1.0, "float";
        lam: f64 = 1.0, "float";
        sharing: &str = "shared", "Literal['shared', 'disjoint', 'hybrid']";
        context: Option<i64> = None, "int | None";
        epsilon: f64 = 0.05, "float";
        tau: Option<f64> = None, "float | None";
        intercept: bool = true, "bool";
    )

    /// Thompson sampling on the linear model: each candidate with the probability that a draw of θ from its posterior prefers
    /// it, estimated with `draws` draws and floored by `epsilon` (Agrawal & Goyal 2013). `scale` is the posterior's.
    "lin_ts" LinTS(
        scale: f64 = 1.0, "float";
        draws: i64 = 128, "int";
        epsilon: f64 = 0.05, "float";
        lam: f64 = 1.0, "float";
        sharing: &str = "shared", "Literal['shared', 'disjoint', 'hybrid']";
        context: Option<i64> = None, "int | None";
        intercept: bool = true, "bool";
    )

    /// SquareCB: probabilities by the inverse of the gap to the best expected reward, `gamma`·t^`exponent` after t lessons
    /// (Foster & Rakhlin 2020).
    "square_cb" SquareCB(
        gamma: f64 = 10.0, "float";
        exponent: f64 = 0.5, "float";
        lam: f64 = 1.0, "float";
        sharing: &str = "shared", "Literal['shared', 'disjoint', 'hybrid']";
        context: Option<i64> = None, "int | None";
        intercept: bool = true, "bool";
    )

    /// Softmax of the expected rewards: one that is `tau` lower is e times less probable.
    "softmax" Softmax(
        tau: f64 = 0.1, "float";
        lam: f64 = 1.0, "float";
        sharing: &str = "shared", "Literal['shared', 'disjoint', 'hybrid']";
        context: Option<i64> = None, "int | None";
        intercept: bool = true, "bool";
    )

    /// ε-greedy on exact ridge regression: the best expected reward, `epsilon` of the probability spread uniformly.
    "epsilon_greedy" EpsilonGreedy(
        epsilon: f64 = 0.1, "float";
        lam: f64 = 1.0, "float";
        sharing: &str = "shared", "Literal['shared', 'disjoint', 'hybrid']";
        context: Option<i64> = None, "int | None";
        intercept: bool = true, "bool";
    )

    /// Greedy on exact ridge regression: always the best expected reward, ties split equally.
    "greedy" Greedy(
        lam: f64 = 1.0, "float";
        sharing: &str = "shared", "Literal['shared', 'disjoint', 'hybrid']";
        context: Option<i64> = None, "int | None";
        intercept: bool = true, "bool";
    )

    /// Personal and pooled: a ridge of everybody, and beside it what is each person's own, in at most `rank` columns.
    ///
    /// Whose a row is, `person=` of `decide` and `people=` of `learn` say; nobody's rows are the population's. Left out,
    /// `personal_ridge` is chosen by each person's own lessons. `alpha` is in units of the estimated noise.
    "hierarchical" Hierarchical(
        alpha: f64 = 1.0, "float";
        lam: f64 = 1.0, "float";
        personal_ridge: Option<f64> = None, "float | None";
        rank: i64 = 32, "int";
        intercept: bool = true, "bool";
        epsilon: f64 = 0.05, "float";
        tau: Option<f64> = None, "float | None";
    )

    /// Softmax of the arms' mean rewards, less `penalty`·0.5^(d / `half_life_days`) for an arm that this person was shown d
    /// days ago (Yancey & Settles 2020). Arms without features: pass `day=` and `person=` where they are known.
    "recovering_softmax" RecoveringSoftmax(
        half_life_days: f64 = 15.0, "float";
        penalty: f64 = 0.017, "float";
        tau: f64 = 0.0025, "float";
        prior_mean: f64 = 0.0, "float";
        prior_lessons: f64 = 1.0, "float";
        epsilon: f64 = 0.05, "float";
    )

    /// Thompson sampling of the advantage over doing nothing, the row of the arm `hold` (Greenewald et al. 2017): something is
    /// done with a probability in [`pi_min`, `pi_max`], whatever the baseline does.
    "action_centred" ActionCentredTS(
        hold: &str = "hold", "str";
        pi_min: f64 = 0.1, "float";
        pi_max: f64 = 0.9, "float";
        scale: f64 = 0.5, "float";
        draws: i64 = 128, "int";
        epsilon: f64 = 0.05, "float";
        lam: f64 = 1.0, "float";
        intercept: bool = true, "bool";
    )

    /// Uniform: every row with the same probability.
    "uniform" Uniform()
}

/// The arguments with which `spec`, and `whole` where it works on arrays, is made.
pub(crate) fn arguments<'py>(
    py: Python<'py>,
    spec: &PolicySpec,
    whole: Option<&BanditSpec>,
) -> PyResult<Bound<'py, PyDict>> {
    let settings = serde_json::to_value(spec).unwrap_or(Value::Null);
    said(py, &settings, names(spec.kind()), whole)
}
