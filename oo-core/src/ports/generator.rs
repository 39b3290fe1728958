//! The ports to language models: they propose, the bandit picks.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use crate::candidate::TipCandidate;
use crate::error::Result;
use crate::prompt::PromptView;

/// A future a port returns.
type Later<T> = Pin<Box<dyn Future<Output = Result<T>> + Send>>;

/// What a generator is asked.
#[derive(Clone, Debug)]
pub struct GenerateRequest {
    /// The structured view of the moment, from the same assembly as the features.
    pub prompt: PromptView,
    /// At most that many candidates.
    pub limit: usize,
}

/// What a generator made.
#[derive(Clone, Debug, Default)]
pub struct Generated {
    /// The candidates, each with its provenance.
    pub candidates: Vec<TipCandidate>,
}

/// Writes candidates.
pub trait Generator: Send + Sync + fmt::Debug {
    /// Writes at most `request.limit` candidates.
    fn generate(&self, request: GenerateRequest) -> Later<Generated>;
}

/// Turns texts into vectors.
pub trait Embedder: Send + Sync + fmt::Debug {
    /// One vector a text, all of one length.
    fn embed(&self, texts: Vec<String>) -> Later<Vec<Vec<f64>>>;
}

/// A judgement of one candidate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Judgement {
    /// The probability in [0, 1] that the tip would be done.
    pub done: f64,
}

/// Judges candidates, for offline simulation only.
pub trait Judge: Send + Sync + fmt::Debug {
    /// One judgement a candidate.
    fn judge(&self, prompt: PromptView, candidates: Vec<TipCandidate>) -> Later<Vec<Judgement>>;
}
