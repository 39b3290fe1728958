//! Scoring: the mean θᵀx and the width √(xᵀA⁻¹x) = ‖Ux‖ of candidates.
//!
//! Many candidates under one factor go eight or sixteen at a time, one to a lane, four rows of the triangle side by side;
//! a candidate's score never depends on its neighbours. A candidate with a factor of its own goes alone.

use super::LANES;
use super::lanes::{Isa, Lane, dot, fold};
use super::triangle::{products, row_start};

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

/// One column of W times eight candidates.
type Column<const W: usize> = [Lane; W];

/// The scratch that [`score_all`] needs for a factor of `size`.
pub(crate) const fn scratch_len(size: usize) -> usize {
    // One lane more, so that the block can start on a cache line.
    (2 * size + 1) * LANES
}

/// With `wide`, sixteen candidates at a time share what is loaded of U, which needs the registers of AVX-512.
#[inline(always)]
pub(super) fn score_all(
    isa: impl Isa,
    linear: Linear<'_>,
    values: &[f64],
    wide: bool,
    scratch: &mut [f64],
    scores: &mut [f64],
) {
    let start = scratch.as_ptr().align_offset(64).min(LANES - 1);
    let (block, _) = scratch[start..].as_chunks_mut::<LANES>();
    let pairs = if wide { scores.len() / (2 * LANES) * 2 * LANES } else { 0 };
    let (values, rest) = values.split_at(pairs * linear.dim);
    let (scores, rest_of_scores) = scores.split_at_mut(pairs);
    score_blocks::<2>(isa, linear, values, block, scores);
    score_blocks::<1>(isa, linear, rest, block, rest_of_scores);
}

#[inline(always)]
fn score_blocks<const W: usize>(
    isa: impl Isa,
    linear: Linear<'_>,
    values: &[f64],
    block: &mut [Lane],
    scores: &mut [f64],
) {
    let (block, _) = block.as_chunks_mut::<W>();
    let block = &mut block[..linear.theta.len()];
    let rows_of_block = linear.dim * W * LANES;
    for (chunk, scores) in values.chunks(rows_of_block).zip(scores.chunks_mut(W * LANES)) {
        transpose(isa, linear.dim, chunk, block);
        let mut out = [[0.0; LANES]; W];
        if linear.alpha == 0.0 {
            means(linear.theta, block, &mut out);
        } else {
            let (mean, squared) = widths(linear, block);
            for part in 0..W {
                for lane in 0..LANES {
                    out[part][lane] = mean[part][lane] + linear.alpha * squared[part][lane].sqrt();
                }
            }
        }
        scores.copy_from_slice(&out.as_flattened()[..scores.len()]);
    }
}

/// As [`score_all`] without U: the mean of each row in `means`, and in `bounds` mean + α‖x‖, where x has its intercept.
#[inline(always)]
pub(super) fn bound_all(
    isa: impl Isa,
    linear: Linear<'_>,
    values: &[f64],
    wide: bool,
    scratch: &mut [f64],
    means: &mut [f64],
    bounds: &mut [f64],
) {
    let start = scratch.as_ptr().align_offset(64).min(LANES - 1);
    let (block, _) = scratch[start..].as_chunks_mut::<LANES>();
    let pairs = if wide { means.len() / (2 * LANES) * 2 * LANES } else { 0 };
    let (values, rest) = values.split_at(pairs * linear.dim);
    let (means, rest_of_means) = means.split_at_mut(pairs);
    let (bounds, rest_of_bounds) = bounds.split_at_mut(pairs);
    bound_blocks::<2>(isa, linear, values, block, means, bounds);
    bound_blocks::<1>(isa, linear, rest, block, rest_of_means, rest_of_bounds);
}

