//! The store on SQLite.
//!
//! One connection writes, behind a mutex; a few read. A write transaction is `BEGIN IMMEDIATE … COMMIT` with
//! `synchronous=FULL`; projections commit on the same connection with `synchronous=NORMAL`, so that the order of the
//! write-ahead log is theirs too. Every wait for another process is bounded by [`Options::patience`](crate::Options).

mod append;
mod backup;
mod checkpoint;
mod connection;
mod erase;
mod error;
mod forgotten;
mod gate;
mod leftovers;
mod log;
mod meta;
mod open;
mod point;
mod project;
mod query;
mod restore;
mod revived;
mod rotate;
mod scan;
mod schema;
mod secrets;
mod store;
mod swap;
mod transaction;
mod unlock;
mod users;

pub use open::{open, open_with};
pub(crate) use point::reach;
pub use restore::{RestoreRequest, Restored, restore};
pub use revived::Revived;
pub use schema::FORMAT;
pub use store::SqliteStore;
