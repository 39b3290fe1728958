//! Context assembly: from what is known of a person to the numbers a policy sees and the words a model may read.
//!
//! In the order data meets it: [`freshness`] says per signal kind whether it may be used, [`facts`] distils the person's
//! state once a decision, [`catalogue`] names every feature with its range and prior weight, the [`assembler`] fills one
//! grid row a candidate, and the [`prompt_view`](mod@prompt_view) says the same in words. What is stale, denied or absent is masked to 0
//! *and* flagged by a `…_missing` feature, because missing is not zero.

pub mod assembler;
pub mod catalogue;
pub mod facts;
pub mod freshness;
pub mod prompt_view;
pub mod translation;
mod values;
pub mod words;

pub use assembler::{Assembled, FeatureAssembler};
pub use catalogue::{CATALOGUE, CONTEXT_NAMES, Feature, default_schema};
pub use facts::Facts;
pub use freshness::{ConsentPolicy, Freshness, FreshnessLimits, SignalFreshness};
pub use prompt_view::prompt_view;
pub use translation::Translation;
