//! The saved body of a linear policy.
//!
//! Little-endian: u32 entries of a vector, u64 lessons, u32 arms; each arm, sorted by key: u32 length and key, u64
//! lessons, u64 lessons since the epoch began, Σxxᵀ (lower triangle, i64), Σrx (i64), Σr² (i64), the live factor (f64
//! bits). The factor is saved as it is, so that loading changes no bit.

use std::collections::BTreeMap;

use oo_core::candidate::ArmKey;
use oo_core::schema::MAX_FEATURES;
use oo_core::{Error, Result};

use crate::bytes::{Reader, put_len, put_text};
use crate::factor::Factor;
use crate::frame::Frame;
use crate::kernel::packed_len;
use crate::statistic::Statistic;
use crate::sums::Sums;

/// A statistic as it was saved.
#[derive(Debug)]
struct Part {
    sums: Sums,
    since_epoch: u64,
    factor: Factor,
}

/// The statistics of a linear policy, by arm; a shared policy's arm is the empty key.
#[derive(Debug)]
pub(crate) struct Body {
    size: usize,
    parts: BTreeMap<ArmKey, Part>,
}

impl Body {
    /// Writes `arms`, whose vectors have `size` entries.
    pub(crate) fn write<'a>(out: &mut Vec<u8>, size: usize, arms: impl Iterator<Item = (&'a str, &'a Statistic)>) {
        let arms: Vec<_> = arms.collect();
        let lessons: u64 = arms.iter().map(|(_, statistic)| statistic.sums().lessons()).sum();
        out.reserve(arms.len() * (64 + 16 * packed_len(size) + 8 * size));
        put_len(out, size);
        out.extend_from_slice(&lessons.to_le_bytes());
        put_len(out, arms.len());
        for (key, statistic) in arms {
            let sums = statistic.sums();
            put_text(out, key);
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
    }

    /// Reads what [`write`](Body::write) wrote.
    ///
    /// # Errors
    /// `storage` for bytes that cannot be right.
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self> {
        let size = reader.len()?;
        let _ = reader.u64()?;
        let count = reader.len()?;
        if size > MAX_FEATURES + 1 {
            return Err(reader.corrupt());
        }
        let mut parts: BTreeMap<ArmKey, Part> = BTreeMap::new();
        for _ in 0..count {
            let key = ArmKey::new(reader.text()?);
            if parts.last_key_value().is_some_and(|(last, _)| last.as_str().as_bytes() >= key.as_str().as_bytes()) {
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
            parts.insert(key, Part { sums, since_epoch, factor });
        }
        Ok(Body { size, parts })
    }

    /// The sums of all `bodies` together.
    ///
    /// # Errors
    /// `storage` for bytes that cannot be right, `invalid_input` for too many lessons.
    pub(crate) fn merged(bodies: Vec<Reader<'_>>) -> Result<Self> {
        let mut all: Option<Body> = None;
        for mut reader in bodies {
            let body = Body::read(&mut reader)?;
            reader.end()?;
            let Some(merged) = &mut all else {
                all = Some(body);
                continue;
            };
            if merged.size != body.size {
                return Err(misfit());
            }
            for (key, part) in body.parts {
                match merged.parts.get_mut(&key) {
                    Some(own) => own.sums.merge(&part.sums)?,
                    None => {
                        merged.parts.insert(key, part);
                    }
                }
            }
        }
        all.ok_or_else(misfit)
    }

    /// The same sums over `frame`, which appends columns to the first `columns`.
    ///
    /// # Errors
    /// `storage` when they have another size.
    pub(crate) fn extended(mut self, columns: usize, frame: &Frame) -> Result<Self> {
        let intercept = usize::from(frame.has_intercept());
        if self.size != columns + intercept || frame.dim < columns {
            return Err(misfit());
        }
        let place = |entry: usize| if entry < columns { entry } else { frame.dim };
        for part in self.parts.values_mut() {
            part.sums = part.sums.spread(frame.size, place);
        }
        self.size = frame.size;
        Ok(self)
    }

    /// The statistics as they were saved, laid out on `frame`.
    ///
    /// # Errors
    /// `storage` when they have another size.
    pub(crate) fn restored(self, frame: &Frame) -> Result<Vec<(ArmKey, Statistic)>> {
        self.fit(frame, |part| Statistic::restored(part.sums, part.factor, part.since_epoch, frame))
    }

    /// The statistics of the saved sums at the start of an epoch.
    ///
    /// # Errors
    /// `storage` when they have another size.
    pub(crate) fn derived(self, frame: &Frame) -> Result<Vec<(ArmKey, Statistic)>> {
        self.fit(frame, |part| Statistic::derived(part.sums, frame))
    }

    fn fit(self, frame: &Frame, make: impl Fn(Part) -> Statistic) -> Result<Vec<(ArmKey, Statistic)>> {
        if self.size != frame.size {
            return Err(misfit());
        }
        Ok(self.parts.into_iter().map(|(key, part)| (key, make(part))).collect())
    }
}

/// The error for a body that does not fit its settings.
pub(crate) fn misfit() -> Error {
    Error::storage("the saved policy does not fit its own settings; restore it from a backup or by replay")
}
