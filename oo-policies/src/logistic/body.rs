//! The saved body of a logistic policy, and what its state hash takes in.
//!
//! Little-endian: u32 entries of a vector, u32 arms; each arm, sorted by key: u32 length and key, u64 lessons, i32 newest
//! day, the base's mean and factor (f64 bits), u32 open lessons; each of those: decision (16 bytes), i32 day, i16 reward,
//! u8 1 and i16 replaced reward for a revision of what is settled or u8 0, features (i16). What is live follows.

use std::collections::BTreeMap;
use std::sync::Arc;

use oo_core::Result;
use oo_core::candidate::ArmKey;
use oo_core::grid::GRID_MAX;
use oo_core::id::DecisionId;

use super::laplace::Laplace;
use super::learner::{Learner, Reading};
use super::open::{Entry, Open};
use crate::bytes::{Reader, put_len, put_text};
use crate::kernel::packed_len;

/// The models by arm; a shared policy's arm is the empty key.
pub(crate) type Models = BTreeMap<ArmKey, Arc<Learner>>;

/// Writes `models`, whose vectors have `size` entries.
pub(crate) fn write(out: &mut Vec<u8>, size: usize, models: &Models) {
    put_len(out, size);
    put_len(out, models.len());
    for (key, model) in models {
        put_text(out, key.as_str());
        out.extend_from_slice(&model.lessons().to_le_bytes());
        out.extend_from_slice(&model.newest().to_le_bytes());
        for number in model.base().mean().iter().copied().chain(model.base().factor().packed(size)) {
            out.extend_from_slice(&number.to_le_bytes());
        }
        put_len(out, model.open().len());
        for entry in model.open().iter() {
            out.extend_from_slice(&entry.decision.0);
            out.extend_from_slice(&entry.day.to_le_bytes());
            out.extend_from_slice(&entry.reward.to_le_bytes());
            out.push(u8::from(entry.settled.is_some()));
            for n in entry.settled.iter().chain(entry.x.iter()) {
                out.extend_from_slice(&n.to_le_bytes());
            }
        }
    }
}

/// Reads what [`write`] wrote.
///
/// # Errors
/// `storage` for bytes that cannot be right.
pub(crate) fn read(reader: &mut Reader<'_>, reading: &Reading) -> Result<Models> {
    let (size, dim) = (reading.frame.size, reading.frame.dim);
    if reader.len()? != size {
        return Err(reader.corrupt());
    }
    let count = reader.len()?;
    let mut models: Models = BTreeMap::new();
    for _ in 0..count {
        let key = ArmKey::new(reader.text()?);
        if models.last_key_value().is_some_and(|(last, _)| *last >= key) {
            return Err(reader.corrupt());
        }
        let lessons = reader.u64()?;
        let newest = i32::from_le_bytes(reader.array()?);
        let mean = reader.f64s(size)?;
        let packed = reader.f64s(packed_len(size))?;
        let base = Laplace::restored(mean, &packed, &reading.frame).ok_or_else(|| reader.corrupt())?;
        let mut open = Open::default();
        let mut new = 0_u64;
        for _ in 0..reader.len()? {
            let entry = entry(reader, dim)?;
            new += u64::from(entry.settled.is_none());
            open.push(entry);
        }
        if open.len() > reading.most || new > lessons {
            return Err(reader.corrupt());
        }
        models.insert(key, Arc::new(Learner::restored(base, open, newest, lessons, reading)));
    }
    Ok(models)
}

fn entry(reader: &mut Reader<'_>, dim: usize) -> Result<Entry> {
    let decision = DecisionId(reader.array()?);
    let day = i32::from_le_bytes(reader.array()?);
    let reward = integer(reader)?;
    let settled = match reader.array()? {
        [0] => None,
        [1] => Some(integer(reader)?),
        _ => return Err(reader.corrupt()),
    };
    let x = (0..dim).map(|_| integer(reader)).collect::<Result<_>>()?;
    Ok(Entry { decision, x, reward, day, settled })
}

fn integer(reader: &mut Reader<'_>) -> Result<i16> {
    let n = i16::from_le_bytes(reader.array()?);
    if (-GRID_MAX..=GRID_MAX).contains(&n) { Ok(n) } else { Err(reader.corrupt()) }
}
