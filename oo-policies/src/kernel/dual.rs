//! Scoring in the space of lessons: n rows of integers instead of a triangle of d².
//!
//! Rows are as long as whole lanes, filled up with zeros. They are turned to numbers on the way; what they meet is
//! multiplied by the grid steps once, so that no row is.

use super::LANES;
use super::lanes::{Isa, Lane, dot_lanes, fold};
use super::triangle::{multiply, multiply_transposed};

/// Lessons as rows, and the factor U of M⁻¹ = UᵀU with M = λI + VVᵀ.
#[derive(Clone, Copy)]
pub(crate) struct Dual<'a> {
    /// V in grid integers, row by row, each [`laned`](super::laned).
    pub(crate) rows: &'a [i16],
    /// The grid step of each column, as long as a row.
    pub(crate) steps: &'a [f64],
    /// U, a laned triangle of as many rows.
    pub(crate) factor: &'a [f64],
    /// c, whose product with Vx is the mean; as long as whole lanes.
    pub(crate) c: &'a [f64],
    /// λ.
    pub(crate) ridge: f64,
}

/// The working memory of [`score_dual`] for rows of `stride` and `count` lessons: what is left of x, then q, then more.
pub(crate) const fn dual_work_len(stride: usize, count: usize) -> usize {
    2 * stride + 3 * super::laned(count)
}

#[inline(always)]
pub(super) fn score_dual(isa: impl Isa, dual: Dual<'_>, x: &[f64], work: &mut [f64]) -> (f64, f64) {
    let stride = dual.steps.len();
    let lanes = dual.c.len();
    let (left, rest) = work.split_at_mut(stride);
    let (q, rest) = rest.split_at_mut(lanes);
    let (scaled, rest) = rest.split_at_mut(stride);
    let (k, rest) = rest.split_at_mut(lanes);
    let p = &mut rest[..lanes];
    for ((scaled, x), step) in scaled.iter_mut().zip(x).zip(dual.steps) {
        *scaled = x * step;
    }
    k.fill(0.0);
    p.fill(0.0);
    multiply_rows(dual.rows, scaled, k);
    multiply(isa, dual.factor, k, p);
    multiply_transposed(dual.factor, p, q);
    residual(dual, x, q, left);
    let mean = dot_lanes(k, dual.c);
    (mean, dot_lanes(left, left) / dual.ridge + dot_lanes(q, q))
}

/// out = V·x where `scaled` is x times the steps.
#[inline(always)]
pub(super) fn multiply_rows(rows: &[i16], scaled: &[f64], out: &mut [f64]) {
    let stride = scaled.len();
    for (rows, out) in rows.chunks(4 * stride).zip(out.chunks_mut(4)) {
        if rows.len() == 4 * stride {
            let products = dot_four(rows, scaled);
            out.copy_from_slice(&products);
        } else {
            for (row, out) in rows.chunks_exact(stride).zip(out) {
                let mut sum: Lane = [0.0; LANES];
                for (n, x) in row.as_chunks::<LANES>().0.iter().zip(scaled.as_chunks::<LANES>().0) {
                    add(&mut sum, n, x);
                }
                *out = fold(&sum);
            }
        }
    }
}

#[inline(always)]
fn dot_four(rows: &[i16], scaled: &[f64]) -> [f64; 4] {
    let (chunks, x) = (rows.as_chunks::<LANES>().0, scaled.as_chunks::<LANES>().0);
    let (r0, rest) = chunks.split_at(x.len());
    let (r1, rest) = rest.split_at(x.len());
    let (r2, r3) = rest.split_at(x.len());
    let (mut s0, mut s1, mut s2, mut s3) = ([0.0; LANES], [0.0; LANES], [0.0; LANES], [0.0; LANES]);
    for ((((x, r0), r1), r2), r3) in x.iter().zip(r0).zip(r1).zip(r2).zip(r3) {
        add(&mut s0, r0, x);
        add(&mut s1, r1, x);
        add(&mut s2, r2, x);
        add(&mut s3, r3, x);
    }
    [fold(&s0), fold(&s1), fold(&s2), fold(&s3)]
}

#[inline(always)]
fn add(sum: &mut Lane, n: &[i16; LANES], x: &Lane) {
    for lane in 0..LANES {
        sum[lane] += f64::from(n[lane]) * x[lane];
    }
}

/// left = x − Vᵀq, the rows in their order; 32 columns are kept in registers over all rows.
#[inline(always)]
fn residual(dual: Dual<'_>, x: &[f64], q: &[f64], left: &mut [f64]) {
    let stride = dual.steps.len();
    let mut column = 0;
    while column + 4 * LANES <= stride {
        let mut sums = [[0.0; LANES]; 4];
        for (row, q) in dual.rows.chunks_exact(stride).zip(q) {
            let parts = row[column..column + 4 * LANES].as_chunks::<LANES>().0;
            for (sum, n) in sums.iter_mut().zip(parts) {
                add_scaled(sum, *q, n);
            }
        }
        for (part, sum) in sums.iter().enumerate() {
            take(dual.steps, x, sum, column + part * LANES, left);
        }
        column += 4 * LANES;
    }
    while column < stride {
        let mut sum = [0.0; LANES];
        for (row, q) in dual.rows.chunks_exact(stride).zip(q) {
            for n in row[column..column + LANES].as_chunks::<LANES>().0 {
                add_scaled(&mut sum, *q, n);
            }
        }
        take(dual.steps, x, &sum, column, left);
        column += LANES;
    }
}

#[inline(always)]
fn add_scaled(sum: &mut Lane, q: f64, n: &[i16; LANES]) {
    for lane in 0..LANES {
        sum[lane] += q * f64::from(n[lane]);
    }
}

/// left = x − sum·step in the eight columns from `column` on.
#[inline(always)]
fn take(steps: &[f64], x: &[f64], sum: &Lane, column: usize, left: &mut [f64]) {
    let columns = column..column + LANES;
    let (x, steps) = (&x[columns.clone()], &steps[columns.clone()]);
    for (((left, x), step), sum) in left[columns].iter_mut().zip(x).zip(steps).zip(sum) {
        *left = x - sum * step;
    }
}
