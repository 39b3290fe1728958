//! `ingest`: signals of a life.

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
    pub async fn ingest(&self, args: String) -> napi::Result<Ingested> {
        door::run(async {
            let args: Told = door::read(&args)?;
            let signals = args.signals.into_iter().map(oo::wire::signal_from_value).collect::<oo::Result<_>>()?;
            self.engine.ingest_all(&args.user, signals).await.map(Ingested::from)
        })
        .await
    }
}
