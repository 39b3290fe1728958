//! `explain`: everything about one decision.

use napi_derive::napi;
use serde::Deserialize;

use crate::door;
use crate::engine::NativeEngine;
use crate::outcome::Explained;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct About {
    tip: String,
}

#[napi]
impl NativeEngine {
    /// Everything about one decision.
    #[napi]
    pub async fn explain(&self, args: String) -> napi::Result<Explained> {
        door::run(async {
            let args: About = door::read(&args)?;
            self.engine.explain(args.tip.parse::<oo::TipId>()?).await.map(Explained::from)
        })
        .await
    }
}
