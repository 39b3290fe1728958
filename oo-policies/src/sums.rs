//! Exact statistics: the sums of a ridge regression, in integers.
//!
//! Σxxᵀ (its lower triangle; it is symmetric), Σrx, Σr² and n are kept in units of the grid steps, in `i64`. A product
//! of two grid integers has at most 28 bits and a sign, so the sums are exact for 2³⁴ lessons, in any order: adding,
//! taking away, revising and merging leave the bits of a statistic that never saw the difference.

use oo_core::grid::GRID_MAX;
use oo_core::{Error, Result};
use sha2::{Digest, Sha256};

use crate::kernel::{Path, Probe, dispatch, packed_len, packed_start};

/// The most lessons one statistic holds exactly, 2³⁴.
pub const MAX_LESSONS: u64 = 1 << 34;

/// Σxxᵀ, Σrx, Σr² and n of one statistic, in grid integers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sums {
    size: usize,
    products: Vec<i64>,
    rewards: Vec<i64>,
    squares: i64,
    lessons: u64,
}

impl Sums {
    /// The sums of no lesson over vectors of `size` entries (the intercept, the integer 1, is one of them).
    #[must_use]
    pub fn new(size: usize) -> Self {
        Sums { size, products: vec![0; packed_len(size)], rewards: vec![0; size], squares: 0, lessons: 0 }
    }

    /// The number of entries of a vector.
    #[must_use]
    pub fn size(&self) -> usize {
        self.size
    }

    /// The number of lessons.
    #[must_use]
    pub fn lessons(&self) -> u64 {
        self.lessons
    }

    /// Σxxᵀ at row `i`, column `j`, in units of the product of their steps.
    #[must_use]
    pub fn product(&self, i: usize, j: usize) -> i64 {
        self.products[packed_start(i.max(j)) + i.min(j)]
    }

    /// Σxxᵀ's lower triangle, row by row.
    #[must_use]
    pub fn products(&self) -> &[i64] {
        &self.products
    }

    /// Σrx, in units of the feature's step times the reward's.
    #[must_use]
    pub fn rewards(&self) -> &[i64] {
        &self.rewards
    }

    /// Σr², in units of the reward's step squared.
    #[must_use]
    pub fn squares(&self) -> i64 {
        self.squares
    }

