//! `decisions`: the last decisions over all people, without texts.

use napi_derive::napi;
use serde::Deserialize;

use crate::door;
use crate::engine::NativeEngine;
use crate::outcome::PastTip;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Last {
    limit: Option<usize>,
}

#[napi]
impl NativeEngine {
    /// The last decisions over all people.
    #[napi]
    pub async fn decisions(&self, args: String) -> napi::Result<Vec<PastTip>> {
        door::run(async {
            let args: Last = door::read(&args)?;
            let rows = self.engine.decisions(args.limit.unwrap_or(50)).await?;
            Ok(rows.into_iter().map(PastTip::from).collect())
        })
        .await
    }
}
