//! Named bandits, their choices and their rewards on the wire.

use std::sync::Arc;

use oo_core::Result;
use oo_core::candidate::ArmKey;
use oo_core::choice::{BanditFact, ChoiceFact, RewardFact};
use oo_core::id::{DecisionId, Position};

use super::field::{array, corrupted};
use super::{contradictory, pb};

pub(super) fn bandit_to_wire(fact: &BanditFact) -> pb::Bandit {
    pb::Bandit { name: fact.name.as_ref().to_owned(), spec: fact.spec.clone() }
}

pub(super) fn bandit_from_wire(wire: pb::Bandit) -> BanditFact {
    BanditFact { name: Arc::from(wire.name), spec: wire.spec }
}

pub(super) fn choice_to_wire(fact: &ChoiceFact) -> Result<pb::Choice> {
    check(fact).map_err(contradictory)?;
    Ok(pb::Choice {
        id: fact.id.0.to_vec(),
        bandit: fact.bandit.as_ref().to_owned(),
        arms: fact.arms.iter().map(|arm| arm.as_str().to_owned()).collect(),
        features: integers_to_wire(&fact.features),
        scores: fact.scores.clone(),
        pmf: fact.pmf.clone(),
        drawn: fact.drawn,
        estimated: fact.estimated,
        bounded: fact.bounded.clone(),
        learned_through: fact.learned_through.0,
        epoch: fact.epoch,
        latency_us: fact.latency_us,
    })
}

pub(super) fn choice_from_wire(wire: pb::Choice) -> Result<ChoiceFact> {
    let fact = ChoiceFact {
        id: DecisionId(array(&wire.id, "choice.id")?),
        bandit: name(wire.bandit),
        arms: wire.arms.into_iter().map(ArmKey::new).collect(),
        features: integers_from_wire(&wire.features, "choice.features")?,
        scores: wire.scores,
        pmf: wire.pmf,
        drawn: wire.drawn,
        estimated: wire.estimated,
        bounded: wire.bounded,
        learned_through: Position(wire.learned_through),
        epoch: wire.epoch,
        latency_us: wire.latency_us,
    };
    check(&fact).map_err(corrupted)?;
    Ok(fact)
}

/// What must be true of a choice, written or read.
fn check(fact: &ChoiceFact) -> Result<(), &'static str> {
    let count = fact.pmf.len();
    let among = |row: u32| (row as usize) < count;
    if count == 0 || !among(fact.drawn) || !fact.bounded.iter().all(|row| among(*row)) {
        return Err("its choice points at a row that is not there");
    }
    let whole = fact.scores.len() == count
        && (fact.arms.is_empty() || fact.arms.len() == count)
        && !fact.features.is_empty()
        && fact.features.len().is_multiple_of(count);
    if whole { Ok(()) } else { Err("its choice has lists of different lengths") }
}

pub(super) fn reward_to_wire(fact: &RewardFact) -> pb::Reward {
    pb::Reward {
        bandit: fact.bandit.as_ref().to_owned(),
        decision: fact.decision.0.to_vec(),
        x: integers_to_wire(&fact.x),
        arm: fact.arm.as_str().to_owned(),
        propensity: fact.propensity,
        centre: fact.centre.as_deref().map(integers_to_wire).unwrap_or_default(),
        day: fact.day,
        reward: i32::from(fact.reward),
        replaces: fact.replaces.map(i32::from),
    }
}

pub(super) fn reward_from_wire(wire: pb::Reward) -> Result<RewardFact> {
    let narrow = |n: i32| i16::try_from(n).map_err(|_| corrupted("its reward is off the grid"));
    Ok(RewardFact {
        bandit: name(wire.bandit),
        decision: DecisionId(array(&wire.decision, "reward.decision")?),
        x: integers_from_wire(&wire.x, "reward.x")?,
        arm: ArmKey::new(wire.arm),
        propensity: wire.propensity,
        centre: match wire.centre.is_empty() {
            true => None,
            false => Some(integers_from_wire(&wire.centre, "reward.centre")?),
        },
        day: wire.day,
        reward: narrow(wire.reward)?,
        replaces: wire.replaces.map(narrow).transpose()?,
    })
}

/// Grid integers as bytes.
pub(super) fn integers_to_wire(integers: &[i16]) -> Vec<u8> {
    let mut bytes = vec![0; 2 * integers.len()];
    for (pair, n) in bytes.as_chunks_mut::<2>().0.iter_mut().zip(integers) {
        *pair = n.to_le_bytes();
    }
    bytes
}

/// Grid integers from bytes.
pub(super) fn integers_from_wire(bytes: &[u8], field: &str) -> Result<Arc<[i16]>> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(corrupted(&format!("its field {field:?} has an odd number of bytes")));
    }
    Ok(pairs.iter().map(|pair| i16::from_le_bytes(*pair)).collect())
}

/// A bandit's name, shared for the one that most events have.
fn name(name: String) -> Arc<str> {
    thread_local! {
        static LAST: std::cell::RefCell<Arc<str>> = std::cell::RefCell::new(Arc::from(""));
    }
    LAST.with_borrow_mut(|last| {
        if **last != *name {
            *last = Arc::from(name);
        }
        Arc::clone(last)
    })
}