    /// Whether these are the sums of no lesson.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.lessons == 0
            && self.squares == 0
            && self.rewards.iter().all(|sum| *sum == 0)
            && self.products.iter().all(|sum| *sum == 0)
    }

    /// Adds a lesson.
    ///
    /// # Errors
    /// `invalid_input` for a vector of another size, an integer off the grid, or more than [`MAX_LESSONS`].
    pub fn add(&mut self, x: &[i16], reward: i16) -> Result<()> {
        self.check_add(x, reward)?;
        dispatch::accumulate(Path::best(), &mut self.products, x, x);
        self.count(x, reward);
        Ok(())
    }

    /// Whether `more` lessons fit.
    pub(crate) fn has_room(&self, more: usize) -> bool {
        self.lessons + more as u64 <= MAX_LESSONS
    }

    /// Whether a lesson can be added.
    ///
    /// # Errors
    /// As [`add`](Sums::add).
    pub(crate) fn check_add(&self, x: &[i16], reward: i16) -> Result<()> {
        self.check(x, &[reward])?;
        if self.lessons >= MAX_LESSONS { Err(too_many()) } else { Ok(()) }
    }

    /// As [`add`](Sums::add), of a lesson that [`check_add`](Sums::check_add) has checked, and in the same pass how far
    /// `probe` is off under the new sums; `work` holds twice the size in whole lanes.
    pub(crate) fn add_probed(&mut self, x: &[i16], reward: i16, probe: Probe<'_>, work: &mut [f64]) -> f64 {
        let off = dispatch::absorb(Path::best(), &mut self.products, x, probe, work);
        self.count(x, reward);
        off
    }

    fn count(&mut self, x: &[i16], reward: i16) {
        self.move_rewards(x, i64::from(reward));
        self.squares += i64::from(reward) * i64::from(reward);
        self.lessons += 1;
    }

    /// Takes a lesson away, with the last reward it had.
    ///
    /// # Errors
    /// `invalid_input` as [`add`](Sums::add), or when such a lesson cannot be in these sums.
    pub fn subtract(&mut self, x: &[i16], reward: i16) -> Result<()> {
        self.check(x, &[reward])?;
        let misses = x.iter().enumerate().any(|(i, n)| self.product(i, i) < i64::from(*n) * i64::from(*n));
        if self.lessons == 0 || misses {
            return Err(Error::invalid("lessons", "this lesson was never learned here; unlearn only what was learned"));
        }
        let negated: Vec<i16> = x.iter().map(|n| -n).collect();
        dispatch::accumulate(Path::best(), &mut self.products, x, &negated);
        self.move_rewards(x, -i64::from(reward));
        self.squares -= i64::from(reward) * i64::from(reward);
        self.lessons -= 1;
        Ok(())
    }

    /// Puts `reward` in the place of `replaced`: only Σrx and Σr² move.
    ///
    /// # Errors
    /// `invalid_input` as [`add`](Sums::add).
    pub fn revise(&mut self, x: &[i16], reward: i16, replaced: i16) -> Result<()> {
        self.check(x, &[reward, replaced])?;
        self.move_rewards(x, i64::from(reward) - i64::from(replaced));
        self.squares += i64::from(reward) * i64::from(reward) - i64::from(replaced) * i64::from(replaced);
        Ok(())
    }

    /// Adds the lessons of `other`.
    ///
    /// # Errors
    /// `invalid_input` for another size or more than [`MAX_LESSONS`] in all.
    pub fn merge(&mut self, other: &Sums) -> Result<()> {
        if self.size != other.size {
            return Err(Error::invalid("size", format!("sums of size {} and {} do not merge", self.size, other.size)));
        }
        if self.lessons + other.lessons > MAX_LESSONS {
            return Err(too_many());
        }
        // Each side is within its lessons · 2²⁸, so the total is within 2⁶².
        for (sum, other) in self.products.iter_mut().zip(&other.products) {
            *sum = sum.wrapping_add(*other);
        }
        for (sum, other) in self.rewards.iter_mut().zip(&other.rewards) {
            *sum = sum.wrapping_add(*other);
        }
        self.squares = self.squares.wrapping_add(other.squares);
        self.lessons += other.lessons;
        Ok(())
    }

    /// The sums of the same lessons over vectors of `size` entries, in which entry i stands at `place(i)` (rising in i) and
    /// every other entry is 0.
    pub(crate) fn spread(&self, size: usize, place: impl Fn(usize) -> usize) -> Sums {
        let mut wide = Sums::new(size);
        for i in 0..self.size {
            wide.rewards[place(i)] = self.rewards[i];
            for j in 0..=i {
                wide.products[packed_start(place(i)) + place(j)] = self.product(i, j);
            }
        }
        (wide.squares, wide.lessons) = (self.squares, self.lessons);
        wide
    }

    /// Feeds n, Σxxᵀ's upper triangle row by row, Σrx and Σr² to `hash`, each a little-endian `i128`.
    pub fn hash_into(&self, hash: &mut Sha256) {
        hash.update(i128::from(self.lessons).to_le_bytes());
        let mut row = Vec::with_capacity(self.size * 16);
        for i in 0..self.size {
            row.clear();
            for j in i..self.size {
                row.extend_from_slice(&i128::from(self.product(i, j)).to_le_bytes());
            }
            hash.update(&row);
        }
        row.clear();
        for sum in &self.rewards {
            row.extend_from_slice(&i128::from(*sum).to_le_bytes());
        }
        hash.update(&row);
        hash.update(i128::from(self.squares).to_le_bytes());
    }

    /// Sums as they were saved.
    ///
    /// # Errors
    /// `storage` when no lessons could have these sums.
    pub(crate) fn restored(products: Vec<i64>, rewards: Vec<i64>, squares: i64, lessons: u64) -> Result<Self> {
        let size = rewards.len();
        let bound = lessons.saturating_mul(1 << 28);
        let fits = |sum: &i64| sum.unsigned_abs() <= bound;
        let diagonal = (0..size).all(|i| products.get(packed_start(i) + i).is_some_and(|sum| *sum >= 0));
        // Σrx and Σr² may exceed n·2²⁸ in a shard that holds revisions of another shard's lessons.
        let half = |sum: &i64| sum.unsigned_abs() <= 1 << 62;
        let sane = lessons <= MAX_LESSONS
            && products.len() == packed_len(size)
            && diagonal
            && products.iter().all(fits)
            && rewards.iter().all(half)
            && half(&squares);
        if !sane {
            return Err(Error::storage("the saved sums are impossible; restore the policy from a backup or by replay"));
        }
        Ok(Sums { size, products, rewards, squares, lessons })
    }

    fn move_rewards(&mut self, x: &[i16], reward: i64) {
        for (sum, n) in self.rewards.iter_mut().zip(x) {
            *sum = sum.wrapping_add(i64::from(*n) * reward);
        }
    }

    fn check(&self, x: &[i16], rewards: &[i16]) -> Result<()> {
        if x.len() != self.size {
            return Err(Error::invalid("x", format!("a lesson has {} entries here, not {}", self.size, x.len())));
        }
        check_grid(x, rewards)
    }
}

