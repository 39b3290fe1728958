//! Eight numbers side by side, and the sums that are made of them.
//!
//! A product of two vectors has eight partial sums, those of the index modulo 8, which a fixed tree adds. What a
//! processor can do faster than the compiler knows stands behind [`Isa`], with the same bits.

use super::LANES;
use super::{absorb, score, triangle, turn};

pub(super) type Lane = [f64; LANES];

/// What has code of its own on some processors.
pub(super) trait Isa: Copy {
    /// out = U·x for the laned triangle U, each entry in the order of [`dot_lanes`].
    fn multiply(self, rows: &[f64], x: &[f64], out: &mut [f64]);

    /// θᵀx and ‖Ux‖²: the products as above, the square of row i added to partial sum i modulo 8.
    fn score(self, rows: &[f64], theta: &[f64], x: &[f64]) -> (f64, f64);

    /// Lays eight rows, as long as there are columns, into part `part` of the columns, a row to a lane.
    fn transpose<const W: usize>(self, rows: &[f64], part: usize, columns: &mut [[Lane; W]]);

    /// The rank-one update of [`turn`].
    fn update(self, rows: &mut [f64], p: &[f64], work: &mut [f64]);

    /// `lower` += integers·integersᵀ, packed, and `sums` += the grown triangle, as a symmetric matrix, times `scaled`.
    fn grow(self, lower: &mut [i64], integers: &[i16], scaled: &[f64], sums: &mut [f64]);
}

/// The code that runs anywhere.
#[derive(Clone, Copy)]
pub(super) struct Portable;

impl Isa for Portable {
    #[inline(always)]
    fn multiply(self, rows: &[f64], x: &[f64], out: &mut [f64]) {
        triangle::multiply_portable(rows, x, out);
    }

    #[inline(always)]
    fn score(self, rows: &[f64], theta: &[f64], x: &[f64]) -> (f64, f64) {
        score::score_portable(rows, theta, x)
    }

    #[inline(always)]
    fn transpose<const W: usize>(self, rows: &[f64], part: usize, columns: &mut [[Lane; W]]) {
        score::transpose_portable(rows, part, columns);
    }

    #[inline(always)]
    fn update(self, rows: &mut [f64], p: &[f64], work: &mut [f64]) {
        turn::update_portable(rows, p, work);
    }

    #[inline(always)]
    fn grow(self, lower: &mut [i64], integers: &[i16], scaled: &[f64], sums: &mut [f64]) {
        absorb::grow(lower, integers, scaled, sums);
    }
}

/// The sum of eight partial sums by a fixed tree.
#[inline(always)]
pub(super) fn fold(sum: &Lane) -> f64 {
    // Without the barrier the compiler lays the loop before out along this tree, in shuffles instead of whole lanes;
    // it stands before a copy, so that the loop keeps its sum in registers.
    let copy = *sum;
    tree(std::hint::black_box(&copy))
}

#[inline(always)]
pub(super) fn tree(sum: &Lane) -> f64 {
    ((sum[0] + sum[4]) + (sum[2] + sum[6])) + ((sum[1] + sum[5]) + (sum[3] + sum[7]))
}

/// [`tree`] of eight lanes at once: lane i of the result is the tree of the i-th numbers of `sums`.
#[inline(always)]
pub(super) fn tree_of_lanes(sums: &[Lane; LANES]) -> Lane {
    let [s0, s1, s2, s3, s4, s5, s6, s7] = sums;
    let (even, odd) = (sum(&sum(s0, s4), &sum(s2, s6)), sum(&sum(s1, s5), &sum(s3, s7)));
    sum(&even, &odd)
}

#[inline(always)]
fn sum(a: &Lane, b: &Lane) -> Lane {
    let mut out = [0.0; LANES];
    for lane in 0..LANES {
        out[lane] = a[lane] + b[lane];
    }
    out
}

/// Σ aᵢbᵢ over whole lanes by eight partial sums, those of the index modulo 8, then a fixed tree.
#[inline(always)]
pub(super) fn dot_lanes(a: &[f64], b: &[f64]) -> f64 {
    let mut sum = [0.0; LANES];
    for (a, b) in a.as_chunks::<LANES>().0.iter().zip(b.as_chunks::<LANES>().0) {
        multiply_add(&mut sum, a, b);
    }
    fold(&sum)
}

/// As [`dot_lanes`], of vectors that may end within a lane.
#[inline(always)]
pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sum: Lane = [0.0; LANES];
    let (chunks, last) = a.as_chunks::<LANES>();
    let (b_chunks, b_last) = b.as_chunks::<LANES>();
    for (a, b) in chunks.iter().zip(b_chunks) {
        multiply_add(&mut sum, a, b);
    }
    for ((sum, a), b) in sum.iter_mut().zip(last).zip(b_last) {
        *sum += a * b;
    }
    fold(&sum)
}

/// The products with `x` of four rows that are as long as `x`; each in the order of [`dot_lanes`].
#[inline(always)]
pub(super) fn dot_four(rows: &[f64], x: &[f64]) -> [f64; 4] {
    let len = x.len();
    let (r0, rest) = rows.split_at(len);
    let (r1, rest) = rest.split_at(len);
    let (r2, r3) = rest.split_at(len);
    let (mut s0, mut s1, mut s2, mut s3) = ([0.0; LANES], [0.0; LANES], [0.0; LANES], [0.0; LANES]);
    let (r0, r1) = (r0.as_chunks::<LANES>().0, r1.as_chunks::<LANES>().0);
    let (r2, r3) = (r2.as_chunks::<LANES>().0, r3.as_chunks::<LANES>().0);
    for ((((x, r0), r1), r2), r3) in x.as_chunks::<LANES>().0.iter().zip(r0).zip(r1).zip(r2).zip(r3) {
        multiply_add(&mut s0, r0, x);
        multiply_add(&mut s1, r1, x);
        multiply_add(&mut s2, r2, x);
        multiply_add(&mut s3, r3, x);
    }
    let sums = [s0, s1, s2, s3];
    let [s0, s1, s2, s3] = std::hint::black_box(&sums);
    [tree(s0), tree(s1), tree(s2), tree(s3)]
}

#[inline(always)]
pub(super) fn multiply_add(sum: &mut Lane, a: &Lane, b: &Lane) {
    for lane in 0..LANES {
        sum[lane] += a[lane] * b[lane];
    }
}

#[inline(always)]
pub(super) fn add_scaled(out: &mut Lane, factor: f64, row: &Lane) {
    for lane in 0..LANES {
        out[lane] += factor * row[lane];
    }
}
