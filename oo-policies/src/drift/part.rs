//! The lessons of one day: themselves while they are few, their sums when they are many.
//!
//! Hash and derived numbers are those of the sums in either form.

use std::borrow::Cow;

use oo_core::grid::GRID_MAX;
use oo_core::{Error, Result};

use crate::bytes::{Reader, put_len};
use crate::kernel::packed_len;
use crate::sums::Sums;

/// The exact statistic of one day.
#[derive(Clone, Debug)]
pub(crate) enum Part {
    /// At most as many lessons as entries: each its entries, then its reward.
    Few(Vec<i16>),
    /// More than that, or a revision of a lesson that another shard has.
    Many(Box<Sums>),
}

impl Part {
    /// The statistic of no lesson.
    pub(crate) fn new() -> Self {
        Part::Few(Vec::new())
    }

    /// The number of lessons.
    pub(crate) fn lessons(&self, size: usize) -> u64 {
        match self {
            Part::Few(rows) => (rows.len() / (size + 1)) as u64,
            Part::Many(sums) => sums.lessons(),
        }
    }

    /// Whether there is no lesson and no revision of one.
    pub(crate) fn is_zero(&self) -> bool {
        match self {
            Part::Few(rows) => rows.is_empty(),
            Part::Many(sums) => sums.is_zero(),
        }
    }

    /// Whether it is sums and would be lessons, had those never come that were taken away.
    pub(crate) fn is_outgrown(&self, size: usize) -> bool {
        match self {
            Part::Few(_) => false,
            Part::Many(sums) => sums.lessons() <= size as u64 && !sums.is_zero(),
        }
    }

