//! The inverse as a triangular factor: A⁻¹ = UᵀU with U = L⁻¹ and A = λI + Σxxᵀ = LLᵀ.
//!
//! The squared width xᵀA⁻¹x = ‖Ux‖² is a sum of squares: never negative, symmetric by construction. U is derived from
//! the exact sums by Cholesky and a triangular inverse; a lesson changes it in O(d²): with p = Ux and I + ppᵀ = MMᵀ,
//! the new factor is M⁻¹U (Gill, Golub, Murray & Saunders 1974, method C1, on the inverse).

use crate::frame::Frame;
use crate::kernel::{Path, dispatch, packed_len, packed_start, row_start};
use crate::sums::Sums;

/// U, row by row, each row filled up with zeros to whole lanes.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Factor {
    rows: Vec<f64>,
}

impl Factor {
    /// The factor of `sums`, from them alone.
    pub(crate) fn derived(sums: &Sums, frame: &Frame) -> Self {
        let mut lower = Vec::with_capacity(packed_len(frame.size));
        for (i, step) in frame.steps.iter().enumerate() {
            let entries = &sums.products()[packed_start(i)..=packed_start(i) + i];
            // The steps are powers of two, so only the conversion of a sum beyond 2⁵³ rounds, once.
            lower.extend(entries.iter().zip(&frame.steps).map(|(sum, other)| *sum as f64 * (step * other)));
            lower[packed_start(i) + i] += frame.ridge;
        }
        Factor::of(lower, frame)
    }

    /// The factor of the matrix whose packed lower triangle is `lower`, none of whose eigenvalues is below the ridge.
    pub(crate) fn of(mut lower: Vec<f64>, frame: &Frame) -> Self {
        let mut rows = vec![0.0; row_start(frame.size)];
        dispatch::derive(Path::best(), &mut lower, frame.ridge, &mut rows);
        Factor { rows }
    }

    /// A factor as it was saved: its entries packed row by row; none when it is no factor.
    pub(crate) fn restored(packed: &[f64], size: usize) -> Option<Self> {
        if packed.len() != packed_len(size) || packed.iter().any(|entry| !entry.is_finite()) {
            return None;
        }
        let mut rows = vec![0.0; row_start(size)];
        for i in 0..size {
            let entries = &packed[packed_start(i)..=packed_start(i) + i];
            if entries[i] <= 0.0 {
                return None;
            }
            rows[row_start(i)..=row_start(i) + i].copy_from_slice(entries);
        }
        Some(Factor { rows })
    }

    /// ρ with ‖Ux‖ ≤ ρ‖x‖ for every x, to rounding: ‖U‖_F, or the largest entry of the diagonal and ‖U − diag U‖_F.
    pub(crate) fn reach(&self, size: usize) -> f64 {
        let (mut most, mut own, mut below) = (0.0_f64, 0.0, 0.0);
        for row in 0..size {
            let entries = &self.rows[row_start(row)..=row_start(row) + row];
            let diagonal = entries[row];
            most = most.max(diagonal.abs());
            own += diagonal * diagonal;
            below += entries[..row].iter().map(|entry| entry * entry).sum::<f64>();
        }
        (own + below).sqrt().min(most + below.sqrt())
    }

    /// Whether A⁻¹ ≤ I/`ridge` on the diagonal, which is the squared norms of U's columns; twice the norm is let pass, for
    /// rounding. A lesson makes no column longer, so what is so stays so, and finite.
    pub(crate) fn is_within(&self, ridge: f64, size: usize) -> bool {
        let mut squares = vec![0.0; size];
        for row in 0..size {
            let entries = &self.rows[row_start(row)..=row_start(row) + row];
            for (square, entry) in squares.iter_mut().zip(entries) {
                *square += entry * entry;
            }
        }
        squares.iter().all(|square| *square <= 4.0 / ridge)
    }

    /// Keeps the diagonal positive where lessons made it underflow, which no sums of lessons do, but forged bytes.
    pub(crate) fn keep_positive(&mut self, size: usize) {
        for row in 0..size {
            let diagonal = &mut self.rows[row_start(row) + row];
            *diagonal = diagonal.max(f64::MIN_POSITIVE);
        }
    }

    /// U for the kernel.
    pub(crate) fn rows(&self) -> &[f64] {
        &self.rows
    }

    /// U's entries packed row by row, to be saved.
    pub(crate) fn packed(&self, size: usize) -> impl Iterator<Item = f64> {
        (0..size).flat_map(|i| &self.rows[row_start(i)..=row_start(i) + i]).copied()
    }

    /// The factor of A + xxᵀ, and y = (A + xxᵀ)⁻¹x; `p` is working memory.
    pub(crate) fn update(&mut self, x: &[f64], p: &mut [f64], y: &mut [f64]) {
        self.project(x, p);
        self.turn(p, y);
    }

    /// The factor of A + xxᵀ for p = Ux, and y = (A + xxᵀ)⁻¹x.
    pub(crate) fn turn(&mut self, p: &[f64], y: &mut [f64]) {
        dispatch::update(Path::best(), &mut self.rows, p, y);
    }

    /// out = Ux, both in whole lanes.
    pub(crate) fn project(&self, x: &[f64], out: &mut [f64]) {
        dispatch::multiply(Path::best(), &self.rows, x, out);
    }

    /// out = UᵀU·b.
    pub(crate) fn solve(&self, b: &[f64], p: &mut [f64], out: &mut [f64]) {
        dispatch::multiply(Path::best(), &self.rows, b, p);
        dispatch::multiply_transposed(Path::best(), &self.rows, p, out);
    }
}
