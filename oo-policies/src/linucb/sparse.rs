//! An arm of few lessons: the lessons, and the small matrix that stands for the large one.
//!
//! V holds the n lessons' x as rows, r their rewards, M = λI + VVᵀ. Then (Woodbury 1950) θ = θ₀ + Vᵀc with
//! c = M⁻¹(r − Vθ₀), and with q = M⁻¹Vx the width is xᵀA⁻¹x = ‖x − Vᵀq‖²/λ + ‖q‖²: a sum of squares, without
//! cancellation however small λ is (the factorisation behind Bhattacharya, Chakraborty & Mallick, Biometrika 2016).
//! A lesson appends a row to V and to M's factor in O(nd), exactly as a derivation in that order would; so the bits are
//! a function of the lessons in their order, and at the start of an epoch, when they are sorted, of their set.

use oo_core::lesson::Lesson;
use oo_core::{Error, Result};

use crate::frame::{Frame, Work};
use crate::kernel::{Dual, Path, dispatch, dual_work_len, laned};
use crate::sums::{Sums, check_grid};

/// From how many lessons on an arm over vectors of `size` entries is a statistic.
///
/// Above 64 entries, lessons fewer than dimensions are smaller and scored faster. Below, a triangle that lies in the
/// caches is scored in the time of about four lessons, and that of many arms does not lie there: a quarter of the
/// dimensions takes a tenth of the room and at most a third more time with few arms, and a half or less with many.
pub(crate) const fn dense_from(size: usize) -> usize {
    match size {
        0..16 => 0,
        16..64 => size / 4,
        _ => size,
    }
}

/// The condition number up to which rounding moves a width by less than a share of 1e-6.
const TAME: f64 = 1e6;

/// The lessons of one arm, and what is derived from them.
#[derive(Clone, Debug)]
pub(crate) struct Sparse {
    /// V in grid integers, each row filled up to whole lanes.
    rows: Vec<i16>,
    rewards: Vec<i16>,
    /// U with M⁻¹ = UᵀU, laned.
    factor: Vec<f64>,
    /// c, filled up to whole lanes.
    c: Vec<f64>,
    /// tr M.
    trace: f64,
    /// Whether M is so well conditioned that no rounding lifts a width above ‖x‖/√λ by more than a bound allows for.
    tame: bool,
    since_epoch: u64,
}

impl Sparse {
    /// The arm of no lesson.
    pub(crate) fn new() -> Self {
        Sparse {
            rows: Vec::new(),
            rewards: Vec::new(),
            factor: Vec::new(),
            c: Vec::new(),
            trace: 0.0,
            tame: true,
            since_epoch: 0,
        }
    }

    /// The arm of `lessons`, rows of `frame.size` integers with their rewards, in that order.
    pub(crate) fn restored(lessons: &[(Vec<i16>, i16)], since_epoch: u64, frame: &Frame) -> Self {
        let mut work = Work::new(frame);
        let mut sparse = Sparse { since_epoch, ..Sparse::new() };
        for (x, reward) in lessons {
            work.set(frame, x);
            sparse.append(frame, *reward, &mut work);
        }
        sparse.settle(frame);
        sparse
    }

    /// The number of lessons.
    pub(crate) fn count(&self) -> usize {
        self.rewards.len()
    }

    /// How many lessons it took since its epoch began.
    pub(crate) fn since_epoch(&self) -> u64 {
        self.since_epoch
    }

    /// The lessons in their order, each as `frame.size` integers and its reward.
    pub(crate) fn lessons(&self, size: usize) -> impl Iterator<Item = (&[i16], i16)> {
        self.rows.chunks_exact(laned(size)).map(move |row| &row[..size]).zip(self.rewards.iter().copied())
    }

    /// The exact sums of the lessons.
    pub(crate) fn sums(&self, size: usize) -> Sums {
        let mut sums = Sums::new(size);
        for (x, reward) in self.lessons(size) {
            // On the grid since they were learned, and fewer than dimensions.
            let _ = sums.add(x, reward);
        }
        sums
    }

    /// Appends the lesson laid out in `work`; [`settle`](Sparse::settle) follows.
    pub(crate) fn learn(&mut self, frame: &Frame, lesson: &Lesson, work: &mut Work) -> Result<()> {
        check_grid(&work.integers, &[lesson.reward])?;
        self.since_epoch += 1;
        self.append(frame, lesson.reward, work);
        Ok(())
    }

    fn append(&mut self, frame: &Frame, reward: i16, work: &mut Work) {
        let count = self.count();
        let len = laned(count + 1);
        let Work { integers, x, y: scaled, .. } = work;
        for ((scaled, x), step) in scaled.iter_mut().zip(&*x).zip(&frame.lanes) {
            *scaled = x * step;
        }
        let (mut k, mut l, mut row) = (vec![0.0; len], vec![0.0; len], vec![0.0; len]);
        dispatch::multiply_rows(Path::best(), &self.rows, scaled, &mut k);
        dispatch::multiply(Path::best(), &self.factor, &k, &mut l);
        let own = frame.ridge + dispatch::dot_lanes(Path::best(), x, x);
        self.trace += own;
        // What is left of a pivot of λI + PSD is never below λ; only rounding could put it there.
        let pivot = (own - dispatch::dot_lanes(Path::best(), &l, &l)).max(frame.ridge).sqrt();
        dispatch::multiply_transposed(Path::best(), &self.factor, &l, &mut row);
        for entry in &mut row {
            *entry *= -1.0 / pivot;
        }
        row[count] = 1.0 / pivot;
        self.factor.extend_from_slice(&row);
        self.rows.extend_from_slice(integers);
        self.rows.resize((count + 1) * laned(frame.size), 0);
        self.rewards.push(reward);
    }

