//! A lesson enters the exact sums, which meet the probe in the same pass.

use std::arch::x86_64::{
    __m512d, _mm512_add_epi64, _mm512_add_pd, _mm512_cvtepi64_pd, _mm512_mask_add_pd, _mm512_maskz_mul_epi32,
    _mm512_mul_epi32, _mm512_mul_pd, _mm512_set1_epi64, _mm512_set1_pd, _mm512_setzero_pd,
};

use super::products::fold_eight;
use crate::kernel::LANES;
use crate::kernel::dispatch::{load, load_integers, load_some, store, store_integers, store_some, widen};
use crate::kernel::lanes::Lane;

/// [`Isa::grow`](crate::kernel::lanes::Isa::grow).
#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512vl")]
pub(in crate::kernel) fn grow(lower: &mut [i64], integers: &[i16], scaled: &[f64], sums: &mut [f64]) {
    let (chunks, last) = integers.as_chunks::<LANES>();
    let mut padded = [0; LANES];
    padded[..last.len()].copy_from_slice(last);
    let (scaled, sums) = (scaled.as_chunks::<LANES>().0, sums.as_chunks_mut::<LANES>().0);
    let mut rest = lower;
    for block in 0..sums.len() {
        let count = (integers.len() - block * LANES).min(LANES);
        let (before, rows) = sums.split_at_mut(block);
        let given = Given {
            own: &scaled[block],
            left: chunks.get(block).unwrap_or(&padded),
            scaled: &scaled[..block],
            right: &chunks[..block],
        };
        let mut partial = [_mm512_setzero_pd(); LANES];
        let mut sum = load(&rows[0]);
        if count == LANES {
            let (r0, tail) = split_row(rest, block, 0);
            let (r1, tail) = split_row(tail, block, 1);
            let (r2, tail) = split_row(tail, block, 2);
            let (r3, tail) = split_row(tail, block, 3);
            let (r4, tail) = split_row(tail, block, 4);
            let (r5, tail) = split_row(tail, block, 5);
            let (r6, tail) = split_row(tail, block, 6);
            let (r7, tail) = split_row(tail, block, 7);
            rest = tail;
            (partial, sum) = grow_rows(&mut [r0, r1, r2, r3, r4, r5, r6, r7], 0, &given, before, sum);
        } else {
            for (place, partial) in partial[..count].iter_mut().enumerate() {
                let (row, tail) = split_row(rest, block, place);
                rest = tail;
                ([*partial], sum) = grow_rows(&mut [row], place, &given, before, sum);
            }
        }
        store(&mut rows[0], _mm512_add_pd(sum, fold_eight(partial)));
    }
}

type Integers = [i64; LANES];
/// A row of the triangle: its entries before the block on the diagonal, and those within.
type Row<'a> = (&'a mut [Integers], &'a mut [i64]);

/// What the rows of a block meet: their own numbers, and those of the columns before them.
struct Given<'a> {
    own: &'a Lane,
    left: &'a [i16; LANES],
    scaled: &'a [Lane],
    right: &'a [[i16; LANES]],
}

/// The row `place` of `block`, the first of `rest`, and the rows behind it.
#[inline]
fn split_row(rest: &mut [i64], block: usize, place: usize) -> (Row<'_>, &mut [i64]) {
    let (row, tail) = rest.split_at_mut(block * LANES + place + 1);
    let (entries, last) = row.split_at_mut(block * LANES);
    ((entries.as_chunks_mut::<LANES>().0, last), tail)
}

/// Grows `rows` from `first` on of their block; their partial sums, and `sum` of the block's own columns.
#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512vl")]
fn grow_rows<const N: usize>(
    rows: &mut [Row<'_>; N],
    first: usize,
    given: &Given<'_>,
    before: &mut [Lane],
    mut sum: __m512d,
) -> ([__m512d; N], __m512d) {
    let mut partial = [_mm512_setzero_pd(); N];
    let columns = before.iter_mut().zip(given.scaled).zip(given.right);
    for (column, ((total, x), n)) in columns.enumerate() {
        let (n, x) = (widen(n), load(x));
        let mut grown = load(total);
        for row in 0..N {
            let entry = &mut rows[row].0[column];
            let product = _mm512_mul_epi32(_mm512_set1_epi64(i64::from(given.left[first + row])), n);
            let next = _mm512_add_epi64(load_integers(entry), product);
            store_integers(entry, next);
            let value = _mm512_cvtepi64_pd(next);
            partial[row] = _mm512_add_pd(partial[row], _mm512_mul_pd(value, x));
            grown = _mm512_add_pd(grown, _mm512_mul_pd(_mm512_set1_pd(given.own[first + row]), value));
        }
        store(total, grown);
    }
    let (n, x) = (widen(given.left), load(given.own));
    for row in 0..N {
        let place = first + row;
        // The entries before the diagonal, and those with it.
        let before = (1_u8 << place) - 1;
        let within = before | (1 << place);
        let last = &mut *rows[row].1;
        let product = _mm512_maskz_mul_epi32(within, _mm512_set1_epi64(i64::from(given.left[place])), n);
        let next = _mm512_add_epi64(load_some(last), product);
        store_some(last, next);
        let value = _mm512_cvtepi64_pd(next);
        partial[row] = _mm512_mask_add_pd(partial[row], within, partial[row], _mm512_mul_pd(value, x));
        sum = _mm512_mask_add_pd(sum, before, sum, _mm512_mul_pd(_mm512_set1_pd(given.own[place]), value));
    }
    (partial, sum)
}
