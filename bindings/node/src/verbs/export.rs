//! `export`: everything that is held of a person, as JSON lines.

use napi::Env;
use napi::bindgen_prelude::PromiseRaw;
use napi_derive::napi;

use super::Person;
use crate::door;
use crate::engine::NativeEngine;

#[napi]
impl NativeEngine {
    /// Everything that is held of a person.
    #[napi]
    pub fn export<'env>(&self, env: &'env Env, args: String) -> napi::Result<PromiseRaw<'env, String>> {
        door::run(env, self, async move |engine| {
            let args: Person = door::read(&args)?;
            engine.export(&args.user).await
        })
    }
}
