//! One model's exact sums, a part a UTC day of the decision, and what is derived from them for a newest day.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use oo_core::{Error, Result};
use sha2::{Digest, Sha256};

use super::derived::Derived;
use super::head::DriftHead;
use super::part::{Part, never};
use super::weighted::Weighted;
use crate::bytes::{Reader, put_len};

/// How much a lesson of some age in days weighs.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fading {
    /// 2^(−age/h).
    HalfLife(f64),
    /// 1 in the newest n days, else 0.
    Window(u32),
}

impl Fading {
    /// Whether weights other than 0 and 1 occur, so that Ṽ ≠ V.
    pub(crate) fn spreads(self) -> bool {
        matches!(self, Fading::HalfLife(_))
    }

    fn weight(self, age: i64) -> f64 {
        match self {
            // Beyond a hundred half-lives a lesson is lost in the rounding of any other.
            Fading::HalfLife(days) if age as f64 <= 100.0 * days => libm::exp2(-(age as f64) / days),
            Fading::Window(days) if age < i64::from(days) => 1.0,
            _ => 0.0,
        }
    }
}

/// Exact sums by day; the derived parts are filled at their first use, from the sums alone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Days {
    parts: BTreeMap<i32, Arc<Part>>,
    older: OnceLock<Arc<Weighted>>,
    derived: OnceLock<Arc<Derived>>,
}

impl Days {
    /// The number of lessons.
    pub(crate) fn lessons(&self, size: usize) -> u64 {
        self.parts.values().map(|part| part.lessons(size)).sum()
    }

    /// Whether nothing is in it.
    pub(crate) fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// The newest day with a lesson.
    pub(crate) fn newest(&self, size: usize) -> Option<i32> {
        self.parts.iter().rev().find(|(_, part)| part.lessons(size) > 0).map(|(day, _)| *day)
    }

    /// Changes the part of `day`; what was derived of older days stays if `day` is `newest`.
    pub(crate) fn change(
        &mut self,
        day: i32,
        newest: Option<i32>,
        change: impl FnOnce(&mut Part) -> Result<()>,
    ) -> Result<()> {
        self.derived = OnceLock::new();
        if newest != Some(day) {
            self.older = OnceLock::new();
        }
        let part = self.parts.entry(day).or_insert_with(|| Arc::new(Part::new()));
        change(Arc::make_mut(part))?;
        if part.is_zero() {
            self.parts.remove(&day);
        }
        Ok(())
    }

    /// Whether the part of `day` has outgrown its lessons, which are no longer known one by one.
    pub(crate) fn is_outgrown(&self, day: i32, size: usize) -> bool {
        self.parts.get(&day).is_some_and(|part| part.is_outgrown(size))
    }

    /// Takes a lesson of `day` away.
    pub(crate) fn subtract(&mut self, day: i32, x: &[i16], reward: i16) -> Result<()> {
        if !self.parts.contains_key(&day) {
            return Err(never());
        }
        self.change(day, None, |part| part.subtract(x, reward))
    }

    /// Drops what was derived, because the newest day is another.
    pub(crate) fn age(&mut self) {
        self.older = OnceLock::new();
        self.derived = OnceLock::new();
    }

    /// Adds the lessons of `other`.
    pub(crate) fn merge(&mut self, other: &Days, size: usize) -> Result<()> {
        self.age();
        for (day, part) in &other.parts {
            match self.parts.get_mut(day) {
                Some(own) => Arc::make_mut(own).merge(part, size)?,
                None => {
                    self.parts.insert(*day, part.clone());
                }
            }
        }
        Ok(())
    }

    /// The same lessons over longer vectors, as [`Part::spread`].
    pub(crate) fn spread(&self, from: usize, size: usize, place: impl Fn(usize) -> usize) -> Days {
        let parts = self.parts.iter().map(|(day, part)| (*day, Arc::new(part.spread(from, size, &place)))).collect();
        Days { parts, ..Days::default() }
    }

    /// The model, ages counted from `newest`.
    pub(crate) fn derived(&self, head: &DriftHead, fading: Fading, newest: i32) -> &Derived {
        self.derived.get_or_init(|| {
            let older = self.older.get_or_init(|| Arc::new(self.weighted(head, fading, newest)));
            let mut all = older.as_ref().clone();
            if let Some(part) = self.parts.get(&newest) {
                add(&mut all, part, 1.0, head);
            }
            Arc::new(Derived::new(&all, &head.frame, &head.width))
        })
    }

    /// The weighted sums of the days before `newest`, oldest first.
    fn weighted(&self, head: &DriftHead, fading: Fading, newest: i32) -> Weighted {
        let mut sums = Weighted::new(head.frame.size, fading.spreads());
        for (day, part) in self.parts.range(..newest) {
            let weight = fading.weight(i64::from(newest) - i64::from(*day));
            if weight > 0.0 {
                add(&mut sums, part, weight, head);
            }
        }
        sums
    }

    /// Feeds each day with lessons, oldest first, and its sums to `hash`.
    pub(crate) fn hash_into(&self, size: usize, hash: &mut Sha256) {
        let days = || self.parts.iter().filter(|(_, part)| part.lessons(size) > 0);
        hash.update((days().count() as u64).to_le_bytes());
        for (day, part) in days() {
            hash.update(day.to_le_bytes());
            if let Ok(sums) = part.sums(size) {
                sums.hash_into(hash);
            }
        }
    }

    /// Writes u32 days; each, oldest first: i32 day, its [`Part`].
    pub(crate) fn write(&self, size: usize, out: &mut Vec<u8>) {
        put_len(out, self.parts.len());
        for (day, part) in &self.parts {
            out.extend_from_slice(&day.to_le_bytes());
            part.write(size, out);
        }
    }

    /// Reads what [`write`](Days::write) wrote.
    pub(crate) fn read(reader: &mut Reader<'_>, size: usize) -> Result<Self> {
        let mut parts: BTreeMap<i32, Arc<Part>> = BTreeMap::new();
        for _ in 0..reader.len()? {
            let day = i32::from_le_bytes(reader.array()?);
            if parts.last_key_value().is_some_and(|(last, _)| *last >= day) {
                return Err(reader.corrupt());
            }
            parts.insert(day, Arc::new(Part::read(reader, size)?));
        }
        Ok(Days { parts, ..Days::default() })
    }
}

/// Adds `part` if it has lessons; those that it has were checked when they came.
fn add(sums: &mut Weighted, part: &Part, weight: f64, head: &DriftHead) {
    let size = head.frame.size;
    if part.lessons(size) > 0
        && let Ok(exact) = part.sums(size)
    {
        sums.add(&exact, weight, &head.frame);
    }
}

/// The error for two bodies of different sizes.
pub(crate) fn sizes(a: usize, b: usize) -> Error {
    Error::incompatible(format!("vectors of {a} and {b} entries do not merge"))
}
