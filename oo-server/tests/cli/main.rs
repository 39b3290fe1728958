//! The command `oo`, as it is typed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod events;
mod import;
mod migrate;
mod openapi;
mod privacy;
#[path = "../support/mod.rs"]
mod support;
mod upkeep;
mod verbs;
#[cfg(feature = "testing")]
mod world;
