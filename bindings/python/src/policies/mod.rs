//! The bandit alone, on numpy arrays.

mod arrays;
mod decided;
mod kinds;
mod policy;
mod shared;

pub(crate) use decided::Decided;
pub(crate) use kinds::{EpsilonGreedy, Greedy, LinUCB, Uniform};
pub(crate) use policy::{Policy, spec_of};
