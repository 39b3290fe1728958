//! Candidates that the caller offers with a request, from their mappings.

use oo::{Result, TipCandidate, TipKind};
use pyo3::prelude::*;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::convert::form;
use crate::error::raise;

/// The mapping of a candidate; an unknown key is an error.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    id: String,
    content: String,
    kind: Option<String>,
    category: Option<String>,
    #[serde(default)]
    features: Map<String, Value>,
    due: Option<String>,
    expires: Option<String>,
    effort_min: Option<u32>,
    priority: Option<u8>,
}

/// The candidates of `given`, an iterable of mappings.
pub(crate) fn candidates(given: Option<&Bound<'_, PyAny>>) -> PyResult<Vec<TipCandidate>> {
    let Some(given) = given else { return Ok(Vec::new()) };
    let forms: Vec<Form> = form("candidates", given)?;
    forms.into_iter().map(candidate).collect::<Result<_>>().map_err(|error| raise(given.py(), &error))
}

fn candidate(form: Form) -> Result<TipCandidate> {
    let kind = form.kind.as_deref().map_or(Ok(TipKind::Advice), TipKind::parse)?;
    let mut candidate = match kind {
        TipKind::Todo => TipCandidate::todo(form.id, form.content),
        TipKind::Advice => TipCandidate::advice(form.id, form.content),
    };
    if let Some(category) = form.category {
        candidate.category = category;
    }
    for (name, value) in form.features {
        let number = value.as_f64().or_else(|| value.as_bool().map(|flag| f64::from(u8::from(flag))));
        let number = number
            .ok_or_else(|| oo::Error::invalid(&*name, "a feature is a number; leave it out when it is unknown"))?;
        candidate.features.push((name.into(), number));
    }
    candidate.due = form.due.as_deref().map(oo::wire::due).transpose()?;
    candidate.expires_ms = form.expires.map(|at| oo::moment::parse_rfc3339("expires", &at)).transpose()?;
    candidate.effort_min = form.effort_min;
    candidate.priority = form.priority;
    candidate.validate()?;
    Ok(candidate)
}
