//! `history`: a person's past tips.

use napi_derive::napi;
use serde::Deserialize;

use crate::door;
use crate::engine::NativeEngine;
use crate::outcome::PastTip;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Last {
    user: String,
    limit: Option<usize>,
}

#[napi]
impl NativeEngine {
    /// A person's past tips.
    #[napi]
    pub async fn history(&self, args: String) -> napi::Result<Vec<PastTip>> {
        door::run(async {
            let args: Last = door::read(&args)?;
            let rows = self.engine.history(&args.user, args.limit.unwrap_or(20)).await?;
            Ok(rows.into_iter().map(PastTip::from).collect())
        })
        .await
    }
}
