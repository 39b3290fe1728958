//! What a line says of a draw: a decision, a choice of a named bandit, and the reward of one.

use std::sync::Arc;

use oo_core::candidate::{ArmKey, TipKind};
use oo_core::choice::{ChoiceFact, RewardFact};
use oo_core::decision::{CandidateFact, Decision, Exploration, Mode, Removal};
use oo_core::id::{DecisionId, Position, hex};
use oo_core::moment::rfc3339;
use oo_core::reaction::ShownMode;
use oo_core::schema::SchemaHash;
use oo_core::signal::SignalKind;
use oo_core::{Error, Result};
use serde::{Deserialize, Serialize};

use super::parse;

/// One draw of one candidate for one person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DecisionLine {
    /// The decision's id, which seeds the draw.
    pub id: String,
    /// HMAC of the caller's request id.
    pub request: Option<String>,
    /// How it was asked for.
    pub mode: Mode,
    /// When its tip counts as shown.
    pub shown: ShownMode,
    /// The candidates, with the score and the probability of each.
    pub candidates: Vec<CandidateLine>,
    /// Grid integers, row-major, candidates × schema dimension.
    pub features: Vec<i16>,
    /// The candidates whose score is only an upper bound.
    pub bounded: Vec<u32>,
    /// The drawn candidate.
    pub drawn: u32,
    /// Whether it fell into the holdout.
    pub holdout: bool,
    /// The exploration that made the probabilities.
    pub exploration: ExplorationLine,
    /// The policy that decided, `id@version`.
    pub policy: String,
    /// Whether it failed or was late, so that the uniform probabilities stood in for its own.
    pub fallback: bool,
    /// The position of the last event whose lesson it had learned.
    pub learned_through: u64,
    /// The epoch of that state.
    pub epoch: u32,
    /// The hash of the feature schema.
    pub schema: String,
    /// The version of the reward specification.
    pub reward_spec: u32,
    /// What was not eligible, and why.
    pub removals: Vec<RemovalLine>,
    /// When the tip stops being of use.
    pub expires: Option<String>,
    /// The prompt template's version, for generated text.
    pub prompt_version: Option<String>,
    /// The model's alias, for generated text.
    pub llm_model: Option<String>,
    /// How long the choice took, in microseconds.
    pub latency_us: u32,
    /// The kinds of signal that were known of the person; none in lines of before they were kept.
    #[serde(default)]
    pub heard: Vec<SignalKind>,
}

/// One candidate of a decision.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CandidateLine {
    /// HMAC of its source and id.
    pub key: String,
    /// HMAC of its content.
    pub content_hash: String,
    /// Its arm.
    pub arm: String,
    /// To-do or advice.
    pub kind: TipKind,
    /// Its source's name.
    pub source: String,
    /// When it stops being of use.
    pub expires: Option<String>,
    /// Its score.
    pub score: f64,
    /// The probability that it was drawn with.
    pub propensity: f64,
}

/// The exploration settings of a decision.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExplorationLine {
    /// ε of the floor.
    pub epsilon: f64,
    /// The rate of the uniform holdout.
    pub holdout: f64,
}

/// A candidate that was not eligible.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RemovalLine {
    /// HMAC of its source and id.
    pub key: String,
    /// Why.
    pub reason: Removal,
}

impl DecisionLine {
    pub(super) fn new(decision: &Decision) -> Self {
        let numbers = decision.scores.iter().zip(&decision.pmf);
        DecisionLine {
            id: decision.id.to_string(),
            request: decision.request.map(|key| hex(&key.0)),
            mode: decision.mode,
            shown: decision.shown,
            candidates: decision
                .candidates
                .iter()
                .zip(numbers)
                .map(|(candidate, (score, propensity))| CandidateLine {
                    key: hex(&candidate.key.0),
                    content_hash: hex(&candidate.content_hash.0),
                    arm: candidate.arm.as_str().to_owned(),
                    kind: candidate.kind,
                    source: candidate.source.to_string(),
                    expires: candidate.expires_ms.map(rfc3339),
                    score: *score,
                    propensity: *propensity,
                })
                .collect(),
            features: decision.features.to_vec(),
            bounded: decision.bounded.clone(),
            drawn: decision.drawn,
            holdout: decision.holdout,
            exploration: ExplorationLine {
                epsilon: decision.exploration.epsilon,
                holdout: decision.exploration.holdout,
            },
            policy: decision.policy.to_string(),
            fallback: decision.fallback,
            learned_through: decision.learned_through.0,
            epoch: decision.epoch,
            schema: hex(&decision.schema.0),
            reward_spec: decision.reward_spec,
            removals: decision
                .removals
                .iter()
                .map(|(key, reason)| RemovalLine { key: hex(&key.0), reason: *reason })
                .collect(),
            expires: decision.expires_ms.map(rfc3339),
            prompt_version: decision.prompt_version.clone(),
            llm_model: decision.llm_model.clone(),
            latency_us: decision.latency_us,
            heard: decision.heard.clone(),
        }
    }

