//! The policies by name: a block of the table a kind. Its parameters are the fields of the kind's settings.
//!
//! To add a kind, add its block; a test walks `PolicySpec::KINDS` and compares every default with the core's.

use oo_policies::{BanditSpec, PolicySpec};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use serde_json::Map;

use super::forms::said;
use super::parameters::{Parameter, made};
use super::policy::Policy;

/// 1, of a parameter that may also be none.
const ONE: Option<f64> = Some(1.0);

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
                    $(settings.insert(stringify!($name).to_owned(), Parameter::value($name, py, stringify!($name))?);)*
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
    ///
    /// >>> policy = Auto(dim=2)
    /// >>> policy.learn([[1, 0], [0, 1]] * 20, [1, 0] * 20)
    /// >>> policy.decide([[1, 0], [0, 1]]).pmf.tolist()
    /// [0.975, 0.025]
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
    ///
    /// >>> policy = LinUCB(dim=2, sharing="disjoint")
    /// >>> policy.learn([[1, 0]] * 50, [0.5] * 50, arms=["walk"] * 50)
    /// >>> policy.decide([1, 0], arms=["walk", "rest"]).pmf.tolist()  # the one never tried
    /// [0.025, 0.975]
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
    ///
    /// >>> policy = LinTS(dim=1, draws=64)
    /// >>> [policy.decide([[0], [1]]).estimated, policy.decide([[0], [1], [2]]).estimated]
    /// [False, True]
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
    ///
    /// >>> policy = SquareCB(dim=1, gamma=10, exponent=0, intercept=False)
    /// >>> policy.learn([[1]] * 99, [1] * 99)
    /// >>> [round(p, 4) for p in policy.decide([[1], [0]]).pmf.tolist()]
    /// [0.916, 0.084]
    "square_cb" SquareCB(
        gamma: f64 = 10.0, "float";
        exponent: f64 = 0.5, "float";
        lam: f64 = 1.0, "float";
        sharing: &str = "shared", "Literal['shared', 'disjoint', 'hybrid']";
        context: Option<i64> = None, "int | None";
        intercept: bool = true, "bool";
    )

    /// Softmax of the expected rewards: one that is `tau` lower is e times less probable.
    ///
    /// >>> policy = Softmax(dim=1, tau=1, intercept=False)
    /// >>> policy.learn([[1]] * 99, [1] * 99)
    /// >>> [round(p, 3) for p in policy.decide([[1], [0]]).pmf.tolist()]
    /// [0.729, 0.271]
    "softmax" Softmax(
        tau: f64 = 0.1, "float";
        lam: f64 = 1.0, "float";
        sharing: &str = "shared", "Literal['shared', 'disjoint', 'hybrid']";
        context: Option<i64> = None, "int | None";
        intercept: bool = true, "bool";
    )

    /// ε-greedy on exact ridge regression: the best expected reward, `epsilon` of the probability spread uniformly.
    ///
    /// >>> policy = EpsilonGreedy(dim=1, epsilon=0.2)
    /// >>> policy.learn([[1], [0]], [1, 0])
    /// >>> policy.decide([[1], [0]]).pmf.tolist()
    /// [0.9, 0.1]
    "epsilon_greedy" EpsilonGreedy(
        epsilon: f64 = 0.1, "float";
        lam: f64 = 1.0, "float";
        sharing: &str = "shared", "Literal['shared', 'disjoint', 'hybrid']";
        context: Option<i64> = None, "int | None";
        intercept: bool = true, "bool";
    )

    /// Greedy on exact ridge regression: always the best expected reward, ties split equally.
    ///
    /// >>> policy = Greedy(dim=1)
    /// >>> policy.learn([[1], [0]], [1, 0])
    /// >>> policy.decide([[1], [0], [1]]).pmf.tolist()
    /// [0.5, 0.0, 0.5]
    "greedy" Greedy(
        lam: f64 = 1.0, "float";
        sharing: &str = "shared", "Literal['shared', 'disjoint', 'hybrid']";
        context: Option<i64> = None, "int | None";
        intercept: bool = true, "bool";
    )

    /// D-LinUCB, for a world that drifts: a lesson weighs half as much after `half_life_days`, counted between the `day`s of
    /// decisions, or, where `gamma` is given, `gamma` times as much after every lesson (Russac, Vernade & Cappé 2019).
    ///
    /// By days it merges and unlearns exactly; by the lesson it does not. `alpha=None` is the paper's width, of its δ
    /// (`delta`), S (`bound` of ‖θ‖), σ (`noise` of rewards) and L (`length` of x).
    ///
    /// >>> policy = DLinUCB(dim=2, half_life_days=7)
    /// >>> policy.learn([[1, 0], [1, 0]], [1, 0], days=[0, 70])  # ten half-lives apart
    /// >>> policy.explain([[1, 0]], 0, day=70).mean < 0.01
    /// True
    "dlinucb" DLinUCB(
        half_life_days: f64 = 30.0, "float";
        gamma: Option<f64> = None, "float | None";
        alpha: Option<f64> = ONE, "float | None";
        lam: f64 = 1.0, "float";
        sharing: &str = "shared", "Literal['shared', 'disjoint']";
        delta: f64 = 0.01, "float";
        bound: f64 = 1.0, "float";
        noise: f64 = 1.0, "float";
        length: f64 = 1.0, "float";
        epsilon: f64 = 0.05, "float";
        tau: Option<f64> = None, "float | None";
        intercept: bool = true, "bool";
    )

    /// SW-LinUCB, for a world that changes at once: the lessons of the newest `days`, by the `day`s of decisions, or, where
    /// `steps` is given, the last `steps` lessons; what is older counts nothing (Cheung, Simchi-Levi & Zhu 2019).
    ///
    /// By days it merges and unlearns exactly; by the lesson it does not. `alpha=None` is the papers' width, as of
    /// `DLinUCB`.
    ///
    /// >>> policy = SlidingWindowLinUCB(dim=1, days=7)
    /// >>> policy.learn([[1], [1]], [16, 0], days=[0, 7])
    /// >>> policy.explain([[1]], 0, day=7).mean
    /// 0.0
    "sw_linucb" SlidingWindowLinUCB(
        days: i64 = 60, "int";
        steps: Option<i64> = None, "int | None";
        alpha: Option<f64> = ONE, "float | None";
        lam: f64 = 1.0, "float";
        sharing: &str = "shared", "Literal['shared', 'disjoint']";
        delta: f64 = 0.01, "float";
        bound: f64 = 1.0, "float";
        noise: f64 = 1.0, "float";
        length: f64 = 1.0, "float";
        epsilon: f64 = 0.05, "float";
        tau: Option<f64> = None, "float | None";
        intercept: bool = true, "bool";
    )

    /// Beta–Bernoulli Thompson sampling: each arm with the probability that its chance of success is the greatest, computed
    /// and not drawn, under a floor of `epsilon` (Chapelle & Li 2011). Arms without features: the columns mean nothing to it.
    ///
    /// `prior` is (a, b) of every arm's Beta. `rewards` are (failure, success); a reward between counts in part.
    /// Of `rewards` and `reward_range` one follows the other where it alone is given.
    ///
    /// >>> policy = BetaTS(dim=1, epsilon=0.0)
    /// >>> policy.learn([[0]] * 6, [1, 1, 1, 0, 0, 0], arms=["a", "a", "a", "b", "b", "b"])
    /// >>> [round(p, 4) for p in policy.decide([0], arms=["a", "b"]).pmf.tolist()]
    /// [0.9857, 0.0143]
    "beta_ts" BetaTS(
        prior: (f64, f64) = (1.0, 1.0), "tuple[float, float]";
        rewards: Option<(f64, f64)> = None, "tuple[float, float] | None";
        epsilon: f64 = 0.05, "float";
    )

    /// UCB1: the arm of the greatest mean + `alpha`·(hi − lo)·√(2·ln t / n), those never tried first (Auer, Cesa-Bianchi &
    /// Fischer 2002). Arms without features: the columns mean nothing to it.
    ///
    /// `rewards` are (lo, hi), those that may be learned. Of `rewards` and `reward_range` one follows the other where it
    /// alone is given.
    ///
    /// >>> policy = UCB1(dim=1, epsilon=0.0, reward_range=(0, 5))
    /// >>> policy.learn([[0]], [5], arms=["a"])
    /// >>> policy.decide([0], arms=["a", "b"]).arm
    /// 'b'
    "ucb1" UCB1(
        alpha: f64 = 1.0, "float";
        rewards: Option<(f64, f64)> = None, "tuple[float, float] | None";
        epsilon: f64 = 0.05, "float";
        tau: Option<f64> = None, "float | None";
    )

    /// Personal and pooled: a ridge of everybody, and beside it what is each person's own, in at most `rank` columns.
    ///
    /// Whose a row is, `person=` of `decide` and `people=` of `learn` say; nobody's rows are the population's. Left out,
    /// `personal_ridge` is chosen by each person's own lessons. `alpha` is in units of the estimated noise.
    ///
    /// >>> policy = Hierarchical(dim=1, epsilon=0.0, alpha=0.0)
    /// >>> policy.learn([[1], [-1]] * 30, [1, 0] * 30, people="anna")
    /// >>> policy.learn([[1], [-1]] * 30, [0, 1] * 30, people="ben")
    /// >>> [policy.decide([[1], [-1]], person=who).index for who in ("anna", "ben")]
    /// [0, 1]
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
    ///
    /// >>> policy = RecoveringSoftmax(dim=1, tau=0.01, epsilon=0.0)
    /// >>> policy.learn([[0]], [0], arms=["a"], people="anna", days=[0])
    /// >>> again = [policy.decide([0], arms=["a", "b"], person="anna", day=day) for day in (0, 15, 365)]
    /// >>> [round(decided.pmf.tolist()[0], 2) for decided in again]
    /// [0.15, 0.3, 0.5]
    "recovering_softmax" RecoveringSoftmax(
        half_life_days: f64 = 15.0, "float";
        penalty: f64 = 0.017, "float";
        tau: f64 = 0.0025, "float";
        prior_mean: f64 = 0.0, "float";
        prior_lessons: f64 = 1.0, "float";
        epsilon: f64 = 0.05, "float";
    )

    /// Logistic regression for rewards that are chances, with its posterior by Laplace (Chapelle & Li 2011).
    ///
    /// Explores by `alpha` widths in log-odds under a floor of `epsilon`; by softmax where `tau` is given; where `scale` is, by
    /// Thompson sampling with `draws` draws of a posterior `scale` times as wide; where `gamma` is, by inverse-gap weighting of
    /// expected rewards with `gamma` times the lessons to the power of `exponent`. `rewards` are what a chance of 0 and of 1
    /// earns, (0, 1) at first; of `rewards` and `reward_range` one follows the other where it alone is given. A lesson may be
    /// revised for `horizon_days` while it is among the last `open_lessons`. Order matters: it does not merge.
    ///
    /// >>> policy = Logistic(dim=1, lam=0.1)
    /// >>> policy.learn([[1], [1], [-1], [-1]], [1, 1, 0, 0])
    /// >>> round(policy.explain([[1]], 0).mean, 2)  # in log-odds
    /// 2.6
    "logistic" Logistic(
        alpha: f64 = 1.0, "float";
        lam: f64 = 1.0, "float";
        sharing: &str = "shared", "Literal['shared', 'disjoint']";
        rewards: Option<(f64, f64)> = None, "tuple[float, float] | None";
        epsilon: f64 = 0.05, "float";
        tau: Option<f64> = None, "float | None";
        scale: Option<f64> = None, "float | None";
        draws: i64 = 128, "int";
        gamma: Option<f64> = None, "float | None";
        exponent: f64 = 0.5, "float";
        intercept: bool = true, "bool";
        horizon_days: i64 = 7, "int";
        open_lessons: i64 = 4096, "int";
    )

    /// Thompson sampling of the advantage over doing nothing, the row of the arm `hold` (Greenewald et al. 2017): something is
    /// done with a probability in [`pi_min`, `pi_max`], whatever the baseline does.
    ///
    /// >>> policy = ActionCentredTS(dim=1, pi_min=0.2, pi_max=0.8)
    /// >>> policy.decide([[0], [1]], arms=["hold", "walk"]).pmf.tolist()  # nothing is known
    /// [0.5, 0.5]
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

    /// A mixture: the probabilities of `members`, policies without `dim` or their settings, in the shares of `weights`. Every
    /// member learns every lesson; the weights stay what they are.
    ///
    /// Without `weights` all members weigh the same. Without `members` it is nine parts of the default policy, one of `Uniform`.
    ///
    /// >>> policy = Mixture(dim=1, members=[Greedy(), Uniform()], weights=[3, 1])
    /// >>> policy.learn([[1]] * 9, [1] * 9)
    /// >>> policy.decide([[1], [0]]).pmf.tolist()
    /// [0.875, 0.125]
    "mixture" Mixture(
        members: Option<Bound<'_, PyAny>> = None, "Iterable[Policy | Mapping[str, Any]] | None";
        weights: Option<Bound<'_, PyAny>> = None, "Iterable[float] | None";
    )

    /// Uniform: every row with the same probability.
    ///
    /// >>> Uniform(dim=1).decide([[0], [1], [2], [3]]).pmf.tolist()
    /// [0.25, 0.25, 0.25, 0.25]
    "uniform" Uniform()
}

/// The arguments with which `spec`, and `whole` where it works on arrays, is made.
pub(crate) fn arguments<'py>(
    py: Python<'py>,
    spec: &PolicySpec,
    whole: Option<&BanditSpec>,
) -> PyResult<Bound<'py, PyDict>> {
    said(py, spec, names(spec.kind()), whole)
}
