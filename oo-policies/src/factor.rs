//! The inverse as a triangular factor: A⁻¹ = UᵀU with U = L⁻¹ and A = λI + Σxxᵀ = LLᵀ.
//!
//! The squared width xᵀA⁻¹x = ‖Ux‖² is a sum of squares: never negative, symmetric by construction. U is derived from
//! the exact sums by Cholesky and a triangular inverse; a lesson changes it in O(d²): with p = Ux and I + ppᵀ = MMᵀ,
//! the new factor is M⁻¹U (Gill, Golub, Murray & Saunders 1974, method C1, on the inverse).

use crate::frame::Frame;
use crate::kernel::{Gram, Path, dispatch, packed_len, row_start};
use crate::sums::Sums;

/// U, packed row by row.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Factor {
    rows: Vec<f64>,
}

impl Factor {
    /// The factor of `sums`, from them alone.
    pub(crate) fn derived(sums: &Sums, frame: &Frame) -> Self {
        let mut lower = Vec::with_capacity(packed_len(frame.size));
        for (i, step) in frame.steps.iter().enumerate() {
            let entries = &sums.products()[row_start(i)..=row_start(i) + i];
            // The steps are powers of two, so only the conversion of a sum beyond 2⁵³ rounds, once.
            lower.extend(entries.iter().zip(&frame.steps).map(|(sum, other)| *sum as f64 * (step * other)));
            lower[row_start(i) + i] += frame.ridge;
        }
        let mut rows = vec![0.0; lower.len()];
        dispatch::derive(Path::best(), &mut lower, frame.ridge, &mut rows);
        Factor { rows }
    }

    /// A factor as it was saved, or none when it is no factor.
    pub(crate) fn restored(rows: Vec<f64>, size: usize) -> Option<Self> {
        let positive = (0..size).all(|i| rows.get(row_start(i) + i).is_some_and(|entry| *entry > 0.0));
        let sane = rows.len() == packed_len(size) && positive && rows.iter().all(|entry| entry.is_finite());
        sane.then_some(Factor { rows })
    }

    /// U, packed row by row.
    pub(crate) fn rows(&self) -> &[f64] {
        &self.rows
    }

    /// The factor of A + xxᵀ; `p` and `spare` are working memory.
    pub(crate) fn update(&mut self, x: &[f64], p: &mut [f64], spare: &mut [f64]) {
        dispatch::multiply(Path::best(), &self.rows, x, p);
        dispatch::update(Path::best(), &mut self.rows, p, &mut spare[..p.len()]);
    }

    /// The probe ‖A(UᵀUx) − x‖∞: how far the factor is from the inverse of the sums, in the direction of `x`.
    pub(crate) fn drift(
        &self,
        sums: &Sums,
        frame: &Frame,
        x: &[f64],
        p: &mut [f64],
        y: &mut [f64],
        spare: &mut [f64],
    ) -> f64 {
        self.solve(x, p, y);
        let gram = Gram { lower: sums.products(), steps: &frame.steps, ridge: frame.ridge };
        dispatch::residual(Path::best(), gram, y, x, spare)
    }

    /// out = UᵀU·b.
    pub(crate) fn solve(&self, b: &[f64], p: &mut [f64], out: &mut [f64]) {
        dispatch::multiply(Path::best(), &self.rows, b, p);
        dispatch::multiply_transposed(Path::best(), &self.rows, p, out);
    }
}
