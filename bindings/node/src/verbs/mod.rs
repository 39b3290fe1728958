//! The verbs of the engine, one file a noun, as in the facade: each reads its arguments, calls, and converts.

mod consents;
mod decisions;
mod explain;
mod export;
mod forget;
mod health;
mod history;
mod ingest;
mod preferences;
mod react;
mod recommend;
mod replay;

use serde::Deserialize;

/// The arguments of verbs that are about a person and nothing else.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Person {
    user: String,
}
