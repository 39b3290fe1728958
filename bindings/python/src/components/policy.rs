//! Policies that are Python objects.
//!
//! The engine keeps policies as immutable values: an object learns as a new one, and its bytes are taken at once, so that
//! a snapshot never waits for Python.

use std::fmt;
use std::sync::Arc;

use numpy::{PyArray1, PyArrayMethods};
use oo::distribution::Distribution;
use oo::lesson::Lesson;
use oo::policy::{Actions, Explanation, Policy, PolicyIdentity, Scored, Unlearned};
use oo::{PolicyFactory, PolicyGround, Result};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList};

use super::{asked, attached, helper};
use crate::error::invalid;
use crate::policies::Numbers;

/// Makes policies like one Python object.
pub(crate) struct PyFactory {
    kind: String,
    settings: String,
    replays: bool,
    prototype: Arc<Py<PyAny>>,
}

/// Whether `given` is a policy of the caller's own.
pub(crate) fn is_policy(given: &Bound<'_, PyAny>) -> PyResult<bool> {
    helper(given.py(), "_is_policy")?.call1((given,))?.is_truthy()
}

impl PyFactory {
    /// The factory of policies like `object`.
    pub(crate) fn new(object: &Bound<'_, PyAny>) -> PyResult<Self> {
        let py = object.py();
        let declared = helper(py, "_declared")?.call1((object,));
        let (kind, settings, replays) =
            declared.map_err(|error| invalid(py, "policy", error.value(py).to_string()))?.extract()?;
        Ok(PyFactory { kind, settings, replays, prototype: Arc::new(object.clone().unbind()) })
    }

    fn policy(&self, ground: &PolicyGround, object: Bound<'_, PyAny>, lessons: u64) -> PyResult<Arc<dyn Policy>> {
        let base = Base {
            ground: ground.clone(),
            steps: ground.schema.features().iter().map(|feature| feature.range.step()).collect(),
            reward: ground.reward.step(),
            replays: self.replays,
        };
        PyPolicy::saved(Arc::new(base), object, lessons)
    }
}

impl fmt::Debug for PyFactory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PyFactory").field(&self.kind).finish()
    }
}

impl PolicyFactory for PyFactory {
    fn kind(&self) -> &str {
        &self.kind
    }

    fn settings(&self) -> String {
        self.settings.clone()
    }

    fn fresh(&self, ground: &PolicyGround) -> Result<Arc<dyn Policy>> {
        attached("policy", |py| {
            let copy = py.import("copy")?.call_method1("deepcopy", (self.prototype.bind(py),))?;
            self.policy(ground, copy, 0)
        })
    }

    fn load(&self, ground: &PolicyGround, bytes: &[u8]) -> Result<Arc<dyn Policy>> {
        let damaged = || oo::Error::storage("a saved policy is too short; restore the database from a backup");
        let (count, state) = bytes.split_first_chunk::<8>().ok_or_else(damaged)?;
        attached("policy", |py| {
            let object = asked(py, "_load", &self.prototype, vec![PyBytes::new(py, state).into_any()])?;
            self.policy(ground, object, u64::from_le_bytes(*count))
        })
    }
}

/// What every successor of a policy shares.
struct Base {
    ground: PolicyGround,
    steps: Vec<f64>,
    reward: f64,
    replays: bool,
}

/// A policy in Python: an object that is never changed, and its bytes.
struct PyPolicy {
    base: Arc<Base>,
    object: Py<PyAny>,
    saved: Vec<u8>,
    lessons: u64,
}

impl fmt::Debug for PyPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PyPolicy").field("lessons", &self.lessons).finish_non_exhaustive()
    }
}

impl PyPolicy {
    fn saved(base: Arc<Base>, object: Bound<'_, PyAny>, lessons: u64) -> PyResult<Arc<dyn Policy>> {
        let py = object.py();
        let object = object.unbind();
        let mut saved = lessons.to_le_bytes().to_vec();
        saved.extend_from_slice(asked(py, "_save", &object, Vec::new())?.extract::<&[u8]>()?);
        Ok(Arc::new(PyPolicy { base, object, saved, lessons }))
    }

