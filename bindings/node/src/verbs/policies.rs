//! `policies`: the registry of the tips' policies.

use napi::Env;
use napi::bindgen_prelude::PromiseRaw;
use napi_derive::napi;

use crate::door;
use crate::engine::NativeEngine;

#[napi]
impl NativeEngine {
    /// Every policy, oldest first; as JSON, because settings are of any kind.
    #[napi]
    pub fn policies<'env>(&self, env: &'env Env) -> napi::Result<PromiseRaw<'env, String>> {
        door::run(env, self, async move |engine| door::write(&engine.policies().await?))
    }
}
