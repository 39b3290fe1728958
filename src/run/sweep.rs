//! Timers: the passing of a horizon, of an expiry and of parking becomes an event with a nominal time.

use oo_core::event::{Event, EventBody};
use oo_core::id::EventId;
use oo_core::join::{Join, TipState};
use oo_core::moment::Moment;
use oo_core::ports::{Due, DueKind, Entry, Query, Rows};
use oo_core::{ErrorKind, Result};

use super::people::locked;
use super::{Counters, Run};

/// The most timers of one commit.
pub(crate) const LIMIT: usize = 1_000;

/// The events of the timers that are due at `now_ms`.
pub(super) fn due_entries(run: &Run, now_ms: i64) -> Result<Vec<Entry>> {
    let Rows::Due(due) = run.store.query(&Query::Due { now_ms, limit: LIMIT })? else { return Ok(Vec::new()) };
    let mut entries = Vec::new();
    let (mut unread, mut first) = (0, None);
    for timer in due {
        match timer.kind {
            DueKind::Parking => {
                Counters::add(&run.counters.parking_lapsed, 1);
                entries.push(Entry::new(lapsed(&timer, now_ms)));
            }
            DueKind::Tip => {
                let Some(user) = timer.user else { continue };
                let handle = match run.state(user) {
                    // What is damaged of one person must not keep the others' timers waiting.
                    Err(error) if error.kind() == ErrorKind::Storage => {
                        unread += 1;
                        first = first.or(Some(error));
                        continue;
                    }
                    loaded => loaded?,
                };
                let state = locked(&handle);
                if let Some(join) = state.tip(&timer.decision) {
                    entries.extend(join_events(join, user, now_ms).into_iter().map(Entry::new));
                }
            }
        }
    }
    if let Some(error) = first {
        tracing::warn!(%error, timers = unread, "some timers could not be looked at");
    }
    Ok(entries)
}

/// What time did to a tip by `now_ms`: its horizon first where both fell due.
pub(crate) fn join_events(join: &Join, user: oo_core::id::Pseudonym, now_ms: i64) -> Vec<Event> {
    let mut events = Vec::new();
    if let Some(horizon_ms) = join.horizon_ms().filter(|at| *at <= now_ms) {
        let id = EventId::derived("horizon", &[&join.decision.0, &horizon_ms.to_le_bytes()]);
        events.push(nominal(id, join, horizon_ms, now_ms, user, EventBody::Horizon { decision: join.decision }));
    }
    if let Some(expired) = expired_event(join, user, now_ms) {
        events.push(expired);
    }
    events
}

/// The expiry of an open tip, where it has passed by `now_ms`.
pub(crate) fn expired_event(join: &Join, user: oo_core::id::Pseudonym, now_ms: i64) -> Option<Event> {
    let at_ms = join.expires_ms();
    if join.state != TipState::Open || at_ms > now_ms {
        return None;
    }
    let id = EventId::derived("expired", &[&join.decision.0, &at_ms.to_le_bytes()]);
    Some(nominal(id, join, at_ms, now_ms, user, EventBody::Expired { decision: join.decision }))
}

fn nominal(id: EventId, join: &Join, at_ms: i64, now_ms: i64, user: oo_core::id::Pseudonym, body: EventBody) -> Event {
    // The offset of the moment it was shown: no time-zone database decides what is folded.
    let moment = Moment { at_ms, ..join.shown_or_decided().clone() };
    Event { id, moment, recorded_ms: now_ms, user: Some(user), body }
}

fn lapsed(timer: &Due, now_ms: i64) -> Event {
    Event {
        id: EventId::derived("lapsed", &[&timer.decision.0, &timer.due_ms.to_le_bytes()]),
        moment: Moment::utc(timer.due_ms),
        recorded_ms: now_ms,
        user: None,
        body: EventBody::ParkingLapsed { decision: timer.decision },
    }
}
