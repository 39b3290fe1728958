//! `choice`: a named bandit's decision as it was logged.

use napi::Env;
use napi::bindgen_prelude::PromiseRaw;
use napi_derive::napi;
use oo::id::DecisionId;
use serde::Deserialize;

use crate::choice::Choice;
use crate::door;
use crate::engine::NativeEngine;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Of {
    decision: String,
}

#[napi]
impl NativeEngine {
    /// A decision with the reward it has now.
    #[napi]
    pub fn choice<'env>(&self, env: &'env Env, args: String) -> napi::Result<PromiseRaw<'env, Choice>> {
        door::run(env, self, async move |engine| {
            let of: Of = door::read(&args)?;
            let decision = DecisionId::parse(&of.decision).map_err(|error| error.with_field("decision"))?;
            engine.choice(decision).await.map(Choice::from)
        })
    }
}
