//! The codec: [`Event`] to the bytes of `oo.events.v1.Event` and back.
//!
//! What [`encode`] returns is what is stored, mirrored and hashed for ever; nothing decodes and encodes it again, so
//! fields that this version does not know survive. [`decode`] tells three things apart: an event it understands, an
//! event of a newer oO (`incompatible`: upgrade), and bytes that no oO wrote (`storage`: corrupted). It never panics,
//! whatever the bytes. Counts that belong together (keys, scores, pmf, …) are checked in both directions, because what
//! could be written and not be read again would be lost.

mod choice;
mod decision;
mod drawn;
mod facts;
mod field;
mod fields;
mod names;
mod retention;
mod signal;

#[allow(
    missing_docs,
    unreachable_pub,
    reason = "generated from proto/oo/events/v1/events.proto, where the documentation is"
)]
#[allow(clippy::doc_markdown, clippy::large_enum_variant, reason = "generated")]
mod pb {
    include!(concat!(env!("OUT_DIR"), "/oo.events.v1.rs"));
}

use std::sync::Arc;

use oo_core::event::{Event, EventBody};
use oo_core::id::{DecisionId, EventId, ItemKey, Pseudonym};
use oo_core::moment::Moment;
use oo_core::{Error, Result};
use prost::Message;

use field::{array, array_or_none, corrupted, newer};

pub(crate) use drawn::decode_drawn;
pub(crate) use names::Names;

/// The event that `bytes` hold as learning reads it, for tests that compare it with [`decode`]'s.
///
/// # Errors
/// As [`decode`].
#[cfg(feature = "testing")]
pub fn decode_lean(bytes: &[u8]) -> Result<Event> {
    decode_drawn(bytes, &mut Names::default())
}

/// The format of events that this version writes, and the newest that it understands.
pub const EVENT_FORMAT: u32 = 1;

/// The first field number of a body in `oo.events.v1.Event`.
const FIRST_BODY: u32 = 10;

/// The bytes of `event`.
///
/// # Errors
/// `internal` when parts of the event contradict each other, such as a pmf of another length than its candidates.
pub fn encode(event: &Event) -> Result<Vec<u8>> {
    let wire = pb::Event {
        format: EVENT_FORMAT,
        id: event.id.0.to_vec(),
        at_ms: event.moment.at_ms,
        offset_s: event.moment.offset_s,
        zone: event.moment.zone.as_ref().to_owned(),
        recorded_ms: event.recorded_ms,
        user: event.user.map(|user| user.0.to_vec()).unwrap_or_default(),
        body: Some(body_to_wire(&event.body)?),
    };
    Ok(wire.encode_to_vec())
}

/// The event that `bytes` hold.
///
/// # Errors
/// `incompatible` for an event of a newer version, `storage` for bytes that are not an event.
pub fn decode(bytes: &[u8]) -> Result<Event> {
    let wire = pb::Event::decode(bytes).map_err(|_| corrupted("its bytes are not a protobuf message"))?;
    if wire.format > EVENT_FORMAT {
        return Err(newer(&format!("format {}", wire.format)));
    }
    if wire.format == 0 {
        return Err(corrupted("it has no format"));
    }
    let body = match wire.body {
        Some(body) => body_from_wire(body)?,
        None if has_unknown_body(bytes) => return Err(newer("a body of a kind it does not know")),
        None => return Err(corrupted("it has no body")),
    };
    Ok(Event {
        id: EventId(array(&wire.id, "id")?),
        moment: Moment { at_ms: wire.at_ms, offset_s: wire.offset_s, zone: zone(wire.zone) },
        recorded_ms: wire.recorded_ms,
        user: array_or_none(&wire.user, "user")?.map(Pseudonym),
        body,
    })
}

/// The zone's name, shared for the one that most events have.
fn zone(name: String) -> Arc<str> {
    thread_local! {
        static LAST: std::cell::RefCell<Arc<str>> = std::cell::RefCell::new(Arc::from("UTC"));
    }
    LAST.with_borrow_mut(|last| {
        if **last != *name {
            *last = Arc::from(name);
        }
        Arc::clone(last)
    })
}

/// Whether `bytes`, known to be well-formed protobuf, have a top-level field where bodies are.
fn has_unknown_body(mut bytes: &[u8]) -> bool {
    use prost::encoding::{DecodeContext, decode_key, skip_field};
    while !bytes.is_empty() {
        let Ok((tag, wire_type)) = decode_key(&mut bytes) else { return false };
        if tag >= FIRST_BODY {
            return true;
        }
        if skip_field(wire_type, tag, &mut bytes, DecodeContext::default()).is_err() {
            return false;
        }
    }
    false
}

