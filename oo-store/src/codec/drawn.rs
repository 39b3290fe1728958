//! Events as far as folding and learning need them: of a decision the drawn candidate alone.
//!
//! [`decode_drawn`] gives what [`decode`](super::decode) gives, passed through
//! [`EventBody::drawn_alone`](oo_core::event::EventBody::drawn_alone), without making what that would throw away. It reads the
//! bodies that make up a long log itself and leaves everything else, whatever is unusual and all judging of damage to the
//! whole decoder: what it reads itself is what our encoder writes, and it checks all that the whole decoder checks.

use std::sync::Arc;

use oo_core::Result;
use oo_core::candidate::{ArmKey, TipKind};
use oo_core::decision::{CandidateFact, Decision, Exploration, Mode, PolicyRef};
use oo_core::event::{Event, EventBody, ShadowFact};
use oo_core::id::{DecisionId, EventId, ItemKey, Position, Pseudonym};
use oo_core::moment::Moment;
use oo_core::reaction::{DismissReason, Reaction, ShownMode};
use oo_core::schema::SchemaHash;

use super::fields::{Fields, Packed, Read, Unusual, Value, count, nth};
use super::names::Names;
use super::{EVENT_FORMAT, decode};

const KEY: usize = 16;
/// The fields of a decision that may come again: the tables of arms and of sources.
const TABLES: u64 = 1 << 7 | 1 << 10;

/// The event that `bytes` hold, with no more than folding and learning need of it. Names come from `names`.
///
/// # Errors
/// As [`decode`](super::decode).
pub(crate) fn decode_drawn(bytes: &[u8], names: &mut Names) -> Result<Event> {
    match event(bytes, names) {
        Ok(event) => Ok(event),
        Err(Unusual) => {
            let event = decode(bytes)?;
            Ok(Event { body: event.body.drawn_alone(), ..event })
        }
    }
}

/// The event, where its form is the usual one.
pub(super) fn event(bytes: &[u8], names: &mut Names) -> Read<Event> {
    let (mut format, mut id, mut user, mut zone, mut body) = (0, None, None, "", None);
    let (mut at_ms, mut offset_s, mut recorded_ms) = (0, 0, 0);
    let mut fields = Fields::new(bytes);
    while let Some((number, value)) = fields.next(0)? {
        match number {
            1 => format = value.u32()?,
            2 => id = Some(EventId(value.array()?)),
            3 => at_ms = value.i64()?,
            4 => offset_s = value.sint32()?,
            5 => zone = value.text()?,
            6 => recorded_ms = value.i64()?,
            7 => user = Some(Pseudonym(value.array()?)),
            10.. if body.is_none() => body = Some((number, value.bytes()?)),
            _ => return Err(Unusual),
        }
    }
    let (number, message) = body.ok_or(Unusual)?;
    if format != EVENT_FORMAT {
        return Err(Unusual);
    }
    Ok(Event {
        id: id.ok_or(Unusual)?,
        body: match number {
            11 => EventBody::Decision(Arc::new(decision(message, names)?)),
            12 => reaction(message)?,
            13 => EventBody::Returned { decision: of_decision(message)? },
            14 => EventBody::Expired { decision: of_decision(message)? },
            15 => EventBody::Horizon { decision: of_decision(message)? },
            16 => EventBody::ParkingLapsed { decision: of_decision(message)? },
            20 => EventBody::Shadow(shadow(message, names)?),
            _ => return Err(Unusual),
        },
        moment: Moment { at_ms, offset_s, zone: names.get(zone) },
        recorded_ms,
        user,
    })
}

/// A message of nothing but a decision's id.
fn of_decision(bytes: &[u8]) -> Read<DecisionId> {
    let mut fields = Fields::new(bytes);
    match (fields.next(0)?, fields.next(0)?) {
        (Some((1, id)), None) => Ok(DecisionId(id.array()?)),
        _ => Err(Unusual),
    }
}

fn reaction(bytes: &[u8]) -> Read<EventBody> {
    let mut fields = Fields::new(bytes);
    let (Some((1, id)), Some((number, value)), None) = (fields.next(0)?, fields.next(0)?, fields.next(0)?) else {
        return Err(Unusual);
    };
    let reaction = match (number, only_number(value.bytes()?)?) {
        (2, None) => Reaction::Shown,
        (3, None) => Reaction::Done,
        (4, until_ms) => Reaction::Snooze { until_ms: until_ms.unwrap_or(0).cast_signed() },
        (5, reason) => Reaction::Dismiss {
            reason: match reason {
                None | Some(0) => None,
                Some(1) => Some(DismissReason::NotNow),
                Some(2) => Some(DismissReason::NotRelevant),
                Some(3) => Some(DismissReason::Never),
                Some(_) => return Err(Unusual),
            },
        },
        _ => return Err(Unusual),
    };
    Ok(EventBody::Reaction { decision: DecisionId(id.array()?), reaction })
}

