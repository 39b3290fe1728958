//! The saved body of a hybrid policy.
//!
//! Little-endian: u32 entries of z, u32 entries of x; the common statistic; u32 arms; each arm, sorted by key: u32 length
//! and key, its statistic, Σxzᵀ (i64, x by x; left out where z is x). A statistic is u64 lessons, u64 lessons since the
//! epoch began, Σxxᵀ (lower triangle, i64), Σrx (i64), Σr² (i64), the live factor (f64 bits).

use std::collections::BTreeMap;
use std::sync::Arc;

use oo_core::Result;
use oo_core::candidate::ArmKey;

use super::body::misfit;
use super::cross::{ArmSums, CrossSums};
use super::hybrid_state::{HybridArm, HybridState};
use super::joint::Joint;
use crate::bytes::{Reader, put_len, put_text};
use crate::factor::Factor;
use crate::kernel::packed_len;
use crate::sums::Sums;

/// Writes `state`.
pub(super) fn write(out: &mut Vec<u8>, state: &HybridState, joint: &Joint) {
    put_len(out, joint.common.size);
    put_len(out, joint.own.size);
    put_statistic(out, &state.sums, state.since_epoch, &state.factor);
    put_len(out, state.arms.len());
    for (key, arm) in &state.arms {
        put_text(out, key.as_str());
        put_statistic(out, &arm.sums.own, arm.since_epoch, &arm.factor);
        for sum in &arm.sums.cross {
            out.extend_from_slice(&sum.to_le_bytes());
        }
    }
}

/// Reads what [`write`] wrote, to the body's end.
///
/// # Errors
/// `storage` for bytes that cannot be right.
pub(super) fn read(reader: &mut Reader<'_>, joint: &Joint) -> Result<HybridState> {
    if reader.len()? != joint.common.size || reader.len()? != joint.own.size {
        return Err(misfit());
    }
    let (sums, since_epoch, factor) = statistic(reader, joint.common.size)?;
    let count = reader.len()?;
    let mut arms: BTreeMap<ArmKey, Arc<HybridArm>> = BTreeMap::new();
    for _ in 0..count {
        let key = ArmKey::new(reader.text()?);
        if arms.last_key_value().is_some_and(|(last, _)| last.as_str().as_bytes() >= key.as_str().as_bytes()) {
            return Err(reader.corrupt());
        }
        let (own, since_epoch, factor) = statistic(reader, joint.own.size)?;
        let cross = if joint.is_one() { 0 } else { joint.own.size * joint.common.size };
        let sums = ArmSums { own, cross: reader.i64s(cross)? };
        arms.insert(key, Arc::new(HybridArm::restored(sums, factor, since_epoch, joint)));
    }
    Ok(HybridState::restored(sums, factor, since_epoch, arms, joint))
}

/// The sums of all `bodies` together.
///
/// # Errors
/// `storage` for bytes that cannot be right, `invalid_input` for too many lessons.
pub(super) fn merged(bodies: Vec<Reader<'_>>, joint: &Joint) -> Result<CrossSums> {
    let mut all = CrossSums { common: Sums::new(joint.common.size), arms: BTreeMap::new() };
    for mut reader in bodies {
        let state = read(&mut reader, joint)?;
        reader.end()?;
        all.merge(state.into_sums())?;
    }
    Ok(all)
}

fn put_statistic(out: &mut Vec<u8>, sums: &Sums, since_epoch: u64, factor: &Factor) {
    out.extend_from_slice(&sums.lessons().to_le_bytes());
    out.extend_from_slice(&since_epoch.to_le_bytes());
    for sum in sums.products().iter().chain(sums.rewards()) {
        out.extend_from_slice(&sum.to_le_bytes());
    }
    out.extend_from_slice(&sums.squares().to_le_bytes());
    for entry in factor.packed(sums.size()) {
        out.extend_from_slice(&entry.to_le_bytes());
    }
}

fn statistic(reader: &mut Reader<'_>, size: usize) -> Result<(Sums, u64, Factor)> {
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
    Ok((sums, since_epoch, factor))
}