#[inline(always)]
fn bound_blocks<const W: usize>(
    isa: impl Isa,
    linear: Linear<'_>,
    values: &[f64],
    block: &mut [Lane],
    means: &mut [f64],
    bounds: &mut [f64],
) {
    let (block, _) = block.as_chunks_mut::<W>();
    let block = &mut block[..linear.theta.len()];
    let out = means.chunks_mut(W * LANES).zip(bounds.chunks_mut(W * LANES));
    for (chunk, (means, bounds)) in values.chunks(linear.dim * W * LANES).zip(out) {
        transpose(isa, linear.dim, chunk, block);
        let (mut mean, mut squared) = ([[0.0; LANES]; W], [[0.0; LANES]; W]);
        for (x, theta) in block.iter().zip(linear.theta) {
            add(&mut mean, *theta, x);
            square(&mut squared, x);
        }
        means.copy_from_slice(&mean.as_flattened()[..means.len()]);
        for part in 0..W {
            for lane in 0..LANES {
                mean[part][lane] += linear.alpha * squared[part][lane].sqrt();
            }
        }
        bounds.copy_from_slice(&mean.as_flattened()[..bounds.len()]);
    }
}

/// Turns rows into lanes; the intercept, where there is one, becomes 1.
#[inline(always)]
fn transpose<const W: usize>(isa: impl Isa, dim: usize, chunk: &[f64], block: &mut [Column<W>]) {
    let (columns, intercept) = block.split_at_mut(dim);
    if chunk.len() == dim * W * LANES {
        for (part, chunk) in chunk.chunks_exact(dim * LANES).enumerate() {
            isa.transpose(chunk, part, columns);
        }
    } else {
        for (j, column) in columns.iter_mut().enumerate() {
            *column = [[0.0; LANES]; W];
            for (x, row) in column.as_flattened_mut().iter_mut().zip(chunk.chunks_exact(dim)) {
                *x = row[j];
            }
        }
    }
    intercept.fill([[1.0; LANES]; W]);
}

/// Eight rows, a row to a lane of part `part` of each column.
#[inline(always)]
pub(super) fn transpose_portable<const W: usize>(rows: &[f64], part: usize, columns: &mut [Column<W>]) {
    let dim = columns.len();
    let row: [&[f64]; LANES] = std::array::from_fn(|lane| &rows[lane * dim..(lane + 1) * dim]);
    for (j, column) in columns.iter_mut().enumerate() {
        for lane in 0..LANES {
            column[part][lane] = row[lane][j];
        }
    }
}

/// Adds θᵀx, in the order of the columns.
#[inline(always)]
fn means<const W: usize>(theta: &[f64], block: &[Column<W>], mean: &mut Column<W>) {
    for (x, theta) in block.iter().zip(theta) {
        add(mean, *theta, x);
    }
}

/// θᵀx and ‖Ux‖²: each product in the order of its columns, squares in the order of the rows.
///
/// θ is summed beside the longest rows, whose sums do not wait for it.
#[inline(always)]
fn widths<const W: usize>(linear: Linear<'_>, block: &[Column<W>]) -> (Column<W>, Column<W>) {
    let (rows, size) = (linear.rows, block.len());
    let (mut mean, mut squared) = ([[0.0; LANES]; W], [[0.0; LANES]; W]);
    // The rows that do not fill a group of four are the shortest, so they come first.
    let first = size % 4;
    for row in 0..first {
        let mut sum = [[0.0; LANES]; W];
        for (entry, x) in entries(rows, row).iter().zip(block) {
            add(&mut sum, *entry, x);
        }
        square(&mut squared, &sum);
    }
    if size < 4 {
        means(linear.theta, block, &mut mean);
        return (mean, squared);
    }
    let mut row = first;
    while row + 4 < size {
        four::<W, false>(linear, row, block, &mut mean, &mut squared);
        row += 4;
    }
    four::<W, true>(linear, row, block, &mut mean, &mut squared);
    (mean, squared)
}

