//! Preferences: a person's zone, quiet hours, daily cap and language.

use napi::Env;
use napi::bindgen_prelude::PromiseRaw;
use napi_derive::napi;
use serde::Deserialize;

use super::Person;
use crate::door;
use crate::engine::NativeEngine;
use crate::outcome::Preferences;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    user: String,
    preferences: oo::Preferences,
}

#[napi]
impl NativeEngine {
    /// A person's preferences.
    #[napi]
    pub fn preferences<'env>(&self, env: &'env Env, args: String) -> napi::Result<PromiseRaw<'env, Preferences>> {
        door::run(env, self, async move |engine| {
            let args: Person = door::read(&args)?;
            engine.preferences(&args.user).await.map(Preferences::from)
        })
    }

    /// Replaces a person's preferences.
    #[napi]
    pub fn set_preferences<'env>(&self, env: &'env Env, args: String) -> napi::Result<PromiseRaw<'env, Preferences>> {
        door::run(env, self, async move |engine| {
            let args: Said = door::read(&args)?;
            engine.set_preferences(&args.user, args.preferences).await.map(Preferences::from)
        })
    }
}
