//! What the verbs of tips and signals answer.

use oo_core::id::Position;
use serde::Serialize;

use crate::tip::{TipId, Why};

/// The answer to `react`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Reacted {
    /// What became of the reaction.
    pub status: ReactStatus,
    /// The tip's reward after it, where it has one.
    pub reward: Option<f64>,
}

/// What became of a reaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ReactStatus {
    /// It is stored and counts.
    Applied,
    /// It was there already; nothing changed.
    Duplicate,
    /// Its decision is unknown: it waits for it, 24 h at most.
    Parked,
    /// More than 7 days after the tip was shown: it is stored and revises nothing.
    Late,
}

/// The answer to `ingest`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Ingested {
    /// Signals that were stored.
    pub accepted: u64,
    /// Signals that were there already.
    pub duplicates: u64,
    /// The log's last position after it.
    #[cfg_attr(feature = "openapi", schema(value_type = u64))]
    pub position: Position,
}

/// A tip of the past.
#[derive(Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PastTip {
    /// The decision's id.
    pub id: TipId,
    /// What the person read.
    pub content: String,
    /// `todo` or `advice`.
    pub kind: String,
    /// `open`, `snoozed`, `done`, `dismissed` or `expired`.
    pub state: String,
    /// The current reward.
    pub reward: Option<f64>,
    /// When it was decided, RFC 3339.
    pub decided_at: String,
    /// When it was last shown, RFC 3339.
    pub shown_at: Option<String>,
    /// The policy that decided, `id@version`.
    pub policy: String,
    /// The logged probability with which it was drawn.
    pub propensity: f64,
    /// Whether it was drawn by the uniform holdout.
    pub holdout: bool,
}
oo_core::debug_without_texts!(PastTip { id, kind, state, reward, decided_at, shown_at, policy, propensity, holdout });

/// Everything about one decision.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Explained {
    /// The tip's decision.
    pub id: TipId,
    /// Why it was chosen.
    pub why: Why,
    /// The policy that decided, `id@version`.
    pub policy: String,
    /// The drawn candidate's probability.
    pub propensity: f64,
    /// The drawn candidate's place.
    pub drawn: u32,
    /// Whether it was drawn by the uniform holdout.
    pub holdout: bool,
    /// Whether every candidate had the same probability because the policy failed.
    pub fallback: bool,
    /// Each candidate's probability, in order.
    pub pmf: Vec<f64>,
    /// Each candidate's score, in order.
    pub scores: Vec<f64>,
    /// The candidates whose score is only an upper bound, because they could not win.
    pub bounded: Vec<u32>,
    /// The drawn candidate's features by name.
    pub features: Vec<NamedValue>,
    /// Why other candidates were not eligible, with how many of each.
    pub removals: Vec<RemovalCount>,
    /// Where the tip stands.
    pub state: String,
    /// The current reward.
    pub reward: Option<f64>,
}

/// A name and a number.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NamedValue {
    /// The feature's name.
    pub name: String,
    /// Its value.
    pub value: f64,
}

/// A reason and how many candidates it removed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RemovalCount {
    /// The reason's stable name.
    pub reason: String,
    /// How many.
    pub count: u64,
}
