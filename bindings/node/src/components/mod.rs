//! Components that are JavaScript objects: candidate sources, policies and featurisers.
//!
//! The engine's threads ask, the event loop answers. A policy or featuriser is waited for on the thread that asks, under a
//! budget; what is late, throws or answers nonsense is an error there, counted and never fatal. An open engine does not
//! keep the process alive for its components, and one that Node lets go asks nothing more.

mod asker;
mod featuriser;
mod policy;
mod question;
mod source;

pub(crate) use asker::{AskFunction, Asker, Line};
pub(crate) use featuriser::{Features, JsFeaturiser};
pub(crate) use policy::{Declared, JsFactory};
pub(crate) use source::{JsFunction, JsSource};

use oo::moment::{Moment, rfc3339};
use serde_json::{Value, json};

/// What a source or a featuriser is asked about.
fn context(user: &str, now: &Moment, language: &str, decision: &str) -> Value {
    json!({
        "user": user,
        "now": rfc3339(now.at_ms),
        "zone": &*now.zone,
        "language": language,
        "decision": decision,
    })
}