/// The number of a message that has at most its first field.
fn only_number(bytes: &[u8]) -> Read<Option<u64>> {
    let mut fields = Fields::new(bytes);
    match (fields.next(0)?, fields.next(0)?) {
        (None, _) => Ok(None),
        (Some((1, value)), None) => value.u64().map(Some),
        _ => Err(Unusual),
    }
}

fn policy(bytes: &[u8], names: &mut Names) -> Read<PolicyRef> {
    let (mut id, mut version) = ("", 0);
    let mut fields = Fields::new(bytes);
    while let Some((number, value)) = fields.next(0)? {
        match number {
            1 => id = value.text()?,
            2 => version = value.u32()?,
            _ => return Err(Unusual),
        }
    }
    Ok(PolicyRef { id: names.get(id), version })
}

fn shadow(bytes: &[u8], names: &mut Names) -> Read<ShadowFact> {
    let (mut decision, mut by, mut learned_through) = (None, None, Position(0));
    let mut fields = Fields::new(bytes);
    while let Some((number, value)) = fields.next(0)? {
        match number {
            1 => decision = Some(DecisionId(value.array()?)),
            2 => by = Some(policy(value.bytes()?, names)?),
            3 => expect(value.bytes()?.len().is_multiple_of(8))?,
            4 => learned_through = Position(value.u64()?),
            _ => return Err(Unusual),
        }
    }
    let (decision, policy) = (decision.ok_or(Unusual)?, by.ok_or(Unusual)?);
    Ok(ShadowFact { decision, policy, pmf: Vec::new(), learned_through })
}

/// A table of names, each in a field of its own.
#[derive(Clone, Copy)]
struct Table<'a> {
    from: Fields<'a>,
    count: u64,
}

impl<'a> Table<'a> {
    fn new() -> Self {
        Table { from: Fields::new(&[]), count: 0 }
    }

    /// Takes the name that was read from `from`.
    fn take(&mut self, from: Fields<'a>, name: &str) -> Read<()> {
        if self.count == 0 {
            self.from = from;
        }
        self.count += 1;
        // Doing nothing is measured from the other candidates.
        expect(name != ArmKey::HOLD)
    }

    fn has(&self, index: u64) -> bool {
        index < self.count
    }

    /// The name at `index`.
    fn name(mut self, index: u64) -> Read<&'a str> {
        for _ in 0..index {
            self.from.next(TABLES)?;
        }
        self.from.next(TABLES)?.ok_or(Unusual)?.1.text()
    }
}

/// The lists of a decision, where they stand.
#[derive(Default)]
struct Lists<'a> {
    keys: &'a [u8],
    content_hashes: &'a [u8],
    arm: &'a [u8],
    kinds: &'a [u8],
    source: &'a [u8],
    expiring: &'a [u8],
    expires_ms: &'a [u8],
    features: &'a [u8],
    scores: &'a [u8],
    pmf: &'a [u8],
    removed: &'a [u8],
    reasons: &'a [u8],
    bounded: &'a [u8],
}

impl<'a> Lists<'a> {
    /// Whether every list has an entry for each candidate, and no entry points elsewhere; how many candidates there are.
    fn check(&self, arms: Table<'a>, sources: Table<'a>) -> Read<usize> {
        let candidates = self.keys.len() / KEY;
        let any = |_: u64| true;
        expect(candidates > 0 && self.keys.len() == candidates * KEY && self.content_hashes.len() == candidates * KEY)?;
        expect(self.scores.len() == 8 * candidates && self.pmf.len() == 8 * candidates)?;
        expect(self.features.len().is_multiple_of(2 * candidates))?;
        expect(count(self.arm, |index| arms.has(index))? == candidates)?;
        expect(count(self.source, |index| sources.has(index))? == candidates)?;
        expect(count(self.kinds, |kind| kind == 1 || kind == 2)? == candidates)?;
        expect(count(self.expiring, |index| index < candidates as u64)? == count(self.expires_ms, any)?)?;
        count(self.bounded, |index| index < candidates as u64)?;
        let removals = count(self.reasons, |reason| (1..=8).contains(&reason))?;
        expect(self.removed.len() == removals * KEY)?;
        Ok(candidates)
    }

