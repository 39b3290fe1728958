//! What every request meets before and after its handler.
//!
//! [`door`] stands in front: [`origin`] refuses foreign pages, [`rate`] keeps a budget, a time limit and a guard against
//! panics surround the handler, and [`traffic`] counts. [`body`], [`rows`] and [`person`] read what handlers are given,
//! [`problem`] is the one form of every error, [`streams`] has the answers that do not end by themselves, and [`page`]
//! serves the page. Below all of them, [`patient`] gives up a client that does not take its answer.

pub mod answer;
pub mod body;
pub mod door;
pub mod matrix;
mod number;
pub mod origin;
pub mod page;
pub mod patient;
pub mod person;
pub mod problem;
pub mod rate;
pub mod rows;
pub mod streams;
pub mod traffic;