    fn lessons<'py>(&self, py: Python<'py>, lessons: &[Lesson]) -> PyResult<Bound<'py, PyAny>> {
        let one = |lesson: &Lesson| {
            let x: Vec<f64> = lesson.x.iter().zip(&self.base.steps).map(|(n, step)| f64::from(*n) * step).collect();
            let reward = |n: i16| f64::from(n) * self.base.reward;
            (
                PyArray1::from_vec(py, x),
                lesson.arm.as_str().to_owned(),
                reward(lesson.reward),
                lesson.replaces.map(reward),
                lesson.person.map(|person| oo::id::hex(&person.0)),
                lesson.propensity,
                lesson.day,
                lesson.decision.to_string(),
            )
        };
        Ok(PyList::new(py, lessons.iter().map(one))?.into_any())
    }
}

fn actions<'py>(py: Python<'py>, given: &Actions<'_>) -> PyResult<Vec<Bound<'py, PyAny>>> {
    let rows = PyArray1::from_slice(py, given.values).reshape([given.count(), given.dim])?;
    let arms = PyList::new(py, given.arms.iter().map(oo::ArmKey::as_str))?;
    let person = given.person.map(|person| oo::id::hex(&person.0)).into_pyobject(py)?;
    Ok(vec![rows.into_any(), arms.into_any(), person, given.day.into_pyobject(py)?.into_any()])
}

impl Policy for PyPolicy {
    fn distribution(&self, given: &Actions<'_>, out: &mut Scored) -> Result<()> {
        let (scores, pmf) = attached("policy", |py| {
            let said = asked(py, "_distribution", &self.object, actions(py, given)?)?;
            let (scores, pmf): (Bound<'_, PyAny>, Bound<'_, PyAny>) = said.extract()?;
            let vector = |field: &str, given: &Bound<'_, PyAny>| -> PyResult<Vec<f64>> {
                Ok(Numbers::vector(field, given)?.slice(py)?.to_vec())
            };
            Ok((vector("scores", &scores)?, vector("pmf", &pmf)?))
        })?;
        out.scores = scores;
        out.distribution = Distribution::new(pmf)?;
        Ok(())
    }

    fn learned(&self, lessons: &[Lesson]) -> Result<Arc<dyn Policy>> {
        attached("policy", |py| {
            let after = asked(py, "_learned", &self.object, vec![self.lessons(py, lessons)?])?;
            let new = lessons.iter().filter(|lesson| lesson.replaces.is_none()).count() as u64;
            PyPolicy::saved(self.base.clone(), after, self.lessons + new)
        })
    }

    fn unlearned(&self, lessons: &[Lesson]) -> Result<Unlearned> {
        attached("policy", |py| {
            let after = asked(py, "_unlearned", &self.object, vec![self.lessons(py, lessons)?])?;
            if after.is_none() {
                return Ok(Unlearned::Rebuild);
            }
            let left = self.lessons.saturating_sub(lessons.len() as u64);
            PyPolicy::saved(self.base.clone(), after, left).map(Unlearned::Exact)
        })
    }

    fn explain(&self, given: &Actions<'_>, index: usize) -> Result<Explanation> {
        attached("policy", |py| {
            let mut parts = vec![index.into_pyobject(py)?.into_any()];
            parts.extend(actions(py, given)?);
            let said = asked(py, "_explain", &self.object, parts)?;
            if said.is_none() {
                return Ok(Explanation::default());
            }
            let Some(contributions) = said.getattr_opt("contributions")? else {
                let contributions = Numbers::vector("contributions", &said)?.slice(py)?.to_vec();
                return Ok(Explanation { contributions, ..Explanation::default() });
            };
            Ok(Explanation {
                contributions: Numbers::vector("contributions", &contributions)?.slice(py)?.to_vec(),
                intercept: said.getattr("intercept")?.extract()?,
                mean: said.getattr("mean")?.extract()?,
                width: said.getattr("width")?.extract()?,
                score: said.getattr("score")?.extract()?,
            })
        })
    }

    fn save(&self) -> Vec<u8> {
        self.saved.clone()
    }

    fn identity(&self) -> PolicyIdentity {
        // The engine's wrapper says the rest.
        PolicyIdentity {
            kind: String::new(),
            spec: String::new(),
            schema: self.base.ground.schema.hash(),
            state: [0; 32],
            lessons: self.lessons,
        }
    }

    fn replays(&self) -> bool {
        self.base.replays
    }
}
