//! Named bandits in the log: a bandit, the choices it made among rows of numbers, and the rewards that came back.
//!
//! A choice is a decision without a tip: no texts, no expiry, no projection. A reward carries the lesson it makes, so
//! that folding it needs nothing but itself; the log index finds the choice of a decision id.

use std::sync::Arc;

use crate::candidate::ArmKey;
use crate::id::{DecisionId, Position, Pseudonym};
use crate::lesson::{Lesson, centre};

/// A named bandit was opened.
#[derive(Clone, Debug, PartialEq)]
pub struct BanditFact {
    /// Its name.
    pub name: Arc<str>,
    /// Its settings as canonical JSON: policy, columns, ranges.
    pub spec: String,
}

/// One draw among rows of numbers, as logged before its answer leaves.
#[derive(Clone, Debug, PartialEq)]
pub struct ChoiceFact {
    /// The id, which seeds the draw.
    pub id: DecisionId,
    /// The bandit.
    pub bandit: Arc<str>,
    /// The arm of each row; empty where a row's arm is its number.
    pub arms: Vec<ArmKey>,
    /// Grid integers, row-major.
    pub features: Arc<[i16]>,
    /// One score a row.
    pub scores: Vec<f64>,
    /// One probability a row.
    pub pmf: Vec<f64>,
    /// The drawn row.
    pub drawn: u32,
    /// Whether the probabilities are an estimate of the policy's own.
    pub estimated: bool,
    /// The rows whose score is only an upper bound.
    pub bounded: Vec<u32>,
    /// The last event whose lesson the policy had learned.
    pub learned_through: Position,
    /// The epoch of that state.
    pub epoch: u32,
    /// How long the choice took, in microseconds.
    pub latency_us: u32,
}

impl ChoiceFact {
    /// The number of columns.
    #[must_use]
    pub fn dim(&self) -> usize {
        self.features.len() / self.pmf.len().max(1)
    }

    /// The arm of the drawn row.
    #[must_use]
    pub fn arm(&self) -> ArmKey {
        self.arms.get(self.drawn as usize).cloned().unwrap_or_else(|| ArmKey::new(self.drawn.to_string()))
    }

    /// The drawn row as grid integers.
    #[must_use]
    pub fn x(&self) -> Arc<[i16]> {
        let start = self.dim() * self.drawn as usize;
        self.features.get(start..start + self.dim()).map_or_else(|| Arc::from([]), Arc::from)
    }

    /// The logged probability of the drawn row.
    #[must_use]
    pub fn propensity(&self) -> f64 {
        self.pmf.get(self.drawn as usize).copied().unwrap_or(0.0)
    }

    /// What the choice would have shown on average ([`centre`]), where doing nothing is the arm `hold`.
    #[must_use]
    pub fn centre(&self, hold: &str) -> Arc<[i16]> {
        let rows = self.arms.iter().zip(&self.pmf).zip(self.features.chunks_exact(self.dim().max(1)));
        centre(self.dim(), rows.map(|((arm, p), x)| (arm.as_str(), *p, x)), hold)
    }
}

/// What came of a choice: its lesson.
#[derive(Clone, Debug, PartialEq)]
pub struct RewardFact {
    /// The bandit.
    pub bandit: Arc<str>,
    /// The choice.
    pub decision: DecisionId,
    /// The drawn row as grid integers.
    pub x: Arc<[i16]>,
    /// Its arm.
    pub arm: ArmKey,
    /// Its logged probability.
    pub propensity: f64,
    /// What the choice would have shown on average, for a policy that learns from it.
    pub centre: Option<Arc<[i16]>>,
    /// The UTC day of the choice.
    pub day: i32,
    /// The reward as an integer of the bandit's reward grid.
    pub reward: i16,
    /// The reward that this one replaces.
    pub replaces: Option<i16>,
}

impl RewardFact {
    /// The lesson, `person`'s.
    #[must_use]
    pub fn lesson(&self, person: Option<Pseudonym>) -> Lesson {
        Lesson {
            decision: self.decision,
            person,
            propensity: self.propensity,
            centre: self.centre.clone(),
            replaces: self.replaces,
            day: self.day,
            ..Lesson::new(self.x.clone(), self.arm.clone(), self.reward)
        }
    }
}
