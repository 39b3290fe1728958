//! The bandit alone, on numpy arrays.

mod arms;
mod arrays;
mod decided;
mod forms;
mod keeping;
mod kinds;
mod learning;
mod moments;
mod parameters;
mod place;
mod policy;
mod progress;

pub(crate) use arms::{Arms, arms};
pub(crate) use arrays::{Numbers, shape_error};
pub(crate) use decided::{Decided, DecidedBatch};
pub(crate) use kinds::{
    ActionCentredTS, Auto, BetaTS, DLinUCB, EpsilonGreedy, Greedy, Hierarchical, LinTS, LinUCB, Logistic, Mixture,
    RecoveringSoftmax, SlidingWindowLinUCB, Softmax, SquareCB, UCB1, Uniform,
};
pub(crate) use parameters::{range_of, rewards_of};
pub(crate) use policy::{Policy, spec_of};
