//! The store on SQLite.
//!
//! One connection writes, behind a mutex; a few read. A write transaction is `BEGIN IMMEDIATE … COMMIT` with
//! `synchronous=FULL`; projections commit on the same connection with `synchronous=NORMAL`, so that the order of the
//! write-ahead log is theirs too. Every wait for another process is bounded by [`Options::patience`](crate::Options).

mod append;
mod checkpoint;
mod connection;
mod erase;
mod error;
mod forgotten;
mod gate;
mod log;
mod open;
mod project;
mod query;
mod schema;
mod store;
mod transaction;
mod users;

pub use open::{open, open_with};
pub use schema::FORMAT;
pub use store::SqliteStore;
