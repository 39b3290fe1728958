//! `history`: a person's past tips.

use napi::Env;
use napi::bindgen_prelude::PromiseRaw;
use napi_derive::napi;
use serde::Deserialize;

use crate::door;
use crate::engine::NativeEngine;
use crate::outcome::PastTip;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Last {
    user: String,
    limit: Option<usize>,
}

#[napi]
impl NativeEngine {
    /// A person's past tips.
    #[napi]
    pub fn history<'env>(&self, env: &'env Env, args: String) -> napi::Result<PromiseRaw<'env, Vec<PastTip>>> {
        door::run(env, self, async move |engine| {
            let args: Last = door::read(&args)?;
            let rows = engine.history(&args.user, args.limit.unwrap_or(20)).await?;
            Ok(rows.into_iter().map(PastTip::from).collect())
        })
    }
}
