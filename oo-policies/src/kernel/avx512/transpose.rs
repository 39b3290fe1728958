//! Rows become lanes.

use std::arch::x86_64::{__m512d, _mm512_shuffle_f64x2, _mm512_unpackhi_pd, _mm512_unpacklo_pd};

use crate::kernel::LANES;
use crate::kernel::dispatch::{load_part, store};
use crate::kernel::lanes::Lane;

/// [`Isa::transpose`](crate::kernel::lanes::Isa::transpose).
#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512vl")]
pub(in crate::kernel) fn transpose<const W: usize>(rows: &[f64], part: usize, columns: &mut [[Lane; W]]) {
    let dim = columns.len();
    let whole = dim / LANES * LANES;
    let (r0, rest) = rows.split_at(dim);
    let (r1, rest) = rest.split_at(dim);
    let (r2, rest) = rest.split_at(dim);
    let (r3, rest) = rest.split_at(dim);
    let (r4, rest) = rest.split_at(dim);
    let (r5, rest) = rest.split_at(dim);
    let (r6, r7) = rest.split_at(dim);
    let (blocks, last) = columns.split_at_mut(whole);
    for (block, columns) in blocks.as_chunks_mut::<LANES>().0.iter_mut().enumerate() {
        let of = block * LANES..(block + 1) * LANES;
        let (even, odd) = (
            pairs(load_part(&r0[of.clone()]), load_part(&r1[of.clone()])),
            pairs(load_part(&r2[of.clone()]), load_part(&r3[of.clone()])),
        );
        let (more_even, more_odd) = (
            pairs(load_part(&r4[of.clone()]), load_part(&r5[of.clone()])),
            pairs(load_part(&r6[of.clone()]), load_part(&r7[of])),
        );
        let low = fours(even.0, odd.0, more_even.0, more_odd.0);
        let high = fours(even.1, odd.1, more_even.1, more_odd.1);
        let turned = [low[0], high[0], low[1], high[1], low[2], high[2], low[3], high[3]];
        for (column, turned) in columns.iter_mut().zip(turned) {
            store(&mut column[part], turned);
        }
    }
    for (lane, row) in rows.chunks_exact(dim).enumerate() {
        for (column, x) in last.iter_mut().zip(&row[whole..]) {
            column[part][lane] = *x;
        }
    }
}

/// The even columns of two rows side by side, and the odd ones.
#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512vl")]
fn pairs(a: __m512d, b: __m512d) -> (__m512d, __m512d) {
    (_mm512_unpacklo_pd(a, b), _mm512_unpackhi_pd(a, b))
}

/// Columns 0, 2, 4 and 6 of what [`pairs`] gave of rows 0 and 1, 2 and 3, 4 and 5, 6 and 7.
#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512vl")]
fn fours(a: __m512d, b: __m512d, c: __m512d, d: __m512d) -> [__m512d; 4] {
    let (first, second) = (halves(a, b), halves(c, d));
    let (near, far) = (halves(first.0, second.0), halves(first.1, second.1));
    [near.0, far.0, near.1, far.1]
}

/// The even quarters of both, and the odd ones.
#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512vl")]
fn halves(a: __m512d, b: __m512d) -> (__m512d, __m512d) {
    (_mm512_shuffle_f64x2::<0b10_00_10_00>(a, b), _mm512_shuffle_f64x2::<0b11_01_11_01>(a, b))
}
