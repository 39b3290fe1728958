//! Products with, updates of and derivations of a lower triangle.
//!
//! Exact sums are *packed*: row i holds the i+1 entries (i, 0)…(i, i). A factor is *laned*: each row is filled up with
//! zeros to a multiple of eight, so that its loops have no remainder; vectors that meet it are as long as its last row.

use super::LANES;

/// What is asked of a factor: whether `y` is A⁻¹`x` for A = ridge·I + diag(steps)·N·diag(steps), N the exact sums.
#[derive(Clone, Copy)]
pub(crate) struct Probe<'a> {
    /// The grid step of each row.
    pub(crate) steps: &'a [f64],
    /// λ.
    pub(crate) ridge: f64,
    /// What the factor says A⁻¹x is.
    pub(crate) y: &'a [f64],
    /// x.
    pub(crate) x: &'a [f64],
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

type Lane = [f64; LANES];

/// The sum of eight partial sums by a fixed tree.
#[inline(always)]
pub(super) fn fold(sum: &Lane) -> f64 {
    // Without the barrier the compiler lays the loop before out along this tree, in shuffles instead of whole lanes;
    // it stands before a copy, so that the loop keeps its sum in registers.
    let copy = *sum;
    tree(std::hint::black_box(&copy))
}

#[inline(always)]
fn tree(sum: &Lane) -> f64 {
    ((sum[0] + sum[4]) + (sum[2] + sum[6])) + ((sum[1] + sum[5]) + (sum[3] + sum[7]))
}

/// Σ aᵢbᵢ over whole lanes by eight partial sums, those of the index modulo 8, then a fixed tree.
#[inline(always)]
pub(super) fn dot_lanes(a: &[f64], b: &[f64]) -> f64 {
    let mut sum = [0.0; LANES];
    for (a, b) in a.as_chunks::<LANES>().0.iter().zip(b.as_chunks::<LANES>().0) {
        multiply_add(&mut sum, a, b);
    }
    fold(&sum)
}

/// The products with `x` of the beginnings of four rows, each `len` long; each in the order of [`dot_lanes`].
#[inline(always)]
pub(super) fn dot_four(rows: &[f64], len: usize, x: &[f64]) -> [f64; 4] {
    let (r0, rest) = rows.split_at(len);
    let (r1, rest) = rest.split_at(len);
    let (r2, r3) = rest.split_at(len);
    let (mut s0, mut s1, mut s2, mut s3) = ([0.0; LANES], [0.0; LANES], [0.0; LANES], [0.0; LANES]);
    let (r0, r1) = (r0.as_chunks::<LANES>().0, r1.as_chunks::<LANES>().0);
    let (r2, r3) = (r2.as_chunks::<LANES>().0, r3.as_chunks::<LANES>().0);
    for ((((x, r0), r1), r2), r3) in x.as_chunks::<LANES>().0.iter().zip(r0).zip(r1).zip(r2).zip(r3) {
        multiply_add(&mut s0, r0, x);
        multiply_add(&mut s1, r1, x);
        multiply_add(&mut s2, r2, x);
        multiply_add(&mut s3, r3, x);
    }
    let sums = [s0, s1, s2, s3];
    let [s0, s1, s2, s3] = std::hint::black_box(&sums);
    [tree(s0), tree(s1), tree(s2), tree(s3)]
}

#[inline(always)]
fn multiply_add(sum: &mut Lane, a: &Lane, b: &Lane) {
    for lane in 0..LANES {
        sum[lane] += a[lane] * b[lane];
    }
}

#[inline(always)]
fn add_scaled(out: &mut Lane, factor: f64, row: &Lane) {
    for lane in 0..LANES {
        out[lane] += factor * row[lane];
    }
}

