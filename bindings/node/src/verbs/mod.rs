//! The verbs of the engine, one file a noun, as in the facade: each reads its arguments, calls, and converts.

mod bandits;
mod choice;
mod consents;
mod decide;
mod decisions;
mod events;
mod explain;
mod export;
mod forget;
mod health;
mod history;
mod ingest;
mod policies;
mod preferences;
mod react;
mod recommend;
mod replay;
mod reward;
mod upkeep;

use serde::Deserialize;

/// The arguments of verbs that are about a person and nothing else.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Person {
    user: String,
}
