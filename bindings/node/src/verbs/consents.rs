//! Consents: which kinds of signal a person agrees to.

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
    pub async fn consents(&self, args: String) -> napi::Result<Consents> {
        door::run(async {
            let args: Person = door::read(&args)?;
            self.engine.consents(&args.user).await.map(Consents::from)
        })
        .await
    }

    /// Records what a person agrees to.
    #[napi]
    pub async fn set_consents(&self, args: String) -> napi::Result<Consents> {
        door::run(async {
            let args: Said = door::read(&args)?;
            self.engine.set_consents(&args.user, args.consents).await.map(Consents::from)
        })
        .await
    }
}
