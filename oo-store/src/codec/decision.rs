//! Decisions on the wire: lists with one entry a candidate, and tables of the few names that repeat.

use std::sync::Arc;

use oo_core::Result;
use oo_core::candidate::{ArmKey, TipKind};
use oo_core::decision::{CandidateFact, Decision, Exploration, Mode, Removal};
use oo_core::id::{DecisionId, ItemKey, Position};
use oo_core::reaction::ShownMode;
use oo_core::schema::SchemaHash;

use super::field::{array, array_or_none, corrupted, known};
use super::{contradictory, facts, pb, signal};

const KEY: usize = 16;

pub(super) fn to_wire(decision: &Decision) -> Result<pb::Decision> {
    let count = decision.candidates.len();
    check(decision).map_err(contradictory)?;
    let mut arms = Table::default();
    let mut sources = Table::default();
    let mut wire = pb::Decision {
        id: decision.id.0.to_vec(),
        request: decision.request.map(|key| key.0.to_vec()).unwrap_or_default(),
        mode: match decision.mode {
            Mode::Pull => pb::Mode::Pull,
        }
        .into(),
        shown: match decision.shown {
            ShownMode::OnAnswer => pb::ShownMode::OnAnswer,
            ShownMode::Reported => pb::ShownMode::Reported,
        }
        .into(),
        keys: Vec::with_capacity(count * KEY),
        content_hashes: Vec::with_capacity(count * KEY),
        arm: Vec::with_capacity(count),
        kinds: Vec::with_capacity(count),
        source: Vec::with_capacity(count),
        features: decision.features.iter().flat_map(|n| n.to_le_bytes()).collect(),
        scores: decision.scores.clone(),
        pmf: decision.pmf.clone(),
        drawn: decision.drawn,
        holdout: decision.holdout,
        epsilon: decision.exploration.epsilon,
        holdout_rate: decision.exploration.holdout,
        policy: Some(facts::policy_to_wire(&decision.policy)),
        learned_through: decision.learned_through.0,
        epoch: decision.epoch,
        schema_hash: decision.schema.0.to_vec(),
        reward_spec: decision.reward_spec,
        removed: decision.removals.iter().flat_map(|(key, _)| key.0).collect(),
        reasons: decision.removals.iter().map(|(_, reason)| removal_to_wire(*reason).into()).collect(),
        tip_expires_ms: decision.expires_ms,
        prompt_version: decision.prompt_version.clone(),
        llm_model: decision.llm_model.clone(),
        latency_us: decision.latency_us,
        bounded: decision.bounded.clone(),
        fallback: decision.fallback,
        heard: decision.heard.iter().map(|kind| signal::kind_to_wire(*kind).into()).collect(),
        ..pb::Decision::default()
    };
    for (index, candidate) in decision.candidates.iter().enumerate() {
        wire.keys.extend_from_slice(&candidate.key.0);
        wire.content_hashes.extend_from_slice(&candidate.content_hash.0);
        wire.arm.push(arms.index(candidate.arm.as_str()));
        wire.source.push(sources.index(&candidate.source));
        wire.kinds.push(
            match candidate.kind {
                TipKind::Todo => pb::TipKind::Todo,
                TipKind::Advice => pb::TipKind::Advice,
            }
            .into(),
        );
        if let Some(at) = candidate.expires_ms {
            wire.expiring.push(u32::try_from(index).unwrap_or(u32::MAX));
            wire.expires_ms.push(at);
        }
    }
    wire.arms = arms.names;
    wire.sources = sources.names;
    Ok(wire)
}

pub(super) fn from_wire(wire: pb::Decision) -> Result<Decision> {
    let decision = Decision {
        id: DecisionId(array(&wire.id, "decision.id")?),
        request: array_or_none(&wire.request, "decision.request")?.map(ItemKey),
        mode: match known(wire.mode, "decision.mode")? {
            pb::Mode::Unspecified | pb::Mode::Pull => Mode::Pull,
        },
        shown: match known(wire.shown, "decision.shown")? {
            pb::ShownMode::Unspecified | pb::ShownMode::OnAnswer => ShownMode::OnAnswer,
            pb::ShownMode::Reported => ShownMode::Reported,
        },
        candidates: candidates(&wire)?,
        features: features(&wire.features)?,
        removals: removals(&wire)?,
        scores: wire.scores,
        bounded: wire.bounded,
        pmf: wire.pmf,
        drawn: wire.drawn,
        holdout: wire.holdout,
        exploration: Exploration { epsilon: wire.epsilon, holdout: wire.holdout_rate },
        policy: facts::policy_from_wire(wire.policy)?,
        fallback: wire.fallback,
        learned_through: Position(wire.learned_through),
        epoch: wire.epoch,
        schema: SchemaHash(array(&wire.schema_hash, "decision.schema_hash")?),
        reward_spec: wire.reward_spec,
        expires_ms: wire.tip_expires_ms,
        prompt_version: wire.prompt_version,
        llm_model: wire.llm_model,
        latency_us: wire.latency_us,
        heard: wire.heard.into_iter().map(signal::kind_from_wire).collect::<Result<_>>()?,
    };
    check(&decision).map_err(corrupted)?;
    Ok(decision)
}

