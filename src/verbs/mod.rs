//! The verbs of [`Engine`](crate::Engine), one file a noun.

mod consents;
mod decide;
mod decisions;
mod events;
mod explain;
mod export;
mod forget;
mod health;
mod history;
mod import;
mod ingest;
mod policies;
mod preferences;
mod react;
mod recommend;
mod replay;
mod retain;
mod reward;
mod secrets;
mod upkeep;
mod verify_receipt;

pub use decide::{DEFAULT_BANDIT, DecideRequest};
pub use health::Metrics;
pub use import::check_export;
pub use react::ReactRequest;
pub use secrets::Secrets;

use std::sync::Arc;

use oo_core::event::EventBody;
use oo_core::id::{DecisionId, ItemKey, Position, Pseudonym, UserKey};
use oo_core::ports::{NewUser, Query, Rows, UserRecord};
use oo_core::{Error, Result};

use crate::run::{Reply, Run, Work};

/// The most rows that one call lists.
pub const MOST_ROWS: usize = 10_000;

impl Run {
    /// The person the caller knows as `caller_id`, made when unknown: by the writer, because that waits for the disk.
    pub(crate) async fn person(&self, caller_id: &str) -> Result<Arc<UserRecord>> {
        if let Some(record) = self.known(caller_id)? {
            return Ok(record);
        }
        match self.submit(Work::Person(caller_id.to_owned())).await? {
            Reply::Person(record) => Ok(self.people.remember(caller_id, record)),
            _ => Err(Error::internal("the writer answered another question; report this as a defect")),
        }
    }

    /// Makes the person the caller knows as `caller_id`, or finds who was made meanwhile.
    pub(crate) fn make_person(&self, caller_id: &str) -> Result<UserRecord> {
        let mut pseudonym = [0_u8; 16];
        pseudonym.copy_from_slice(&self.entropy.bytes("pseudonym")?[..16]);
        let new = NewUser { user: Pseudonym(pseudonym), key: UserKey::new(self.entropy.bytes("key")?) };
        self.store
            .user(caller_id, Some(new))?
            .ok_or_else(|| Error::internal("the store made no person; report this as a defect"))
    }

    /// The person the caller knows as `caller_id`, where there is one.
    pub(crate) fn known(&self, caller_id: &str) -> Result<Option<Arc<UserRecord>>> {
        if let Some(record) = self.people.record(caller_id) {
            return Ok(Some(record));
        }
        oo_core::signal::checked_id("user", caller_id)?;
        Ok(self.store.user(caller_id, None)?.map(|record| self.people.remember(caller_id, record)))
    }

    /// The person behind `user`.
    pub(crate) fn record_of(&self, user: Pseudonym) -> Result<Option<UserRecord>> {
        match self.store.query(&Query::Person { user })? {
            Rows::Person(record) => Ok(record),
            _ => Ok(None),
        }
    }

    /// The decision that the request `asked` of `user` made, as the store has it.
    pub(crate) fn made_by(&self, user: Pseudonym, asked: Option<ItemKey>) -> Result<Option<DecisionId>> {
        let Some(request) = asked else { return Ok(None) };
        let Rows::Request(Some(position)) = self.store.query(&Query::Request { user, request })? else {
            return Ok(None);
        };
        let stored = self.log.read(Position(position.0 - 1), 1)?.into_iter().find(|stored| stored.position == position);
        Ok(stored.and_then(|stored| match stored.event.body {
            EventBody::Decision(decision) => Some(decision.id),
            _ => None,
        }))
    }
}
