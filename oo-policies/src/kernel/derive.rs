//! A factor from the sums: A = LLᵀ and U = L⁻¹.
//!
//! L grows eight rows at a time, which stand side by side in lanes, column by column. A product of two rows of L is
//! summed in the order of [`dot_lanes`](super::lanes::dot_lanes): eight rows have eight partial sums each.

use super::LANES;
use super::lanes::{Lane, add_scaled, tree_of_lanes};
use super::triangle::{add_rows, packed_start, row_len, row_start};

#[inline(always)]
pub(super) fn derive(lower: &mut [f64], least: f64, rows: &mut [f64]) {
    cholesky(lower, least, rows);
    rows.fill(0.0);
    let mut size = 0;
    while packed_start(size) < lower.len() {
        let factor = &lower[packed_start(size)..=packed_start(size) + size];
        let (above, rest) = rows.split_at_mut(row_start(size));
        let inverse = &mut rest[..row_len(size)];
        let mut above = &*above;
        for (block, factor) in factor[..size].chunks(LANES).enumerate() {
            let len = (block + 1) * LANES;
            let (entries, tail) = above.split_at((len * LANES).min(above.len()));
            above = tail;
            add_rows(entries, factor, &mut inverse[..len]);
        }
        let reciprocal = 1.0 / factor[size];
        for entry in &mut inverse[..size] {
            *entry *= -reciprocal;
        }
        inverse[size] = reciprocal;
        size += 1;
    }
}

/// L with LLᵀ = A in the place of A, `lower`; `rows` is working memory, in which L grows laned.
#[inline(always)]
fn cholesky(lower: &mut [f64], least: f64, rows: &mut [f64]) {
    rows.fill(0.0);
    let mut columns: Vec<Lane> = Vec::new();
    let mut first = 0;
    while packed_start(first) < lower.len() {
        let mut count = 1;
        while count < LANES && packed_start(first + count) < lower.len() {
            count += 1;
        }
        columns.clear();
        columns.resize(first + LANES, [0.0; LANES]);
        for column in 0..first {
            let entries = &rows[row_start(column)..][..row_len(column)];
            let pivot = entries[column];
            let mut left = sides(lower, first, count, column);
            let sums = products(entries, &columns);
            for lane in 0..LANES {
                left[lane] = (left[lane] - sums[lane]) / pivot;
            }
            columns[column] = left;
        }
        for place in 0..count {
            let column = first + place;
            let mut left = sides(lower, first, count, column);
            let sums = own_products(&columns, place, column);
            for lane in 0..LANES {
                left[lane] -= sums[lane];
            }
            // A pivot of ridge·I + PSD is never below the ridge; only rounding could put it there.
            let pivot = left[place].max(least).sqrt();
            for left in &mut left {
                *left /= pivot;
            }
            left[..place].fill(0.0);
            left[place] = pivot;
            columns[column] = left;
        }
        for place in 0..count {
            let row = first + place;
            let entries = &mut rows[row_start(row)..=row_start(row) + row];
            for (entry, column) in entries.iter_mut().zip(&columns) {
                *entry = column[place];
            }
            lower[packed_start(row)..=packed_start(row) + row].copy_from_slice(entries);
        }
        first += LANES;
    }
}

/// A's entries (first, column)…(first + count − 1, column), 0 above the diagonal.
#[inline(always)]
fn sides(lower: &[f64], first: usize, count: usize, column: usize) -> Lane {
    let mut side = [0.0; LANES];
    for place in column.saturating_sub(first)..count {
        side[place] = lower[packed_start(first + place) + column];
    }
    side
}

/// The products of the row `entries`, in whole lanes, with eight rows that stand in `columns`.
#[inline(always)]
fn products(entries: &[f64], columns: &[Lane]) -> Lane {
    let mut sums = [[0.0; LANES]; LANES];
    for (entries, columns) in entries.as_chunks::<LANES>().0.iter().zip(columns.as_chunks::<LANES>().0) {
        for partial in 0..LANES {
            add_scaled(&mut sums[partial], entries[partial], &columns[partial]);
        }
    }
    tree_of_lanes(&sums)
}

/// The products of the row in lane `place` of `columns` with all eight, over the first `count` columns; the others are 0.
#[inline(always)]
fn own_products(columns: &[Lane], place: usize, count: usize) -> Lane {
    let mut sums = [[0.0; LANES]; LANES];
    for columns in &columns.as_chunks::<LANES>().0[..count.div_ceil(LANES)] {
        for partial in 0..LANES {
            add_scaled(&mut sums[partial], columns[partial][place], &columns[partial]);
        }
    }
    tree_of_lanes(&sums)
}
