//! Scoring: the mean θᵀx and the width √(xᵀA⁻¹x) = ‖Ux‖ of candidates.
//!
//! Many candidates under one factor go eight at a time, one to a lane, four rows of the triangle side by side; a
//! candidate's score never depends on its neighbours. A candidate with a factor of its own goes alone.

use super::LANES;
use super::triangle::{fold, products, row_start};

/// What a linear arm scores with.
#[derive(Clone, Copy)]
pub(crate) struct Linear<'a> {
    /// U, laned.
    pub(crate) rows: &'a [f64],
    /// θ, of U's size: the features, then perhaps the intercept.
    pub(crate) theta: &'a [f64],
    /// The number of columns of a candidate.
    pub(crate) dim: usize,
    /// The factor of the width; with 0 no width is computed.
    pub(crate) alpha: f64,
}

type Lane = [f64; LANES];

/// The scratch that [`score_all`] needs for a factor of `size`.
pub(crate) const fn scratch_len(size: usize) -> usize {
    // One lane more, so that the block can start on a cache line.
    (size + 1) * LANES
}

#[inline(always)]
pub(super) fn score_all(linear: Linear<'_>, values: &[f64], scratch: &mut [f64], scores: &mut [f64]) {
    let size = linear.theta.len();
    let start = scratch.as_ptr().align_offset(64).min(LANES - 1);
    let (block, _) = scratch[start..].as_chunks_mut::<LANES>();
    let block = &mut block[..size];
    let rows_of_block = linear.dim * LANES;
    for (chunk, scores) in values.chunks(rows_of_block).zip(scores.chunks_mut(LANES)) {
        transpose(linear.dim, chunk, block);
        if linear.alpha == 0.0 {
            scores.copy_from_slice(&means(linear.theta, block)[..scores.len()]);
            continue;
        }
        let (mean, squared) = widths(linear, block);
        let mut out: Lane = [0.0; LANES];
        for lane in 0..LANES {
            out[lane] = mean[lane] + linear.alpha * squared[lane].sqrt();
        }
        scores.copy_from_slice(&out[..scores.len()]);
    }
}

/// Turns up to eight rows into lanes; the intercept, where there is one, becomes 1.
#[inline(always)]
fn transpose(dim: usize, chunk: &[f64], block: &mut [Lane]) {
    let (columns, intercept) = block.split_at_mut(dim);
    if chunk.len() == dim * LANES {
        let row: [&[f64]; LANES] = std::array::from_fn(|lane| &chunk[lane * dim..(lane + 1) * dim]);
        for (j, column) in columns.iter_mut().enumerate() {
            for lane in 0..LANES {
                column[lane] = row[lane][j];
            }
        }
    } else {
        for (j, column) in columns.iter_mut().enumerate() {
            *column = [0.0; LANES];
            for (lane, row) in chunk.chunks_exact(dim).enumerate() {
                column[lane] = row[j];
            }
        }
    }
    intercept.fill([1.0; LANES]);
}

/// θᵀx of eight candidates, in the order of the columns.
#[inline(always)]
fn means(theta: &[f64], block: &[Lane]) -> Lane {
    let mut mean: Lane = [0.0; LANES];
    for (x, theta) in block.iter().zip(theta) {
        add(&mut mean, *theta, x);
    }
    mean
}

/// θᵀx and ‖Ux‖² of eight candidates: each product in the order of its columns, squares in the order of the rows.
///
/// θ is summed beside the longest rows, whose sums do not wait for it.
#[inline(always)]
fn widths(linear: Linear<'_>, block: &[Lane]) -> (Lane, Lane) {
    let (rows, size) = (linear.rows, block.len());
    let mut squared: Lane = [0.0; LANES];
    // The rows that do not fill a group of four are the shortest, so they come first.
    let first = size % 4;
    for row in 0..first {
        let mut sum: Lane = [0.0; LANES];
        for (entry, x) in entries(rows, row).iter().zip(block) {
            add(&mut sum, *entry, x);
        }
        square(&mut squared, &sum);
    }
    if size < 4 {
        return (means(linear.theta, block), squared);
    }
    let mut row = first;
    while row + 4 < size {
        four(rows, row, block, &mut squared, |_, _| ());
        row += 4;
    }
    let mut mean: Lane = [0.0; LANES];
    let theta = &linear.theta[..size];
    four(rows, row, block, &mut squared, |j, x| add(&mut mean, theta[j], x));
    (mean, squared)
}