    pub(super) fn to_decision(&self) -> Result<Decision> {
        let candidate = |line: &CandidateLine| -> Result<CandidateFact> {
            Ok(CandidateFact {
                key: parse::item("key", &line.key)?,
                content_hash: parse::item("content_hash", &line.content_hash)?,
                arm: ArmKey::new(&line.arm),
                kind: line.kind,
                source: line.source.as_str().into(),
                expires_ms: parse::maybe_instant("expires", line.expires.as_deref())?,
            })
        };
        Ok(Decision {
            id: DecisionId::parse(&self.id)?,
            request: self.request.as_deref().map(|text| parse::item("request", text)).transpose()?,
            mode: self.mode,
            shown: self.shown,
            candidates: self.candidates.iter().map(candidate).collect::<Result<_>>()?,
            features: self.features.as_slice().into(),
            scores: self.candidates.iter().map(|line| line.score).collect(),
            bounded: self.bounded.clone(),
            pmf: self.candidates.iter().map(|line| line.propensity).collect(),
            drawn: self.drawn,
            holdout: self.holdout,
            exploration: Exploration { epsilon: self.exploration.epsilon, holdout: self.exploration.holdout },
            policy: parse::policy(&self.policy)?,
            fallback: self.fallback,
            learned_through: Position(self.learned_through),
            epoch: self.epoch,
            schema: SchemaHash(parse::bytes("schema", &self.schema)?),
            reward_spec: self.reward_spec,
            removals: self
                .removals
                .iter()
                .map(|line| Ok((parse::item("key", &line.key)?, line.reason)))
                .collect::<Result<_>>()?,
            expires_ms: parse::maybe_instant("expires", self.expires.as_deref())?,
            prompt_version: self.prompt_version.clone(),
            llm_model: self.llm_model.clone(),
            latency_us: self.latency_us,
            heard: self.heard.clone(),
        })
    }
}

/// One draw of a named bandit among rows of numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChoiceLine {
    /// The decision's id, which seeds the draw.
    pub id: String,
    /// The bandit.
    pub bandit: String,
    /// The drawn row's arm.
    pub arm: String,
    /// The arm of each row; empty where a row's arm is its number.
    pub arms: Vec<String>,
    /// Grid integers, row-major, rows × columns.
    pub features: Vec<i16>,
    /// One score a row.
    pub scores: Vec<f64>,
    /// The rows whose score is only an upper bound.
    pub bounded: Vec<u32>,
    /// One probability a row.
    pub pmf: Vec<f64>,
    /// The drawn row.
    pub drawn: u32,
    /// Whether the probabilities are an estimate of the policy's own.
    pub estimated: bool,
    /// The position of the last event whose lesson the policy had learned.
    pub learned_through: u64,
    /// The epoch of that state.
    pub epoch: u32,
    /// How long the choice took, in microseconds.
    pub latency_us: u32,
}

impl ChoiceLine {
    pub(super) fn new(choice: &ChoiceFact) -> Self {
        ChoiceLine {
            id: choice.id.to_string(),
            bandit: choice.bandit.to_string(),
            arm: choice.arm().as_str().to_owned(),
            arms: choice.arms.iter().map(|arm| arm.as_str().to_owned()).collect(),
            features: choice.features.to_vec(),
            scores: choice.scores.clone(),
            bounded: choice.bounded.clone(),
            pmf: choice.pmf.clone(),
            drawn: choice.drawn,
            estimated: choice.estimated,
            learned_through: choice.learned_through.0,
            epoch: choice.epoch,
            latency_us: choice.latency_us,
        }
    }

    pub(super) fn to_fact(&self) -> Result<ChoiceFact> {
        let fact = ChoiceFact {
            id: DecisionId::parse(&self.id)?,
            bandit: self.bandit.as_str().into(),
            arms: self.arms.iter().map(ArmKey::new).collect(),
            features: self.features.as_slice().into(),
            scores: self.scores.clone(),
            pmf: self.pmf.clone(),
            drawn: self.drawn,
            estimated: self.estimated,
            bounded: self.bounded.clone(),
            learned_through: Position(self.learned_through),
            epoch: self.epoch,
            latency_us: self.latency_us,
        };
        if fact.arm().as_str() != self.arm {
            return Err(Error::invalid("arm", "is not the arm of the drawn row; pass the line exactly as oO wrote it"));
        }
        Ok(fact)
    }
}

/// What came of a choice: the lesson.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RewardLine {
    /// The choice.
    pub decision: String,
    /// The bandit.
    pub bandit: String,
    /// The drawn row as grid integers.
    pub x: Vec<i16>,
    /// The drawn row's arm.
    pub arm: String,
    /// The probability that it was drawn with.
    pub propensity: f64,
    /// What the choice would have shown on average, for policies that learn from it.
    pub centre: Option<Vec<i16>>,
    /// The UTC day of the choice.
    pub day: i32,
    /// The reward as an integer of the bandit's reward grid.
    pub reward: i16,
    /// The reward that this one replaces.
    pub replaces: Option<i16>,
}

impl RewardLine {
    pub(super) fn new(reward: &RewardFact) -> Self {
        RewardLine {
            decision: reward.decision.to_string(),
            bandit: reward.bandit.to_string(),
            x: reward.x.to_vec(),
            arm: reward.arm.as_str().to_owned(),
            propensity: reward.propensity,
            centre: reward.centre.as_deref().map(<[i16]>::to_vec),
            day: reward.day,
            reward: reward.reward,
            replaces: reward.replaces,
        }
    }

    pub(super) fn to_fact(&self) -> Result<RewardFact> {
        Ok(RewardFact {
            bandit: self.bandit.as_str().into(),
            decision: DecisionId::parse(&self.decision)?,
            x: self.x.as_slice().into(),
            arm: ArmKey::new(&self.arm),
            propensity: self.propensity,
            centre: self.centre.as_deref().map(Arc::from),
            day: self.day,
            reward: self.reward,
            replaces: self.replaces,
        })
    }
}
