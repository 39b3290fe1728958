//! Linear combinations: of the columns of a table of draws, and of exact integers.

use super::LANES;

#[inline(always)]
pub(super) fn combine(table: &[f64], x: &[f64], out: &mut [f64]) {
    const BLOCK: usize = 4 * LANES;
    let count = out.len();
    let (blocks, rest) = out.as_chunks_mut::<BLOCK>();
    let done = blocks.len() * BLOCK;
    for (block, out) in blocks.iter_mut().enumerate() {
        let mut sum = [0.0; BLOCK];
        for (column, x) in table.chunks_exact(count).zip(x) {
            let column = &column[block * BLOCK..(block + 1) * BLOCK];
            for lane in 0..BLOCK {
                sum[lane] += x * column[lane];
            }
        }
        *out = sum;
    }
    rest.fill(0.0);
    for (column, x) in table.chunks_exact(count).zip(x) {
        for (out, entry) in rest.iter_mut().zip(&column[done..]) {
            *out += x * entry;
        }
    }
}

#[inline(always)]
pub(super) fn symmetric(lower: &[i64], steps: &[f64], x: &[f64], out: &mut [f64]) {
    let mut rest = lower;
    for (row, step) in steps.iter().enumerate() {
        let (entries, tail) = rest.split_at(row + 1);
        rest = tail;
        let own = x[row] * step;
        let mut partial = [0.0; LANES];
        let (chunks, last) = entries[..row].as_chunks::<LANES>();
        let (x_chunks, x_last) = x[..row].as_chunks::<LANES>();
        let (step_chunks, step_last) = steps[..row].as_chunks::<LANES>();
        let (out_chunks, out_last) = out[..row].as_chunks_mut::<LANES>();
        for (((entry, x), step), out) in chunks.iter().zip(x_chunks).zip(step_chunks).zip(out_chunks) {
            for lane in 0..LANES {
                let entry = entry[lane] as f64 * step[lane];
                partial[lane] += entry * x[lane];
                out[lane] += entry * own;
            }
        }
        let last = last.iter().zip(x_last).zip(step_last).zip(out_last);
        for ((((entry, x), step), out), partial) in last.zip(&mut partial) {
            let entry = *entry as f64 * step;
            *partial += entry * x;
            *out += entry * own;
        }
        let below = ((partial[0] + partial[4]) + (partial[2] + partial[6]))
            + ((partial[1] + partial[5]) + (partial[3] + partial[7]));
        out[row] = below * step + entries[row] as f64 * step * own;
    }
}

#[inline(always)]
pub(super) fn add_integers(out: &mut [f64], factor: f64, integers: &[i64]) {
    for (out, integer) in out.iter_mut().zip(integers) {
        *out += factor * *integer as f64;
    }
}
