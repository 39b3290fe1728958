//! Candidate sources that are Python objects, asked under the engine's deadline.

use std::fmt;
use std::sync::Arc;
use std::thread;

use oo::{CandidateSource, Error, Gathered, Result, SourceQuery, TipCandidate};
use pyo3::prelude::*;
use tokio::sync::oneshot;

use super::{asked, attached, context, name_of};
use crate::candidate::candidates;

/// A source in Python.
pub(crate) struct PySource {
    name: String,
    object: Arc<Py<PyAny>>,
}

impl PySource {
    /// The source `object`: it has a method `candidates`, or is a function.
    pub(crate) fn new(object: &Bound<'_, PyAny>) -> PyResult<Self> {
        let py = object.py();
        if !object.is_callable() && !object.getattr_opt("candidates")?.is_some_and(|method| method.is_callable()) {
            let message = "a source is a function of the context, or has a method `candidates`";
            return Err(crate::error::invalid(py, "sources", message));
        }
        Ok(PySource { name: name_of("sources", object)?, object: Arc::new(object.clone().unbind()) })
    }
}

impl fmt::Debug for PySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PySource").field(&self.name).finish()
    }
}

impl CandidateSource for PySource {
    fn name(&self) -> &str {
        &self.name
    }

    fn gather(&self, query: &SourceQuery<'_>) -> Result<Gathered> {
        let wire = context(query.user, query.now, query.language, query.decision.to_string(), Some(query.limit));
        let object = self.object.clone();
        let (sender, receiver) = oneshot::channel();
        let ask = move || {
            // Nobody listens any more when the engine is closed.
            let _ = sender.send(ask(&object, &wire));
        };
        let started = thread::Builder::new().name("oo-source".to_owned()).spawn(ask);
        started.map_err(|error| Error::busy(format!("no thread for the source: {error}")))?;
        let gone = |_| Error::internal("the source ended without an answer");
        Ok(Gathered::Later(Box::pin(async move { receiver.await.map_err(gone)? })))
    }
}

fn ask(object: &Py<PyAny>, wire: &str) -> Result<Vec<TipCandidate>> {
    attached("source", |py| {
        let wire = wire.into_pyobject(py)?.into_any();
        let answer = asked(py, "_candidates", object, vec![wire])?;
        candidates(Some(&answer))
    })
}
