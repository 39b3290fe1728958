//! `forget`: a person's right to be gone, from the rows, the texts and the model.

use std::collections::BTreeSet;

use oo_core::id::EventId;
use oo_core::ports::{Query, Rows};
use oo_core::{Error, Result};

use crate::engine::Engine;
use crate::outcome::Receipt;
use crate::run::{ForgetWork, Reply, Who, Work};
use crate::verbs::MOST_ROWS;

impl Engine {
    /// Forgets `user`: their events, texts, key and mapping are erased, their lessons are subtracted from every policy,
    /// and a new epoch starts, in one transaction. Forgetting an unknown person succeeds and says `nothing_held`, and so does
    /// forgetting somebody twice: the store does not know any more whom it forgot. The receipt of the first time is in
    /// [`Engine::receipts`].
    ///
    /// # Errors
    /// `invalid_input` for a malformed id; `storage`, `busy`.
    pub async fn forget(&self, user: &str) -> Result<Receipt> {
        oo_core::signal::checked_id("user", user)?;
        self.run().catch_up().await?;
        let now_ms = self.run().clock.now_ms();
        match self.run().submit(Work::Forget(ForgetWork { who: Who::Caller(user.to_owned()), now_ms })).await? {
            Reply::Forgotten(receipt) => Ok(receipt),
            _ => Err(Error::internal("the writer answered another question; report this as a defect")),
        }
    }

    /// The receipt `id`, with the stage it has reached and the policies that are still rebuilt.
    ///
    /// # Errors
    /// `invalid_input` for a malformed id; `not_found` for an unknown one.
    pub async fn receipt(&self, id: &str) -> Result<Receipt> {
        let id = EventId::parse(id).map_err(|error| error.with_field("receipt"))?;
        match self.run().store.query(&Query::Receipt { id })? {
            Rows::Receipt(Some(json)) => self.as_of_now(&json),
            _ => Err(Error::not_found(
                "there is no such receipt; pass the id that `forget` returned, or look for it in `receipts`",
            )),
        }
    }

    /// The last `limit` receipts that the store keeps, newest first, [`MOST_ROWS`] at most, each as [`Engine::receipt`] gives
    /// it: where the answer to a forgetting was lost, its receipt is among them. They name nobody: whom one is about cannot
    /// be known any more.
    ///
    /// # Errors
    /// `storage`, `busy`.
    pub async fn receipts(&self, limit: usize) -> Result<Vec<Receipt>> {
        match self.run().store.query(&Query::Receipts { limit: limit.min(MOST_ROWS) })? {
            Rows::Receipts(all) => all.iter().map(|json| self.as_of_now(json)).collect(),
            _ => Ok(Vec::new()),
        }
    }

    fn as_of_now(&self, json: &str) -> Result<Receipt> {
        let mut receipt = read(json)?;
        let mind = self.run().mind();
        let waiting: BTreeSet<_> = mind.registry.withdrawn().map(|entry| entry.policy_ref.to_string()).collect();
        receipt.rebuilding.retain(|policy| waiting.contains(policy));
        Ok(receipt)
    }
}

/// A receipt as the store keeps it.
pub(super) fn read(json: &str) -> Result<Receipt> {
    serde_json::from_str(json).map_err(|error| Error::storage(format!("the receipt cannot be read: {error}")))
}