    /// The candidate at `drawn` of `candidates`, its features and its probability.
    fn drawn(
        &self,
        drawn: usize,
        candidates: usize,
        (arms, sources): (Table<'a>, Table<'a>),
        names: &mut Names,
    ) -> Read<(CandidateFact, Arc<[i16]>, f64)> {
        let key = |keys: &[u8]| keys.as_chunks::<KEY>().0.get(drawn).copied().map(ItemKey).ok_or(Unusual);
        // An expiry that is stated twice is the later one.
        let mut expires_ms = None;
        for (index, at) in Packed(self.expiring).zip(Packed(self.expires_ms)) {
            if index? == drawn as u64 {
                expires_ms = Some(at?.cast_signed());
            }
        }
        let candidate = CandidateFact {
            key: key(self.keys)?,
            content_hash: key(self.content_hashes)?,
            arm: ArmKey(names.get(arms.name(nth(self.arm, drawn)?)?)),
            kind: if nth(self.kinds, drawn)? == 1 { TipKind::Todo } else { TipKind::Advice },
            source: names.get(sources.name(nth(self.source, drawn)?)?),
            expires_ms,
        };
        let dim = self.features.len() / (2 * candidates);
        let row = self.features.as_chunks::<2>().0.get(dim * drawn..dim * (drawn + 1)).ok_or(Unusual)?;
        let p = self.pmf.as_chunks::<8>().0.get(drawn).ok_or(Unusual)?;
        Ok((candidate, row.iter().map(|n| i16::from_le_bytes(*n)).collect(), f64::from_le_bytes(*p)))
    }
}

fn decision(bytes: &[u8], names: &mut Names) -> Read<Decision> {
    let mut lists = Lists::default();
    let (mut arms, mut sources) = (Table::new(), Table::new());
    let (mut id, mut request, mut mode, mut shown, mut by) = (None, None, None, None, None);
    let (mut drawn, mut holdout, mut exploration) = (0, false, Exploration::default());
    let (mut learned_through, mut epoch, mut schema, mut reward_spec) = (0, 0, None, 0);
    let (mut expires_ms, mut latency_us, mut fallback) = (None, 0, false);
    let mut fields = Fields::new(bytes);
    loop {
        let from = fields;
        let Some((number, value)) = fields.next(TABLES)? else { break };
        match number {
            1 => id = Some(DecisionId(value.array()?)),
            2 => request = Some(ItemKey(value.array()?)),
            3 if value == Value::Number(1) => mode = Some(Mode::Pull),
            4 if value == Value::Number(1) => shown = Some(ShownMode::OnAnswer),
            4 if value == Value::Number(2) => shown = Some(ShownMode::Reported),
            5 => lists.keys = value.bytes()?,
            6 => lists.content_hashes = value.bytes()?,
            7 => arms.take(from, value.text()?)?,
            8 => lists.arm = value.bytes()?,
            9 => lists.kinds = value.bytes()?,
            10 => sources.take(from, value.text()?)?,
            11 => lists.source = value.bytes()?,
            12 => lists.expiring = value.bytes()?,
            13 => lists.expires_ms = value.bytes()?,
            14 => lists.features = value.bytes()?,
            15 => lists.scores = value.bytes()?,
            16 => lists.pmf = value.bytes()?,
            17 => drawn = value.u32()?,
            18 => holdout = value.bool()?,
            19 => exploration.epsilon = value.f64()?,
            20 => exploration.holdout = value.f64()?,
            21 => by = Some(policy(value.bytes()?, names)?),
            22 => learned_through = value.u64()?,
            23 => epoch = value.u32()?,
            24 => schema = Some(SchemaHash(value.array()?)),
            25 => reward_spec = value.u32()?,
            26 => lists.removed = value.bytes()?,
            27 => lists.reasons = value.bytes()?,
            28 => expires_ms = Some(value.i64()?),
            29 | 30 => {
                value.text()?;
            }
            31 => latency_us = value.u32()?,
            32 => lists.bounded = value.bytes()?,
            33 => fallback = value.bool()?,
            34 => _ = count(value.bytes()?, |kind| (1..=5).contains(&kind))?,
            _ => return Err(Unusual),
        }
    }
    let candidates = lists.check(arms, sources)?;
    let place = usize::try_from(drawn).map_err(|_| Unusual)?;
    let (candidate, features, p) = lists.drawn(place, candidates, (arms, sources), names)?;
    Ok(Decision {
        id: id.ok_or(Unusual)?,
        request,
        mode: mode.ok_or(Unusual)?,
        shown: shown.ok_or(Unusual)?,
        candidates: vec![candidate],
        features,
        scores: Vec::new(),
        bounded: Vec::new(),
        pmf: vec![p],
        drawn: 0,
        holdout,
        exploration,
        policy: by.ok_or(Unusual)?,
        fallback,
        learned_through: Position(learned_through),
        epoch,
        schema: schema.ok_or(Unusual)?,
        reward_spec,
        removals: Vec::new(),
        expires_ms,
        prompt_version: None,
        llm_model: None,
        latency_us,
        heard: Vec::new(),
    })
}

fn expect(holds: bool) -> Read<()> {
    if holds { Ok(()) } else { Err(Unusual) }
}
