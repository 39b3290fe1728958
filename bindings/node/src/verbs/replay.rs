//! `replay`: the log alone must give the same state, byte for byte.

use napi_derive::napi;

use crate::door;
use crate::engine::NativeEngine;
use crate::outcome::Replayed;

#[napi]
impl NativeEngine {
    /// Replays the log and compares.
    #[napi]
    pub async fn replay(&self) -> napi::Result<Replayed> {
        door::run(async { self.engine.replay().await.map(Replayed::from) }).await
    }
}
