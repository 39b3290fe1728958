//! Preferences: a person's zone, quiet hours, daily cap and language.

use napi_derive::napi;
use serde::Deserialize;

use super::Person;
use crate::door;
use crate::engine::NativeEngine;
use crate::outcome::Preferences;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    user: String,
    preferences: oo::Preferences,
}

#[napi]
impl NativeEngine {
    /// A person's preferences.
    #[napi]
    pub async fn preferences(&self, args: String) -> napi::Result<Preferences> {
        door::run(async {
            let args: Person = door::read(&args)?;
            self.engine.preferences(&args.user).await.map(Preferences::from)
        })
        .await
    }

    /// Replaces a person's preferences.
    #[napi]
    pub async fn set_preferences(&self, args: String) -> napi::Result<Preferences> {
        door::run(async {
            let args: Said = door::read(&args)?;
            self.engine.set_preferences(&args.user, args.preferences).await.map(Preferences::from)
        })
        .await
    }
}
