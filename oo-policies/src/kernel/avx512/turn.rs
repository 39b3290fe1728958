//! The rank-one update of a factor.

use std::arch::x86_64::{
    _mm512_add_pd, _mm512_div_pd, _mm512_mul_pd, _mm512_set1_pd, _mm512_setzero_pd, _mm512_sqrt_pd, _mm512_sub_pd,
};

use crate::kernel::LANES;
use crate::kernel::dispatch::{load, store};
use crate::kernel::lanes::Lane;

/// [`Isa::update`](crate::kernel::lanes::Isa::update).
#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512vl")]
pub(in crate::kernel) fn update(rows: &mut [f64], p: &[f64], work: &mut [f64]) {
    let (mut rest, p) = (rows.as_chunks_mut::<LANES>().0, p.as_chunks::<LANES>().0);
    let carried = work.as_chunks_mut::<LANES>().0;
    for carried in carried.iter_mut() {
        store(carried, _mm512_setzero_pd());
    }
    let mut t = 1.0;
    for (block, p) in p.iter().enumerate() {
        let len = block + 1;
        let (mut before, mut after) = ([0.0; LANES], [0.0; LANES]);
        for lane in 0..LANES {
            before[lane] = t;
            t += p[lane] * p[lane];
            after[lane] = t;
        }
        let (mut root, mut share) = ([0.0; LANES], [0.0; LANES]);
        store(&mut root, _mm512_sqrt_pd(_mm512_div_pd(load(&before), load(&after))));
        store(&mut share, _mm512_div_pd(load(p), load(&before)));
        let turns = Turns { root: &root, share: &share, p };
        let carried = &mut carried[..len];
        if rest.len() >= LANES * len {
            let (r0, tail) = rest.split_at_mut(len);
            let (r1, tail) = tail.split_at_mut(len);
            let (r2, tail) = tail.split_at_mut(len);
            let (r3, tail) = tail.split_at_mut(len);
            let (r4, tail) = tail.split_at_mut(len);
            let (r5, tail) = tail.split_at_mut(len);
            let (r6, tail) = tail.split_at_mut(len);
            let (r7, tail) = tail.split_at_mut(len);
            rest = tail;
            turn(&mut [r0, r1, r2, r3, r4, r5, r6, r7], 0, &turns, carried);
        } else {
            for (place, row) in rest.chunks_exact_mut(len).enumerate() {
                turn(&mut [row], place, &turns, carried);
            }
            rest = &mut [];
        }
    }
    let t = _mm512_set1_pd(t);
    for carried in carried {
        let value = _mm512_div_pd(load(carried), t);
        store(carried, value);
    }
}

/// The roots, shares and p of the rows of a block.
struct Turns<'a> {
    root: &'a Lane,
    share: &'a Lane,
    p: &'a Lane,
}

/// Turns `rows`, which are as long as `carried`, from `first` on of their block.
#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512vl")]
fn turn<const N: usize>(rows: &mut [&mut [Lane]; N], first: usize, turns: &Turns<'_>, carried: &mut [Lane]) {
    let mut factors = [[_mm512_setzero_pd(); 3]; N];
    for (row, factors) in factors.iter_mut().enumerate() {
        let place = first + row;
        *factors =
            [_mm512_set1_pd(turns.root[place]), _mm512_set1_pd(turns.share[place]), _mm512_set1_pd(turns.p[place])];
    }
    for (column, carried) in carried.iter_mut().enumerate() {
        let mut sum = load(carried);
        for row in 0..N {
            let [root, share, p] = factors[row];
            let entries = &mut rows[row][column];
            let old = load(entries);
            store(entries, _mm512_mul_pd(root, _mm512_sub_pd(old, _mm512_mul_pd(share, sum))));
            sum = _mm512_add_pd(sum, _mm512_mul_pd(p, old));
        }
        store(carried, sum);
    }
}
