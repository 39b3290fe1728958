//! Saved policies: tagged, versioned, checked bytes.
//!
//! Format 1, little-endian: `oOpolicy`, u16 version, u32 length and settings as JSON, schema hash (32 bytes), the
//! reward range (2 × f64), the body of the policy's kind, and at last the SHA-256 of all before it. The settings say
//! which kind's body it is; each kind documents its own.

use std::sync::Arc;

use oo_core::grid::Grid;
use oo_core::policy::Policy;
use oo_core::schema::{FeatureSchema, SchemaHash};
use oo_core::{Error, ErrorKind, Result};
use sha2::{Digest, Sha256};

use crate::bytes::{Reader, put_text};
use crate::kind::Ground;
use crate::spec::PolicySpec;

const MAGIC: &[u8; 8] = b"oOpolicy";
const VERSION: u16 = 1;

/// What stands before the body.
struct Head {
    spec: PolicySpec,
    schema: SchemaHash,
    reward: Grid,
}

/// The policy that `bytes` were saved from, over the schema it was learned with.
///
/// # Errors
/// `invalid_input` when `bytes` are no saved policy, `storage` when they are truncated or corrupt, `incompatible` when a
/// newer oO wrote them or the schema is another one.
pub fn load(bytes: &[u8], schema: &FeatureSchema) -> Result<Arc<dyn Policy>> {
    let (head, mut body) = read(bytes)?;
    schema.expect(head.schema)?;
    let policy = head.spec.settings().restore(Ground::new(&head.spec, schema, head.reward)?, &mut body)?;
    body.end()?;
    Ok(policy)
}

/// The policy of the lessons of all `policies` together, at the start of an epoch: exact, whatever the order.
///
/// # Errors
/// `invalid_input` for no policy; `incompatible` when settings, schemas or reward ranges differ, statistics do not add,
/// or a policy is not one of this crate's.
pub fn merge(policies: &[Arc<dyn Policy>], schema: &FeatureSchema) -> Result<Arc<dyn Policy>> {
    let saved: Vec<Vec<u8>> = policies.iter().map(|policy| policy.save()).collect();
    let mut first: Option<Head> = None;
    let mut bodies = Vec::with_capacity(saved.len());
    for (policy, bytes) in policies.iter().zip(&saved) {
        let (head, body) = read(bytes).map_err(|error| {
            let kind = policy.identity().kind;
            Error::incompatible(format!("a policy of kind {kind:?} does not merge: {}", error.message()))
        })?;
        schema.expect(head.schema)?;
        bodies.push(body);
        match &first {
            None => first = Some(head),
            Some(first) if first.spec == head.spec && first.reward == head.reward => {}
            Some(_) => {
                return Err(Error::incompatible("policies merge only with equal settings, schemas and reward ranges"));
            }
        }
    }
    let head =
        first.ok_or_else(|| Error::invalid("policies", "there is nothing to merge; pass at least one policy"))?;
    head.spec.settings().merge(Ground::new(&head.spec, schema, head.reward)?, bodies)
}

/// The policy that `bytes` were saved from over `old`, over `new`, which appends features to it: exactly the policy of the
/// same lessons with a 0 in each appended column, at the start of an epoch. None where its statistics do not extend: it
/// must be learned again.
///
/// # Errors
/// As [`load`] over `old`; `incompatible` when `new` does not extend `old`.
pub fn extend(bytes: &[u8], old: &FeatureSchema, new: &FeatureSchema) -> Result<Option<Arc<dyn Policy>>> {
    let (head, mut body) = read(bytes)?;
    old.expect(head.schema)?;
    if !new.extends(old) {
        return Err(Error::incompatible(
            "the new schema does not only append features to the old one; learn the policy again from the log",
        ));
    }
    head.spec.settings().extend(Ground::new(&head.spec, new, head.reward)?, old.dim(), &mut body)
}

/// The bytes of a policy on `ground` whose body `body` writes.
pub(crate) fn write(ground: &Ground, body: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut out = Vec::with_capacity(256 + ground.json.len());
    out.extend_from_slice(MAGIC);
    out.extend_from_slice(&VERSION.to_le_bytes());
    put_text(&mut out, &ground.json);
    out.extend_from_slice(&ground.schema.hash().0);
    out.extend_from_slice(&ground.reward.lo().to_le_bytes());
    out.extend_from_slice(&ground.reward.hi().to_le_bytes());
    body(&mut out);
    let checksum = Sha256::digest(&out);
    out.extend_from_slice(&checksum);
    out
}

fn read(bytes: &[u8]) -> Result<(Head, Reader<'_>)> {
    let mut reader = Reader::open(bytes, MAGIC, VERSION, "policy")?;
    let json = reader.text()?;
    let spec = PolicySpec::parse(json).map_err(|error| {
        let message = format!("the saved policy's settings are unknown here ({}); upgrade oO", error.message());
        Error::new(ErrorKind::Incompatible, message)
    })?;
    let schema = SchemaHash(reader.array()?);
    let (lo, hi) = (reader.f64()?, reader.f64()?);
    let reward = Grid::new(lo, hi).map_err(|_| reader.corrupt())?;
    Ok((Head { spec, schema, reward }, reader))
}
