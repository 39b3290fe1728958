//! Sums that fade with every lesson: V ← γV + xxᵀ + (1−γ)λI, Ṽ ← γ²Ṽ + xxᵀ + (1−γ²)λI, b ← γb + rx
//! (Russac, Vernade & Cappé, NeurIPS 2019, algorithm 1).
//!
//! A revision changes b alone. The lessons of the last seven days are kept, the newest 65536 of them, and b is folded
//! again from where they begin; a later revision finds its lesson faded and is passed over.

use oo_core::Result;
use oo_core::grid::GRID_MAX;
use oo_core::lesson::Lesson;
use oo_core::schema::MAX_FEATURES;
use sha2::{Digest, Sha256};

use super::stepped::Fold;
use super::trail::{Step, Trail};
use super::weighted::{Weighted, discount};
use crate::bytes::{Reader, put_len};
use crate::frame::{Frame, Work};
use crate::kernel::packed_len;

/// For how many days a reward may be revised.
const OPEN_DAYS: i64 = 7;
/// How many lessons are kept open at most.
const OPEN_MOST: usize = 1 << 16;

/// Fading sums, and the lessons that may still be revised.
#[derive(Clone, Debug)]
pub(crate) struct Decay {
    gamma: f64,
    lessons: u64,
    newest: i32,
    sums: Weighted,
    /// b before the first open lesson.
    closed: Vec<f64>,
    open: Trail,
}

impl Decay {
    /// The state of no lesson under the factor `gamma` a step.
    pub(crate) fn new(gamma: f64, frame: &Frame) -> Self {
        Decay {
            gamma,
            lessons: 0,
            newest: i32::MIN,
            sums: Weighted::new(frame.size, true),
            closed: vec![0.0; frame.size],
            open: Trail::default(),
        }
    }

    /// Reads what [`write`](Fold::write) wrote.
    pub(crate) fn read(reader: &mut Reader<'_>, gamma: f64, frame: &Frame) -> Result<Self> {
        let size = reader.len()?;
        if size != frame.size || size > MAX_FEATURES + 1 {
            return Err(reader.corrupt());
        }
        let lessons = reader.u64()?;
        let newest = i32::from_le_bytes(reader.array()?);
        let evidence = reader.f64()?;
        let gram = reader.f64s(packed_len(size))?;
        let spread = reader.f64s(packed_len(size))?;
        let rewards = reader.f64s(size)?;
        let closed = reader.f64s(size)?;
        let finite = |numbers: &[f64]| numbers.iter().all(|number| number.is_finite());
        if !(finite(&gram) && finite(&spread) && finite(&rewards) && finite(&closed) && evidence.is_finite()) {
            return Err(reader.corrupt());
        }
        let open = Trail::read(reader, frame.dim)?;
        let sums = Weighted { gram, spread, rewards, evidence };
        Ok(Decay { gamma, lessons, newest, sums, closed, open })
    }

    /// Folds b of the open lessons again.
    fn refold(&mut self, frame: &Frame) {
        let mut x = vec![0.0; frame.size];
        self.sums.rewards.copy_from_slice(&self.closed);
        for step in self.open.iter() {
            lay(step, frame, &mut x);
            discount(&mut self.sums.rewards, self.gamma, &x, f64::from(step.reward) * frame.reward_step);
        }
    }

    /// Closes what can no longer be revised.
    fn close(&mut self, frame: &Frame) {
        let mut x = vec![0.0; frame.size];
        while let Some(first) = self.open.first()
            && (self.open.len() > OPEN_MOST || i64::from(self.newest) - i64::from(first.day) > OPEN_DAYS)
        {
            lay(first, frame, &mut x);
            discount(&mut self.closed, self.gamma, &x, f64::from(first.reward) * frame.reward_step);
            self.open.pop();
        }
    }
}

/// Writes the values of `step`, with the intercept, into `x`.
fn lay(step: &Step, frame: &Frame, x: &mut [f64]) {
    x.fill(1.0);
    for ((x, n), step) in x.iter_mut().zip(step.x.iter()).zip(&frame.steps) {
        *x = f64::from(*n) * step;
    }
}

impl Fold for Decay {
    fn take(&mut self, frame: &Frame, lesson: &Lesson, work: &Work) -> Result<()> {
        let on_grid = |n: &i16| (-GRID_MAX..=GRID_MAX).contains(n);
        if !(work.integers.iter().all(on_grid) && on_grid(&lesson.reward)) {
            return Err(oo_core::Error::invalid("x", "a lesson is off the grid; round it with the schema's grids"));
        }
        if let Some(replaced) = lesson.replaces {
            if self.open.revise(lesson, replaced) {
                self.refold(frame);
            }
            return Ok(());
        }
        let reward = f64::from(lesson.reward) * frame.reward_step;
        self.sums.step(self.gamma, &work.x[..frame.size], reward);
        self.open.push(Step::from(lesson));
        self.lessons += 1;
        self.newest = self.newest.max(lesson.day);
        self.close(frame);
        Ok(())
    }

    fn lessons(&self) -> u64 {
        self.lessons
    }

    fn weighted(&self, _: &Frame) -> Weighted {
        self.sums.clone()
    }

    fn hash_into(&self, hash: &mut Sha256) {
        hash.update(self.lessons.to_le_bytes());
        let sums = &self.sums;
        let numbers = sums.gram.iter().chain(&sums.spread).chain(&sums.rewards).chain(&self.closed);
        for number in numbers.chain([&sums.evidence]) {
            // + 0.0 folds a negative zero into zero.
            hash.update((number + 0.0).to_bits().to_le_bytes());
        }
        self.open.hash_into(hash);
    }

    /// u32 entries, u64 lessons, i32 newest day, f64 Σw², Σwxxᵀ and Σw²xxᵀ (lower triangles), Σwrx, the same before the
    /// open lessons, the open lessons' [`Trail`].
    fn write(&self, out: &mut Vec<u8>) {
        put_len(out, self.closed.len());
        out.extend_from_slice(&self.lessons.to_le_bytes());
        out.extend_from_slice(&self.newest.to_le_bytes());
        let sums = &self.sums;
        let numbers = [&sums.evidence].into_iter().chain(&sums.gram).chain(&sums.spread);
        for number in numbers.chain(&sums.rewards).chain(&self.closed) {
            out.extend_from_slice(&number.to_le_bytes());
        }
        self.open.write(out);
    }
}
