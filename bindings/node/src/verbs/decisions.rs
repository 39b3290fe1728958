//! `decisions`: the last decisions over all people, without texts.

use napi::Env;
use napi::bindgen_prelude::PromiseRaw;
use napi_derive::napi;
use serde::Deserialize;

use crate::door;
use crate::engine::NativeEngine;
use crate::outcome::PastTip;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Last {
    pub(super) limit: Option<usize>,
}

#[napi]
impl NativeEngine {
    /// The last decisions over all people.
    #[napi]
    pub fn decisions<'env>(&self, env: &'env Env, args: String) -> napi::Result<PromiseRaw<'env, Vec<PastTip>>> {
        door::run(env, self, async move |engine| {
            let args: Last = door::read(&args)?;
            let rows = engine.decisions(args.limit.unwrap_or(50)).await?;
            Ok(rows.into_iter().map(PastTip::from).collect())
        })
    }
}
