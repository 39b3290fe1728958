//! The JSON form of candidates: a caller's own, and what JavaScript sources answer. It is read by the core.

use oo::TipCandidate;
use serde::Deserialize;

/// A candidate as JavaScript writes it.
#[derive(Deserialize)]
#[serde(transparent)]
pub(crate) struct Candidate(serde_json::Value);

/// Candidates of the JSON form as the engine's.
pub(crate) fn candidates(wire: Vec<Candidate>) -> oo::Result<Vec<TipCandidate>> {
    wire.into_iter().map(|candidate| oo::wire::candidate_from_value(candidate.0)).collect()
}
