//! Products with, updates of and derivations of a lower triangle.
//!
//! Exact sums are *packed*: row i holds the i+1 entries (i, 0)…(i, i). A factor is *laned*: each row is filled up with
//! zeros to a multiple of eight, so that its loops have no remainder; vectors that meet it are as long as its last row.

use super::LANES;

/// The matrix A = ridge·I + diag(steps)·N·diag(steps), N the packed lower triangle of exact integers.
#[derive(Clone, Copy)]
pub(crate) struct Gram<'a> {
    /// N, packed.
    pub(crate) lower: &'a [i64],
    /// The grid step of each row.
    pub(crate) steps: &'a [f64],
    /// λ.
    pub(crate) ridge: f64,
}

/// The number of entries of a packed triangle of `size`.
pub(crate) const fn packed_len(size: usize) -> usize {
    size * (size + 1) / 2
}

/// Where row `row` of a packed triangle starts.
pub(crate) const fn packed_start(row: usize) -> usize {
    row * (row + 1) / 2
}

/// The length of row `row` of a laned triangle.
pub(crate) const fn row_len(row: usize) -> usize {
    (row / LANES + 1) * LANES
}

/// Where row `row` of a laned triangle starts; of the row after the last, its number of entries.
pub(crate) const fn row_start(row: usize) -> usize {
    let block = row / LANES;
    LANES * LANES * (block * (block + 1) / 2) + row % LANES * (block + 1) * LANES
}

/// The length of a vector of `size` that meets a laned triangle.
pub(crate) const fn laned(size: usize) -> usize {
    size.next_multiple_of(LANES)
}

/// Σ aᵢbᵢ by eight partial sums, those of the index modulo 8, then a fixed tree.
#[inline(always)]
pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sum = [0.0; LANES];
    let (a_chunks, a_rest) = a.as_chunks::<LANES>();
    let (b_chunks, b_rest) = b.as_chunks::<LANES>();
    for (a, b) in a_chunks.iter().zip(b_chunks) {
        for lane in 0..LANES {
            sum[lane] += a[lane] * b[lane];
        }
    }
    for (sum, (a, b)) in sum.iter_mut().zip(a_rest.iter().zip(b_rest)) {
        *sum += a * b;
    }
    ((sum[0] + sum[4]) + (sum[2] + sum[6])) + ((sum[1] + sum[5]) + (sum[3] + sum[7]))
}

/// Σ aᵢbᵢ over whole lanes, in the same order as [`dot`].
#[inline(always)]
pub(super) fn dot_lanes(a: &[f64], b: &[f64]) -> f64 {
    let mut sum = [0.0; LANES];
    for (a, b) in a.as_chunks::<LANES>().0.iter().zip(b.as_chunks::<LANES>().0) {
        for lane in 0..LANES {
            sum[lane] += a[lane] * b[lane];
        }
    }
    ((sum[0] + sum[4]) + (sum[2] + sum[6])) + ((sum[1] + sum[5]) + (sum[3] + sum[7]))
}

#[inline(always)]
fn add_scaled(out: &mut [f64], factor: f64, row: &[f64]) {
    for (out, entry) in out.iter_mut().zip(row) {
        *out += factor * entry;
    }
}

#[inline(always)]
pub(super) fn multiply(rows: &[f64], x: &[f64], out: &mut [f64]) {
    let mut rest = rows;
    let mut len = LANES;
    for out in out.chunks_mut(LANES) {
        for out in out {
            let Some((entries, tail)) = rest.split_at_checked(len) else { return };
            rest = tail;
            *out = dot_lanes(entries, &x[..len]);
        }
        len += LANES;
    }
}

#[inline(always)]
pub(super) fn multiply_in_place(rows: &[f64], size: usize, x: &mut [f64]) {
    // From the last row up: what a row meets behind its own entry, its zeros take away.
    for row in (0..size).rev() {
        let entries = &rows[row_start(row)..row_start(row + 1)];
        x[row] = dot_lanes(entries, &x[..entries.len()]);
    }
}

#[inline(always)]
pub(super) fn products(table: &[f64], x: &[f64], out: &mut [f64]) {
    for (row, out) in table.chunks_exact(x.len()).zip(out) {
        *out = dot_lanes(row, x);
    }
}

#[inline(always)]
pub(super) fn multiply_transposed(rows: &[f64], q: &[f64], out: &mut [f64]) {
    out.fill(0.0);
    let mut rest = rows;
    let mut len = LANES;
    for q in q.chunks(LANES) {
        for q in q {
            let Some((entries, tail)) = rest.split_at_checked(len) else { return };
            rest = tail;
            add_scaled(&mut out[..len], *q, entries);
        }
        len += LANES;
    }
}

