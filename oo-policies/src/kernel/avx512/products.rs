//! Products of a laned triangle with a vector.

use std::arch::x86_64::{
    __m512d, _mm512_add_pd, _mm512_mul_pd, _mm512_permutexvar_pd, _mm512_set_epi64, _mm512_setzero_pd,
    _mm512_shuffle_f64x2, _mm512_unpackhi_pd, _mm512_unpacklo_pd,
};

use crate::kernel::LANES;
use crate::kernel::dispatch::{load, load_part, store};
use crate::kernel::lanes::Lane;

/// [`Isa::multiply`](crate::kernel::lanes::Isa::multiply).
#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512vl")]
pub(in crate::kernel) fn multiply(rows: &[f64], x: &[f64], out: &mut [f64]) {
    let (mut rest, x) = (rows.as_chunks::<LANES>().0, x.as_chunks::<LANES>().0);
    for (block, out) in out.as_chunks_mut::<LANES>().0.iter_mut().enumerate() {
        let x = &x[..=block];
        let (rows, tail) = rest.split_at((x.len() * LANES).min(rest.len()));
        rest = tail;
        store(out, dot_rows(rows, x));
    }
}

/// [`Isa::score`](crate::kernel::lanes::Isa::score).
#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512vl")]
pub(in crate::kernel) fn score(rows: &[f64], theta: &[f64], x: &[f64]) -> (f64, f64) {
    let (mut rest, x) = (rows.as_chunks::<LANES>().0, x.as_chunks::<LANES>().0);
    let (chunks, last) = theta.as_chunks::<LANES>();
    let mut mean = _mm512_setzero_pd();
    for (theta, x) in chunks.iter().zip(x) {
        mean = _mm512_add_pd(mean, _mm512_mul_pd(load(theta), load(x)));
    }
    if !last.is_empty() {
        // Beyond θ are zeros on both sides.
        mean = _mm512_add_pd(mean, _mm512_mul_pd(load_part(last), load(&x[chunks.len()])));
    }
    let mut squared = _mm512_setzero_pd();
    let mut count = 1;
    while !rest.is_empty() {
        let (rows, tail) = rest.split_at((count * LANES).min(rest.len()));
        rest = tail;
        let y = dot_rows(rows, &x[..count]);
        squared = _mm512_add_pd(squared, _mm512_mul_pd(y, y));
        count += 1;
    }
    let zero = _mm512_setzero_pd();
    let mut sums = [0.0; LANES];
    store(&mut sums, fold_eight([mean, squared, zero, zero, zero, zero, zero, zero]));
    (sums[0], sums[1])
}

/// The products with `x` of at most eight rows that are as long as `x`; 0 where there is no row.
#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512vl")]
fn dot_rows(rows: &[Lane], x: &[Lane]) -> __m512d {
    if rows.len() < LANES * x.len() {
        return dot_few(rows, x);
    }
    let (r0, rest) = rows.split_at(x.len());
    let (r1, rest) = rest.split_at(x.len());
    let (r2, rest) = rest.split_at(x.len());
    let (r3, rest) = rest.split_at(x.len());
    let (r4, rest) = rest.split_at(x.len());
    let (r5, rest) = rest.split_at(x.len());
    let (r6, rest) = rest.split_at(x.len());
    let rows = [r0, r1, r2, r3, r4, r5, r6, &rest[..x.len()]];
    let mut sums = [_mm512_setzero_pd(); LANES];
    for (column, x) in x.iter().enumerate() {
        let x = load(x);
        for row in 0..LANES {
            sums[row] = _mm512_add_pd(sums[row], _mm512_mul_pd(load(&rows[row][column]), x));
        }
    }
    fold_eight(sums)
}

/// [`dot_rows`] of fewer than eight; apart from it, so that its sums stay in registers.
#[inline(never)]
#[target_feature(enable = "avx512f,avx512dq,avx512vl")]
fn dot_few(rows: &[Lane], x: &[Lane]) -> __m512d {
    let mut sums = [_mm512_setzero_pd(); LANES];
    for (row, sum) in rows.chunks_exact(x.len()).zip(&mut sums) {
        let mut total = _mm512_setzero_pd();
        for (entries, x) in row.iter().zip(x) {
            total = _mm512_add_pd(total, _mm512_mul_pd(load(entries), load(x)));
        }
        *sum = total;
    }
    fold_eight(sums)
}

/// The tree of each of eight sums: halves, quarters, pairs.
#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512vl")]
pub(super) fn fold_eight(sums: [__m512d; LANES]) -> __m512d {
    let [s0, s1, s2, s3, s4, s5, s6, s7] = sums;
    let first = quarters(halves(s0, s1), halves(s2, s3));
    let second = quarters(halves(s4, s5), halves(s6, s7));
    let sums = _mm512_add_pd(_mm512_unpacklo_pd(first, second), _mm512_unpackhi_pd(first, second));
    // They are those of rows 0, 4, 1, 5, 2, 6, 3, 7.
    _mm512_permutexvar_pd(_mm512_set_epi64(7, 5, 3, 1, 6, 4, 2, 0), sums)
}

#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512vl")]
fn halves(a: __m512d, b: __m512d) -> __m512d {
    let low = _mm512_shuffle_f64x2::<0b01_00_01_00>(a, b);
    _mm512_add_pd(low, _mm512_shuffle_f64x2::<0b11_10_11_10>(a, b))
}

#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512vl")]
fn quarters(a: __m512d, b: __m512d) -> __m512d {
    let even = _mm512_shuffle_f64x2::<0b10_00_10_00>(a, b);
    _mm512_add_pd(even, _mm512_shuffle_f64x2::<0b11_01_11_01>(a, b))
}
