//! `bandits`: the named bandits.

use napi::Env;
use napi::bindgen_prelude::PromiseRaw;
use napi_derive::napi;

use crate::door;
use crate::engine::NativeEngine;

#[napi]
impl NativeEngine {
    /// The named bandits, by name; as JSON, because settings are of any kind.
    #[napi]
    pub fn bandits<'env>(&self, env: &'env Env) -> napi::Result<PromiseRaw<'env, String>> {
        door::run(env, self, async move |engine| door::write(&engine.bandits().await?))
    }
}