/// Adds the squares of the products of four rows from `row` on; `beside` sees each column once, in their order.
#[inline(always)]
fn four(rows: &[f64], row: usize, block: &[Lane], squared: &mut Lane, mut beside: impl FnMut(usize, &Lane)) {
    let common = row + 1;
    let (r0, r1, r2, r3) = (entries(rows, row), entries(rows, row + 1), entries(rows, row + 2), entries(rows, row + 3));
    let (mut s0, mut s1, mut s2, mut s3): (Lane, Lane, Lane, Lane) =
        ([0.0; LANES], [0.0; LANES], [0.0; LANES], [0.0; LANES]);
    let (h1, h2, h3, x) = (&r1[..common], &r2[..common], &r3[..common], &block[..common]);
    for j in 0..common {
        add(&mut s0, r0[j], &x[j]);
        add(&mut s1, h1[j], &x[j]);
        add(&mut s2, h2[j], &x[j]);
        add(&mut s3, h3[j], &x[j]);
        beside(j, &x[j]);
    }
    let [x1, x2, x3] = [&block[row + 1], &block[row + 2], &block[row + 3]];
    add(&mut s1, r1[common], x1);
    add(&mut s2, r2[common], x1);
    add(&mut s3, r3[common], x1);
    add(&mut s2, r2[common + 1], x2);
    add(&mut s3, r3[common + 1], x2);
    add(&mut s3, r3[common + 2], x3);
    beside(row + 1, x1);
    beside(row + 2, x2);
    beside(row + 3, x3);
    square(squared, &s0);
    square(squared, &s1);
    square(squared, &s2);
    square(squared, &s3);
}

/// The entries (row, 0)…(row, row) of a laned triangle.
#[inline(always)]
fn entries(rows: &[f64], row: usize) -> &[f64] {
    let start = row_start(row);
    &rows[start..=start + row]
}

#[inline(always)]
fn add(sum: &mut Lane, entry: f64, x: &Lane) {
    for lane in 0..LANES {
        sum[lane] += entry * x[lane];
    }
}

#[inline(always)]
fn square(squared: &mut Lane, sum: &Lane) {
    for lane in 0..LANES {
        squared[lane] += sum[lane] * sum[lane];
    }
}

#[inline(always)]
pub(super) fn score_one(linear: Linear<'_>, x: &[f64]) -> (f64, f64) {
    let mean = mean_one(linear.theta, x);
    let mut squared: Lane = [0.0; LANES];
    let mut rest = linear.rows;
    let mut len = LANES;
    while !rest.is_empty() {
        let (rows, tail) = rest.split_at((len * LANES).min(rest.len()));
        rest = tail;
        let mut y: Lane = [0.0; LANES];
        products(rows, &x[..len], &mut y);
        square(&mut squared, &y);
        len += LANES;
    }
    (mean, fold(&squared))
}

/// θᵀx by eight partial sums.
#[inline(always)]
fn mean_one(theta: &[f64], x: &[f64]) -> f64 {
    let mut sum: Lane = [0.0; LANES];
    let (chunks, last) = theta.as_chunks::<LANES>();
    let (x_chunks, x_last) = x[..theta.len()].as_chunks::<LANES>();
    for (theta, x) in chunks.iter().zip(x_chunks) {
        for lane in 0..LANES {
            sum[lane] += theta[lane] * x[lane];
        }
    }
    for ((sum, theta), x) in sum.iter_mut().zip(last).zip(x_last) {
        *sum += theta * x;
    }
    fold(&sum)
}

#[inline(always)]
pub(super) fn quantise(values: &[f64], lo: f64, hi: f64, step: f64, out: &mut [f64]) -> bool {
    // Adding and taking away 1.5·2⁵² rounds half to even for |n| ≤ 2¹⁴, and leaves no negative zero.
    const ROUND: f64 = 6_755_399_441_055_744.0;
    let inverse = 1.0 / step;
    // How far values lie outside: 0 exactly if none does, as a sum of magnitudes cannot vanish, and not of a NaN.
    let mut outside: Lane = [0.0; LANES];
    let (chunks, last) = values.as_chunks::<LANES>();
    let (outs, out_last) = out[..values.len()].as_chunks_mut::<LANES>();
    for (value, out) in chunks.iter().zip(outs) {
        for lane in 0..LANES {
            outside[lane] += (value[lane] - held(value[lane], lo, hi)).abs();
        }
        for lane in 0..LANES {
            out[lane] = ((value[lane] * inverse + ROUND) - ROUND) * step;
        }
    }
    for ((value, out), outside) in last.iter().zip(out_last).zip(&mut outside) {
        *outside += (value - held(*value, lo, hi)).abs();
        *out = ((value * inverse + ROUND) - ROUND) * step;
    }
    outside.iter().all(|outside| *outside == 0.0)
}

/// `value` held to lo and hi; what is not a number becomes lo.
#[inline(always)]
fn held(value: f64, lo: f64, hi: f64) -> f64 {
    let above = if value > lo { value } else { lo };
    if above < hi { above } else { hi }
}
