//! `export`: everything that is held of a person, as JSON lines.

use napi_derive::napi;

use super::Person;
use crate::door;
use crate::engine::NativeEngine;

#[napi]
impl NativeEngine {
    /// Everything that is held of a person.
    #[napi]
    pub async fn export(&self, args: String) -> napi::Result<String> {
        door::run(async {
            let args: Person = door::read(&args)?;
            self.engine.export(&args.user).await
        })
        .await
    }
}
