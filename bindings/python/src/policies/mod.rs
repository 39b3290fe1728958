//! The bandit alone, on numpy arrays.

mod arms;
mod arrays;
mod decided;
mod keeping;
mod kinds;
mod learning;
mod moments;
mod parameters;
mod place;
mod policy;
mod progress;

pub(crate) use arms::Arms;
pub(crate) use arrays::Numbers;
pub(crate) use decided::{Decided, DecidedBatch};
pub(crate) use kinds::{
    ActionCentredTS, Auto, EpsilonGreedy, Greedy, Hierarchical, LinTS, LinUCB, RecoveringSoftmax, Softmax, SquareCB,
    Uniform,
};
pub(crate) use policy::{Policy, spec_of};
