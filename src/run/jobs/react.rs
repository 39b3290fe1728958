//! A reaction, decided at the head of the log: applied, a repetition, late, or parked.

use oo_core::Error;
use oo_core::Result;
use oo_core::event::{Event, EventBody};
use oo_core::id::EventId;
use oo_core::moment::Moment;
use oo_core::ports::{Appended, Entry, Transaction};
use oo_core::reaction::{DismissReason, Reaction};

use super::{ReactWork, append};
use crate::outcome::{ReactStatus, Reacted};
use crate::run::fold::Folding;
use crate::run::people::locked;
use crate::run::{Counters, Run};

pub(super) fn react(run: &Run, tx: &mut dyn Transaction, folding: &mut Folding, work: &ReactWork) -> Result<Reacted> {
    let at_ms = work.at_ms.unwrap_or(work.now_ms);
    let given = work.id.as_ref().map(|id| EventId::derived("reaction", &[&work.decision.0, id.as_bytes()]));
    let Some(user) = Folding::owner(run, work.decision)? else {
        return park(run, tx, folding, work, given, at_ms);
    };
    let handle = run.load(user, folding.mind.position)?;
    let (moment, reward) = {
        let state = locked(&handle);
        let (_, moment) = run.moment(&state.preferences.zone, at_ms);
        let join = state.tip(&work.decision);
        let reward = join.and_then(oo_core::join::Join::reward_value);
        if given.is_none() && join.is_some_and(|join| join.repeats(&work.reaction)) {
            return Ok(Reacted { status: ReactStatus::Duplicate, reward });
        }
        (moment, reward)
    };
    if let Reaction::Snooze { until_ms } = work.reaction
        && until_ms <= at_ms
    {
        return Err(Error::invalid("until", "the time to come back has passed already; pass a time in the future"));
    }
    let id = given.map_or_else(|| super::new_event_id(run, work.now_ms), Ok)?;
    let body = EventBody::Reaction { decision: work.decision, reaction: work.reaction };
    let event = Event { id, moment, recorded_ms: work.now_ms, user: Some(user), body };
    let late_before = locked(&handle).tip(&work.decision).is_none_or(|join| join.is_late(&event.moment));
    match append::append_one(run, tx, folding, &Entry::new(event))? {
        Appended::At(_) => {
            Counters::add(&run.counters.reactions, 1);
            let reward = locked(&handle).tip(&work.decision).and_then(oo_core::join::Join::reward_value);
            let status = if late_before { ReactStatus::Late } else { ReactStatus::Applied };
            Ok(Reacted { status, reward })
        }
        _ => Ok(Reacted { status: ReactStatus::Duplicate, reward }),
    }
}

fn park(
    run: &Run,
    tx: &mut dyn Transaction,
    folding: &mut Folding,
    work: &ReactWork,
    given: Option<EventId>,
    at_ms: i64,
) -> Result<Reacted> {
    // Without a caller's id the same reaction to the same unknown decision is one.
    let (until_ms, reason) = match work.reaction {
        Reaction::Snooze { until_ms } => (until_ms, ""),
        Reaction::Dismiss { reason } => (0, reason.map_or("", DismissReason::as_str)),
        Reaction::Shown | Reaction::Done => (0, ""),
    };
    let parts = [work.reaction.as_str().as_bytes(), &until_ms.to_le_bytes(), reason.as_bytes()];
    let id = given.unwrap_or_else(|| EventId::derived("parked", &[&work.decision.0, parts[0], parts[1], parts[2]]));
    let body = EventBody::Reaction { decision: work.decision, reaction: work.reaction };
    let event = Event { id, moment: Moment::utc(at_ms), recorded_ms: work.now_ms, user: None, body };
    match append::append_one(run, tx, folding, &Entry::new(event))? {
        Appended::At(_) => {
            Counters::add(&run.counters.parked, 1);
            Ok(Reacted { status: ReactStatus::Parked, reward: None })
        }
        Appended::ParkingFull => Err(Error::busy(
            "10,000 reactions to unknown decisions wait already; check the tip's id, and try again later",
        )),
        _ => Ok(Reacted { status: ReactStatus::Duplicate, reward: None }),
    }
}
