//! The pure decision: candidates, their features and a policy come in; the decision to log goes out.
//!
//! No clock, no I/O, no lock and no log in here: the same inputs give the same bits on every machine.

use std::sync::Arc;

use crate::candidate::TipCandidate;
use crate::decision::{CandidateFact, Decision, Exploration, Mode, PolicyRef, Removal};
use crate::draw::draw;
use crate::error::{Error, Result};
use crate::features::Assembled;
use crate::id::{DecisionId, ItemKey, Position, Pseudonym};
use crate::moment::Moment;
use crate::personal::PersonalParts;
use crate::policy::{Actions, Policy, Scored};
use crate::reaction::ShownMode;
use crate::schema::SchemaHash;
use crate::signal::SignalKind;

/// The policy of a decision and where it stands.
#[derive(Clone, Copy, Debug)]
pub struct DecideWith<'a> {
    /// The policy.
    pub policy: &'a dyn Policy,
    /// Its name in the registry.
    pub policy_ref: &'a PolicyRef,
    /// The last event whose lesson it has learned.
    pub learned_through: Position,
    /// Its epoch.
    pub epoch: u32,
    /// The schema of the features.
    pub schema: SchemaHash,
    /// The version of the reward specification.
    pub reward_spec: u32,
    /// The rate of the uniform holdout.
    pub holdout: f64,
}

/// What is decided on.
#[derive(Clone, Copy, Debug)]
pub struct DecideOn<'a> {
    /// The decision's id, which seeds the draw.
    pub id: DecisionId,
    /// Whose decision it is.
    pub person: Option<Pseudonym>,
    /// What is kept of them for policies that tell people apart.
    pub personal: &'a PersonalParts,
    /// HMAC of the caller's request id.
    pub request: Option<ItemKey>,
    /// How it was asked for.
    pub mode: Mode,
    /// When the tip counts as shown.
    pub shown: ShownMode,
    /// Now, where the person is.
    pub now: &'a Moment,
    /// The eligible candidates, in key order.
    pub candidates: &'a [TipCandidate],
    /// The others, with the reason.
    pub removals: &'a [(ItemKey, Removal)],
    /// One row of features a candidate.
    pub assembled: &'a Assembled,
    /// The kinds of signal that are known of the person.
    pub heard: &'a [SignalKind],
}

/// Scores, states the pmf, mixes in the holdout and draws. `latency_us` is left at 0 for the caller.
///
/// # Errors
/// `invalid_input` without candidates; `internal` when a candidate has no key; what the policy says.
pub fn decide(with: &DecideWith<'_>, on: &DecideOn<'_>, scored: &mut Scored) -> Result<Decision> {
    if on.candidates.is_empty() {
        return Err(Error::invalid("candidates", "there is nothing to choose from; offer at least one candidate"));
    }
    let actions = Actions {
        day: on.now.utc_day(),
        person: on.person,
        personal: on.personal.of(with.policy),
        ..Actions::new(on.assembled.dim, &on.assembled.values, &on.assembled.arms)
    };
    scored.unmark();
    with.policy.distribution(&actions, scored)?;
    let epsilon = scored.distribution.floor() * on.candidates.len() as f64;
    let drawn = draw(&mut scored.distribution, with.holdout, on.id.into());
    let candidates = on
        .candidates
        .iter()
        .zip(&on.assembled.arms)
        .map(|(candidate, arm)| {
            Ok(CandidateFact {
                key: candidate.key.ok_or_else(no_key)?,
                content_hash: candidate.content_hash.ok_or_else(no_key)?,
                arm: arm.clone(),
                kind: candidate.kind,
                source: candidate.source.clone(),
                expires_ms: candidate.expires_ms,
            })
        })
        .collect::<Result<Vec<_>>>()?;
    let chosen = on.candidates.get(drawn.index);
    let provenance = chosen.and_then(|chosen| chosen.provenance.as_ref());
    Ok(Decision {
        id: on.id,
        request: on.request,
        mode: on.mode,
        shown: on.shown,
        candidates,
        features: Arc::from(on.assembled.grid.as_slice()),
        scores: scored.scores.clone(),
        bounded: scored.bounded.iter().zip(0_u32..).filter(|(bounded, _)| **bounded).map(|(_, row)| row).collect(),
        pmf: scored.distribution.pmf().to_vec(),
        drawn: u32::try_from(drawn.index).unwrap_or(u32::MAX),
        holdout: drawn.holdout,
        exploration: Exploration { epsilon, holdout: with.holdout },
        policy: with.policy_ref.clone(),
        fallback: false,
        learned_through: with.learned_through,
        epoch: with.epoch,
        schema: with.schema,
        reward_spec: with.reward_spec,
        removals: on.removals.to_vec(),
        expires_ms: chosen.and_then(|chosen| chosen.expires_ms),
        prompt_version: provenance.map(|provenance| provenance.prompt_version.clone()),
        llm_model: provenance.map(|provenance| provenance.model.clone()),
        latency_us: 0,
        heard: on.heard.to_vec(),
    })
}

fn no_key() -> Error {
    Error::internal("a candidate without a key reached the decision; report this as a defect")
}
