//! `recommend`: one tip.

use napi::Env;
use napi::bindgen_prelude::PromiseRaw;
use napi_derive::napi;
use serde::Deserialize;

use crate::candidate::{Candidate, candidates};
use crate::door;
use crate::engine::NativeEngine;
use crate::tip::Recommendation;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Asked {
    user: String,
    request_id: Option<String>,
    #[serde(default)]
    shown: oo::ShownMode,
    #[serde(default)]
    candidates: Vec<Candidate>,
}

#[napi]
impl NativeEngine {
    /// One tip, or why there is none.
    #[napi]
    pub fn recommend<'env>(&self, env: &'env Env, args: String) -> napi::Result<PromiseRaw<'env, Recommendation>> {
        door::run(env, self, async move |engine| {
            let asked: Asked = door::read(&args)?;
            let request = oo::RecommendRequest {
                request_id: asked.request_id,
                shown: asked.shown,
                candidates: candidates(asked.candidates)?,
                ..oo::RecommendRequest::new(asked.user)
            };
            engine.recommend_with(request).await.map(Recommendation::from)
        })
    }
}
