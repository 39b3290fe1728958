//! The JSON form of candidates: a caller's own, and what JavaScript sources answer.

use std::collections::BTreeMap;

use serde::Deserialize;

use oo::{TimeOfDay, TipCandidate, TipKind};

/// A candidate as JavaScript writes it. Unknown fields are an error.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Candidate {
    id: String,
    content: String,
    kind: Option<TipKind>,
    category: Option<String>,
    due: Option<String>,
    expires: Option<String>,
    effort_min: Option<u32>,
    priority: Option<u8>,
    #[serde(default)]
    times: Vec<TimeOfDay>,
    #[serde(default)]
    features: BTreeMap<String, f64>,
}

impl TryFrom<Candidate> for TipCandidate {
    type Error = oo::Error;

    fn try_from(wire: Candidate) -> oo::Result<Self> {
        let made = match wire.kind {
            Some(TipKind::Todo) => TipCandidate::todo(wire.id, wire.content),
            Some(TipKind::Advice) | None => TipCandidate::advice(wire.id, wire.content),
        };
        Ok(TipCandidate {
            category: wire.category.unwrap_or_else(|| made.category.clone()),
            due: wire.due.as_deref().map(oo::wire::due).transpose()?,
            expires_ms: wire.expires.as_deref().map(|at| oo::moment::parse_rfc3339("expires", at)).transpose()?,
            effort_min: wire.effort_min,
            priority: wire.priority,
            times: wire.times,
            features: wire.features.into_iter().map(|(name, value)| (name.into(), value)).collect(),
            ..made
        })
    }
}

/// Candidates of the JSON form as the engine's.
pub(crate) fn candidates(wire: Vec<Candidate>) -> oo::Result<Vec<TipCandidate>> {
    wire.into_iter().map(TipCandidate::try_from).collect()
}
