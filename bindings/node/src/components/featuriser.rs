//! Featurisers that are JavaScript objects.

use std::fmt;

use oo::{Error, FeatureSpec, Featuriser, FeaturiserQuery, Result, TipCandidate};
use serde::Deserialize;
use serde_json::{Value, json};

use super::asker::Asker;
use super::context;

/// What a featuriser declares.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Features {
    name: String,
    features: Vec<FeatureSpec>,
}

/// A featuriser in JavaScript.
pub(crate) struct JsFeaturiser {
    declared: Features,
    asker: Asker,
}

impl JsFeaturiser {
    pub(crate) fn new(declared: Features, asker: Asker) -> Self {
        JsFeaturiser { declared, asker }
    }
}

impl fmt::Debug for JsFeaturiser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("JsFeaturiser").field(&self.declared.name).finish()
    }
}

impl Featuriser for JsFeaturiser {
    fn name(&self) -> &str {
        &self.declared.name
    }

    fn features(&self) -> Vec<FeatureSpec> {
        self.declared.features.clone()
    }

    fn values(&self, query: &FeaturiserQuery, candidates: &[TipCandidate], out: &mut [f64]) -> Result<()> {
        let asked = json!({
            "context": context(&query.user, &query.now, &query.language, &query.decision.to_string()),
            "candidates": candidates.iter().map(said).collect::<Vec<_>>(),
        });
        let (values, _) = self.asker.ask("values", &asked, &[])?.numbers;
        if values.len() != out.len() {
            let message = format!("{} candidates need {} numbers, not {}", candidates.len(), out.len(), values.len());
            return Err(Error::invalid("values", message));
        }
        out.copy_from_slice(&values);
        Ok(())
    }
}

/// A candidate as a featuriser sees it.
fn said(candidate: &TipCandidate) -> Value {
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
