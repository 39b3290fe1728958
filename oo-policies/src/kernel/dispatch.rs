//! The one audited file with `unsafe`: picks the widest compilation of each kernel that this processor runs.
//!
//! Invariant: a [`Path`] other than the portable one exists only after the processor said that it has the features the
//! function was compiled for. Its field is private to this file, so no caller can make one up. Each kernel is one
//! portable, safe function, compiled up to three times; the features change the width of its loops, never its bits.
#![allow(unsafe_code, reason = "calling a function compiled for detected processor features")]

#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::{
    __m512d, __m512i, _MM_HINT_T0, _mm_loadu_si128, _mm_prefetch, _mm512_cvtepi16_epi64, _mm512_loadu_epi64,
    _mm512_loadu_pd, _mm512_mask_storeu_epi64, _mm512_maskz_loadu_epi64, _mm512_maskz_loadu_pd, _mm512_storeu_epi64,
    _mm512_storeu_pd,
};

use super::absorb::{self, Probe};
#[cfg(target_arch = "x86_64")]
use super::avx512;
use super::combine;
use super::derive;
use super::dual::{self, Dual};
use super::lanes::{self, Portable};
#[cfg(target_arch = "x86_64")]
use super::lanes::{Isa, Lane};
use super::score::{self, Linear};
use super::triangle;
use super::turn;

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

/// How many cache lines [`prefetch`] asks for; the processor follows a stream from there on.
#[cfg(target_arch = "x86_64")]
const PREFETCHED: usize = 8;

/// Given only to code that was compiled for AVX-512 F, DQ and VL.
#[cfg(target_arch = "x86_64")]
#[derive(Clone, Copy)]
struct Avx512(());

#[cfg(target_arch = "x86_64")]
impl Isa for Avx512 {
    #[inline(always)]
    fn multiply(self, rows: &[f64], x: &[f64], out: &mut [f64]) {
        // SAFETY: whoever has this token runs on a processor with these features.
        unsafe { avx512::multiply(rows, x, out) }
    }

    #[inline(always)]
    fn score(self, rows: &[f64], theta: &[f64], x: &[f64]) -> (f64, f64) {
        // SAFETY: as above.
        unsafe { avx512::score(rows, theta, x) }
    }

    #[inline(always)]
    fn transpose<const W: usize>(self, rows: &[f64], part: usize, columns: &mut [[Lane; W]]) {
        // SAFETY: as above.
        unsafe { avx512::transpose(rows, part, columns) }
    }

    #[inline(always)]
    fn update(self, rows: &mut [f64], p: &[f64], work: &mut [f64]) {
        // SAFETY: as above.
        unsafe { avx512::update(rows, p, work) }
    }

    #[inline(always)]
    fn grow(self, lower: &mut [i64], integers: &[i16], scaled: &[f64], sums: &mut [f64]) {
        // SAFETY: as above.
        unsafe { avx512::grow(lower, integers, scaled, sums) }
    }
}