#[inline(always)]
pub(super) fn update(rows: &mut [f64], p: &[f64], work: &mut [f64]) {
    // M⁻¹ has √(tᵢ/tᵢ₊₁) on its diagonal and −pᵢpⱼ/√(tᵢtᵢ₊₁) below it, t₀ = 1, tᵢ₊₁ = tᵢ + pᵢ²; `work` carries Σ pⱼUⱼ.
    work.fill(0.0);
    let mut t = 1.0;
    let mut rest = rows;
    let mut len = LANES;
    for p in p.chunks(LANES) {
        for p in p {
            let Some((entries, tail)) = rest.split_at_mut_checked(len) else { return };
            rest = tail;
            let next = t + p * p;
            let root = (t / next).sqrt();
            let share = p / t;
            for (entry, work) in entries.iter_mut().zip(work.iter_mut()) {
                let old = *entry;
                *entry = root * (old - share * *work);
                *work += p * old;
            }
            t = next;
        }
        len += LANES;
    }
}

#[inline(always)]
pub(super) fn derive(lower: &mut [f64], least: f64, rows: &mut [f64]) {
    rows.fill(0.0);
    let mut start = 0;
    let mut size = 0;
    while start < lower.len() {
        let (above, rest) = lower.split_at_mut(start);
        let (current, _) = rest.split_at_mut(size + 1);
        let mut other = 0;
        for column in 0..size {
            let entries = &above[other..=other + column];
            let sum = dot(&current[..column], &entries[..column]);
            current[column] = (current[column] - sum) / entries[column];
            other += column + 1;
        }
        let pivot = current[size] - dot(&current[..size], &current[..size]);
        // A pivot of ridge·I + PSD is never below the ridge; only rounding could put it there.
        current[size] = pivot.max(least).sqrt();

        let (above, rest) = rows.split_at_mut(row_start(size));
        let (inverse, _) = rest.split_at_mut(row_len(size));
        let mut rest = &above[..];
        for (column, entry) in current[..size].iter().enumerate() {
            let (entries, tail) = rest.split_at(row_len(column));
            rest = tail;
            add_scaled(inverse, *entry, entries);
        }
        let reciprocal = 1.0 / current[size];
        for entry in &mut inverse[..size] {
            *entry *= -reciprocal;
        }
        inverse[size] = reciprocal;
        size += 1;
        start += size;
    }
}

#[inline(always)]
pub(super) fn residual(gram: Gram<'_>, y: &[f64], x: &[f64], work: &mut [f64]) -> f64 {
    let size = gram.steps.len();
    let (scaled, sums) = work.split_at_mut(size);
    for ((scaled, y), step) in scaled.iter_mut().zip(y).zip(gram.steps) {
        *scaled = y * step;
    }
    let sums = &mut sums[..size];
    sums.fill(0.0);
    let mut rest = gram.lower;
    for row in 0..size {
        let (entries, tail) = rest.split_at(row + 1);
        rest = tail;
        let own = scaled[row];
        let mut partial = [0.0; LANES];
        let (chunks, last) = entries[..row].as_chunks::<LANES>();
        let (x_chunks, x_last) = scaled[..row].as_chunks::<LANES>();
        let (s_chunks, s_last) = sums[..row].as_chunks_mut::<LANES>();
        for ((entry, x), sum) in chunks.iter().zip(x_chunks).zip(s_chunks) {
            for lane in 0..LANES {
                let entry = entry[lane] as f64;
                partial[lane] += entry * x[lane];
                sum[lane] += entry * own;
            }
        }
        for (((partial, entry), x), sum) in partial.iter_mut().zip(last).zip(x_last).zip(s_last) {
            let entry = *entry as f64;
            *partial += entry * x;
            *sum += entry * own;
        }
        let below = ((partial[0] + partial[4]) + (partial[2] + partial[6]))
            + ((partial[1] + partial[5]) + (partial[3] + partial[7]));
        sums[row] += below + entries[row] as f64 * own;
    }
    let mut worst: f64 = 0.0;
    for (((sum, step), y), x) in sums.iter().zip(gram.steps).zip(y).zip(x) {
        let off = (gram.ridge * y + sum * step - x).abs();
        // A NaN counts as infinitely far off.
        worst = if off <= worst {
            worst
        } else if off.is_nan() {
            f64::INFINITY
        } else {
            off
        };
    }
    worst
}

#[inline(always)]
pub(super) fn accumulate(lower: &mut [i64], left: &[i16], right: &[i16]) {
    let mut rest = lower;
    for (row, left) in left.iter().enumerate() {
        let (entries, tail) = rest.split_at_mut(row + 1);
        rest = tail;
        let left = i32::from(*left);
        for (entry, right) in entries.iter_mut().zip(right) {
            // |left·right| ≤ 2²⁸, and at most 2³⁴ such products meet in one sum.
            *entry = entry.wrapping_add(i64::from(left.wrapping_mul(i32::from(*right))));
        }
    }
}
