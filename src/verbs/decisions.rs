//! `decisions`: the last decisions over all people, without texts, for whoever runs the engine.

use oo_core::Result;
use oo_core::ports::{Query, Rows};

use crate::engine::Engine;
use crate::outcome::PastTip;
use crate::verbs::MOST_ROWS;

impl Engine {
    /// The last `limit` decisions over all people, newest first, [`MOST_ROWS`] at most. Their texts stay sealed:
    /// `content` is empty.
    ///
    /// # Errors
    /// `storage`, `busy`.
    pub async fn decisions(&self, limit: usize) -> Result<Vec<PastTip>> {
        let run = self.run();
        run.flush().await?;
        match run.store.query(&Query::Tips { user: None, limit: limit.min(MOST_ROWS) })? {
            Rows::Tips(rows) => Ok(rows.iter().map(|row| super::history::past(row, None)).collect()),
            _ => Ok(Vec::new()),
        }
    }
}