    /// The sums of the lessons.
    pub(crate) fn sums(&self, size: usize) -> Result<Cow<'_, Sums>> {
        match self {
            Part::Few(rows) => {
                let mut sums = Sums::new(size);
                for row in rows.chunks_exact(size + 1) {
                    sums.add(&row[..size], row[size])?;
                }
                Ok(Cow::Owned(sums))
            }
            Part::Many(sums) => Ok(Cow::Borrowed(sums)),
        }
    }

    /// Adds a lesson.
    pub(crate) fn add(&mut self, x: &[i16], reward: i16) -> Result<()> {
        let size = x.len();
        match self {
            Part::Few(rows) if rows.len() < size * (size + 1) => {
                check(x, reward)?;
                rows.extend_from_slice(x);
                rows.push(reward);
                Ok(())
            }
            _ => self.many(size)?.add(x, reward),
        }
    }

    /// Takes a lesson away.
    pub(crate) fn subtract(&mut self, x: &[i16], reward: i16) -> Result<()> {
        match self {
            Part::Few(rows) => {
                let at = find(rows, x, reward).ok_or_else(never)?;
                rows.drain(at..=at + x.len());
                Ok(())
            }
            Part::Many(sums) => sums.subtract(x, reward),
        }
    }

    /// Puts `reward` in the place of `replaced`.
    pub(crate) fn revise(&mut self, x: &[i16], reward: i16, replaced: i16) -> Result<()> {
        check(x, reward)?;
        if let Part::Few(rows) = self
            && let Some(at) = find(rows, x, replaced)
        {
            rows[at + x.len()] = reward;
            return Ok(());
        }
        self.many(x.len())?.revise(x, reward, replaced)
    }

    /// The same lessons of `from` entries over vectors of `size`: entry i at `place(i)`, every other one 0.
    pub(crate) fn spread(&self, from: usize, size: usize, place: impl Fn(usize) -> usize) -> Part {
        let rows = match self {
            Part::Few(rows) => rows,
            Part::Many(sums) => return Part::Many(Box::new(sums.spread(size, place))),
        };
        let mut wide = vec![0; rows.len() / (from + 1) * (size + 1)];
        for (row, wide) in rows.chunks_exact(from + 1).zip(wide.chunks_exact_mut(size + 1)) {
            for (entry, n) in row[..from].iter().enumerate() {
                wide[place(entry)] = *n;
            }
            wide[size] = row[from];
        }
        Part::Few(wide)
    }

    /// Adds the lessons of `other`.
    pub(crate) fn merge(&mut self, other: &Part, size: usize) -> Result<()> {
        if let (Part::Few(rows), Part::Few(others)) = (&mut *self, other)
            && rows.len() + others.len() <= size * (size + 1)
        {
            rows.extend_from_slice(others);
            return Ok(());
        }
        let other = other.sums(size)?;
        self.many(size)?.merge(&other)
    }

    /// Writes u8 form; few: u32 lessons, each its entries and reward (i16); many: u64 lessons, Σxxᵀ, Σrx, Σr² (i64). Few
    /// are written in an order of their own: of two that are alike a revision may have met the other.
    pub(crate) fn write(&self, size: usize, out: &mut Vec<u8>) {
        match self {
            Part::Few(rows) => {
                out.push(0);
                let mut lessons: Vec<&[i16]> = rows.chunks_exact(size + 1).collect();
                lessons.sort_unstable();
                put_len(out, lessons.len());
                lessons.iter().flat_map(|lesson| lesson.iter()).for_each(|n| out.extend_from_slice(&n.to_le_bytes()));
            }
            Part::Many(sums) => {
                out.push(1);
                out.extend_from_slice(&sums.lessons().to_le_bytes());
                for sum in sums.products().iter().chain(sums.rewards()) {
                    out.extend_from_slice(&sum.to_le_bytes());
                }
                out.extend_from_slice(&sums.squares().to_le_bytes());
            }
        }
    }

    /// Reads what [`write`](Part::write) wrote.
    pub(crate) fn read(reader: &mut Reader<'_>, size: usize) -> Result<Self> {
        if reader.array::<1>()? == [0] {
            let count = reader.len()?;
            if count > size {
                return Err(reader.corrupt());
            }
            let bytes = reader.bytes(count * (size + 1) * 2)?;
            let rows: Vec<i16> = bytes.as_chunks::<2>().0.iter().map(|bytes| i16::from_le_bytes(*bytes)).collect();
            let sane = rows.iter().all(|n| (-GRID_MAX..=GRID_MAX).contains(n));
            return if sane { Ok(Part::Few(rows)) } else { Err(reader.corrupt()) };
        }
        let lessons = reader.u64()?;
        let products = reader.i64s(packed_len(size))?;
        let rewards = reader.i64s(size)?;
        let squares = reader.i64()?;
        Ok(Part::Many(Box::new(Sums::restored(products, rewards, squares, lessons)?)))
    }

    /// The sums to change.
    fn many(&mut self, size: usize) -> Result<&mut Sums> {
        if let Part::Few(_) = self {
            *self = Part::Many(Box::new(self.sums(size)?.into_owned()));
        }
        match self {
            Part::Many(sums) => Ok(sums),
            Part::Few(_) => Err(Error::internal("sums of a day are not where they were put; report this")),
        }
    }
}

/// Where the newest lesson of `x` and `reward` starts in `rows`.
fn find(rows: &[i16], x: &[i16], reward: i16) -> Option<usize> {
    let width = x.len() + 1;
    let at = rows.chunks_exact(width).rposition(|row| row[..x.len()] == *x && row[x.len()] == reward)?;
    Some(at * width)
}

fn check(x: &[i16], reward: i16) -> Result<()> {
    let on_grid = |n: &i16| (-GRID_MAX..=GRID_MAX).contains(n);
    if !x.iter().all(on_grid) {
        return Err(Error::invalid("x", "a feature is off the grid; round it with the schema's grids"));
    }
    if !on_grid(&reward) {
        return Err(Error::invalid("reward", "the reward is off the grid; round it with the reward's grid"));
    }
    Ok(())
}

/// The error for a lesson that is not there.
pub(crate) fn never() -> Error {
    Error::invalid("lessons", "this lesson was never learned here; unlearn only what was learned")
}
