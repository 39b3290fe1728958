//! The one audited file with `unsafe`: picks the widest compilation of each kernel that this processor runs.
//!
//! Invariant: a [`Path`] other than the portable one exists only after the processor said that it has the features the
//! function was compiled for. Its field is private to this file, so no caller can make one up. Each kernel is one
//! portable, safe function, compiled up to three times; the features change the width of its loops, never its bits.
#![allow(unsafe_code, reason = "calling a function compiled for detected processor features")]

use super::combine;
use super::dual::{self, Dual};
use super::score::{self, Linear};
use super::triangle::{self, Probe};

/// Which compilation of the kernels to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Path(Level);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Level {
    Portable,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

impl Path {
    /// The compilation for the target's baseline.
    #[cfg(test)]
    pub(crate) fn portable() -> Self {
        Path(Level::Portable)
    }

    /// The widest that this processor runs.
    pub(crate) fn best() -> Self {
        #[cfg(target_arch = "x86_64")]
        {
            if has_avx512() {
                return Path(Level::Avx512);
            }
            if has_avx2() {
                return Path(Level::Avx2);
            }
        }
        Path(Level::Portable)
    }

    /// Whether it has registers enough for sixteen candidates side by side.
    pub(crate) fn is_wide(self) -> bool {
        #[cfg(target_arch = "x86_64")]
        let wide = self.0 == Level::Avx512;
        #[cfg(not(target_arch = "x86_64"))]
        let wide = false;
        wide
    }

    /// Every one that this processor runs, the portable one first.
    #[cfg(test)]
    pub(crate) fn all() -> Vec<Path> {
        let mut paths = vec![Path::portable()];
        #[cfg(target_arch = "x86_64")]
        {
            if has_avx2() {
                paths.push(Path(Level::Avx2));
            }
            if has_avx512() {
                paths.push(Path(Level::Avx512));
            }
        }
        paths
    }
}

#[cfg(target_arch = "x86_64")]
fn has_avx2() -> bool {
    std::arch::is_x86_feature_detected!("avx2")
}

#[cfg(target_arch = "x86_64")]
fn has_avx512() -> bool {
    std::arch::is_x86_feature_detected!("avx512f")
        && std::arch::is_x86_feature_detected!("avx512dq")
        && std::arch::is_x86_feature_detected!("avx512vl")
}

macro_rules! dispatched {
    ($($(#[$doc:meta])* fn $module:ident::$name:ident($($arg:ident: $type:ty),* $(,)?) $(-> $result:ty)?;)*) => {$(
        $(#[$doc])*
        pub(crate) fn $name(path: Path, $($arg: $type),*) $(-> $result)? {
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx2")]
                fn avx2($($arg: $type),*) $(-> $result)? {
                    $module::$name($($arg),*)
                }
                #[target_feature(enable = "avx512f,avx512dq,avx512vl")]
                fn avx512($($arg: $type),*) $(-> $result)? {
                    $module::$name($($arg),*)
                }
                match path.0 {
                    // SAFETY: this level exists only after AVX-512 F, DQ and VL were detected.
                    Level::Avx512 => return unsafe { avx512($($arg),*) },
                    // SAFETY: this level exists only after AVX2 was detected.
                    Level::Avx2 => return unsafe { avx2($($arg),*) },
                    Level::Portable => {}
                }
            }
            let Path(_) = path;
            $module::$name($($arg),*)
        }
    )*};
}

dispatched! {
    /// Scores every row of `values` under one factor, sixteen at a time if `wide`; `scratch` holds [`scratch_len`](super::scratch_len) numbers.
    fn score::score_all(linear: Linear<'_>, values: &[f64], wide: bool, scratch: &mut [f64], scores: &mut [f64]);
    /// The mean θᵀx and the squared width ‖Ux‖² of one row, `x` with its intercept and filled up to whole lanes.
    fn score::score_one(linear: Linear<'_>, x: &[f64]) -> (f64, f64);
    /// The mean beside the prior's and the squared width of the padded row `x` under an arm that is its lessons;
    /// `work` holds [`dual_work_len`](super::dual_work_len) numbers and begins with x − Vᵀq and q afterwards.
    fn dual::score_dual(dual: Dual<'_>, x: &[f64], work: &mut [f64]) -> (f64, f64);
    /// out = V·x for rows V of grid integers, x times the steps being `scaled`.
    fn dual::multiply_rows(rows: &[i16], scaled: &[f64], out: &mut [f64]);
    /// aᵀb over whole lanes.
    fn triangle::dot_lanes(a: &[f64], b: &[f64]) -> f64;
    /// Rounds `values` to the grid of (lo, hi) with the given step; false when one lies outside or is not a number.
    fn score::quantise(values: &[f64], lo: f64, hi: f64, step: f64, out: &mut [f64]) -> bool;
    /// out = U·x.
    fn triangle::multiply(rows: &[f64], x: &[f64], out: &mut [f64]);
    /// out = Tᵀ·x for a table T of one row an entry of x, each as long as `out`.
    fn combine::combine(table: &[f64], x: &[f64], out: &mut [f64]);
    /// out = diag(steps)·N·diag(steps)·x for the symmetric N whose packed lower triangle is `lower`.
    fn combine::symmetric(lower: &[i64], steps: &[f64], x: &[f64], out: &mut [f64]);
    /// out += factor·integers.
    fn combine::add_integers(out: &mut [f64], factor: f64, integers: &[i64]);
    /// out = Uᵀ·q.
    fn triangle::multiply_transposed(rows: &[f64], q: &[f64], out: &mut [f64]);
    /// U ← M⁻¹U where MMᵀ = I + ppᵀ and p = Ux; `work`, as long as `p`, becomes (A + xxᵀ)⁻¹x.
    fn triangle::update(rows: &mut [f64], p: &[f64], work: &mut [f64]);
    /// U = L⁻¹ with LLᵀ = A; `lower` holds A's packed lower triangle and is left as L.
    fn triangle::derive(lower: &mut [f64], least: f64, rows: &mut [f64]);
    /// lower += integers·integersᵀ, packed; then ‖A·y − x‖∞ of the matrix A of `probe`. `work` holds twice A's size.
    fn triangle::absorb(lower: &mut [i64], integers: &[i16], probe: Probe<'_>, work: &mut [f64]) -> f64;
    /// lower(i, j) += left(i)·right(j), packed.
    fn triangle::accumulate(lower: &mut [i64], left: &[i16], right: &[i16]);
}
