//! Saved policies: tagged, versioned, checked bytes.
//!
//! Format 1, little-endian: `oOpolicy`, u16 version, u32 length and settings as JSON, schema hash (32 bytes), the
//! reward range (2 × f64), u32 entries of a vector, u64 lessons, u32 arms; each arm: u32 length and key, u64 lessons,
//! u64 lessons since the epoch began, Σxxᵀ (lower triangle, i64), Σrx (i64), Σr² (i64), the live factor (f64 bits); at
//! last the SHA-256 of all before it. The factor is saved as it is, so that loading changes no bit.

use std::collections::BTreeMap;
use std::sync::Arc;

use oo_core::candidate::ArmKey;
use oo_core::grid::Grid;
use oo_core::policy::Policy;
use oo_core::schema::{FeatureSchema, MAX_FEATURES, SchemaHash};
use oo_core::{Error, ErrorKind, Result};
use sha2::{Digest, Sha256};

use crate::bytes::Reader;
use crate::factor::Factor;
use crate::kernel::packed_len;
use crate::linucb::Sharing;
use crate::linucb::arms::Arms;
use crate::linucb::disjoint::DisjointLinear;
use crate::linucb::head::Head;
use crate::linucb::shared::SharedLinear;
use crate::spec::PolicySpec;
use crate::statistic::Statistic;
use crate::sums::Sums;
use crate::uniform::Uniform;

const MAGIC: &[u8; 8] = b"oOpolicy";
const VERSION: u16 = 1;

/// A statistic as it was saved.
struct Part {
    key: ArmKey,
    sums: Sums,
    since_epoch: u64,
    factor: Factor,
}

/// A saved policy, read and checked, that has not met its schema yet.
struct Saved {
    spec: PolicySpec,
    schema: SchemaHash,
    reward: Grid,
    size: usize,
    lessons: u64,
    parts: Vec<Part>,
}

/// The policy that `bytes` were saved from, over the schema it was learned with.
///
/// # Errors
/// `invalid_input` when `bytes` are no saved policy, `storage` when they are truncated or corrupt, `incompatible` when a
/// newer oO wrote them or the schema is another one.
pub fn load(bytes: &[u8], schema: &FeatureSchema) -> Result<Arc<dyn Policy>> {
    let saved = Saved::read(bytes)?;
    schema.expect(saved.schema)?;
    saved.policy(schema, |part, frame| Statistic::restored(part.sums, part.factor, part.since_epoch, frame))
}

/// The policy of the lessons of all `policies` together, at the start of an epoch: exact, whatever the order.
///
/// # Errors
/// `invalid_input` for no policy; `incompatible` when settings, schemas or reward ranges differ, or a policy is not one
/// of this crate's.
pub fn merge(policies: &[Arc<dyn Policy>], schema: &FeatureSchema) -> Result<Arc<dyn Policy>> {
    let mut all: Option<Saved> = None;
    for policy in policies {
        let next = Saved::read(&policy.save()).map_err(|error| {
            Error::incompatible(format!(
                "a policy of kind {:?} does not merge: {}",
                policy.identity().kind,
                error.message()
            ))
        })?;
        schema.expect(next.schema)?;
        all = Some(match all {
            None => next,
            Some(merged) => merged.merged(next)?,
        });
    }
    let all = all.ok_or_else(|| Error::invalid("policies", "there is nothing to merge; pass at least one policy"))?;
    all.policy(schema, |part, frame| Statistic::derived(part.sums, frame))
}

/// The bytes of a linear policy.
pub(crate) fn write<'a>(head: &Head, arms: impl Iterator<Item = (&'a str, &'a Statistic)>) -> Vec<u8> {
    let arms: Vec<_> = arms.collect();
    let lessons = arms.iter().map(|(_, statistic)| statistic.sums().lessons()).sum();
    write_parts(&head.json, head.schema, head.reward, head.frame.size, lessons, &arms)
}

/// The bytes of any policy of this crate.
pub(crate) fn write_parts(
    json: &str,
    schema: SchemaHash,
    reward: Grid,
    size: usize,
    lessons: u64,
    arms: &[(&str, &Statistic)],
) -> Vec<u8> {
    let mut out = Vec::with_capacity(256 + json.len() + arms.len() * (64 + 16 * packed_len(size) + 8 * size));
    out.extend_from_slice(MAGIC);
    out.extend_from_slice(&VERSION.to_le_bytes());
    put_text(&mut out, json);
    out.extend_from_slice(&schema.0);
    out.extend_from_slice(&reward.lo().to_le_bytes());
    out.extend_from_slice(&reward.hi().to_le_bytes());
    put_len(&mut out, size);
    out.extend_from_slice(&lessons.to_le_bytes());
    put_len(&mut out, arms.len());
    for (key, statistic) in arms {
        let sums = statistic.sums();
        put_text(&mut out, key);
        out.extend_from_slice(&sums.lessons().to_le_bytes());
        out.extend_from_slice(&statistic.since_epoch().to_le_bytes());
        for sum in sums.products().iter().chain(sums.rewards()) {
            out.extend_from_slice(&sum.to_le_bytes());
        }
        out.extend_from_slice(&sums.squares().to_le_bytes());
        for entry in statistic.factor().packed(size) {
            out.extend_from_slice(&entry.to_le_bytes());
        }
    }
    let checksum = Sha256::digest(&out);
    out.extend_from_slice(&checksum);
    out
}

