//! Appending an entry: its event, its texts and its change of the pull slot, or nothing of it.
//!
//! The common entry is new, so uniqueness is left to the indexes (`ON CONFLICT DO NOTHING`), and only what was not
//! inserted is looked up. Before anything is refused, a repeated event or request is recognised: a retry gets the same
//! answer as the first time, also when somebody else holds the slot by then.

use oo_core::event::{Event, EventBody};
use oo_core::id::{DecisionId, ItemKey, Position, Pseudonym};
use oo_core::moment::DAY_MS;
use oo_core::ports::{Appended, Entry, Slot, TextWrite};
use oo_core::{Error, Result};
use rusqlite::{OptionalExtension, ToSql, params};

use super::connection::PAGE_SIZE;
use super::error::{fixed, signed, sql, unsigned};
use super::forgotten::{Line, Withdrawal};
use super::meta::incarnation;
use super::transaction::SqliteTransaction;
use crate::codec;
use crate::vault::TextPlace;

/// Bytes of a page.
const PAGE: u64 = PAGE_SIZE as u64;

impl SqliteTransaction<'_> {
    pub(super) fn append_entry(&mut self, entry: &Entry) -> Result<Appended> {
        check(entry)?;
        if let Some(user) = entry.event.user {
            self.expect_present(user)?;
        }
        let bytes = codec::encode(&entry.event)?;
        // From here on rows change: an error leaves half an entry, so the transaction must not be committed.
        self.write_entry(entry, &bytes).inspect_err(|error| self.doomed = Some(error.clone()))
    }

    fn write_entry(&mut self, entry: &Entry, bytes: &[u8]) -> Result<Appended> {
        let event = entry.event.as_ref();
        let request = request_of(event);
        let took = match entry.slot {
            Slot::Take(decision) => match self.take_slot(event, decision)? {
                Taken::Now => Some(decision),
                Taken::Before => None,
                Taken::By(other) => {
                    return Ok(match self.known(event, request)? {
                        Some(position) => Appended::Duplicate(position),
                        None => Appended::SlotTaken(other),
                    });
                }
            },
            Slot::Keep | Slot::Release(_) => None,
        };
        let parks = event.user.is_none() && matches!(event.body, EventBody::Reaction { .. });
        if parks && self.waiting()? >= self.store.options.parking {
            return Ok(match self.known(event, None)? {
                Some(position) => Appended::Duplicate(position),
                None => Appended::ParkingFull,
            });
        }
        if let Some(position) = self.insert(event, request, bytes)? {
            if let (Some(decision), Some(user)) = (took, event.user) {
                self.free_slot(user, decision)?;
            }
            if let EventBody::ParkingLapsed { decision } = event.body {
                // Whatever is due by then has nothing else to wait for.
                self.unpark(decision, event.moment.at_ms)?;
            }
            return Ok(Appended::Duplicate(position));
        }

        match (&event.body, event.user) {
            (EventBody::Reaction { decision, .. }, None) => self.park(*decision, event.recorded_ms)?,
            (EventBody::Decision(decision), _) => {
                let waited = self.unpark(decision.id, i64::MAX)?;
                self.unawaited = (!waited).then_some(decision.id);
            }
            (EventBody::ParkingLapsed { decision }, _) => {
                self.unpark(*decision, event.moment.at_ms)?;
            }
            (EventBody::Consent { kind, granted: false }, Some(user)) => {
                let place = Some((Position(self.head), incarnation(self.conn)?));
                let withdrawal = Withdrawal { kind: *kind, at_ms: event.recorded_ms, event: event.id, place };
                self.listed.push(Line::Withdrawn(user.digest(), withdrawal));
            }
            _ => {}
        }
        if let (Slot::Release(decision), Some(user)) = (entry.slot, event.user) {
            self.free_slot(user, decision)?;
        }
        for text in &entry.texts {
            self.write_text(entry, text)?;
        }
        // A commit writes whole pages: the row, and a page of each index that it does not append to.
        self.written += bytes.len() as u64 + 2 * PAGE;
        Ok(Appended::At(Position(self.head)))
    }

    /// Inserts the event at the next position, and its request id. If either is known, nothing is inserted and the
    /// known position is given.
    fn insert(
        &mut self,
        event: &Event,
        request: Option<(Pseudonym, ItemKey)>,
        bytes: &[u8],
    ) -> Result<Option<Position>> {
        let position = signed(self.head + 1)?;
        if let Some((user, key)) = request {
            let fresh = self.execute(
                "INSERT INTO requests (user, request, position) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
                params![user.0, key.0, position],
            )?;
            if fresh == 0 {
                let by_id = self.position("SELECT position FROM events WHERE id = ?1", params![event.id.0])?;
                return match by_id {
                    Some(position) => Ok(Some(position)),
                    None => self.known(event, request),
                };
            }
        }
        let decision = event.body.decision().map(|decision| decision.0);
        let user = event.user.map(|user| user.0);
        let fresh = self.execute(
            "INSERT INTO events (position, id, user, decision, bytes) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (id) DO NOTHING",
            params![position, event.id.0, user, decision, bytes],
        )?;
        if fresh == 1 {
            self.head += 1;
            return Ok(None);
        }
        if let Some((user, key)) = request {
            self.execute("DELETE FROM requests WHERE user = ?1 AND request = ?2", params![user.0, key.0])?;
        }
        match self.known(event, None)? {
            Some(position) => Ok(Some(position)),
            None => Err(Error::internal("an event was neither new nor known; please report this")),
        }
    }

    /// Where an event with this id, or a decision with this request id, stands.
    fn known(&self, event: &Event, request: Option<(Pseudonym, ItemKey)>) -> Result<Option<Position>> {
        if let Some(position) = self.position("SELECT position FROM events WHERE id = ?1", params![event.id.0])? {
            return Ok(Some(position));
        }
        match request {
            Some((user, key)) => {
                self.position("SELECT position FROM requests WHERE user = ?1 AND request = ?2", params![user.0, key.0])
            }
            None => Ok(None),
        }
    }

    fn expect_present(&mut self, user: Pseudonym) -> Result<()> {
        if self.present.contains(&user) {
            return Ok(());
        }
        let found = self
            .conn
            .prepare_cached("SELECT 1 FROM users WHERE user = ?1")
            .and_then(|mut statement| statement.exists([user.0]))
            .map_err(sql)?;
        if !found {
            return Err(Error::not_found(
                "this person has been forgotten, or was never known; begin anew with their id",
            ));
        }
        self.present.insert(user);
        Ok(())
    }

    fn take_slot(&self, event: &Event, decision: DecisionId) -> Result<Taken> {
        let Some(user) = event.user else { return Ok(Taken::Before) };
        let fresh = self.execute(
            "INSERT INTO open_tips (user, decision) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
            params![user.0, decision.0],
        )?;
        if fresh == 1 {
            return Ok(Taken::Now);
        }
        let holder: Vec<u8> = self
            .conn
            .prepare_cached("SELECT decision FROM open_tips WHERE user = ?1")
            .and_then(|mut statement| statement.query_row([user.0], |row| row.get(0)))
            .map_err(sql)?;
        let holder = DecisionId(fixed(&holder)?);
        Ok(if holder == decision { Taken::Before } else { Taken::By(holder) })
    }

    fn free_slot(&self, user: Pseudonym, decision: DecisionId) -> Result<()> {
        self.execute("DELETE FROM open_tips WHERE user = ?1 AND decision = ?2", params![user.0, decision.0]).map(|_| ())
    }

    fn waiting(&mut self) -> Result<u64> {
        if let Some(count) = self.parked {
            return Ok(count);
        }
        let count = self
            .conn
            .prepare_cached("SELECT count(*) FROM parked")
            .and_then(|mut statement| statement.query_row([], |row| row.get::<_, i64>(0)))
            .map_err(sql)
            .and_then(unsigned)?;
        self.parked = Some(count);
        Ok(count)
    }

    fn park(&mut self, decision: DecisionId, recorded_ms: i64) -> Result<()> {
        self.execute(
            "INSERT INTO parked (position, decision, due_ms) VALUES (?1, ?2, ?3)",
            params![signed(self.head)?, decision.0, parking_ends(recorded_ms)],
        )?;
        self.unawaited = None;
        self.parked = self.parked.map(|count| count + 1);
        Ok(())
    }

    /// Ends the waiting for `decision` of what is due by `due_ms`; whether anything was.
    fn unpark(&mut self, decision: DecisionId, due_ms: i64) -> Result<bool> {
        let waited =
            self.execute("DELETE FROM parked WHERE decision = ?1 AND due_ms <= ?2", params![decision.0, due_ms])? > 0;
        if waited {
            self.parked = None;
        }
        Ok(waited)
    }

    fn write_text(&mut self, entry: &Entry, write: &TextWrite) -> Result<()> {
        let (Some(user), Some(key)) = (entry.event.user, &entry.key) else { return Ok(()) };
        let place = TextPlace { user, item: write.item, field: write.field };
        if write.text.is_empty() {
            self.execute(
                "DELETE FROM texts WHERE user = ?1 AND item = ?2 AND field = ?3",
                params![user.0, write.item.0, write.field as u8],
            )?;
            return Ok(());
        }
        let sealed = self.store.vault.seal_text(key, place, &write.text)?;
        self.execute(
            "INSERT INTO texts (user, item, field, sealed) VALUES (?1, ?2, ?3, ?4) \
             ON CONFLICT (user, item, field) DO UPDATE SET sealed = excluded.sealed",
            params![user.0, write.item.0, write.field as u8, sealed],
        )?;
        self.written += sealed.len() as u64 + PAGE;
        Ok(())
    }

    pub(super) fn execute(&self, statement: &str, params: &[&dyn ToSql]) -> Result<usize> {
        self.conn.prepare_cached(statement).and_then(|mut statement| statement.execute(params)).map_err(sql)
    }

    fn position(&self, query: &str, params: &[&dyn ToSql]) -> Result<Option<Position>> {
        self.conn
            .prepare_cached(query)
            .and_then(|mut statement| statement.query_row(params, |row| row.get::<_, i64>(0)).optional())
            .map_err(sql)?
            .map(|position| unsigned(position).map(Position))
            .transpose()
    }
}

/// What must be true of an entry before anything of it is written.
fn check(entry: &Entry) -> Result<()> {
    let defect = |what: &str| Err(Error::internal(format!("{what}; please report this")));
    if !entry.texts.is_empty() && (entry.event.user.is_none() || entry.key.is_none()) {
        return defect("a text came without its person or their key");
    }
    if matches!(entry.slot, Slot::Take(_)) && entry.event.user.is_none() {
        return defect("an event without a person cannot take a slot");
    }
    Ok(())
}

/// Whose the slot is.
enum Taken {
    /// It was free and is taken now.
    Now,
    /// It was this decision's already.
    Before,
    /// It is another decision's.
    By(DecisionId),
}

/// When a reaction that was recorded at `recorded_ms` has waited long enough.
pub(super) fn parking_ends(recorded_ms: i64) -> i64 {
    recorded_ms.saturating_add(DAY_MS)
}

fn request_of(event: &Event) -> Option<(Pseudonym, ItemKey)> {
    match &event.body {
        EventBody::Decision(decision) => Some((event.user?, decision.request?)),
        _ => None,
    }
}
