//! `explain`: everything about one decision.

use napi::Env;
use napi::bindgen_prelude::PromiseRaw;
use napi_derive::napi;
use serde::Deserialize;

use crate::door;
use crate::engine::NativeEngine;
use crate::outcome::Explained;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct About {
    tip: String,
}

#[napi]
impl NativeEngine {
    /// Everything about one decision.
    #[napi]
    pub fn explain<'env>(&self, env: &'env Env, args: String) -> napi::Result<PromiseRaw<'env, Explained>> {
        door::run(env, self, async move |engine| {
            let args: About = door::read(&args)?;
            engine.explain(args.tip.parse::<oo::TipId>()?).await.map(Explained::from)
        })
    }
}
