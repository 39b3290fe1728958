//! The one door between Node and the engine.
//!
//! [`run`] drives a verb on napi's tokio runtime, with a handle of its own, because Node frees an engine's object while
//! its calls are still on their way when a worker is terminated. [`now`] does a policy's arithmetic at once. Both contain
//! panics and turn an [`oo::Error`] into a reason, JSON that the TypeScript half makes a typed error of. [`read`] reads
//! arguments: an unknown name is an error, never silence.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};

use futures_util::FutureExt;
use napi::Env;
use napi::bindgen_prelude::{PromiseRaw, ToNapiValue};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::engine::NativeEngine;

/// Runs one verb of `engine`.
pub(crate) fn run<'env, T, F>(
    env: &'env Env,
    engine: &NativeEngine,
    verb: impl FnOnce(oo::Engine) -> F,
) -> napi::Result<PromiseRaw<'env, T>>
where
    T: ToNapiValue + Send + 'static,
    F: Future<Output = oo::Result<T>> + Send + 'static,
{
    let engine = engine.handle().map_err(|error| thrown(&error))?;
    env.spawn_future(contained(verb(engine)))
}

/// Runs what has no engine yet.
pub(crate) async fn contained<T>(work: impl Future<Output = oo::Result<T>>) -> napi::Result<T> {
    match AssertUnwindSafe(work).catch_unwind().await {
        Ok(answer) => answer.map_err(|error| thrown(&error)),
        Err(_) => Err(thrown(&panicked())),
    }
}

/// Does something that never waits.
pub(crate) fn now<T>(work: impl FnOnce() -> oo::Result<T>) -> napi::Result<T> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(answer) => answer.map_err(|error| thrown(&error)),
        Err(_) => Err(thrown(&panicked())),
    }
}

/// Reads the arguments of a call.
pub(crate) fn read<T: DeserializeOwned>(args: &str) -> oo::Result<T> {
    serde_json::from_str(args).map_err(|error| {
        let text = error.to_string();
        let said = text.rsplit_once(" at line ").map_or(text.as_str(), |(said, _)| said);
        oo::Error::invalid(named(said).unwrap_or("arguments"), format!("{said}; see the types in index.d.ts"))
    })
}

/// An answer whose form is of any kind, as JSON.
pub(crate) fn write(answer: &impl Serialize) -> oo::Result<String> {
    serde_json::to_string(answer).map_err(|error| oo::Error::internal(format!("an answer does not serialise: {error}")))
}

/// A count as JavaScript's number.
pub(crate) fn count(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// The field that a message of the JSON reader is about.
fn named(said: &str) -> Option<&str> {
    let about_a_field = said.starts_with("unknown field") || said.starts_with("missing field");
    said.split('`').nth(1).filter(|_| about_a_field)
}

fn panicked() -> oo::Error {
    oo::Error::internal("oO panicked and contained it; report this as a defect, with what was printed on stderr")
}

fn thrown(error: &oo::Error) -> napi::Error {
    napi::Error::from_reason(reason(error))
}

/// The reason of an error, as the TypeScript half reads it.
pub(crate) fn reason(error: &oo::Error) -> String {
    #[derive(Serialize)]
    struct Reason<'a> {
        kind: &'a str,
        message: &'a str,
        field: Option<&'a str>,
    }
    let said = Reason { kind: error.kind().as_str(), message: error.message(), field: error.field() };
    serde_json::to_string(&said).unwrap_or_default()
}
