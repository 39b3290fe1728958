//! The lesson's part of a line.

use std::sync::Arc;

use oo_core::Result;
use oo_core::candidate::ArmKey;
use oo_core::id::{DecisionId, hex};
use oo_core::retention::LessonFact;
use oo_core::schema::SchemaHash;
use oo_core::signal::SignalKind;
use serde::{Deserialize, Serialize};

use super::parse;

/// What is left of a decision whose time was up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LessonLine {
    /// The decision.
    pub decision: String,
    /// The hash of the feature schema of `x`.
    pub schema: String,
    /// The drawn candidate's features as grid integers.
    pub x: Vec<i16>,
    /// The drawn candidate's arm.
    pub arm: String,
    /// The probability that it was drawn with.
    pub propensity: f64,
    /// What the decision would have shown on average, where it could have done nothing.
    pub centre: Option<Vec<i16>>,
    /// The UTC day of the decision.
    pub day: i32,
    /// The reward as an integer of the reward grid.
    pub reward: i16,
    /// The reward that this one replaces.
    pub replaces: Option<i16>,
    /// The kinds of signal that were known when it was decided.
    pub heard: Vec<SignalKind>,
}

impl LessonLine {
    pub(super) fn new(fact: &LessonFact) -> Self {
        LessonLine {
            decision: fact.decision.to_string(),
            schema: hex(&fact.schema.0),
            x: fact.x.to_vec(),
            arm: fact.arm.as_str().to_owned(),
            propensity: fact.propensity,
            centre: fact.centre.as_deref().map(<[i16]>::to_vec),
            day: fact.day,
            reward: fact.reward,
            replaces: fact.replaces,
            heard: fact.heard.clone(),
        }
    }

    pub(super) fn to_fact(&self) -> Result<LessonFact> {
        Ok(LessonFact {
            decision: DecisionId::parse(&self.decision)?,
            schema: SchemaHash(parse::bytes("schema", &self.schema)?),
            x: self.x.as_slice().into(),
            arm: ArmKey::new(&self.arm),
            propensity: self.propensity,
            centre: self.centre.as_deref().map(Arc::from),
            day: self.day,
            reward: self.reward,
            replaces: self.replaces,
            heard: self.heard.clone(),
        })
    }
}
