//! Featurisers that are Python objects.

use std::fmt;

use oo::{Error, FeatureSpec, Featuriser, FeaturiserQuery, Result, TipCandidate};
use pyo3::prelude::*;
use serde_json::json;

use super::{asked, attached, context, helper, name_of};
use crate::convert::form;
use crate::policies::Numbers;

/// A featuriser in Python.
pub(crate) struct PyFeaturiser {
    name: String,
    features: Vec<FeatureSpec>,
    object: Py<PyAny>,
}

impl PyFeaturiser {
    /// The featuriser `object`; its features are asked for once.
    pub(crate) fn new(object: &Bound<'_, PyAny>) -> PyResult<Self> {
        let said = helper(object.py(), "_features")?.call1((object,))?;
        let features = form("featurisers", &said)?;
        Ok(PyFeaturiser { name: name_of("featurisers", object)?, features, object: object.clone().unbind() })
    }
}

impl fmt::Debug for PyFeaturiser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PyFeaturiser").field(&self.name).finish()
    }
}

impl Featuriser for PyFeaturiser {
    fn name(&self) -> &str {
        &self.name
    }

    fn features(&self) -> Vec<FeatureSpec> {
        self.features.clone()
    }

    fn values(&self, query: &FeaturiserQuery, candidates: &[TipCandidate], out: &mut [f64]) -> Result<()> {
        let wire = context(&query.user, &query.now, &query.language, query.decision.to_string(), None);
        let offered: Vec<_> = candidates.iter().map(said).collect();
        let offered = serde_json::to_string(&offered).map_err(|error| Error::internal(error.to_string()))?;
        attached("featuriser", |py| {
            let given = vec![wire.into_pyobject(py)?.into_any(), offered.into_pyobject(py)?.into_any()];
            let answer = asked(py, "_values", &self.object, given)?;
            let values = Numbers::matrix("values", &answer, self.features.len())?;
            if values.shape()[0] != candidates.len() {
                let message = format!("{} candidates need a row each, not {}", candidates.len(), values.shape()[0]);
                return Err(crate::error::invalid(py, "values", message));
            }
            out.copy_from_slice(values.slice(py)?);
            Ok(())
        })
    }
}

/// A candidate as a featuriser sees it.
fn said(candidate: &TipCandidate) -> serde_json::Value {
    let due = candidate.due.map(|due| match due {
        oo::Due::Day(day) => oo::moment::format_date(day),
        oo::Due::At(at) => oo::moment::rfc3339(at),
    });
    json!({
        "id": candidate.id,
        "content": candidate.content,
        "kind": candidate.kind.as_str(),
        "category": candidate.category,
        "source": &*candidate.source,
        "arm": candidate.arm().as_str(),
        "due": due,
        "expires": candidate.expires_ms.map(oo::moment::rfc3339),
        "effort_min": candidate.effort_min,
        "priority": candidate.priority,
        "times": candidate.times,
        "words": candidate.words,
    })
}