/// Memory and registers: each function touches exactly what it borrows.
#[cfg(target_arch = "x86_64")]
macro_rules! moved {
    ($(#[$doc:meta])* fn $name:ident($($arg:ident: $type:ty),*) $(-> $result:ty)? { $body:expr }) => {
        $(#[$doc])*
        #[inline]
        #[target_feature(enable = "avx512f,avx512dq,avx512vl")]
        pub(super) fn $name($($arg: $type),*) $(-> $result)? {
            // SAFETY: the pointer is that of a borrowed array of the whole width, or lanes beyond the slice are masked.
            unsafe { $body }
        }
    };
}

#[cfg(target_arch = "x86_64")]
moved! {
    /// Eight numbers.
    fn load(lane: &[f64; 8]) -> __m512d { _mm512_loadu_pd(lane.as_ptr()) }
}
#[cfg(target_arch = "x86_64")]
moved! {
    /// Writes eight numbers.
    fn store(lane: &mut [f64; 8], value: __m512d) { _mm512_storeu_pd(lane.as_mut_ptr(), value) }
}
#[cfg(target_arch = "x86_64")]
moved! {
    /// The first numbers of `part`, at most eight, then zeros.
    fn load_part(part: &[f64]) -> __m512d { _mm512_maskz_loadu_pd(mask(part.len()), part.as_ptr()) }
}
#[cfg(target_arch = "x86_64")]
moved! {
    /// Eight integers.
    fn load_integers(lane: &[i64; 8]) -> __m512i { _mm512_loadu_epi64(lane.as_ptr()) }
}
#[cfg(target_arch = "x86_64")]
moved! {
    /// Writes eight integers.
    fn store_integers(lane: &mut [i64; 8], value: __m512i) { _mm512_storeu_epi64(lane.as_mut_ptr(), value) }
}
#[cfg(target_arch = "x86_64")]
moved! {
    /// The first integers of `some`, at most eight, then zeros.
    fn load_some(some: &[i64]) -> __m512i { _mm512_maskz_loadu_epi64(mask(some.len()), some.as_ptr()) }
}
#[cfg(target_arch = "x86_64")]
moved! {
    /// Writes the first integers, at most eight.
    fn store_some(some: &mut [i64], value: __m512i) {
        _mm512_mask_storeu_epi64(some.as_mut_ptr(), mask(some.len()), value)
    }
}
#[cfg(target_arch = "x86_64")]
moved! {
    /// Eight short integers as long ones.
    fn widen(lane: &[i16; 8]) -> __m512i { _mm512_cvtepi16_epi64(_mm_loadu_si128(lane.as_ptr().cast())) }
}

/// Asks for the first numbers of `data`, which will be read soon.
#[inline]
pub(crate) fn prefetch(data: &[f64]) {
    #[cfg(target_arch = "x86_64")]
    for line in data.chunks(8).take(PREFETCHED) {
        // SAFETY: a prefetch reads nothing; the address is that of borrowed numbers.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(line.as_ptr().cast()) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = data;
}

/// The first `count` of eight lanes, all of them from eight on.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn mask(count: usize) -> u8 {
    if count < 8 { (1 << count) - 1 } else { 0xff }
}

/// What a kernel that asks for it is given: `portable!(isa)` or `wide!(isa)`.
macro_rules! portable {
    (isa) => {
        Portable
    };
}
#[cfg(target_arch = "x86_64")]
macro_rules! wide {
    (isa) => {
        Avx512(())
    };
}

macro_rules! dispatched {
    ($($(#[$doc:meta])* fn $module:ident::$name:ident$(<$isa:ident>)?($($arg:ident: $type:ty),* $(,)?) $(-> $result:ty)?;)*) => {$(
        $(#[$doc])*
        pub(crate) fn $name(path: Path, $($arg: $type),*) $(-> $result)? {
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx2")]
                fn avx2($($arg: $type),*) $(-> $result)? {
                    $module::$name($(portable!($isa),)? $($arg),*)
                }
                #[target_feature(enable = "avx512f,avx512dq,avx512vl")]
                fn avx512($($arg: $type),*) $(-> $result)? {
                    $module::$name($(wide!($isa),)? $($arg),*)
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
            $module::$name($(portable!($isa),)? $($arg),*)
        }
    )*};
}

dispatched! {
    /// Scores every row of `values` under one factor, sixteen at a time if `wide`; `scratch` holds [`scratch_len`](super::scratch_len) numbers.
    fn score::score_all<isa>(linear: Linear<'_>, values: &[f64], wide: bool, scratch: &mut [f64], scores: &mut [f64]);
    /// The means θᵀx of every row of `values` and mean + α‖x‖, x with its intercept; the rest is as for [`score_all`].
    fn score::bound_all<isa>(
        linear: Linear<'_>, values: &[f64], wide: bool, scratch: &mut [f64], means: &mut [f64], bounds: &mut [f64],
    );
    /// The mean θᵀx and the squared width ‖Ux‖² of one row, `x` with its intercept and filled up to whole lanes.
    fn score::score_one<isa>(linear: Linear<'_>, x: &[f64]) -> (f64, f64);
    /// The mean θᵀx of [`score_one`].
    fn score::mean_one(theta: &[f64], x: &[f64]) -> f64;
    /// The mean beside the prior's and the squared width of the padded row `x` under an arm that is its lessons;
    /// `work` holds [`dual_work_len`](super::dual_work_len) numbers and begins with x − Vᵀq and q afterwards.
    fn dual::score_dual<isa>(dual: Dual<'_>, x: &[f64], work: &mut [f64]) -> (f64, f64);
    /// out = V·x for rows V of grid integers, x times the steps being `scaled`.
    fn dual::multiply_rows(rows: &[i16], scaled: &[f64], out: &mut [f64]);
    /// aᵀb over whole lanes.
    fn lanes::dot_lanes(a: &[f64], b: &[f64]) -> f64;
    /// Rounds `values` to the grid of (lo, hi) with the given step; false when one lies outside or is not a number.
    fn score::quantise(values: &[f64], lo: f64, hi: f64, step: f64, out: &mut [f64]) -> bool;
    /// out = U·x.
    fn triangle::multiply<isa>(rows: &[f64], x: &[f64], out: &mut [f64]);
    /// out = Tᵀ·x for a table T of one row an entry of x, each as long as `out`.
    fn combine::combine(table: &[f64], x: &[f64], out: &mut [f64]);
    /// out = diag(steps)·N·diag(steps)·x for the symmetric N whose packed lower triangle is `lower`.
    fn combine::symmetric(lower: &[i64], steps: &[f64], x: &[f64], out: &mut [f64]);
    /// out += factor·integers.
    fn combine::add_integers(out: &mut [f64], factor: f64, integers: &[i64]);
    /// out = Uᵀ·q.
    fn triangle::multiply_transposed(rows: &[f64], q: &[f64], out: &mut [f64]);
    /// U ← M⁻¹U where MMᵀ = I + ppᵀ and p = Ux; `work`, as long as `p`, becomes (A + xxᵀ)⁻¹x.
    fn turn::update<isa>(rows: &mut [f64], p: &[f64], work: &mut [f64]);
    /// U = L⁻¹ with LLᵀ = A; `lower` holds A's packed lower triangle and is left as L.
    fn derive::derive(lower: &mut [f64], least: f64, rows: &mut [f64]);
    /// lower += integers·integersᵀ, packed; then ‖A·y − x‖∞ of the matrix A of `probe`. `work` holds twice x's length.
    fn absorb::absorb<isa>(lower: &mut [i64], integers: &[i16], probe: Probe<'_>, work: &mut [f64]) -> f64;
    /// lower(i, j) += left(i)·right(j), packed.
    fn absorb::accumulate(lower: &mut [i64], left: &[i16], right: &[i16]);
}