    /// c = M⁻¹(r − Vθ₀).
    pub(crate) fn settle(&mut self, frame: &Frame) {
        let len = laned(self.count());
        let mut scaled: Vec<f64> = frame.prior.iter().zip(&frame.lanes).map(|(prior, step)| prior * step).collect();
        scaled.resize(laned(frame.size), 0.0);
        let (mut left, mut p) = (vec![0.0; len], vec![0.0; len]);
        dispatch::multiply_rows(Path::best(), &self.rows, &scaled, &mut left);
        for (left, reward) in left.iter_mut().zip(&self.rewards) {
            *left = f64::from(*reward) * frame.reward_step - *left;
        }
        self.c.clear();
        self.c.resize(len, 0.0);
        dispatch::multiply(Path::best(), &self.factor, &left, &mut p);
        dispatch::multiply_transposed(Path::best(), &self.factor, &p, &mut self.c);
        // The condition number is at most tr M · ‖U‖².
        self.tame = self.trace * dispatch::dot_lanes(Path::best(), &self.factor, &self.factor) <= TAME;
    }

    /// Puts `reward` in the place of `replaced`: whether there is such a lesson.
    pub(crate) fn revise(&mut self, integers: &[i16], reward: i16, replaced: i16) -> Result<bool> {
        check_grid(integers, &[reward, replaced])?;
        let found = self.find(integers, replaced);
        if let Some(place) = found {
            self.rewards[place] = reward;
        }
        Ok(found.is_some())
    }

    /// Takes the lesson away; [`derived`](Sparse::derived) makes an arm of the rest again.
    pub(crate) fn forget(&mut self, integers: &[i16], reward: i16) -> Result<()> {
        let Some(place) = self.find(integers, reward) else {
            return Err(Error::invalid("lessons", "this lesson was never learned here; unlearn only what was learned"));
        };
        let stride = self.rows.len() / self.count();
        self.rows.drain(place * stride..(place + 1) * stride);
        self.rewards.remove(place);
        Ok(())
    }

    fn find(&self, integers: &[i16], reward: i16) -> Option<usize> {
        let mut lessons = self.lessons(integers.len());
        lessons.position(|(x, own)| own == reward && x == integers)
    }

    /// The arm of the same lessons at the start of an epoch: a function of their set.
    pub(crate) fn derived(&self, frame: &Frame) -> Self {
        let mut lessons: Vec<(Vec<i16>, i16)> = self.lessons(frame.size).map(|(x, r)| (x.to_vec(), r)).collect();
        lessons.sort_unstable();
        Sparse::restored(&lessons, 0, frame)
    }

    /// θ = θ₀ + Vᵀc.
    pub(crate) fn theta(&self, frame: &Frame) -> Vec<f64> {
        let mut theta = frame.prior.clone();
        for ((x, _), c) in self.lessons(frame.size).zip(&self.c) {
            for ((theta, n), step) in theta.iter_mut().zip(x).zip(&frame.steps) {
                *theta += c * (f64::from(*n) * step);
            }
        }
        theta
    }

    /// The width of a unit vector at most; none where rounding could lift it further.
    pub(crate) fn reach(&self, frame: &Frame) -> Option<f64> {
        self.tame.then(|| 1.0 / frame.ridge.sqrt())
    }

    /// The mean as [`score`](Sparse::score) gives it.
    pub(crate) fn mean(&self, path: Path, frame: &Frame, x: &[f64], work: &mut [f64]) -> f64 {
        let (scaled, rest) = work.split_at_mut(x.len());
        let k = &mut rest[..self.c.len()];
        for ((scaled, x), step) in scaled.iter_mut().zip(x).zip(&frame.lanes) {
            *scaled = x * step;
        }
        k.fill(0.0);
        dispatch::multiply_rows(path, &self.rows, scaled, k);
        dispatch::dot_lanes(path, &frame.prior_lanes, x) + dispatch::dot_lanes(path, k, &self.c)
    }

    /// Asks for what scoring reads after the lessons; for what the mean alone reads if `glance`.
    pub(crate) fn prefetch(&self, glance: bool) {
        dispatch::prefetch(&self.c);
        if !glance {
            dispatch::prefetch(&self.factor);
        }
    }

    /// The mean and the squared width of `x`, which is padded. `work` holds [`dual_work_len`] numbers; afterwards it
    /// begins with x − Vᵀq, followed by q.
    pub(crate) fn score(&self, path: Path, frame: &Frame, x: &[f64], work: &mut [f64]) -> (f64, f64) {
        let dual = Dual { rows: &self.rows, steps: &frame.lanes, factor: &self.factor, c: &self.c, ridge: frame.ridge };
        let need = dual_work_len(frame.lanes.len(), self.count());
        let (mean, squared) = dispatch::score_dual(path, dual, x, &mut work[..need]);
        (dispatch::dot_lanes(path, &frame.prior_lanes, x) + mean, squared)
    }
}
