//! The saved body of a linear policy.
//!
//! Little-endian: u32 entries of a vector, u64 lessons, u32 arms; each arm, sorted by key: u32 length and key, u64
//! lessons, u64 lessons since the epoch began, Σxxᵀ (lower triangle, i64), Σrx (i64), Σr² (i64), the live factor (f64
//! bits). The factor is saved as it is, so that loading changes no bit. An arm that is kept as its lessons has the
//! highest bit of its number of lessons set, and after the lessons since the epoch began the lessons in their order: each
//! vector (i16), then each reward (i16).

use std::collections::BTreeMap;

use oo_core::candidate::ArmKey;
use oo_core::schema::MAX_FEATURES;
use oo_core::{Error, Result};
use sha2::Sha256;

use super::arm::Arm;
use super::sparse::{Sparse, dense_from};
use crate::bytes::{Reader, put_len, put_text};
use crate::factor::Factor;
use crate::frame::Frame;
use crate::kernel::packed_len;
use crate::statistic::Statistic;
use crate::sums::{Sums, check_grid};

/// The bit of an arm that is kept as its lessons.
const SPARSE: u64 = 1 << 63;

/// What is saved and hashed.
pub(crate) trait Kept {
    /// The number of lessons.
    fn lessons(&self) -> u64;
    /// Feeds the exact sums of vectors of `size` entries to `hash`.
    fn hash_into(&self, size: usize, hash: &mut Sha256);
    /// Writes it behind its key.
    fn write(&self, size: usize, out: &mut Vec<u8>);
}

impl Kept for Statistic {
    fn lessons(&self) -> u64 {
        self.sums().lessons()
    }

    fn hash_into(&self, _: usize, hash: &mut Sha256) {
        self.sums().hash_into(hash);
    }

    fn write(&self, size: usize, out: &mut Vec<u8>) {
        let sums = self.sums();
        out.reserve(64 + 16 * packed_len(size) + 8 * size);
        out.extend_from_slice(&sums.lessons().to_le_bytes());
        out.extend_from_slice(&self.since_epoch().to_le_bytes());
        for sum in sums.products().iter().chain(sums.rewards()) {
            out.extend_from_slice(&sum.to_le_bytes());
        }
        out.extend_from_slice(&sums.squares().to_le_bytes());
        for entry in self.factor().packed(size) {
            out.extend_from_slice(&entry.to_le_bytes());
        }
    }
}

impl Kept for Arm {
    fn lessons(&self) -> u64 {
        self.lessons()
    }

    fn hash_into(&self, size: usize, hash: &mut Sha256) {
        match self {
            Arm::Sparse(sparse) => sparse.sums(size).hash_into(hash),
            Arm::Dense(statistic) => statistic.sums().hash_into(hash),
        }
    }

    fn write(&self, size: usize, out: &mut Vec<u8>) {
        let sparse = match self {
            Arm::Dense(statistic) => return statistic.write(size, out),
            Arm::Sparse(sparse) => sparse,
        };
        out.extend_from_slice(&(SPARSE | sparse.count() as u64).to_le_bytes());
        out.extend_from_slice(&sparse.since_epoch().to_le_bytes());
        for (x, _) in sparse.lessons(size) {
            out.extend(x.iter().flat_map(|n| n.to_le_bytes()));
        }
        out.extend(sparse.lessons(size).flat_map(|(_, reward)| reward.to_le_bytes()));
    }
}

/// An arm as it was saved.
#[derive(Debug)]
enum Part {
    Dense { sums: Sums, since_epoch: u64, factor: Factor },
    Sparse { lessons: Vec<(Vec<i16>, i16)>, since_epoch: u64 },
}

impl Part {
    fn read(reader: &mut Reader<'_>, size: usize) -> Result<Self> {
        let lessons = reader.u64()?;
        let since_epoch = reader.u64()?;
        if since_epoch > lessons & !SPARSE {
            return Err(reader.corrupt());
        }
        if lessons & SPARSE != 0 {
            let lessons = Part::read_lessons(reader, lessons & !SPARSE, size)?;
            return Ok(Part::Sparse { lessons, since_epoch });
        }
        let products = reader.i64s(packed_len(size))?;
        let rewards = reader.i64s(size)?;
        let squares = reader.i64()?;
        let rows = reader.f64s(packed_len(size))?;
        let sums = Sums::restored(products, rewards, squares, lessons)?;
        let factor = Factor::restored(&rows, size).ok_or_else(|| reader.corrupt())?;
        Ok(Part::Dense { sums, since_epoch, factor })
    }

    fn read_lessons(reader: &mut Reader<'_>, count: u64, size: usize) -> Result<Vec<(Vec<i16>, i16)>> {
        let count =
            usize::try_from(count).ok().filter(|count| *count < dense_from(size)).ok_or_else(|| reader.corrupt())?;
        let rows = reader.i16s(count * size)?;
        let rewards = reader.i16s(count)?;
        check_grid(&rows, &rewards).map_err(|_| reader.corrupt())?;
        Ok(rows.chunks_exact(size).map(<[i16]>::to_vec).zip(rewards).collect())
    }

