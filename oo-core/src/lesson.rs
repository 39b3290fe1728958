//! A lesson: a decision joined with its reward. Policies learn from lessons and from nothing else.

use std::sync::Arc;

use crate::candidate::ArmKey;
use crate::id::{DecisionId, Pseudonym};

/// A decision's drawn candidate and the reward it got, all in grid integers.
#[derive(Clone, Debug, PartialEq)]
pub struct Lesson {
    /// The decision.
    pub decision: DecisionId,
    /// The drawn candidate's features as grid integers, in schema order.
    pub x: Arc<[i16]>,
    /// The drawn candidate's arm.
    pub arm: ArmKey,
    /// Whose decision it was, where the caller says.
    pub person: Option<Pseudonym>,
    /// The logged probability of the drawn candidate.
    pub propensity: f64,
    /// Σ pᵢ·xᵢ over the decision's candidates as grid integers, for policies that learn the advantage over it.
    pub centre: Option<Arc<[i16]>>,
    /// The reward as an integer of the reward grid.
    pub reward: i16,
    /// The reward this one replaces, when it is a revision: only b and Σr² move then.
    pub replaces: Option<i16>,
    /// The UTC day of the decision, counted from 1970-01-01.
    pub day: i32,
}

impl Lesson {
    /// The lesson of features `x` on `arm` with `reward`: nobody's, on day 0, of a decision that had no other choice.
    #[must_use]
    pub fn new(x: Arc<[i16]>, arm: ArmKey, reward: i16) -> Self {
        Lesson {
            decision: DecisionId::default(),
            x,
            arm,
            person: None,
            propensity: 1.0,
            centre: None,
            reward,
            replaces: None,
            day: 0,
        }
    }
}
