//! oO for Node.js, the native half.
//!
//! [`engine`] opens, [`verbs`] mirror the facade's files, [`components`] are parts of an engine that are JavaScript
//! objects, [`bandit`] is the policies alone. Every call passes the one
//! [`door`]: its arguments arrive as JSON text that is read strictly, its answer leaves as an object of [`tip`] or
//! [`outcome`] with the JSON form's names, its error as a reason that the TypeScript half (`ts/`) turns into a class.
//! Nothing here is public API: `index.d.ts` is.

#![allow(
    unreachable_pub,
    clippy::needless_pass_by_value,
    reason = "the binding macros want what they export to be pub, and its arguments owned"
)]

mod bandit;
mod candidate;
mod choice;
mod components;
mod door;
mod engine;
mod outcome;
#[cfg(feature = "testing")]
mod testing;
mod tip;
mod verbs;
