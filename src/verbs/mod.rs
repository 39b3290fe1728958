//! The verbs of [`Engine`](crate::Engine), one file a noun.

mod consents;
mod decisions;
mod explain;
mod export;
mod forget;
mod health;
mod history;
mod ingest;
mod preferences;
mod react;
mod recommend;
mod replay;

pub use health::Metrics;
pub use react::ReactRequest;

use std::sync::Arc;

use oo_core::Result;
use oo_core::id::{Pseudonym, UserKey};
use oo_core::ports::{NewUser, Query, Rows, UserRecord};

use crate::run::Run;

impl Run {
    /// The person the caller knows as `caller_id`, made when unknown.
    pub(crate) fn person(&self, caller_id: &str) -> Result<Arc<UserRecord>> {
        if let Some(record) = self.people.record(caller_id) {
            return Ok(record);
        }
        oo_core::signal::checked_id("user", caller_id)?;
        let found = self.store.user(caller_id, None)?;
        let record = match found {
            Some(record) => record,
            None => {
                let mut pseudonym = [0_u8; 16];
                pseudonym.copy_from_slice(&self.entropy.bytes("pseudonym")?[..16]);
                let new = NewUser { user: Pseudonym(pseudonym), key: UserKey::new(self.entropy.bytes("key")?) };
                self.store
                    .user(caller_id, Some(new))?
                    .ok_or_else(|| oo_core::Error::internal("the store made no person; report this as a defect"))?
            }
        };
        Ok(self.people.remember(caller_id, record))
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
}
