//! `replay`: the log alone must give the same state, byte for byte.

use napi::Env;
use napi::bindgen_prelude::PromiseRaw;
use napi_derive::napi;

use crate::door;
use crate::engine::NativeEngine;
use crate::outcome::Replayed;

#[napi]
impl NativeEngine {
    /// Replays the log and compares.
    #[napi]
    pub fn replay<'env>(&self, env: &'env Env) -> napi::Result<PromiseRaw<'env, Replayed>> {
        door::run(env, self, async move |engine| engine.replay().await.map(Replayed::from))
    }
}
