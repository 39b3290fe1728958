//! What a restored backup brought back, by the forgotten list: people, and what rests on consents that were taken back.

use std::collections::{BTreeMap, BTreeSet};

use oo_core::Result;
use oo_core::event::EventBody;
use oo_core::id::{EventId, Position, Pseudonym, hex};
use oo_core::ports::EventLog as _;
use oo_core::signal::SignalKind;

use super::error::{fixed, sql};
use super::forgotten::{Listed, Withdrawal};
use super::meta::incarnation;
use super::store::SqliteStore;

/// What has to be erased again before anything is served.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Revived {
    /// People who had been forgotten.
    pub people: Vec<Pseudonym>,
    /// Consents that had been taken back, each with when (Unix milliseconds).
    pub withdrawn: Vec<(Pseudonym, SignalKind, i64)>,
}

impl SqliteStore {
    /// [`resurrected`](SqliteStore::resurrected) people, and [withdrawals](SqliteStore::unheard_withdrawals).
    ///
    /// # Errors
    /// `busy` or `storage`.
    pub fn revived(&self) -> Result<Revived> {
        Ok(Revived { people: self.resurrected()?, withdrawn: self.unheard_withdrawals()? })
    }

    /// People whom the forgotten list names and who are in the database all the same: a backup was restored. They have
    /// to be forgotten again before anything is served. Where people were forgotten and there is no list, that is warned of.
    ///
    /// # Errors
    /// `busy` or `storage`.
    pub fn resurrected(&self) -> Result<Vec<Pseudonym>> {
        let Some(forgotten) = self.forgotten.read()? else {
            let receipts = "SELECT EXISTS (SELECT 1 FROM receipts)";
            if self.reading(|conn| conn.query_row(receipts, [], |row| row.get(0)).map_err(sql))? {
                tracing::warn!(
                    list = %self.forgotten.path().display(),
                    "people were forgotten here and their list is gone; put it back, or a restored backup brings them back"
                );
            }
            return Ok(Vec::new());
        };
        self.listed(&forgotten.people)
    }

    /// Consents that the forgotten list names as taken back, and that the log of their person says nothing of from then on: a
    /// backup was restored. They have to be taken back again before anything is served. Each with its kind and when it was
    /// taken back (Unix milliseconds).
    ///
    /// # Errors
    /// `busy` or `storage`.
    pub fn unheard_withdrawals(&self) -> Result<Vec<(Pseudonym, SignalKind, i64)>> {
        let Some(Listed { withdrawn, .. }) = self.forgotten.read()? else { return Ok(Vec::new()) };
        let present = self.reading(incarnation)?;
        let mut unheard = Vec::new();
        for user in self.listed(&withdrawn.keys().cloned().collect())? {
            let Some(withdrawals) = withdrawn.get(&hex(&user.digest())) else { continue };
            let mut left = Vec::new();
            for withdrawal in withdrawals {
                if !self.knows(withdrawal.event)? {
                    left.push(*withdrawal);
                }
            }
            if left.is_empty() {
                continue;
            }
            for stored in self.of_user(user, Position(0), Position(u64::MAX))? {
                if let EventBody::Consent { kind, .. } = stored.event.body {
                    // Whatever was said later stands.
                    left.retain(|line| line.kind != kind || !line.is_before(&stored, present));
                }
            }
            let mut latest = BTreeMap::new();
            for Withdrawal { kind, at_ms, .. } in left {
                let newest = latest.entry(kind).or_insert(at_ms);
                *newest = at_ms.max(*newest);
            }
            unheard.extend(latest.into_iter().map(|(kind, at_ms)| (user, kind, at_ms)));
        }
        Ok(unheard)
    }

    fn knows(&self, event: EventId) -> Result<bool> {
        self.reading(|conn| {
            let mut statement = conn.prepare_cached("SELECT 1 FROM events WHERE id = ?1").map_err(sql)?;
            statement.exists([event.0]).map_err(sql)
        })
    }

    /// The people in the database whose hash is among `digests`.
    fn listed(&self, digests: &BTreeSet<String>) -> Result<Vec<Pseudonym>> {
        if digests.is_empty() {
            return Ok(Vec::new());
        }
        self.reading(|conn| {
            let mut statement = conn.prepare_cached("SELECT user FROM users ORDER BY number").map_err(sql)?;
            let mut rows = statement.query([]).map_err(sql)?;
            let mut found = Vec::new();
            while let Some(row) = rows.next().map_err(sql)? {
                let user = Pseudonym(fixed(&row.get::<_, Vec<u8>>(0).map_err(sql)?)?);
                if digests.contains(&hex(&user.digest())) {
                    found.push(user);
                }
            }
            Ok(found)
        })
    }
}
