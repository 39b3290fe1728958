//! `forget`: a person's right to be gone, and the receipt of it.

use napi_derive::napi;
use serde::Deserialize;

use super::Person;
use crate::door;
use crate::engine::NativeEngine;
use crate::outcome::Receipt;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ById {
    id: String,
}

#[napi]
impl NativeEngine {
    /// Forgets a person.
    #[napi]
    pub async fn forget(&self, args: String) -> napi::Result<Receipt> {
        door::run(async {
            let args: Person = door::read(&args)?;
            self.engine.forget(&args.user).await.map(Receipt::from)
        })
        .await
    }

    /// A receipt by its id.
    #[napi]
    pub async fn receipt(&self, args: String) -> napi::Result<Receipt> {
        door::run(async {
            let args: ById = door::read(&args)?;
            self.engine.receipt(&args.id).await.map(Receipt::from)
        })
        .await
    }
}
