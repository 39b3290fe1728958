//! `react`: what a person did with a tip.

use napi::Env;
use napi::bindgen_prelude::PromiseRaw;
use napi_derive::napi;
use serde::Deserialize;

use crate::door;
use crate::engine::NativeEngine;
use crate::outcome::Reacted;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    tip: String,
    reaction: String,
    until: Option<String>,
    reason: Option<String>,
    id: Option<String>,
    at: Option<String>,
}

impl TryFrom<Said> for oo::ReactRequest {
    type Error = oo::Error;

    fn try_from(said: Said) -> oo::Result<Self> {
        let instant = |field, text: Option<&str>| text.map(|at| oo::moment::parse_rfc3339(field, at)).transpose();
        let until_ms = instant("until", said.until.as_deref())?;
        let reaction = oo::Reaction::from_parts(&said.reaction, until_ms, said.reason.as_deref())?;
        let at_ms = instant("at", said.at.as_deref())?;
        Ok(oo::ReactRequest { tip: said.tip.parse()?, reaction, id: said.id, at_ms })
    }
}

#[napi]
impl NativeEngine {
    /// Records what a person did with a tip.
    #[napi]
    pub fn react<'env>(&self, env: &'env Env, args: String) -> napi::Result<PromiseRaw<'env, Reacted>> {
        door::run(env, self, async move |engine| {
            let request = door::read::<Said>(&args)?.try_into()?;
            engine.react_with(request).await.map(Reacted::from)
        })
    }
}
