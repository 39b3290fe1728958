//! What retention and withdrawn consents leave, on the wire.

use oo_core::Result;
use oo_core::candidate::ArmKey;
use oo_core::id::DecisionId;
use oo_core::retention::{LessonFact, TrimmedFact};
use oo_core::schema::SchemaHash;

use super::choice::{integers_from_wire, integers_to_wire};
use super::field::{array, corrupted};
use super::{pb, signal};

pub(super) fn lesson_to_wire(fact: &LessonFact) -> pb::Lesson {
    pb::Lesson {
        decision: fact.decision.0.to_vec(),
        schema: fact.schema.0.to_vec(),
        x: integers_to_wire(&fact.x),
        arm: fact.arm.as_str().to_owned(),
        propensity: fact.propensity,
        centre: fact.centre.as_deref().map(integers_to_wire).unwrap_or_default(),
        day: fact.day,
        reward: i32::from(fact.reward),
        replaces: fact.replaces.map(i32::from),
        heard: fact.heard.iter().map(|kind| signal::kind_to_wire(*kind).into()).collect(),
    }
}

pub(super) fn lesson_from_wire(wire: pb::Lesson) -> Result<LessonFact> {
    let narrow = |n: i32| i16::try_from(n).map_err(|_| corrupted("its reward is off the grid"));
    Ok(LessonFact {
        decision: DecisionId(array(&wire.decision, "lesson.decision")?),
        schema: SchemaHash(array(&wire.schema, "lesson.schema")?),
        x: integers_from_wire(&wire.x, "lesson.x")?,
        arm: ArmKey::new(wire.arm),
        propensity: wire.propensity,
        centre: match wire.centre.is_empty() {
            true => None,
            false => Some(integers_from_wire(&wire.centre, "lesson.centre")?),
        },
        reward: narrow(wire.reward)?,
        replaces: wire.replaces.map(narrow).transpose()?,
        day: wire.day,
        heard: wire.heard.into_iter().map(signal::kind_from_wire).collect::<Result<_>>()?,
    })
}

pub(super) fn trimmed_to_wire(fact: &TrimmedFact) -> pb::Trimmed {
    let withdrawn = fact.withdrawn.iter().map(|kind| signal::kind_to_wire(*kind).into()).collect();
    pb::Trimmed { withdrawn, epoch: fact.epoch }
}

pub(super) fn trimmed_from_wire(wire: &pb::Trimmed) -> Result<TrimmedFact> {
    let withdrawn = wire.withdrawn.iter().map(|kind| signal::kind_from_wire(*kind)).collect::<Result<_>>()?;
    Ok(TrimmedFact { withdrawn, epoch: wire.epoch })
}
