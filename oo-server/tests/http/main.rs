//! The HTTP contract, against the real server in a process of its own.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod bad_input;
mod bandits;
mod door;
mod events;
#[path = "../../../oo-store/tests/support/disk.rs"]
mod mounted;
mod routes;
mod secrecy;
mod stop;
mod storage;
#[path = "../support/mod.rs"]
mod support;
