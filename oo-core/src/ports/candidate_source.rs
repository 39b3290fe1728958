//! The port of candidate sources: where tips come from.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use crate::candidate::TipCandidate;
use crate::error::Result;
use crate::id::DecisionId;
use crate::moment::Moment;
use crate::user::UserState;

/// What a source is asked.
#[derive(Clone, Copy)]
pub struct SourceQuery<'a> {
    /// The caller's id of the person.
    pub user: &'a str,
    /// What is known of them.
    pub state: &'a UserState,
    /// Now, where they are.
    pub now: &'a Moment,
    /// The language of tips, an ISO 639-1 code.
    pub language: &'a str,
    /// The decision's id; it seeds whatever a source rotates.
    pub decision: DecisionId,
    /// At most that many candidates.
    pub limit: usize,
}
crate::debug_without_texts!(SourceQuery<'a> { now, language, decision, limit });

/// A source's answer: at once, or later under the decision's deadline.
pub enum Gathered {
    /// The candidates.
    Ready(Vec<TipCandidate>),
    /// A future of them; what comes after the deadline joins the pool for next time.
    Later(Pin<Box<dyn Future<Output = Result<Vec<TipCandidate>>> + Send>>),
}

impl fmt::Debug for Gathered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Gathered::Ready(candidates) => f.debug_tuple("Ready").field(&candidates.len()).finish(),
            Gathered::Later(_) => f.write_str("Later(..)"),
        }
    }
}

/// A source of candidates.
pub trait CandidateSource: Send + Sync + fmt::Debug {
    /// The source's stable name; it is logged and is part of a candidate's identity.
    fn name(&self) -> &str;

    /// Candidates for one decision. Called while the person's state is held: answer at once from memory, or give a
    /// future that answers later, and do not call the engine from inside.
    ///
    /// # Errors
    /// Whatever the source says; the decision goes on without it and counts the failure.
    fn gather(&self, query: &SourceQuery<'_>) -> Result<Gathered>;
}