/// The products with `x` of the rows of `block`, which are as long as `x`.
#[inline(always)]
pub(super) fn products(block: &[f64], x: &[f64], out: &mut [f64]) {
    for (rows, out) in block.chunks(4 * x.len()).zip(out.chunks_mut(4)) {
        match out {
            [o0, o1, o2, o3] if rows.len() == 4 * x.len() => [*o0, *o1, *o2, *o3] = dot_four(rows, x.len(), x),
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
fn add_rows(block: &[f64], q: &[f64], out: &mut [f64]) {
    let len = out.len();
    let out = out.as_chunks_mut::<LANES>().0;
    for (rows, q) in block.chunks(4 * len).zip(q.chunks(4)) {
        let chunks = rows.as_chunks::<LANES>().0;
        match *q {
            [q0, q1, q2, q3] if rows.len() == 4 * len => {
                let (r0, rest) = chunks.split_at(out.len());
                let (r1, rest) = rest.split_at(out.len());
                let (r2, r3) = rest.split_at(out.len());
                for ((((out, r0), r1), r2), r3) in out.iter_mut().zip(r0).zip(r1).zip(r2).zip(r3) {
                    let mut sum = *out;
                    add_scaled(&mut sum, q0, r0);
                    add_scaled(&mut sum, q1, r1);
                    add_scaled(&mut sum, q2, r2);
                    add_scaled(&mut sum, q3, r3);
                    *out = sum;
                }
            }
            _ => {
                for (row, q) in chunks.chunks_exact(out.len()).zip(q) {
                    for (out, row) in out.iter_mut().zip(row) {
                        add_scaled(out, *q, row);
                    }
                }
            }
        }
    }
}

#[inline(always)]
pub(super) fn multiply(rows: &[f64], x: &[f64], out: &mut [f64]) {
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

/// How a row of the factor turns: the square root of tᵢ/tᵢ₊₁, pᵢ/tᵢ and pᵢ.
#[derive(Clone, Copy)]
struct Turn {
    root: f64,
    share: f64,
    p: f64,
}

impl Turn {
    /// Takes t on to the next row.
    #[inline(always)]
    fn next(t: &mut f64, p: f64) -> Self {
        let next = *t + p * p;
        let turn = Turn { root: (*t / next).sqrt(), share: p / *t, p };
        *t = next;
        turn
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
pub(super) fn update(rows: &mut [f64], p: &[f64], work: &mut [f64]) {
    // M⁻¹ has √(tᵢ/tᵢ₊₁) on its diagonal and −pᵢpⱼ/√(tᵢtᵢ₊₁) below it, t₀ = 1, tᵢ₊₁ = tᵢ + pᵢ²; `work` carries Σ pⱼUⱼ.
    work.fill(0.0);
    let mut t = 1.0;
    let mut rest = rows;
    for (block, p) in p.chunks(LANES).enumerate() {
        let len = (block + 1) * LANES;
        let (rows, tail) = rest.split_at_mut((len * LANES).min(rest.len()));
        rest = tail;
        let carried = work[..len].as_chunks_mut::<LANES>().0;
        for (rows, p) in rows.chunks_mut(4 * len).zip(p.chunks(4)) {
            let four = rows.len() == 4 * len;
            let chunks = rows.as_chunks_mut::<LANES>().0;
            match *p {
                [p0, p1, p2, p3] if four => {
                    let (r0, rest) = chunks.split_at_mut(carried.len());
                    let (r1, rest) = rest.split_at_mut(carried.len());
                    let (r2, r3) = rest.split_at_mut(carried.len());
                    let (t0, t1) = (Turn::next(&mut t, p0), Turn::next(&mut t, p1));
                    let (t2, t3) = (Turn::next(&mut t, p2), Turn::next(&mut t, p3));
                    for ((((carried, r0), r1), r2), r3) in carried.iter_mut().zip(r0).zip(r1).zip(r2).zip(r3) {
                        let mut sum = *carried;
                        t0.turn(r0, &mut sum);
                        t1.turn(r1, &mut sum);
                        t2.turn(r2, &mut sum);
                        t3.turn(r3, &mut sum);
                        *carried = sum;
                    }
                }
                _ => {
                    for (row, p) in chunks.chunks_exact_mut(carried.len()).zip(p) {
                        let turn = Turn::next(&mut t, *p);
                        for (row, carried) in row.iter_mut().zip(carried.iter_mut()) {
                            turn.turn(row, carried);
                        }
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

/// L with LLᵀ = A in the place of A, `lower`; `rows` is working memory.
///
/// The rows of L grow in `rows`, laned and zero where they are not yet known, so that products need no remainder.
#[inline(always)]
fn cholesky(lower: &mut [f64], least: f64, rows: &mut [f64]) {
    rows.fill(0.0);
    let mut row = 0;
    while packed_start(row) < lower.len() {
        let count = if packed_start(row + 3) < lower.len() { 4 } else { 1 };
        let len = row_len(row);
        let (above, rest) = rows.split_at_mut(row_start(row));
        let current = &mut rest[..count * len];
        for column in 0..row {
            let entries = &above[row_start(column)..][..row_len(column)];
            let pivot = entries[column];
            let mut sums = [0.0; 4];
            if count == 4 {
                sums = dot_four(current, len, entries);
            } else {
                sums[0] = dot_lanes(current, entries);
            }
            for (place, sum) in sums[..count].iter().enumerate() {
                let entry = lower[packed_start(row + place) + column];
                current[place * len + column] = (entry - sum) / pivot;
            }
        }
        for place in 0..count {
            let (done, rest) = current.split_at_mut(place * len);
            let own = &mut rest[..len];
            let start = packed_start(row + place);
            for (other, entries) in done.chunks_exact(len).enumerate() {
                let column = row + other;
                own[column] = (lower[start + column] - dot_lanes(own, entries)) / entries[column];
            }
            let pivot = lower[start + row + place] - dot_lanes(own, own);
            // A pivot of ridge·I + PSD is never below the ridge; only rounding could put it there.
            own[row + place] = pivot.max(least).sqrt();
            lower[start..=start + row + place].copy_from_slice(&own[..=row + place]);
        }
        row += count;
    }
}

#[inline(always)]
pub(super) fn absorb(lower: &mut [i64], integers: &[i16], probe: Probe<'_>, work: &mut [f64]) -> f64 {
    let Probe { steps, ridge, y, x } = probe;
    let size = steps.len();
    let (scaled, sums) = work.split_at_mut(size);
    for ((scaled, y), step) in scaled.iter_mut().zip(y).zip(steps) {
        *scaled = y * step;
    }
    let sums = &mut sums[..size];
    sums.fill(0.0);
    let mut rest = lower;
    for row in 0..size {
        let (entries, tail) = rest.split_at_mut(row + 1);
        rest = tail;
        let (own, left) = (scaled[row], i32::from(integers[row]));
        let mut partial = [0.0; LANES];
        let (chunks, last) = entries[..row].as_chunks_mut::<LANES>();
        let (n_chunks, n_last) = integers[..row].as_chunks::<LANES>();
        let (x_chunks, x_last) = scaled[..row].as_chunks::<LANES>();
        let (s_chunks, s_last) = sums[..row].as_chunks_mut::<LANES>();
        for (((entry, n), x), sum) in chunks.iter_mut().zip(n_chunks).zip(x_chunks).zip(s_chunks) {
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
        for ((((partial, entry), n), x), sum) in partial.iter_mut().zip(last).zip(n_last).zip(x_last).zip(s_last) {
            *entry = grown(*entry, left, *n);
            let entry = *entry as f64;
            *partial += entry * x;
            *sum += entry * own;
        }
        entries[row] = grown(entries[row], left, integers[row]);
        sums[row] += fold(&partial) + entries[row] as f64 * own;
    }
    let mut worst: f64 = 0.0;
    for (((sum, step), y), x) in sums.iter().zip(steps).zip(y).zip(x) {
        let off = (ridge * y + sum * step - x).abs();
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
            *entry = grown(*entry, left, *right);
        }
    }
}

/// A sum and one product more: |left·right| ≤ 2²⁸, and at most 2³⁴ such products meet in one sum.
#[inline(always)]
fn grown(entry: i64, left: i32, right: i16) -> i64 {
    entry.wrapping_add(i64::from(left.wrapping_mul(i32::from(right))))
}
