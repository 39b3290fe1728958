//! What the verbs of tips and signals answer, as JavaScript objects.

use napi_derive::napi;

use crate::door::count;
use crate::tip::Why;

/// The answer to `react`.
#[napi(object, object_from_js = false, use_nullable = true)]
pub struct Reacted {
    /// What became of the reaction: it counts; it was there already; it waits for its decision, 24 h at most; or it
    /// came more than 7 days after the tip was shown, is stored and revises nothing.
    #[napi(ts_type = "'applied' | 'duplicate' | 'parked' | 'late'")]
    pub status: String,
    /// The tip's reward after it, where it has one.
    pub reward: Option<f64>,
}

impl From<oo::Reacted> for Reacted {
    fn from(from: oo::Reacted) -> Self {
        let oo::Reacted { status, reward } = from;
        let status = match status {
            oo::ReactStatus::Applied => "applied",
            oo::ReactStatus::Duplicate => "duplicate",
            oo::ReactStatus::Parked => "parked",
            oo::ReactStatus::Late => "late",
        };
        Reacted { status: status.to_owned(), reward }
    }
}

/// The answer to `ingest`.
#[napi(object, object_from_js = false)]
pub struct Ingested {
    /// Signals that were stored.
    pub accepted: i64,
    /// Signals that were there already.
    pub duplicates: i64,
    /// The log's last position after it.
    pub position: i64,
}

impl From<oo::Ingested> for Ingested {
    fn from(from: oo::Ingested) -> Self {
        let oo::Ingested { accepted, duplicates, position } = from;
        Ingested { accepted: count(accepted), duplicates: count(duplicates), position: count(position.0) }
    }
}

/// A tip of the past.
#[napi(object, object_from_js = false, use_nullable = true)]
pub struct PastTip {
    /// The decision's id.
    pub id: String,
    /// What the person read.
    pub content: String,
    /// To-do or advice.
    #[napi(ts_type = "'todo' | 'advice'")]
    pub kind: String,
    /// Where it stands.
    #[napi(ts_type = "'open' | 'snoozed' | 'done' | 'dismissed' | 'expired'")]
    pub state: String,
    /// The current reward.
    pub reward: Option<f64>,
    /// When it was decided, RFC 3339.
    #[napi(js_name = "decided_at")]
    pub decided_at: String,
    /// When it was last shown, RFC 3339.
    #[napi(js_name = "shown_at")]
    pub shown_at: Option<String>,
    /// The policy that decided, `id@version`.
    pub policy: String,
    /// The logged probability with which it was drawn.
    pub propensity: f64,
    /// Whether it was drawn by the uniform holdout.
    pub holdout: bool,
}

impl From<oo::PastTip> for PastTip {
    fn from(from: oo::PastTip) -> Self {
        let oo::PastTip { id, content, kind, state, reward, decided_at, shown_at, policy, propensity, holdout } = from;
        PastTip { id: id.to_string(), content, kind, state, reward, decided_at, shown_at, policy, propensity, holdout }
    }
}

/// Everything about one decision.
#[napi(object, object_from_js = false, use_nullable = true)]
pub struct Explained {
    /// The tip's decision.
    pub id: String,
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

impl From<oo::Explained> for Explained {
    fn from(from: oo::Explained) -> Self {
        let oo::Explained {
            id,
            why,
            policy,
            propensity,
            drawn,
            holdout,
            fallback,
            pmf,
            scores,
            bounded,
            features,
            removals,
            state,
            reward,
        } = from;
        Explained {
            id: id.to_string(),
            why: why.into(),
            policy,
            propensity,
            drawn,
            holdout,
            fallback,
            pmf,
            scores,
            bounded,
            features: features.into_iter().map(NamedValue::from).collect(),
            removals: removals.into_iter().map(RemovalCount::from).collect(),
            state,
            reward,
        }
    }
}

/// A name and a number.
#[napi(object, object_from_js = false)]
pub struct NamedValue {
    /// The feature's name.
    pub name: String,
    /// Its value.
    pub value: f64,
}

impl From<oo::NamedValue> for NamedValue {
    fn from(from: oo::NamedValue) -> Self {
        let oo::NamedValue { name, value } = from;
        NamedValue { name, value }
    }
}

/// A reason and how many candidates it removed.
#[napi(object, object_from_js = false)]
pub struct RemovalCount {
    /// The reason's stable name.
    pub reason: String,
    /// How many.
    pub count: i64,
}

impl From<oo::RemovalCount> for RemovalCount {
    fn from(from: oo::RemovalCount) -> Self {
        let oo::RemovalCount { reason, count: removed } = from;
        RemovalCount { reason, count: count(removed) }
    }
}
