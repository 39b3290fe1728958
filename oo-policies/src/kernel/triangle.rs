//! Lower triangles and their products with vectors.
//!
//! Exact sums are *packed*: row i holds the i+1 entries (i, 0)…(i, i). A factor is *laned*: each row is filled up with
//! zeros to a multiple of eight, so that its loops have no remainder; vectors that meet it are as long as its last row.

use super::LANES;
use super::lanes::{Isa, add_scaled, dot_four, dot_lanes};

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

/// The products with `x` of the rows of `block`, which are as long as `x`.
#[inline(always)]
pub(super) fn products(block: &[f64], x: &[f64], out: &mut [f64]) {
    for (rows, out) in block.chunks(4 * x.len()).zip(out.chunks_mut(4)) {
        match out {
            [o0, o1, o2, o3] if rows.len() == 4 * x.len() => [*o0, *o1, *o2, *o3] = dot_four(rows, x),
            _ => {
                for (row, out) in rows.chunks_exact(x.len()).zip(out) {
                    *out = dot_lanes(row, x);
                }
            }
        }
    }
}

/// out += Σ qᵢ·rowᵢ in the order of the rows of `block`, which are as long as `out`.
#[inline(always)]
pub(super) fn add_rows(block: &[f64], q: &[f64], out: &mut [f64]) {
    let (fours, last) = q[..block.len() / out.len()].as_chunks::<4>();
    let out = out.as_chunks_mut::<LANES>().0;
    let mut rest = block.as_chunks::<LANES>().0;
    for [q0, q1, q2, q3] in fours {
        let (r0, tail) = rest.split_at(out.len());
        let (r1, tail) = tail.split_at(out.len());
        let (r2, tail) = tail.split_at(out.len());
        let (r3, tail) = tail.split_at(out.len());
        rest = tail;
        for ((((out, r0), r1), r2), r3) in out.iter_mut().zip(r0).zip(r1).zip(r2).zip(r3) {
            let mut sum = *out;
            add_scaled(&mut sum, *q0, r0);
            add_scaled(&mut sum, *q1, r1);
            add_scaled(&mut sum, *q2, r2);
            add_scaled(&mut sum, *q3, r3);
            *out = sum;
        }
    }
    for (row, q) in rest.chunks_exact(out.len()).zip(last) {
        for (out, row) in out.iter_mut().zip(row) {
            let mut sum = *out;
            add_scaled(&mut sum, *q, row);
            *out = sum;
        }
    }
}

#[inline(always)]
pub(super) fn multiply(isa: impl Isa, rows: &[f64], x: &[f64], out: &mut [f64]) {
    isa.multiply(rows, x, out);
}

#[inline(always)]
pub(super) fn multiply_portable(rows: &[f64], x: &[f64], out: &mut [f64]) {
    let mut rest = rows;
    for (block, out) in out.chunks_mut(LANES).enumerate() {
        let len = (block + 1) * LANES;
        let (rows, tail) = rest.split_at((len * LANES).min(rest.len()));
        rest = tail;
        products(rows, &x[..len], out);
    }
}

#[inline(always)]
pub(super) fn multiply_transposed(rows: &[f64], q: &[f64], out: &mut [f64]) {
    out.fill(0.0);
    let mut rest = rows;
    for (block, q) in q.chunks(LANES).enumerate() {
        let len = (block + 1) * LANES;
        let (rows, tail) = rest.split_at((len * LANES).min(rest.len()));
        rest = tail;
        add_rows(rows, q, &mut out[..len]);
    }
}
