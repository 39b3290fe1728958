//! oO's store: the event log, and everything kept beside it, in one SQLite file.
//!
//! [`open`] gives a [`SqliteStore`], which implements the ports [`EventLog`](oo_core::ports::EventLog),
//! [`StateStore`](oo_core::ports::StateStore), [`SecretStore`](oo_core::ports::SecretStore) and
//! [`Upkeep`](oo_core::ports::Upkeep). In the order data meets it: a transaction seals texts in the vault, the
//! [`codec`] turns an event into its bytes, `sqlite` gives it a position and commits it durably, and what is folded from
//! the log in the background, the projections, is written in transactions that do not wait for the disk. Erasing a
//! person overwrites their rows, remembers the pseudonym's hash in the forgotten list, and truncates the write-ahead log.
//!
//! A master key comes through [`KeyProvider`](oo_core::ports::KeyProvider): [`FileKey`] keeps it in a file, [`EnvKey`]
//! finds it in the environment, [`CommandKey`] asks a command. [`restore`] brings a backup back.

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

mod claim;
pub mod codec;
mod files;
mod options;
mod sqlite;
mod vault;

pub use options::Options;
pub use sqlite::{FORMAT, RestoreRequest, Restored, Revived, SqliteStore, open, open_with, restore};
pub use vault::{CommandKey, EnvKey, FileKey};