/// The counts that must agree, the same when writing and when reading.
fn check(decision: &Decision) -> std::result::Result<(), &'static str> {
    let count = decision.candidates.len();
    if decision.scores.len() != count {
        return Err("a decision has another number of scores than of candidates");
    }
    if decision.pmf.len() != count {
        return Err("a decision has another number of probabilities than of candidates");
    }
    if count > 0 && decision.drawn as usize >= count {
        return Err("a decision drew a candidate that it does not have");
    }
    if decision.bounded.iter().any(|row| *row as usize >= count) {
        return Err("a decision bounds a candidate that it does not have");
    }
    if count == 0 && !decision.features.is_empty() || count > 0 && !decision.features.len().is_multiple_of(count) {
        return Err("a decision's features are not a row for each candidate");
    }
    Ok(())
}

fn candidates(wire: &pb::Decision) -> Result<Vec<CandidateFact>> {
    let count = wire.keys.len() / KEY;
    let same = [wire.arm.len(), wire.kinds.len(), wire.source.len()].iter().all(|len| *len == count);
    if wire.keys.len() != count * KEY || wire.content_hashes.len() != count * KEY || !same {
        return Err(corrupted("its candidates' lists have different lengths"));
    }
    if wire.expiring.len() != wire.expires_ms.len() {
        return Err(corrupted("its expiries' lists have different lengths"));
    }
    let arms: Vec<ArmKey> = wire.arms.iter().map(ArmKey::new).collect();
    let sources: Vec<Arc<str>> = wire.sources.iter().map(|name| Arc::from(name.as_str())).collect();
    let mut candidates = Vec::with_capacity(count);
    for index in 0..count {
        candidates.push(CandidateFact {
            key: ItemKey(array(&wire.keys[index * KEY..][..KEY], "decision.keys")?),
            content_hash: ItemKey(array(&wire.content_hashes[index * KEY..][..KEY], "decision.content_hashes")?),
            arm: entry(&arms, wire.arm[index], "arm")?,
            kind: match known(wire.kinds[index], "decision.kinds")? {
                pb::TipKind::Todo => TipKind::Todo,
                pb::TipKind::Unspecified | pb::TipKind::Advice => TipKind::Advice,
            },
            source: entry(&sources, wire.source[index], "source")?,
            expires_ms: None,
        });
    }
    for (index, at) in wire.expiring.iter().zip(&wire.expires_ms) {
        candidates
            .get_mut(*index as usize)
            .ok_or_else(|| corrupted("a candidate that it does not have expires"))?
            .expires_ms = Some(*at);
    }
    Ok(candidates)
}

fn features(bytes: &[u8]) -> Result<Arc<[i16]>> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(corrupted("its features end in the middle of a number"));
    }
    Ok(pairs.iter().map(|pair| i16::from_le_bytes(*pair)).collect())
}

fn removals(wire: &pb::Decision) -> Result<Vec<(ItemKey, Removal)>> {
    let (keys, rest) = wire.removed.as_chunks::<KEY>();
    if !rest.is_empty() || keys.len() != wire.reasons.len() {
        return Err(corrupted("its removals' lists have different lengths"));
    }
    keys.iter().zip(&wire.reasons).map(|(key, reason)| Ok((ItemKey(*key), removal_from_wire(*reason)?))).collect()
}

fn removal_to_wire(reason: Removal) -> pb::Removal {
    match reason {
        Removal::Consent => pb::Removal::Consent,
        Removal::CoolDown => pb::Removal::CoolDown,
        Removal::Snoozed => pb::Removal::Snoozed,
        Removal::Denied => pb::Removal::Denied,
        Removal::Duplicate => pb::Removal::Duplicate,
        Removal::Expired => pb::Removal::Expired,
        Removal::Overflow => pb::Removal::Overflow,
        Removal::Unavailable => pb::Removal::Unavailable,
    }
}

fn removal_from_wire(reason: i32) -> Result<Removal> {
    Ok(match known(reason, "decision.reasons")? {
        pb::Removal::Consent => Removal::Consent,
        pb::Removal::CoolDown => Removal::CoolDown,
        pb::Removal::Snoozed => Removal::Snoozed,
        pb::Removal::Denied => Removal::Denied,
        pb::Removal::Duplicate => Removal::Duplicate,
        pb::Removal::Expired => Removal::Expired,
        pb::Removal::Overflow => Removal::Overflow,
        pb::Removal::Unspecified | pb::Removal::Unavailable => Removal::Unavailable,
    })
}

fn entry<T: Clone>(table: &[T], index: u32, what: &str) -> Result<T> {
    table.get(index as usize).cloned().ok_or_else(|| corrupted(&format!("its table of {what}s is too short")))
}

/// Names that occur, each once, in the order of their first occurrence.
#[derive(Default)]
struct Table {
    names: Vec<String>,
}

impl Table {
    /// The index of `name`; a decision has few distinct names, so a scan beats a map.
    fn index(&mut self, name: &str) -> u32 {
        let found = self.names.iter().position(|known| known == name).unwrap_or_else(|| {
            self.names.push(name.to_owned());
            self.names.len() - 1
        });
        u32::try_from(found).unwrap_or(u32::MAX)
    }
}
