//! `export`: everything that is held of a person, as JSON lines.

use std::path::PathBuf;

use napi::Env;
use napi::bindgen_prelude::PromiseRaw;
use napi_derive::napi;
use serde::Deserialize;

use super::Person;
use crate::door;
use crate::engine::NativeEngine;
use crate::outcome::{Exported, Imported};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ToFile {
    user: String,
    path: PathBuf,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FromExport {
    user: String,
    export: String,
}

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

    /// Writes the export of a person to a new file.
    #[napi]
    pub fn export_to<'env>(&self, env: &'env Env, args: String) -> napi::Result<PromiseRaw<'env, Exported>> {
        door::run(env, self, async move |engine| {
            let args: ToFile = door::read(&args)?;
            engine.export_to(&args.user, args.path).await.map(Exported::from)
        })
    }

    /// Takes over what an export of a person holds.
    #[napi]
    pub fn import_export<'env>(&self, env: &'env Env, args: String) -> napi::Result<PromiseRaw<'env, Imported>> {
        door::run(env, self, async move |engine| {
            let args: FromExport = door::read(&args)?;
            engine.import_export(&args.user, &args.export).await.map(Imported::from)
        })
    }
}
