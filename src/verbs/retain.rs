//! `retain`: nothing is held for longer than the settings say.

use oo_core::Result;

use crate::engine::Engine;
use crate::outcome::Retained;

impl Engine {
    /// Erases what has been held for longer than the settings' `retain_…_days` say, of everybody: signals with their
    /// texts, and decisions with what came of them, whose lessons stay in their places. An engine that is open does this
    /// by itself, a minute after it was opened and then once an hour; a setting that is absent holds for ever. What such a
    /// run erased just before is not in the answer.
    ///
    /// A decision goes together with whatever answered it, and stays while its reward can still be revised.
    ///
    /// # Errors
    /// `storage`, `busy`.
    pub async fn retain(&self) -> Result<Retained> {
        let run = self.run().clone();
        run.catch_up().await?;
        tokio::task::spawn_blocking(move || run.retain())
            .await
            .map_err(|error| oo_core::Error::internal(format!("retention was interrupted: {error}")))?
    }
}
