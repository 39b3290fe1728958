//! What the verbs of bandits and policies answer.

use serde::Serialize;

/// A choice of a named bandit.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Choice {
    /// The decision's id: the reward names it.
    pub decision: String,
    /// The bandit.
    pub bandit: String,
    /// The drawn row.
    pub index: usize,
    /// The drawn row's arm; its number where the caller named none.
    pub arm: String,
    /// Its probability, from before the draw.
    pub propensity: f64,
    /// The probability of each row.
    pub pmf: Vec<f64>,
    /// The score of each row.
    pub scores: Vec<f64>,
    /// Whether the probabilities are an estimate of the policy's own; they are what was drawn from.
    pub estimated: bool,
    /// The rows whose score is only an upper bound, because they could not win.
    pub bounded: Vec<u32>,
    /// The reward it has, where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reward: Option<f64>,
}

/// A named bandit.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NamedBandit {
    /// Its name.
    pub name: String,
    /// Policy, columns and ranges.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub settings: serde_json::Value,
    /// How many lessons are in it.
    pub lessons: u64,
    /// The hash of settings and sums, hexadecimal: equal for the same set of lessons.
    pub state_hash: String,
}

/// A policy of the registry.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RegisteredPolicy {
    /// Its id and version.
    pub policy: String,
    /// `champion`, `shadow` or `retired`.
    pub role: String,
    /// Its settings.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub settings: serde_json::Value,
    /// The hash of the feature schema it learned over, hexadecimal.
    pub schema: String,
    /// How many lessons are in it.
    pub lessons: u64,
    /// The hash of settings, schema and sums, hexadecimal.
    pub state_hash: String,
}

/// The answer to `reward`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Rewarded {
    /// The decision.
    pub decision: String,
    /// What became of the reward.
    pub status: RewardStatus,
    /// The reward that counts, rounded to the bandit's grid.
    pub reward: Option<f64>,
}

/// What became of a reward.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum RewardStatus {
    /// It is learned.
    Learned,
    /// It took the place of an earlier one.
    Revised,
    /// It was there already; nothing changed.
    Duplicate,
}