    /// The sums of the lessons.
    fn into_sums(self, size: usize) -> Result<Sums> {
        match self {
            Part::Dense { sums, .. } => Ok(sums),
            Part::Sparse { lessons, .. } => {
                let mut sums = Sums::new(size);
                for (x, reward) in &lessons {
                    sums.add(x, *reward)?;
                }
                Ok(sums)
            }
        }
    }

    /// Moves entry i of every vector to `place(i)` of one of `size`; the rest is zero.
    fn spread(&mut self, size: usize, place: impl Fn(usize) -> usize) {
        match self {
            Part::Dense { sums, .. } => *sums = sums.spread(size, place),
            Part::Sparse { lessons, .. } => {
                for (x, _) in lessons {
                    let mut spread = vec![0; size];
                    for (entry, n) in x.iter().enumerate() {
                        spread[place(entry)] = *n;
                    }
                    *x = spread;
                }
            }
        }
    }

    /// The lessons of both together; as sums where there are many, or only sums are known of some.
    fn merged(self, other: Part, size: usize) -> Result<Self> {
        match (self, other) {
            (Part::Sparse { mut lessons, .. }, Part::Sparse { lessons: more, .. })
                if lessons.len() + more.len() < dense_from(size) =>
            {
                lessons.extend(more);
                Ok(Part::Sparse { lessons, since_epoch: 0 })
            }
            (one, other) => {
                let mut sums = one.into_sums(size)?;
                sums.merge(&other.into_sums(size)?)?;
                Ok(Part::Dense { sums, since_epoch: 0, factor: Factor::default() })
            }
        }
    }
}

/// The arms of a linear policy; a shared policy's arm is the empty key.
#[derive(Debug)]
pub(crate) struct Body {
    size: usize,
    parts: BTreeMap<ArmKey, Part>,
}

impl Body {
    /// Writes `arms`, whose vectors have `size` entries.
    pub(crate) fn write<'a, T: Kept + 'a>(
        out: &mut Vec<u8>,
        size: usize,
        arms: impl Iterator<Item = (&'a str, &'a T)>,
    ) {
        let arms: Vec<_> = arms.collect();
        let lessons: u64 = arms.iter().map(|(_, arm)| arm.lessons()).sum();
        put_len(out, size);
        out.extend_from_slice(&lessons.to_le_bytes());
        put_len(out, arms.len());
        for (key, arm) in arms {
            put_text(out, key);
            arm.write(size, out);
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
            parts.insert(key, Part::read(reader, size)?);
        }
        Ok(Body { size, parts })
    }

    /// The lessons of all `bodies` together.
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
                let both = match merged.parts.remove(&key) {
                    Some(own) => own.merged(part, body.size)?,
                    None => part,
                };
                merged.parts.insert(key, both);
            }
        }
        all.ok_or_else(misfit)
    }

    /// The same sums over `frame`, which appends columns to the first `columns`.
    ///
    /// # Errors
    /// `storage` when they have another size.
    pub(crate) fn extended(self, columns: usize, frame: &Frame) -> Result<Self> {
        self.spread(columns, frame.dim, frame.size)
    }

    /// The same sums over `size` entries, of which `dim` are columns, the first `columns` the old ones, and the rest what
    /// stands behind the columns.
    ///
    /// # Errors
    /// `storage` when they have another size.
    pub(crate) fn spread(mut self, columns: usize, dim: usize, size: usize) -> Result<Self> {
        if dim < columns || self.size != columns + (size - dim) {
            return Err(misfit());
        }
        let place = |entry: usize| if entry < columns { entry } else { entry - columns + dim };
        for part in self.parts.values_mut() {
            part.spread(size, place);
        }
        self.size = size;
        Ok(self)
    }

    /// The arms as they were saved, laid out on `frame`.
    ///
    /// # Errors
    /// `storage` when they have another size.
    pub(crate) fn restored(self, frame: &Frame) -> Result<Vec<(ArmKey, Arm)>> {
        self.fit(frame, |part| match part {
            Part::Dense { sums, since_epoch, factor } => {
                Arm::Dense(Statistic::restored(sums, factor, since_epoch, frame))
            }
            Part::Sparse { lessons, since_epoch } => Arm::Sparse(Sparse::restored(&lessons, since_epoch, frame)),
        })
    }

    /// The arms of the saved lessons at the start of an epoch.
    ///
    /// # Errors
    /// `storage` when they have another size.
    pub(crate) fn derived(self, frame: &Frame) -> Result<Vec<(ArmKey, Arm)>> {
        self.fit(frame, |part| match part {
            Part::Dense { sums, .. } => Arm::Dense(Statistic::derived(sums, frame)),
            Part::Sparse { mut lessons, .. } => {
                lessons.sort_unstable();
                Arm::Sparse(Sparse::restored(&lessons, 0, frame))
            }
        })
    }

    fn fit(self, frame: &Frame, make: impl Fn(Part) -> Arm) -> Result<Vec<(ArmKey, Arm)>> {
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
