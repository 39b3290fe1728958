//! A decision: one draw of one candidate for one person at one time, with everything needed to judge and replay it.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::candidate::{ArmKey, TipKind};
use crate::id::{DecisionId, ItemKey, Position};
use crate::lesson::centre;
use crate::reaction::ShownMode;
use crate::schema::SchemaHash;
use crate::signal::SignalKind;

/// How a decision was asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// The person opened the page: one tip, the same one until it is reacted to or expires.
    #[default]
    Pull,
}

/// A policy and its version.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PolicyRef {
    /// The policy's id in the registry.
    pub id: Arc<str>,
    /// Its version there, from 1.
    pub version: u32,
}

impl fmt::Display for PolicyRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.id, self.version)
    }
}

/// A candidate as the log keeps it: no text, no caller's id.
#[derive(Clone, Debug, PartialEq)]
pub struct CandidateFact {
    /// HMAC of `source:id` under the person's key.
    pub key: ItemKey,
    /// HMAC of the content.
    pub content_hash: ItemKey,
    /// The arm.
    pub arm: ArmKey,
    /// To-do or advice.
    pub kind: TipKind,
    /// The source's name.
    pub source: Arc<str>,
    /// When it stops being of use (Unix milliseconds).
    pub expires_ms: Option<i64>,
}

/// Why a candidate was not eligible.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Removal {
    /// The person has not agreed to the kind of signal it comes from.
    Consent,
    /// Reacted to less than the cool-down ago.
    CoolDown,
    /// Snoozed, and not due back yet.
    Snoozed,
    /// The person said never.
    Denied,
    /// The same content as another candidate.
    Duplicate,
    /// Past its use.
    Expired,
    /// Beyond the number of candidates of a source or of a decision.
    Overflow,
    /// The kind of signal it needs is quiet or capped now.
    Unavailable,
}

/// The exploration that made the pmf, as logged.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Exploration {
    /// ε of the floor, 0 where there is none.
    pub epsilon: f64,
    /// The rate of the uniform holdout that is mixed in.
    pub holdout: f64,
}

/// One draw of one candidate, as logged before its answer leaves.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// The id, which seeds the draw.
    pub id: DecisionId,
    /// HMAC of the caller's request id.
    pub request: Option<ItemKey>,
    /// How it was asked for.
    pub mode: Mode,
    /// When a tip counts as shown.
    pub shown: ShownMode,
    /// The eligible candidates in key order: the pmf's order.
    pub candidates: Vec<CandidateFact>,
    /// Grid integers, row-major, candidates × schema dimension.
    pub features: Arc<[i16]>,
    /// One score a candidate.
    pub scores: Vec<f64>,
    /// The candidates whose score is only an upper bound, because they could not win; rising.
    pub bounded: Vec<u32>,
    /// The logged probabilities: the mixture that was drawn from.
    pub pmf: Vec<f64>,
    /// The drawn candidate.
    pub drawn: u32,
    /// Whether it fell into the holdout.
    pub holdout: bool,
    /// The exploration settings.
    pub exploration: Exploration,
    /// The policy that decided.
    pub policy: PolicyRef,
    /// Whether it failed or was late, so that the uniform pmf stood in for its own.
    pub fallback: bool,
    /// The last event whose lesson the policy had learned.
    pub learned_through: Position,
    /// The epoch of that state.
    pub epoch: u32,
    /// The feature schema.
    pub schema: SchemaHash,
    /// The version of the reward specification.
    pub reward_spec: u32,
    /// Candidates that were not eligible, with the reason.
    pub removals: Vec<(ItemKey, Removal)>,
    /// When the tip stops being of use (Unix milliseconds), if its candidate says so.
    pub expires_ms: Option<i64>,
    /// The prompt template's version, for generated text.
    pub prompt_version: Option<String>,
    /// The model's alias, for generated text.
    pub llm_model: Option<String>,
    /// How long the choice took, in microseconds.
    pub latency_us: u32,
    /// The kinds of signal that were known of the person: taking back one of these consents takes the decision with it,
    /// also when the signals themselves are long past their time.
    pub heard: Vec<SignalKind>,
}

impl Decision {
    /// The drawn candidate.
    #[must_use]
    pub fn chosen(&self) -> Option<&CandidateFact> {
        self.candidates.get(self.drawn as usize)
    }

    /// The logged probability of the drawn candidate.
    #[must_use]
    pub fn propensity(&self) -> f64 {
        self.pmf.get(self.drawn as usize).copied().unwrap_or(0.0)
    }

    /// The drawn candidate's features as grid integers.
    #[must_use]
    pub fn chosen_features(&self) -> Arc<[i16]> {
        if self.candidates.len() == 1 && self.drawn == 0 {
            return self.features.clone();
        }
        let dim = self.features.len() / self.candidates.len().max(1);
        let start = dim * self.drawn as usize;
        self.features.get(start..start + dim).map_or_else(|| Arc::from([]), Arc::from)
    }

    /// The decision as though there had been no other candidate than the drawn one, its probability as it was: what a
    /// [`Join`](crate::join::Join) is made of. Without scores, bounds, removals and what else judges a choice. None where
    /// that would lose something of the join, because doing nothing was a candidate or there is no drawn one.
    #[must_use]
    pub fn drawn_alone(&self) -> Option<Self> {
        let chosen = self.chosen()?;
        if self.candidates.iter().any(|candidate| candidate.arm.as_str() == ArmKey::HOLD) {
            return None;
        }
        Some(Decision {
            candidates: vec![chosen.clone()],
            features: self.chosen_features(),
            pmf: vec![self.propensity()],
            policy: self.policy.clone(),
            drawn: 0,
            scores: Vec::new(),
            bounded: Vec::new(),
            removals: Vec::new(),
            prompt_version: None,
            llm_model: None,
            heard: Vec::new(),
            ..*self
        })
    }

    /// What the decision would have shown on average ([`centre`]), where one of its candidates is doing nothing
    /// ([`ArmKey::HOLD`]). No other decision keeps it, so it costs nothing where nobody may do nothing.
    #[must_use]
    pub fn centre(&self) -> Option<Arc<[i16]>> {
        let dim = self.features.len() / self.candidates.len().max(1);
        if dim == 0 || self.candidates.iter().all(|candidate| candidate.arm.as_str() != ArmKey::HOLD) {
            return None;
        }
        let rows = self.candidates.iter().zip(&self.pmf).zip(self.features.chunks_exact(dim));
        Some(centre(dim, rows.map(|((candidate, p), x)| (candidate.arm.as_str(), *p, x)), ArmKey::HOLD))
    }
}
