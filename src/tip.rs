//! What `recommend` answers, and what it is asked.

use serde::{Deserialize, Serialize};

use oo_core::candidate::{TipCandidate, TipKind};
use oo_core::decision::{Decision, Mode};
use oo_core::id::DecisionId;
use oo_core::moment::{format_date, rfc3339};
use oo_core::reaction::ShownMode;
use oo_core::signal::Due;

/// A request for a tip.
#[derive(Clone, Default)]
pub struct RecommendRequest {
    /// The caller's id of the person.
    pub user: String,
    /// How it is asked for.
    pub mode: Mode,
    /// The caller's id of this request: a decision that it made is answered again by the same id.
    pub request_id: Option<String>,
    /// When the tip counts as shown.
    pub shown: ShownMode,
    /// Candidates of the caller, beside those of the engine's sources.
    pub candidates: Vec<TipCandidate>,
}
oo_core::debug_without_texts!(RecommendRequest { mode, shown, candidates });

impl RecommendRequest {
    /// A pull for `user`, shown when the answer leaves.
    #[must_use]
    pub fn new(user: impl Into<String>) -> Self {
        RecommendRequest { user: user.into(), ..RecommendRequest::default() }
    }
}

impl From<&str> for RecommendRequest {
    fn from(user: &str) -> Self {
        RecommendRequest::new(user)
    }
}

impl From<String> for RecommendRequest {
    fn from(user: String) -> Self {
        RecommendRequest::new(user)
    }
}

impl From<&String> for RecommendRequest {
    fn from(user: &String) -> Self {
        RecommendRequest::new(user)
    }
}

/// The answer to a request: a tip, or why there is none.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Recommendation {
    /// The tip.
    pub tip: Option<Tip>,
    /// Why there is none: `daily_cap` or `no_candidate`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// One tip.
#[derive(Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Tip {
    /// The decision's id: pass it to `react`.
    pub id: TipId,
    /// What the person reads.
    pub content: String,
    /// `todo` or `advice`.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "advice"))]
    pub kind: TipKind,
    /// The category, such as `focus`.
    pub category: String,
    /// The source that offered it.
    pub source: String,
    /// The source's own id of it.
    pub candidate: String,
    /// Why this one.
    pub why: Why,
    /// When it expires, RFC 3339.
    pub expires: String,
    /// When it was decided, RFC 3339.
    pub decided_at: String,
    /// When it is due: an ISO date or RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due: Option<String>,
    /// The logged probability with which it was drawn.
    pub propensity: f64,
    /// The policy that decided, `id@version`.
    pub policy: String,
    /// How many candidates there were.
    pub candidates: u32,
    /// Whether it came back from a snooze.
    pub returned: bool,
}
oo_core::debug_without_texts!(Tip {
    id,
    kind,
    category,
    source,
    expires,
    decided_at,
    due,
    propensity,
    policy,
    candidates,
    returned
});

impl Tip {
    pub(crate) fn new(
        decision: &Decision,
        kind: TipKind,
        source: &str,
        text: TipText,
        expires_ms: i64,
        decided_ms: i64,
        returned: bool,
    ) -> Self {
        Tip {
            id: TipId(decision.id),
            content: text.content,
            kind,
            category: text.category,
            source: source.to_owned(),
            candidate: text.id,
            why: text.why,
            expires: rfc3339(expires_ms),
            decided_at: rfc3339(decided_ms),
            due: text.due,
            propensity: decision.propensity(),
            policy: decision.policy.to_string(),
            candidates: text.candidates,
            returned,
        }
    }

    /// Why this one, in a sentence.
    #[must_use]
    pub fn why(&self) -> &str {
        &self.why.sentence
    }
}

/// The id of a tip: its decision's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TipId(pub DecisionId);

impl From<DecisionId> for TipId {
    fn from(id: DecisionId) -> Self {
        TipId(id)
    }
}

impl Serialize for TipId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for TipId {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .format(Some(utoipa::openapi::SchemaFormat::KnownFormat(utoipa::openapi::KnownFormat::Uuid)))
            .into()
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for TipId {}

impl std::fmt::Display for TipId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(&self.0, f)
    }
}

impl std::str::FromStr for TipId {
    type Err = crate::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        DecisionId::parse(text).map(TipId).map_err(|error| error.with_field("tip"))
    }
}

/// Why a tip was chosen, from the real features of the decision.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Why {
    /// One sentence.
    pub sentence: String,
    /// The features that weighed most.
    pub features: Vec<WhyFeature>,
    /// The signals that were used, in words.
    pub signals: Vec<WhySignal>,
    /// The standard width of the score: how unsure the policy was.
    pub uncertainty: f64,
}
oo_core::debug_without_texts!(Why { features, signals, uncertainty });

impl Why {
    /// What was `said` of a decision whose score had the standard width `uncertainty`.
    pub(crate) fn new(said: oo_core::why::Why, uncertainty: f64) -> Self {
        let feature =
            |of: oo_core::why::WhyFeature| WhyFeature { name: of.name, value: of.value, contribution: of.contribution };
        let signal = |of: oo_core::why::WhySignal| WhySignal { kind: of.kind.as_str().to_owned(), text: of.said };
        Why {
            sentence: said.sentence,
            features: said.features.into_iter().map(feature).collect(),
            signals: said.signals.into_iter().map(signal).collect(),
            uncertainty,
        }
    }
}

/// A feature and what it contributed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WhyFeature {
    /// The feature's name in the schema.
    pub name: String,
    /// Its value.
    pub value: f64,
    /// Its weight times its value.
    pub contribution: f64,
}

/// A signal that was used.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WhySignal {
    /// The signal's kind.
    pub kind: String,
    /// What it said, in words.
    pub text: String,
}
oo_core::debug_without_texts!(WhySignal { kind });

/// A tip as it is sealed beside its decision: everything of it that is text.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct TipText {
    pub(crate) v: u32,
    pub(crate) id: String,
    pub(crate) content: String,
    pub(crate) category: String,
    pub(crate) due: Option<String>,
    pub(crate) candidates: u32,
    pub(crate) why: Why,
}

pub(crate) fn due_text(due: Due) -> String {
    match due {
        Due::Day(day) => format_date(day),
        Due::At(at) => rfc3339(at),
    }
}
