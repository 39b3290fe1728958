//! The port of featurisers: features of candidates that the embedder computes.
//!
//! A featuriser declares its features; the engine appends them to its schema, and one more, `NAME_missing`. Values are
//! held to the declared ranges and counted, rounded to the grid and logged in the decision as all features are, so
//! that nothing that reads the log ever asks the featuriser again.

use std::fmt;

use crate::candidate::TipCandidate;
use crate::error::Result;
use crate::id::DecisionId;
use crate::moment::Moment;
use crate::schema::FeatureSpec;

/// What a featuriser is asked about.
#[derive(Clone)]
pub struct FeaturiserQuery {
    /// The caller's id of the person.
    pub user: String,
    /// Now, where they are.
    pub now: Moment,
    /// The language of tips, an ISO 639-1 code.
    pub language: String,
    /// The decision's id; it seeds whatever is drawn.
    pub decision: DecisionId,
}
crate::debug_without_texts!(FeaturiserQuery { now, language, decision });

/// Computes features of candidates.
pub trait Featuriser: Send + Sync + fmt::Debug {
    /// The stable name; `NAME_missing` is 1 where the values failed or came late, and they are 0 then.
    fn name(&self) -> &str;

    /// The features, in order; appended to the engine's schema.
    fn features(&self) -> Vec<FeatureSpec>;

    /// Fills `out`, `candidates.len()` rows of one value a feature, all 0 before. Under the time budget of candidate
    /// sources; do not call the engine from inside. A candidate whose text is sealed has no `content` here.
    ///
    /// # Errors
    /// Whatever is wrong; the features are missing then, and it is counted.
    fn values(&self, query: &FeaturiserQuery, candidates: &[TipCandidate], out: &mut [f64]) -> Result<()>;
}
