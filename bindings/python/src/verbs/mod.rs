//! The verbs of `oo.Engine`, one file a group: each function converts, calls and converts.

mod bandits;
mod consents;
mod decide;
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

pub(crate) use upkeep::restore;