fn body_to_wire(body: &EventBody) -> Result<pb::event::Body> {
    use pb::event::Body;
    let of = |decision: &DecisionId| decision.0.to_vec();
    Ok(match body {
        EventBody::Signal(fact) => Body::Signal(signal::to_wire(fact)),
        EventBody::Decision(decision) => Body::Decision(decision::to_wire(decision)?),
        EventBody::Reaction { decision, reaction } => Body::Reaction(facts::reaction_to_wire(*decision, reaction)),
        EventBody::Returned { decision } => Body::Returned(pb::Returned { decision: of(decision) }),
        EventBody::Expired { decision } => Body::Expired(pb::Expired { decision: of(decision) }),
        EventBody::Horizon { decision } => Body::Horizon(pb::Horizon { decision: of(decision) }),
        EventBody::ParkingLapsed { decision } => Body::ParkingLapsed(pb::ParkingLapsed { decision: of(decision) }),
        EventBody::Consent { kind, granted } => {
            Body::Consent(pb::Consent { kind: signal::kind_to_wire(*kind).into(), granted: *granted })
        }
        EventBody::Preferences(preferences) => Body::Preferences(facts::preferences_to_wire(preferences)),
        EventBody::PolicyRole(fact) => Body::PolicyRole(facts::policy_role_to_wire(fact)),
        EventBody::Shadow(fact) => Body::Shadow(facts::shadow_to_wire(fact)),
        EventBody::Forgotten(fact) => Body::Forgotten(facts::forgotten_to_wire(fact)),
        EventBody::Bandit(fact) => Body::Bandit(choice::bandit_to_wire(fact)),
        EventBody::Choice(fact) => Body::Choice(choice::choice_to_wire(fact)?),
        EventBody::Reward(fact) => Body::Reward(choice::reward_to_wire(fact)),
        EventBody::Lesson(fact) => Body::Lesson(retention::lesson_to_wire(fact)),
        EventBody::Trimmed(fact) => Body::Trimmed(retention::trimmed_to_wire(fact)),
        EventBody::Exported { file } => Body::Exported(pb::Exported { file: file.0.to_vec() }),
    })
}

fn body_from_wire(body: pb::event::Body) -> Result<EventBody> {
    use pb::event::Body;
    let of = |decision: &[u8]| array(decision, "decision").map(DecisionId);
    Ok(match body {
        Body::Signal(signal) => EventBody::Signal(signal::from_wire(signal)?),
        Body::Decision(decision) => EventBody::Decision(Arc::new(decision::from_wire(decision)?)),
        Body::Reaction(reaction) => facts::reaction_from_wire(&reaction)?,
        Body::Returned(body) => EventBody::Returned { decision: of(&body.decision)? },
        Body::Expired(body) => EventBody::Expired { decision: of(&body.decision)? },
        Body::Horizon(body) => EventBody::Horizon { decision: of(&body.decision)? },
        Body::ParkingLapsed(body) => EventBody::ParkingLapsed { decision: of(&body.decision)? },
        Body::Consent(body) => EventBody::Consent { kind: signal::kind_from_wire(body.kind)?, granted: body.granted },
        Body::Preferences(body) => EventBody::Preferences(facts::preferences_from_wire(body)),
        Body::PolicyRole(body) => EventBody::PolicyRole(facts::policy_role_from_wire(body)?),
        Body::Shadow(body) => EventBody::Shadow(facts::shadow_from_wire(body)?),
        Body::Forgotten(body) => EventBody::Forgotten(facts::forgotten_from_wire(&body)?),
        Body::Bandit(body) => EventBody::Bandit(choice::bandit_from_wire(body)),
        Body::Choice(body) => EventBody::Choice(Arc::new(choice::choice_from_wire(body)?)),
        Body::Reward(body) => EventBody::Reward(choice::reward_from_wire(body)?),
        Body::Lesson(body) => EventBody::Lesson(retention::lesson_from_wire(body)?),
        Body::Trimmed(body) => EventBody::Trimmed(retention::trimmed_from_wire(&body)?),
        Body::Exported(body) => EventBody::Exported { file: ItemKey(array(&body.file, "exported.file")?) },
    })
}

/// An event that cannot be written because its parts contradict each other.
fn contradictory(what: &str) -> Error {
    Error::internal(format!(
        "an event was about to be written whose parts contradict each other: {what}; please report this"
    ))
}

#[cfg(test)]
mod drawn_tests;
#[cfg(test)]
mod tests;
