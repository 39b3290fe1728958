//! The saved body of `auto`.
//!
//! Little-endian: u32 entries of a vector; λ, σ² and the noise before the newest change (f64; 0 for no change); u64
//! lessons since the epoch began, u64 lessons of the next estimate; the segment's first decision (16 bytes). The window,
//! oldest first: u32 lessons; each: u32 length and key of its model, decision (16 bytes), features and reward (i16),
//! θᵀx and 1 + xᵀA⁻¹x (f64). The arms by key: u32 arms; each: u32 length and key, a byte that says whether sums before
//! the segment follow, those sums, the segment's sums, u64 lessons since its factor's epoch, the live factor (f64).
//! After a change, the fingerprints of the segment's lessons, oldest first: u32 count, u64 each. Sums: u64 lessons, Σxxᵀ (lower triangle), Σrx, Σr² (i64).

use std::collections::BTreeMap;
use std::sync::Arc;

use oo_core::Result;
use oo_core::candidate::ArmKey;
use oo_core::id::DecisionId;
use oo_core::lesson::Lesson;

use crate::auto::arm::Arm;
use crate::auto::members::Members;
use crate::auto::state::State;
use crate::auto::window::{BLOCK, BLOCKS, Foreseen, Window};
use crate::bytes::{Reader, put_len, put_text};
use crate::factor::Factor;
use crate::frame::Frame;
use crate::kernel::packed_len;
use crate::linucb::Sharing;
use crate::linucb::arms::Arms;
use crate::linucb::body::misfit;
use crate::statistic::Statistic;
use crate::sums::Sums;

/// Writes `state`.
pub(super) fn write(out: &mut Vec<u8>, state: &State) {
    let size = state.frame.size;
    put_len(out, size);
    for number in [state.frame.ridge, state.variance, state.known.unwrap_or(0.0)] {
        out.extend_from_slice(&number.to_le_bytes());
    }
    out.extend_from_slice(&state.since_epoch.to_le_bytes());
    out.extend_from_slice(&state.next.to_le_bytes());
    out.extend_from_slice(&state.boundary.0);
    put_len(out, state.window.len());
    for Foreseen { lesson, mean, spread, .. } in state.window.iter() {
        put_text(out, lesson.arm.as_str());
        out.extend_from_slice(&lesson.decision.0);
        for n in lesson.x.iter().chain([&lesson.reward]) {
            out.extend_from_slice(&n.to_le_bytes());
        }
        out.extend_from_slice(&mean.to_le_bytes());
        out.extend_from_slice(&spread.to_le_bytes());
    }
    put_len(out, state.arms.iter().count());
    for (key, arm) in state.arms.iter() {
        put_text(out, key);
        out.push(u8::from(arm.before.is_some()));
        for sums in arm.before.iter().chain([arm.present.sums()]) {
            write_sums(out, sums);
        }
        out.extend_from_slice(&arm.present.since_epoch().to_le_bytes());
        for entry in arm.present.factor().packed(size) {
            out.extend_from_slice(&entry.to_le_bytes());
        }
    }
    if state.known.is_some() {
        put_len(out, state.members.len());
        for fingerprint in state.members.iter() {
            out.extend_from_slice(&fingerprint.to_le_bytes());
        }
    }
}

/// Reads what [`write`] wrote, over `frame`, whose ridge is replaced by the saved one.
///
/// # Errors
/// `storage` for bytes that cannot be right.
pub(super) fn read(reader: &mut Reader<'_>, mut frame: Frame, sharing: Sharing) -> Result<State> {
    if reader.len()? != frame.size {
        return Err(misfit());
    }
    let (ridge, variance, known) = (reader.f64()?, reader.f64()?, reader.f64()?);
    let (since_epoch, next) = (reader.u64()?, reader.u64()?);
    let boundary = DecisionId(reader.array()?);
    let positive = |number: f64| number.is_finite() && number > 0.0;
    if !positive(ridge) || !positive(variance) || !(known == 0.0 || positive(known)) {
        return Err(reader.corrupt());
    }
    frame.ridge = ridge;
    let window = read_window(reader, frame.dim)?;
    let mut entries: Vec<(ArmKey, Arm)> = Vec::new();
    for _ in 0..reader.len()? {
        let key = ArmKey::new(reader.text()?);
        if entries.last().is_some_and(|(last, _)| *last >= key) {
            return Err(reader.corrupt());
        }
        let before = match reader.array()? {
            [0] => None,
            [1] => Some(read_sums(reader, frame.size)?),
            [_] => return Err(reader.corrupt()),
        };
        let sums = read_sums(reader, frame.size)?;
        let since = reader.u64()?;
        let rows = reader.f64s(packed_len(frame.size))?;
        let factor = Factor::restored(&rows, frame.size).ok_or_else(|| reader.corrupt())?;
        if since > sums.lessons() {
            return Err(reader.corrupt());
        }
        entries.push((key, Arm { present: Statistic::restored(sums, factor, since, &frame), before }));
    }
    if sharing == Sharing::Shared && (entries.len() != 1 || !entries[0].0.as_str().is_empty()) {
        return Err(misfit());
    }
    let members = if known > 0.0 { read_members(reader)? } else { Members::default() };
    let mut state = State {
        frame: Arc::new(frame),
        arms: Arms::new(entries),
        sharing,
        variance,
        known: (known > 0.0).then_some(known),
        boundary,
        members,
        window,
        lessons: 0,
        unknowns: 0,
        since_epoch,
        next,
        #[cfg(test)]
        looks: true,
    };
    state.count();
    state.window.surprised(&state.frame, state.variance);
    Ok(state)
}

