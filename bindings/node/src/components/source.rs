//! Candidate sources that are JavaScript functions, asked under the engine's deadline.
//!
//! A source that throws, answers nonsense or is late is left out of the decision and counted; the event loop runs it
//! while the decision waits on another thread, and an open engine does not keep the process alive for it.

use std::fmt;
use std::sync::Arc;

use napi::Status;
use napi::bindgen_prelude::Promise;
use napi::threadsafe_function::ThreadsafeFunction;
use oo::{CandidateSource, Gathered, SourceQuery, TipCandidate};
use serde::Deserialize;
use serde_json::json;

use super::context;
use crate::candidate::{Candidate, candidates};
use crate::door;

/// Takes the query as JSON, promises an [`Answer`] as JSON; the TypeScript half sees to it that it never throws.
pub(crate) type JsFunction = ThreadsafeFunction<String, Promise<String>, String, Status, false, true>;

/// A source in JavaScript.
pub(crate) struct JsSource {
    name: String,
    function: Arc<JsFunction>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Answer {
    Candidates(Vec<Candidate>),
    Failed(String),
}

impl JsSource {
    pub(crate) fn new(name: String, function: JsFunction) -> Self {
        JsSource { name, function: Arc::new(function) }
    }
}

impl fmt::Debug for JsSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("JsSource").field(&self.name).finish()
    }
}

impl CandidateSource for JsSource {
    fn name(&self) -> &str {
        &self.name
    }

    fn gather(&self, query: &SourceQuery<'_>) -> oo::Result<Gathered> {
        let mut context = context(query.user, query.now, query.language, &query.decision.to_string());
        context["limit"] = json!(query.limit);
        Ok(Gathered::Later(Box::pin(ask(self.function.clone(), context.to_string()))))
    }
}

async fn ask(function: Arc<JsFunction>, context: String) -> oo::Result<Vec<TipCandidate>> {
    let gone = |error: napi::Error| oo::Error::internal(format!("the source cannot be called: {}", error.reason));
    let answer = function.call_async(context).await.map_err(gone)?.await.map_err(gone)?;
    match door::read(&answer)? {
        Answer::Candidates(wire) => candidates(wire),
        Answer::Failed(said) => Err(oo::Error::internal(said)),
    }
}