fn put_len(out: &mut Vec<u8>, len: usize) {
    out.extend_from_slice(&u32::try_from(len).unwrap_or(u32::MAX).to_le_bytes());
}

fn put_text(out: &mut Vec<u8>, text: &str) {
    put_len(out, text.len());
    out.extend_from_slice(text.as_bytes());
}

impl Saved {
    fn read(bytes: &[u8]) -> Result<Self> {
        let mut reader = Reader::open(bytes, MAGIC, VERSION, "policy")?;
        let json = reader.text()?;
        let spec = PolicySpec::parse(json).map_err(|error| {
            Error::new(
                ErrorKind::Incompatible,
                format!("the saved policy's settings are unknown here: {}", error.message()),
            )
        })?;
        let schema = SchemaHash(reader.array()?);
        let (lo, hi) = (reader.f64()?, reader.f64()?);
        let reward = Grid::new(lo, hi).map_err(|_| reader.corrupt())?;
        let size = reader.len()?;
        let lessons = reader.u64()?;
        let count = reader.len()?;
        if size > MAX_FEATURES + 1 {
            return Err(reader.corrupt());
        }
        let mut parts: Vec<Part> = Vec::new();
        for _ in 0..count {
            let key = ArmKey::new(reader.text()?);
            if parts.last().is_some_and(|last| last.key.as_str().as_bytes() >= key.as_str().as_bytes()) {
                return Err(reader.corrupt());
            }
            let lessons = reader.u64()?;
            let since_epoch = reader.u64()?;
            let products = reader.i64s(packed_len(size))?;
            let rewards = reader.i64s(size)?;
            let squares = reader.i64()?;
            let rows = reader.f64s(packed_len(size))?;
            let sums = Sums::restored(products, rewards, squares, lessons)?;
            let factor = Factor::restored(&rows, size).ok_or_else(|| reader.corrupt())?;
            if since_epoch > lessons {
                return Err(reader.corrupt());
            }
            parts.push(Part { key, sums, since_epoch, factor });
        }
        reader.end()?;
        Ok(Saved { spec, schema, reward, size, lessons, parts })
    }

    fn policy(
        self,
        schema: &FeatureSchema,
        statistic: impl Fn(Part, &crate::frame::Frame) -> Statistic,
    ) -> Result<Arc<dyn Policy>> {
        let misfit =
            || Error::storage("the saved policy does not fit its own settings; restore it from a backup or by replay");
        let Some(linear) = self.spec.linear() else {
            return Ok(Arc::new(Uniform::new(schema, self.reward, self.lessons)?));
        };
        let head = Head::new(&self.spec, &linear, schema, self.reward)?;
        if head.frame.size != self.size {
            return Err(misfit());
        }
        let mut statistics = Vec::with_capacity(self.parts.len());
        for part in self.parts {
            statistics.push((part.key.clone(), statistic(part, &head.frame)));
        }
        match linear.sharing {
            Sharing::Disjoint => Ok(Arc::new(DisjointLinear::new(head, Arms::new(statistics)))),
            Sharing::Shared => match (statistics.pop(), statistics.is_empty()) {
                (Some((key, statistic)), true) if key.as_str().is_empty() => {
                    Ok(Arc::new(SharedLinear::new(head, Some(statistic))))
                }
                _ => Err(misfit()),
            },
        }
    }

    fn merged(mut self, other: Saved) -> Result<Self> {
        if self.spec != other.spec
            || self.schema != other.schema
            || self.reward != other.reward
            || self.size != other.size
        {
            return Err(Error::incompatible("policies merge only with equal settings, schemas and reward ranges"));
        }
        self.lessons = self.lessons.saturating_add(other.lessons);
        let mut parts: BTreeMap<ArmKey, Part> = self.parts.into_iter().map(|part| (part.key.clone(), part)).collect();
        for part in other.parts {
            match parts.get_mut(&part.key) {
                Some(own) => own.sums.merge(&part.sums)?,
                None => {
                    parts.insert(part.key.clone(), part);
                }
            }
        }
        self.parts = parts.into_values().collect();
        Ok(self)
    }
}
