//! The verbs of `oo.Engine`, one file a group: each function converts, calls and converts.

mod consents;
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
