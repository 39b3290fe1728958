//! The rank-one update of a factor.

use super::LANES;
use super::lanes::{Isa, Lane, add_scaled};

/// How a row of the factor turns: the square root of tᵢ/tᵢ₊₁, pᵢ/tᵢ and pᵢ.
#[derive(Clone, Copy)]
struct Turn {
    root: f64,
    share: f64,
    p: f64,
}

impl Turn {
    /// The turns of eight rows, and t after them.
    #[inline(always)]
    fn eight(t: f64, p: &Lane) -> ([Turn; LANES], f64) {
        let (mut before, mut after, mut last) = ([0.0; LANES], [0.0; LANES], t);
        for lane in 0..LANES {
            before[lane] = last;
            last += p[lane] * p[lane];
            after[lane] = last;
        }
        let (mut root, mut share) = ([0.0; LANES], [0.0; LANES]);
        for lane in 0..LANES {
            root[lane] = (before[lane] / after[lane]).sqrt();
            share[lane] = p[lane] / before[lane];
        }
        (std::array::from_fn(|lane| Turn { root: root[lane], share: share[lane], p: p[lane] }), last)
    }

    #[inline(always)]
    fn turn(self, row: &mut Lane, carried: &mut Lane) {
        let old = *row;
        for lane in 0..LANES {
            row[lane] = self.root * (old[lane] - self.share * carried[lane]);
        }
        add_scaled(carried, self.p, &old);
    }
}

#[inline(always)]
pub(super) fn update(isa: impl Isa, rows: &mut [f64], p: &[f64], work: &mut [f64]) {
    isa.update(rows, p, work);
}

#[inline(always)]
pub(super) fn update_portable(rows: &mut [f64], p: &[f64], work: &mut [f64]) {
    // M⁻¹ has √(tᵢ/tᵢ₊₁) on its diagonal and −pᵢpⱼ/√(tᵢtᵢ₊₁) below it, t₀ = 1, tᵢ₊₁ = tᵢ + pᵢ²; `work` carries Σ pⱼUⱼ.
    work.fill(0.0);
    let mut t = 1.0;
    let mut rest = rows;
    for (block, p) in p.as_chunks::<LANES>().0.iter().enumerate() {
        let len = (block + 1) * LANES;
        let (rows, tail) = rest.split_at_mut((len * LANES).min(rest.len()));
        rest = tail;
        let (turns, after) = Turn::eight(t, p);
        t = after;
        let carried = work[..len].as_chunks_mut::<LANES>().0;
        for (rows, turns) in rows.chunks_mut(4 * len).zip(turns.as_chunks::<4>().0) {
            let four = rows.len() == 4 * len;
            let chunks = rows.as_chunks_mut::<LANES>().0;
            if four {
                let [t0, t1, t2, t3] = *turns;
                let (r0, rest) = chunks.split_at_mut(carried.len());
                let (r1, rest) = rest.split_at_mut(carried.len());
                let (r2, r3) = rest.split_at_mut(carried.len());
                for ((((carried, r0), r1), r2), r3) in carried.iter_mut().zip(r0).zip(r1).zip(r2).zip(r3) {
                    let mut sum = *carried;
                    t0.turn(r0, &mut sum);
                    t1.turn(r1, &mut sum);
                    t2.turn(r2, &mut sum);
                    t3.turn(r3, &mut sum);
                    *carried = sum;
                }
            } else {
                for (row, turn) in chunks.chunks_exact_mut(carried.len()).zip(turns) {
                    for (row, carried) in row.iter_mut().zip(carried.iter_mut()) {
                        turn.turn(row, carried);
                    }
                }
            }
        }
    }
    // Uᵀp = A⁻¹x and t = 1 + xᵀA⁻¹x: what was carried becomes (A + xxᵀ)⁻¹x (Sherman & Morrison 1950).
    for carried in work {
        *carried /= t;
    }
}
