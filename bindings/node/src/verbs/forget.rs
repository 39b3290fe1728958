//! `forget`: a person's right to be gone, and the receipt of it.

use napi::Env;
use napi::bindgen_prelude::PromiseRaw;
use napi_derive::napi;
use serde::Deserialize;

use super::Person;
use super::decisions::Last;
use crate::door;
use crate::engine::NativeEngine;
use crate::outcome::{Receipt, Retained, VerifiedReceipt};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ById {
    id: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    receipt: oo::Receipt,
}

#[napi]
impl NativeEngine {
    /// Forgets a person.
    #[napi]
    pub fn forget<'env>(&self, env: &'env Env, args: String) -> napi::Result<PromiseRaw<'env, Receipt>> {
        door::run(env, self, async move |engine| {
            let args: Person = door::read(&args)?;
            engine.forget(&args.user).await.map(Receipt::from)
        })
    }

    /// A receipt by its id.
    #[napi]
    pub fn receipt<'env>(&self, env: &'env Env, args: String) -> napi::Result<PromiseRaw<'env, Receipt>> {
        door::run(env, self, async move |engine| {
            let args: ById = door::read(&args)?;
            engine.receipt(&args.id).await.map(Receipt::from)
        })
    }

    /// The last receipts.
    #[napi]
    pub fn receipts<'env>(&self, env: &'env Env, args: String) -> napi::Result<PromiseRaw<'env, Vec<Receipt>>> {
        door::run(env, self, async move |engine| {
            let args: Last = door::read(&args)?;
            let receipts = engine.receipts(args.limit.unwrap_or(50)).await?;
            Ok(receipts.into_iter().map(Receipt::from).collect())
        })
    }

    /// Checks a receipt against the log.
    #[napi]
    pub fn verify_receipt<'env>(
        &self,
        env: &'env Env,
        args: String,
    ) -> napi::Result<PromiseRaw<'env, VerifiedReceipt>> {
        door::run(env, self, async move |engine| {
            let args: Given = door::read(&args)?;
            engine.verify_receipt(&args.receipt).await.map(VerifiedReceipt::from)
        })
    }

    /// Erases what has been held for longer than the settings say.
    #[napi]
    pub fn retain<'env>(&self, env: &'env Env) -> napi::Result<PromiseRaw<'env, Retained>> {
        door::run(env, self, async move |engine| engine.retain().await.map(Retained::from))
    }
}