/// Checks that a lesson's integers lie on their grids.
pub(crate) fn check_grid(x: &[i16], rewards: &[i16]) -> Result<()> {
    let off = |n: &i16| *n > GRID_MAX || *n < -GRID_MAX;
    if x.iter().any(off) {
        return Err(Error::invalid("x", "a feature is off the grid; round it with the schema's grids"));
    }
    if rewards.iter().any(off) {
        return Err(Error::invalid("reward", "the reward is off the grid; round it with the reward's grid"));
    }
    Ok(())
}

fn too_many() -> Error {
    Error::invalid("lessons", "a statistic holds at most 2^34 lessons exactly; start another policy from a later epoch")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s13_subtracting_leaves_the_bits_of_never_seen() {
        let mut all = Sums::new(3);
        all.add(&[1, -5, 16384], 7).unwrap();
        let rest = all.clone();
        all.add(&[-16384, 3, 16384], -16384).unwrap();
        assert_ne!(all, rest);
        all.subtract(&[-16384, 3, 16384], -16384).unwrap();
        assert_eq!(all, rest);
    }

    #[test]
    fn s15_a_revision_moves_only_rewards() {
        let mut once = Sums::new(2);
        once.add(&[3, 1], -4).unwrap();
        let mut revised = Sums::new(2);
        revised.add(&[3, 1], 9).unwrap();
        revised.revise(&[3, 1], 0, 9).unwrap();
        revised.revise(&[3, 1], -4, 0).unwrap();
        assert_eq!(once, revised);
    }

    #[test]
    fn more_than_the_exact_number_of_lessons_is_refused() {
        let mut sums = Sums::restored(vec![0], vec![0], 0, MAX_LESSONS).unwrap();
        assert!(sums.add(&[1], 1).is_err());
        let mut other = Sums::new(1);
        other.add(&[1], 1).unwrap();
        assert!(other.merge(&sums).is_err());
        assert!(Sums::restored(vec![1 << 29], vec![0], 0, 1).is_err());
        assert!(Sums::restored(vec![-1], vec![0], 0, 1).is_err());
    }

    #[test]
    fn what_was_never_learned_is_not_subtracted() {
        let mut sums = Sums::new(1);
        assert!(sums.subtract(&[1], 1).is_err());
        sums.add(&[2], 1).unwrap();
        assert!(sums.subtract(&[3], 1).is_err());
        assert!(sums.subtract(&[2, 2], 1).is_err());
        assert!(sums.add(&[GRID_MAX + 1], 1).is_err());
        assert!(sums.add(&[i16::MIN], 1).is_err());
        assert!(sums.add(&[1], i16::MIN).is_err());
    }
}