/// Adds the squares of the products of four rows from `row` on, and with `MEAN` θᵀx beside them.
#[inline(always)]
fn four<const W: usize, const MEAN: bool>(
    linear: Linear<'_>,
    row: usize,
    block: &[Column<W>],
    mean: &mut Column<W>,
    squared: &mut Column<W>,
) {
    let common = row + 1;
    let entries = |row| entries(linear.rows, row);
    let (r0, r1, r2, r3) = (entries(row), entries(row + 1), entries(row + 2), entries(row + 3));
    let zero = [[0.0; LANES]; W];
    let (mut s0, mut s1, mut s2, mut s3, mut m) = (zero, zero, zero, zero, zero);
    let (h1, h2, h3, theta) = (&r1[..common], &r2[..common], &r3[..common], &linear.theta[..row + 4]);
    let (t, x) = (&theta[..common], &block[..common]);
    for j in 0..common {
        add(&mut s0, r0[j], &x[j]);
        add(&mut s1, h1[j], &x[j]);
        add(&mut s2, h2[j], &x[j]);
        add(&mut s3, h3[j], &x[j]);
        if MEAN {
            add(&mut m, t[j], &x[j]);
        }
    }
    let [x1, x2, x3] = [&block[row + 1], &block[row + 2], &block[row + 3]];
    add(&mut s1, r1[common], x1);
    add(&mut s2, r2[common], x1);
    add(&mut s3, r3[common], x1);
    add(&mut s2, r2[common + 1], x2);
    add(&mut s3, r3[common + 1], x2);
    add(&mut s3, r3[common + 2], x3);
    if MEAN {
        for (theta, x) in theta[common..].iter().zip([x1, x2, x3]) {
            add(&mut m, *theta, x);
        }
        *mean = m;
    }
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
fn add<const W: usize>(sum: &mut Column<W>, entry: f64, x: &Column<W>) {
    for part in 0..W {
        for lane in 0..LANES {
            sum[part][lane] += entry * x[part][lane];
        }
    }
}

#[inline(always)]
fn square<const W: usize>(squared: &mut Column<W>, sum: &Column<W>) {
    for part in 0..W {
        for lane in 0..LANES {
            squared[part][lane] += sum[part][lane] * sum[part][lane];
        }
    }
}

#[inline(always)]
pub(super) fn score_one(isa: impl Isa, linear: Linear<'_>, x: &[f64]) -> (f64, f64) {
    isa.score(linear.rows, linear.theta, x)
}

#[inline(always)]
pub(super) fn score_portable(rows: &[f64], theta: &[f64], x: &[f64]) -> (f64, f64) {
    let mean = mean_one(theta, x);
    // The squares of row i go to partial sum i mod 8.
    let mut squared: Lane = [0.0; LANES];
    let mut rest = rows;
    let mut len = LANES;
    while !rest.is_empty() {
        let (rows, tail) = rest.split_at((len * LANES).min(rest.len()));
        rest = tail;
        let mut y = [0.0; LANES];
        products(rows, &x[..len], &mut y);
        for lane in 0..LANES {
            squared[lane] += y[lane] * y[lane];
        }
        len += LANES;
    }
    (mean, fold(&squared))
}

/// θᵀx by eight partial sums.
#[inline(always)]
pub(super) fn mean_one(theta: &[f64], x: &[f64]) -> f64 {
    dot(theta, &x[..theta.len()])
}

#[inline(always)]
pub(super) fn quantise(values: &[f64], lo: f64, hi: f64, step: f64, out: &mut [f64]) -> bool {
    // Adding and taking away 1.5·2⁵² steps rounds to a step, half to even, for |n| ≤ 2¹⁴, and leaves no negative zero.
    let round = 6_755_399_441_055_744.0 * step;
    // The least and the largest value, and a sum that is a number only if all are.
    let (mut least, mut most, mut sum): (Lane, Lane, Lane) = ([hi; LANES], [lo; LANES], [0.0; LANES]);
    let (chunks, last) = values.as_chunks::<LANES>();
    let (outs, out_last) = out[..values.len()].as_chunks_mut::<LANES>();
    for (value, out) in chunks.iter().zip(outs) {
        for lane in 0..LANES {
            least[lane] = if value[lane] < least[lane] { value[lane] } else { least[lane] };
        }
        for lane in 0..LANES {
            most[lane] = if value[lane] > most[lane] { value[lane] } else { most[lane] };
        }
        for lane in 0..LANES {
            out[lane] = (value[lane] + round) - round;
        }
        for lane in 0..LANES {
            sum[lane] += out[lane];
        }
    }
    let mut inside = true;
    for (value, out) in last.iter().zip(out_last) {
        inside &= *value >= lo && *value <= hi;
        *out = (value + round) - round;
    }
    // Without the barrier the compiler splits the loop before, half of it one number at a time.
    let (least, most, sum) = std::hint::black_box((&least, &most, &sum));
    inside
        && least.iter().all(|value| *value >= lo)
        && most.iter().all(|value| *value <= hi)
        && sum.iter().all(|sum| !sum.is_nan())
}
