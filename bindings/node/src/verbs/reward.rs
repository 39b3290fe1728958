//! `reward` and `rewardAll`: what came of named bandits' decisions.

use napi::Env;
use napi::bindgen_prelude::PromiseRaw;
use napi_derive::napi;
use oo::id::DecisionId;
use serde::Deserialize;

use crate::choice::{OneRewarded, Rewarded};
use crate::door;
use crate::engine::NativeEngine;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    decision: String,
    reward: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AllSaid {
    rewards: Vec<Said>,
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

    /// Records rewards, each of which stands for itself.
    #[napi]
    pub fn reward_all<'env>(&self, env: &'env Env, args: String) -> napi::Result<PromiseRaw<'env, Vec<OneRewarded>>> {
        door::run(env, self, async move |engine| {
            let AllSaid { rewards } = door::read(&args)?;
            let each = rewards.into_iter().enumerate().map(|(index, said)| {
                let field = |error: oo::Error| error.with_field(format!("rewards[{index}].decision"));
                Ok((DecisionId::parse(&said.decision).map_err(field)?, said.reward))
            });
            let each = each.collect::<oo::Result<Vec<_>>>()?;
            Ok(engine.reward_all(each).await?.into_iter().map(OneRewarded::from).collect())
        })
    }
}
