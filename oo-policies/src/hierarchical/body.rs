//! The saved body of the personal and pooled policy.
//!
//! Little-endian: u8 people (0 kept by the engine, 1 held here), u32 entries of a vector; the population: u64 lessons,
//! u64 lessons since the epoch began, Σxxᵀ (lower triangle, i64), Σrx (i64), Σr² (i64), the live factor (f64 bits); u32
//! people; each, sorted by pseudonym: 16 bytes, u8 form (0 lessons: u32 count, rows of features and reward as i16; 1
//! sums: as the population's, the intercept always an entry, without factor and epoch).

use std::sync::Arc;

use oo_core::Result;
use oo_core::id::Pseudonym;
use oo_core::policy::Policy;

use super::crowd::Crowd;
use super::held::Held;
use super::person::{Kept, Person};
use super::population::Population;
use crate::bytes::{Reader, put_len};
use crate::factor::Factor;
use crate::frame::Frame;
use crate::kernel::packed_len;
use crate::kind::People;
use crate::statistic::Statistic;
use crate::sums::Sums;

/// A body as it was saved.
#[derive(Debug)]
pub(crate) struct Saved {
    people: People,
    sums: Sums,
    since_epoch: u64,
    factor: Factor,
    crowd: Crowd,
    dim: usize,
}

/// Writes the body.
pub(crate) fn write(out: &mut Vec<u8>, frame: &Frame, statistic: &Statistic, people: People, crowd: &Crowd) {
    out.push(u8::from(people == People::Held));
    put_len(out, frame.size);
    out.extend_from_slice(&statistic.sums().lessons().to_le_bytes());
    out.extend_from_slice(&statistic.since_epoch().to_le_bytes());
    put_sums(out, statistic.sums());
    for entry in statistic.factor().packed(frame.size) {
        out.extend_from_slice(&entry.to_le_bytes());
    }
    put_len(out, crowd.len());
    for (pseudonym, person) in crowd.iter() {
        out.extend_from_slice(&pseudonym.0);
        match person.kept() {
            Kept::Lessons(rows) => {
                out.push(0);
                put_len(out, rows.len() / (frame.dim + 1));
                rows.iter().for_each(|n| out.extend_from_slice(&n.to_le_bytes()));
            }
            Kept::Sums(sums) => {
                out.push(1);
                out.extend_from_slice(&sums.lessons().to_le_bytes());
                put_sums(out, sums);
            }
        }
    }
}

fn put_sums(out: &mut Vec<u8>, sums: &Sums) {
    for sum in sums.products().iter().chain(sums.rewards()) {
        out.extend_from_slice(&sum.to_le_bytes());
    }
    out.extend_from_slice(&sums.squares().to_le_bytes());
}

fn take_sums(reader: &mut Reader<'_>, size: usize, lessons: u64) -> Result<Sums> {
    let products = reader.i64s(packed_len(size))?;
    let rewards = reader.i64s(size)?;
    let squares = reader.i64()?;
    Sums::restored(products, rewards, squares, lessons)
}

impl Saved {
    /// Reads what [`write`] wrote.
    ///
    /// # Errors
    /// `storage` for bytes that cannot be right.
    pub(crate) fn read(reader: &mut Reader<'_>, frame: &Frame) -> Result<Self> {
        let people = match reader.array::<1>()? {
            [0] => People::Loaded,
            [1] => People::Held,
            _ => return Err(reader.corrupt()),
        };
        if reader.len()? != frame.size {
            return Err(reader.corrupt());
        }
        let lessons = reader.u64()?;
        let since_epoch = reader.u64()?;
        let sums = take_sums(reader, frame.size, lessons)?;
        let rows = reader.f64s(packed_len(frame.size))?;
        let factor = Factor::restored(&rows, frame.size).ok_or_else(|| reader.corrupt())?;
        let count = reader.len()?;
        if since_epoch > lessons || (people == People::Loaded && count > 0) {
            return Err(reader.corrupt());
        }
        let mut crowd = Crowd::default();
        let mut last: Option<Pseudonym> = None;
        for _ in 0..count {
            let pseudonym = Pseudonym(reader.array()?);
            if last.is_some_and(|last| last >= pseudonym) {
                return Err(reader.corrupt());
            }
            last = Some(pseudonym);
            *crowd.change(pseudonym, frame.dim) = read_person(reader, frame.dim)?;
        }
        Ok(Saved { people, sums, since_epoch, factor, crowd, dim: frame.dim })
    }

    /// Adds the lessons of `other`, population and people.
    ///
    /// # Errors
    /// `invalid_input` for too many lessons.
    pub(crate) fn merge(&mut self, other: &Saved) -> Result<()> {
        self.sums.merge(&other.sums)?;
        self.crowd.merge(&other.crowd, self.dim)?;
        if other.people == People::Held {
            self.people = People::Held;
        }
        Ok(())
    }

    /// The policy as it was saved.
    pub(crate) fn restored(self, fresh: &Population) -> Arc<dyn Policy> {
        let statistic = Statistic::restored(self.sums, self.factor, self.since_epoch, fresh.frame());
        policy(fresh.with(statistic), self.people, self.crowd)
    }

    /// The policy of these lessons at the start of an epoch.
    pub(crate) fn derived(self, fresh: &Population) -> Arc<dyn Policy> {
        let statistic = Statistic::derived(self.sums, fresh.frame());
        policy(fresh.with(statistic), self.people, self.crowd)
    }
}

/// The policy of `population` and, where it holds its people, `crowd`.
pub(crate) fn policy(population: Population, people: People, crowd: Crowd) -> Arc<dyn Policy> {
    match people {
        People::Held => Arc::new(Held::new(population, crowd)),
        People::Loaded => Arc::new(population),
    }
}

fn read_person(reader: &mut Reader<'_>, dim: usize) -> Result<Person> {
    let kept = match reader.array::<1>()? {
        [0] => {
            let count = reader.len()?;
            if count == 0 || count > dim {
                return Err(reader.corrupt());
            }
            let bytes = reader.bytes(2 * count * (dim + 1))?;
            Kept::Lessons(bytes.as_chunks::<2>().0.iter().map(|bytes| i16::from_le_bytes(*bytes)).collect())
        }
        [1] => {
            let lessons = reader.u64()?;
            Kept::Sums(take_sums(reader, dim + 1, lessons)?)
        }
        _ => return Err(reader.corrupt()),
    };
    Ok(Person::restored(dim, kept))
}
