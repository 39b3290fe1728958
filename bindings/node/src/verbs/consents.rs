//! Consents: which kinds of signal a person agrees to.

use napi::Env;
use napi::bindgen_prelude::PromiseRaw;
use napi_derive::napi;
use serde::Deserialize;

use super::Person;
use crate::door;
use crate::engine::NativeEngine;
use crate::outcome::Consents;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    user: String,
    consents: oo::Consents,
}

#[napi]
impl NativeEngine {
    /// Which kinds of signal a person agrees to.
    #[napi]
    pub fn consents<'env>(&self, env: &'env Env, args: String) -> napi::Result<PromiseRaw<'env, Consents>> {
        door::run(env, self, async move |engine| {
            let args: Person = door::read(&args)?;
            engine.consents(&args.user).await.map(Consents::from)
        })
    }

    /// Records what a person agrees to.
    #[napi]
    pub fn set_consents<'env>(&self, env: &'env Env, args: String) -> napi::Result<PromiseRaw<'env, Consents>> {
        door::run(env, self, async move |engine| {
            let args: Said = door::read(&args)?;
            engine.set_consents(&args.user, args.consents).await.map(Consents::from)
        })
    }
}
