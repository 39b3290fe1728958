//! `reward`: what came of a named bandit's decision.

use napi::Env;
use napi::bindgen_prelude::PromiseRaw;
use napi_derive::napi;
use oo::id::DecisionId;
use serde::Deserialize;

use crate::choice::Rewarded;
use crate::door;
use crate::engine::NativeEngine;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    decision: String,
    reward: f64,
}

#[napi]
impl NativeEngine {
    /// Records a reward.
    #[napi]
    pub fn reward<'env>(&self, env: &'env Env, args: String) -> napi::Result<PromiseRaw<'env, Rewarded>> {
        door::run(env, self, async move |engine| {
            let said: Said = door::read(&args)?;
            let decision = DecisionId::parse(&said.decision).map_err(|error| error.with_field("decision"))?;
            engine.reward(decision, said.reward).await.map(Rewarded::from)
        })
    }
}
