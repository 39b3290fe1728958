//! `ingest`: signals of a life.

use napi::Env;
use napi::bindgen_prelude::PromiseRaw;
use napi_derive::napi;
use serde::Deserialize;
use serde_json::Value;

use crate::door;
use crate::engine::NativeEngine;
use crate::outcome::Ingested;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Told {
    user: String,
    signals: Vec<Value>,
}

#[napi]
impl NativeEngine {
    /// Stores signals in one transaction.
    #[napi]
    pub fn ingest<'env>(&self, env: &'env Env, args: String) -> napi::Result<PromiseRaw<'env, Ingested>> {
        door::run(env, self, async move |engine| {
            let args: Told = door::read(&args)?;
            let signals = args.signals.into_iter().map(oo::wire::signal_from_value).collect::<oo::Result<_>>()?;
            engine.ingest_all(&args.user, signals).await.map(Ingested::from)
        })
    }
}
