//! A lesson: a decision joined with its reward. Policies learn from lessons and from nothing else.

use std::sync::Arc;

use crate::candidate::ArmKey;
use crate::id::DecisionId;

/// A decision's drawn candidate and the reward it got, all in grid integers.
#[derive(Clone, Debug, PartialEq)]
pub struct Lesson {
    /// The decision.
    pub decision: DecisionId,
    /// The drawn candidate's features as grid integers, in schema order.
    pub x: Arc<[i16]>,
    /// The drawn candidate's arm.
    pub arm: ArmKey,
    /// The reward as an integer of the reward grid.
    pub reward: i16,
    /// The reward this one replaces, when it is a revision: only b and Σr² move then.
    pub replaces: Option<i16>,
    /// The UTC day of the decision, counted from 1970-01-01.
    pub day: i32,
}
