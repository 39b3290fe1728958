//! `history`: a person's past tips.

use oo_core::Result;
use oo_core::id::ItemKey;
use oo_core::moment::rfc3339;
use oo_core::ports::{Query, Rows, TextField, TipRow};

use crate::engine::Engine;
use crate::outcome::PastTip;
use crate::tip::{TipId, TipText};
use crate::verbs::MOST_ROWS;

impl Engine {
    /// The last `limit` tips of `user`, newest first, [`MOST_ROWS`] at most. An unknown person has none.
    ///
    /// # Errors
    /// `invalid_input` for a malformed id; `storage`, `busy`.
    pub async fn history(&self, user: &str, limit: usize) -> Result<Vec<PastTip>> {
        let run = self.run();
        run.flush().await?;
        let Some(record) = run.known(user)? else { return Ok(Vec::new()) };
        let Rows::Tips(rows) =
            run.store.query(&Query::Tips { user: Some(record.user), limit: limit.min(MOST_ROWS) })?
        else {
            return Ok(Vec::new());
        };
        let items: Vec<_> = rows.iter().map(|row| (ItemKey(row.decision.0), TextField::Tip)).collect();
        let texts = run.store.texts(&record, &items)?;
        Ok(rows.iter().zip(texts).map(|(row, text)| past(row, text.as_deref())).collect())
    }
}

pub(super) fn past(row: &TipRow, text: Option<&str>) -> PastTip {
    let text: TipText = text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    PastTip {
        id: TipId(row.decision),
        content: text.content,
        kind: row.kind.to_owned(),
        state: row.state.to_owned(),
        reward: row.reward,
        decided_at: rfc3339(row.decided_ms),
        shown_at: row.shown_ms.map(rfc3339),
        policy: row.policy.to_string(),
        propensity: row.propensity,
        holdout: row.holdout,
    }
}
