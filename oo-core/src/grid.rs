//! The binary grid on which features and rewards live, so that sums never round.
//!
//! A range (lo, hi) with M = max(|lo|, |hi|) has the step 2^(⌈log₂M⌉−14); a value is the integer n = round-half-even(x/step),
//! |n| ≤ 2¹⁴. The rounded value is the one that is scored, logged and learned. Products of two grid integers have at
//! most 28 bits and a sign, so an `i64` sum of them is exact for 2³⁴ lessons, in any order.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// The largest magnitude of a grid integer, 2¹⁴.
pub const GRID_MAX: i16 = 1 << 14;

/// A declared range and its step.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "(f64, f64)", into = "(f64, f64)")]
pub struct Grid {
    lo: f64,
    hi: f64,
    step: f64,
    inverse: f64,
}

impl Grid {
    /// The grid of the closed range `lo..=hi`.
    ///
    /// # Errors
    /// `invalid_input` when the bounds are not finite, not ordered, both 0, or beyond 2^±100.
    pub fn new(lo: f64, hi: f64) -> Result<Self> {
        let most = lo.abs().max(hi.abs());
        if !(lo.is_finite() && hi.is_finite()) || lo >= hi || !(7.9e-31..=1.3e30).contains(&most) {
            return Err(Error::invalid("range", format!("({lo}, {hi}) is no range; pass finite bounds with lo < hi")));
        }
        let (fraction, exponent) = libm::frexp(most);
        let ceil_log2 = if fraction == 0.5 { exponent - 1 } else { exponent };
        let step = libm::ldexp(1.0, ceil_log2 - 14);
        Ok(Grid { lo, hi, step, inverse: 1.0 / step })
    }

    /// The range's lower bound.
    #[must_use]
    pub fn lo(&self) -> f64 {
        self.lo
    }

    /// The range's upper bound.
    #[must_use]
    pub fn hi(&self) -> f64 {
        self.hi
    }

    /// The distance between neighbours, a power of two.
    #[must_use]
    pub fn step(&self) -> f64 {
        self.step
    }

    /// Whether `value` is finite and inside the range.
    #[must_use]
    pub fn holds(&self, value: f64) -> bool {
        value >= self.lo && value <= self.hi
    }

    /// The grid integer of `value`, held to the range; a NaN becomes 0.
    #[must_use]
    pub fn clamped(&self, value: f64) -> i16 {
        if value.is_nan() {
            return 0;
        }
        self.round(value.clamp(self.lo, self.hi))
    }

    /// The grid integer of a `value` that [`holds`](Grid::holds), by round-half-even.
    #[must_use]
    pub fn round(&self, value: f64) -> i16 {
        // In range: |value/step| ≤ 2¹⁴, so the cast is exact; a value out of range saturates, never wraps.
        #[allow(clippy::cast_possible_truncation, reason = "bounded by 2¹⁴ for every value inside the range")]
        let n = (value * self.inverse).round_ties_even() as i16;
        n
    }

    /// The value of grid integer `n`; exact.
    #[must_use]
    pub fn value(&self, n: i16) -> f64 {
        f64::from(n) * self.step
    }
}

impl TryFrom<(f64, f64)> for Grid {
    type Error = Error;

    fn try_from((lo, hi): (f64, f64)) -> Result<Self> {
        Grid::new(lo, hi)
    }
}

impl From<Grid> for (f64, f64) {
    fn from(grid: Grid) -> Self {
        (grid.lo, grid.hi)
    }
}
