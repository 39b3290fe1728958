//! oO for Python: the native module `oo._oo`.
//!
//! One door leads in: [`door`] releases the GIL, runs the call, contains panics and maps errors. [`verbs`] has one file
//! a verb group of the engine, each function converting, calling and converting; [`policies`] is the bandit alone, on
//! numpy arrays. What an answer looks like in Python is in the package's `answers.py`, the exceptions in `errors.py`.

#![allow(clippy::needless_pass_by_value, reason = "pyo3 hands arguments over by value")]

mod answer;
mod candidate;
mod components;
mod convert;
mod door;
mod engine;
mod error;
mod events;
mod fork;
mod handle;
mod policies;
mod recipe;
mod verbs;

#[pyo3::pymodule]
mod _oo {
    #[pymodule_export]
    use super::engine::Engine;
    #[pymodule_export]
    use super::error::error_kinds;
    #[cfg(feature = "testing")]
    #[pymodule_export]
    use super::error::{fail, panic};
    #[pymodule_export]
    use super::events::EventStream;
    #[pymodule_export]
    use super::fork::{after_fork, before_fork};
    #[pymodule_export]
    use super::policies::{
        ActionCentredTS, Arms, Auto, BetaTS, DLinUCB, Decided, DecidedBatch, EpsilonGreedy, Greedy, Hierarchical,
        LinTS, LinUCB, Logistic, Mixture, Policy, RecoveringSoftmax, SlidingWindowLinUCB, Softmax, SquareCB, UCB1,
        Uniform,
    };
    #[pymodule_export]
    use super::verbs::restore;

    /// The version of oO.
    #[pymodule_export]
    const VERSION: &str = env!("CARGO_PKG_VERSION");
}