/// The sums of all lessons of all `bodies` together, by model.
///
/// # Errors
/// `storage` for bytes that cannot be right, `invalid_input` for too many lessons.
pub(super) fn merged(bodies: Vec<Reader<'_>>, frame: &Frame, sharing: Sharing) -> Result<Vec<(ArmKey, Sums)>> {
    let mut totals: BTreeMap<ArmKey, Sums> = BTreeMap::new();
    for mut body in bodies {
        let state = read(&mut body, frame.clone(), sharing)?;
        body.end()?;
        for (key, (_, arm)) in state.arms.keys().zip(state.arms.iter()) {
            totals.entry(key.clone()).or_insert_with(|| Sums::new(frame.size)).merge(&arm.total()?)?;
        }
    }
    totals.retain(|_, total| !total.is_zero());
    Ok(totals.into_iter().collect())
}

/// The sums of all lessons of `state`, by model.
///
/// # Errors
/// `invalid_input` for too many lessons.
pub(super) fn totals(state: &State) -> Result<Vec<(ArmKey, Sums)>> {
    let arms = state.arms.keys().zip(state.arms.iter()).map(|(key, (_, arm))| Ok((key.clone(), arm.total()?)));
    let mut totals = arms.collect::<Result<Vec<_>>>()?;
    totals.retain(|(_, total)| !total.is_zero());
    Ok(totals)
}

fn read_window(reader: &mut Reader<'_>, dim: usize) -> Result<Window> {
    let count = reader.len()?;
    if count > BLOCK * BLOCKS {
        return Err(reader.corrupt());
    }
    let mut window = Window::default();
    for _ in 0..count {
        let arm = ArmKey::new(reader.text()?);
        let decision = DecisionId(reader.array()?);
        let integers = reader.bytes(2 * (dim + 1))?.as_chunks::<2>().0;
        let mut integers: Vec<i16> = integers.iter().map(|bytes| i16::from_le_bytes(*bytes)).collect();
        let reward = integers.pop().ok_or_else(|| reader.corrupt())?;
        let (mean, spread) = (reader.f64()?, reader.f64()?);
        if !mean.is_finite() || !(1.0..f64::INFINITY).contains(&spread) {
            return Err(reader.corrupt());
        }
        let lesson = Lesson { decision, ..Lesson::new(integers.into(), arm, reward) };
        window.push(Foreseen { lesson, mean, spread, misfit: 0.0 });
    }
    Ok(window)
}

fn read_members(reader: &mut Reader<'_>) -> Result<Members> {
    let count = reader.len()?;
    if count > Members::MOST {
        return Err(reader.corrupt());
    }
    let mut members = Members::default();
    for _ in 0..count {
        members.push_fingerprint(reader.u64()?);
    }
    Ok(members)
}

fn write_sums(out: &mut Vec<u8>, sums: &Sums) {
    out.extend_from_slice(&sums.lessons().to_le_bytes());
    for sum in sums.products().iter().chain(sums.rewards()).chain([&sums.squares()]) {
        out.extend_from_slice(&sum.to_le_bytes());
    }
}

fn read_sums(reader: &mut Reader<'_>, size: usize) -> Result<Sums> {
    let lessons = reader.u64()?;
    let (products, rewards) = (reader.i64s(packed_len(size))?, reader.i64s(size)?);
    Sums::restored(products, rewards, reader.i64()?, lessons)
}
