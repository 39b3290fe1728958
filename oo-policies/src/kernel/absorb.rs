//! A lesson enters the exact sums, and the factor is held against them in the same pass.

use super::LANES;
use super::lanes::{Isa, add_scaled, fold, multiply_add};

/// What is asked of a factor: whether `y` is A⁻¹`x` for A = ridge·I + diag(steps)·N·diag(steps), N the exact sums.
#[derive(Clone, Copy)]
pub(crate) struct Probe<'a> {
    /// The grid step of each row, filled up with zeros to whole lanes as x and y are.
    pub(crate) steps: &'a [f64],
    /// λ.
    pub(crate) ridge: f64,
    /// What the factor says A⁻¹x is.
    pub(crate) y: &'a [f64],
    /// x.
    pub(crate) x: &'a [f64],
}

#[inline(always)]
pub(super) fn absorb(isa: impl Isa, lower: &mut [i64], integers: &[i16], probe: Probe<'_>, work: &mut [f64]) -> f64 {
    let Probe { steps, ridge, y, x } = probe;
    let (scaled, sums) = work.split_at_mut(steps.len());
    for ((scaled, y), step) in scaled.iter_mut().zip(y).zip(steps) {
        *scaled = y * step;
    }
    let sums = &mut sums[..steps.len()];
    sums.fill(0.0);
    isa.grow(lower, integers, scaled, sums);
    let (mut worst, mut total) = ([0.0; LANES], [0.0; LANES]);
    let (sums, steps) = (sums.as_chunks::<LANES>().0, steps.as_chunks::<LANES>().0);
    let (y, x) = (y.as_chunks::<LANES>().0, x.as_chunks::<LANES>().0);
    for (((sum, step), y), x) in sums.iter().zip(steps).zip(y).zip(x) {
        for lane in 0..LANES {
            let off = (ridge * y[lane] + sum[lane] * step[lane] - x[lane]).abs();
            worst[lane] = if off > worst[lane] { off } else { worst[lane] };
            total[lane] += off;
        }
    }
    // What is not a number counts as infinitely far off.
    if total.iter().any(|total| total.is_nan()) { f64::INFINITY } else { worst.into_iter().fold(0.0, f64::max) }
}

/// Eight rows at a time; what they add to an entry of `sums` is added in their order.
#[inline(always)]
pub(super) fn grow(lower: &mut [i64], integers: &[i16], scaled: &[f64], sums: &mut [f64]) {
    let mut rest = lower;
    let (scaled, sums) = (scaled.as_chunks::<LANES>().0, sums.as_chunks_mut::<LANES>().0);
    for (block, left) in integers.chunks(LANES).enumerate() {
        let (right, own_right) = integers.split_at(block * LANES);
        let right = right.as_chunks::<LANES>().0;
        let mut below = [0.0; LANES];
        for (place, left) in left.iter().enumerate() {
            let (entries, tail) = rest.split_at_mut(block * LANES + place + 1);
            rest = tail;
            let (own, left) = (scaled[block][place], i32::from(*left));
            let (entries, last) = entries.split_at_mut(block * LANES);
            let mut partial = [0.0; LANES];
            let entries = entries.as_chunks_mut::<LANES>().0;
            for (((entry, n), x), sum) in entries.iter_mut().zip(right).zip(scaled).zip(sums.iter_mut()) {
                let mut value = [0.0; LANES];
                for lane in 0..LANES {
                    entry[lane] = grown(entry[lane], left, n[lane]);
                }
                for lane in 0..LANES {
                    value[lane] = entry[lane] as f64;
                }
                multiply_add(&mut partial, &value, x);
                add_scaled(sum, own, &value);
            }
            for (lane, (entry, n)) in last.iter_mut().zip(own_right).enumerate() {
                *entry = grown(*entry, left, *n);
                let value = *entry as f64;
                partial[lane] += value * scaled[block][lane];
                if lane < place {
                    sums[block][lane] += own * value;
                }
            }
            below[place] = fold(&partial);
        }
        for (sum, below) in sums[block].iter_mut().zip(below) {
            *sum += below;
        }
    }
}

#[inline(always)]
pub(super) fn accumulate(lower: &mut [i64], left: &[i16], right: &[i16]) {
    let mut rest = lower;
    for (row, left) in left.iter().enumerate() {
        let (entries, tail) = rest.split_at_mut(row + 1);
        rest = tail;
        let left = i32::from(*left);
        for (entry, right) in entries.iter_mut().zip(right) {
            *entry = grown(*entry, left, *right);
        }
    }
}

/// A sum and one product more: |left·right| ≤ 2²⁸, and at most 2³⁴ such products meet in one sum.
#[inline(always)]
fn grown(entry: i64, left: i32, right: i16) -> i64 {
    entry.wrapping_add(i64::from(left.wrapping_mul(i32::from(right))))
}
