//! What `recommend` answers, as JavaScript objects. The names are those of the JSON form, in every language.
//!
//! Each conversion takes its source apart by name: a field that the facade gains does not compile until it is here.

use napi::bindgen_prelude::{Either, Null};
use napi_derive::napi;

/// The answer to a request: a tip, or why there is none.
#[napi(object, object_from_js = false)]
pub struct Recommendation {
    /// The tip.
    pub tip: Either<Tip, Null>,
    /// Why there is none.
    #[napi(ts_type = "'daily_cap' | 'no_candidate'")]
    pub reason: Option<String>,
}

impl From<oo::Recommendation> for Recommendation {
    fn from(from: oo::Recommendation) -> Self {
        let oo::Recommendation { tip, reason } = from;
        Recommendation { tip: tip.map_or(Either::B(Null), |tip| Either::A(tip.into())), reason }
    }
}

/// One tip.
#[napi(object, object_from_js = false)]
pub struct Tip {
    /// The decision's id: pass it to `react`.
    pub id: String,
    /// What the person reads.
    pub content: String,
    /// To-do or advice.
    #[napi(ts_type = "'todo' | 'advice'")]
    pub kind: String,
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
    #[napi(js_name = "decided_at")]
    pub decided_at: String,
    /// When it is due: an ISO date or RFC 3339.
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

impl From<oo::Tip> for Tip {
    fn from(from: oo::Tip) -> Self {
        let oo::Tip {
            id,
            content,
            kind,
            category,
            source,
            candidate,
            why,
            expires,
            decided_at,
            due,
            propensity,
            policy,
            candidates,
            returned,
        } = from;
        Tip {
            id: id.to_string(),
            content,
            kind: kind.as_str().to_owned(),
            category,
            source,
            candidate,
            why: why.into(),
            expires,
            decided_at,
            due,
            propensity,
            policy,
            candidates,
            returned,
        }
    }
}

/// Why a tip was chosen, from the real features of the decision.
#[napi(object, object_from_js = false)]
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

impl From<oo::Why> for Why {
    fn from(from: oo::Why) -> Self {
        let oo::Why { sentence, features, signals, uncertainty } = from;
        Why {
            sentence,
            features: features.into_iter().map(WhyFeature::from).collect(),
            signals: signals.into_iter().map(WhySignal::from).collect(),
            uncertainty,
        }
    }
}

/// A feature and what it contributed.
#[napi(object, object_from_js = false)]
pub struct WhyFeature {
    /// The feature's name in the schema.
    pub name: String,
    /// Its value.
    pub value: f64,
    /// Its weight times its value.
    pub contribution: f64,
}

impl From<oo::WhyFeature> for WhyFeature {
    fn from(from: oo::WhyFeature) -> Self {
        let oo::WhyFeature { name, value, contribution } = from;
        WhyFeature { name, value, contribution }
    }
}

/// A signal that was used.
#[napi(object, object_from_js = false)]
pub struct WhySignal {
    /// The signal's kind.
    #[napi(ts_type = "'task' | 'habit' | 'calendar' | 'mood' | 'context'")]
    pub kind: String,
    /// What it said, in words.
    pub text: String,
}

impl From<oo::WhySignal> for WhySignal {
    fn from(from: oo::WhySignal) -> Self {
        let oo::WhySignal { kind, text } = from;
        WhySignal { kind, text }
    }
}
