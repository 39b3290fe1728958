//! What is personal, derived from one person's exact sums and the population: δ and its covariance.
//!
//! With g = P(b_u − A_uθ) and M = PA_uPᵀ: δ = (M + κI)⁻¹g, and its squared width is xᵀPᵀ(M + κI)⁻¹Px in units of the
//! noise. Undeclared, κ is the one of a fixed grid under which the person's lessons are most likely, the noise
//! integrated out: −½ log|I + M/κ| − ½(ν + n) log(νσ̂² + Σ(r − θx)² − gᵀδ), and a log-normal prior around 4. Whoever
//! is like the population is kept near it, whoever differs is let go, by their own evidence.

use oo_core::Result;

use super::person::Person;
use super::population::Population;
use crate::kernel::{Linear, Path, dispatch, laned, packed_len, packed_start, row_start};

/// The values of κ that are compared, noise over between-person variance.
const RIDGES: [f64; 6] = [0.25, 1.0, 4.0, 16.0, 64.0, 256.0];
/// The log of the prior of each, up to a constant: −½(log₄(κ/4)/1.5)².
const PRIORS: [f64; 6] = [-8.0 / 9.0, -2.0 / 9.0, 0.0, -2.0 / 9.0, -8.0 / 9.0, -2.0];
/// κ of a person without lessons.
const PRIOR_RIDGE: f64 = 4.0;
/// ν, how many lessons the population's noise counts for beside the person's own.
const NOISE_WEIGHT: f64 = 8.0;

/// δ and its covariance.
#[derive(Debug)]
pub(super) struct Part {
    /// P: the columns in which people differ, ascending.
    columns: Vec<usize>,
    ridge: f64,
    /// V with VᵀV = (M + κI)⁻¹, laned; empty while there is no lesson, when it is I/√κ.
    rows: Vec<f64>,
    /// δ.
    offset: Vec<f64>,
}

/// g, M and what is known of the person's noise.
struct Evidence {
    gram: Vec<f64>,
    gap: Vec<f64>,
    /// Σ(r − θx)² of the person's lessons.
    residual: f64,
    lessons: f64,
    /// σ̂² of the population.
    noise: f64,
}

impl Part {
    /// What `person` is beside `population`.
    pub(super) fn derived(population: &Population, person: &Person) -> Result<Self> {
        let columns = columns(population);
        if person.is_empty() {
            let ridge = population.personal_ridge().unwrap_or(PRIOR_RIDGE);
            return Ok(Part { columns, ridge, rows: Vec::new(), offset: Vec::new() });
        }
        let evidence = Evidence::of(population, person, &columns)?;
        let ridge = population.personal_ridge().unwrap_or_else(|| evidence.best());
        let size = columns.len();
        let mut lower = evidence.gram;
        for i in 0..size {
            lower[packed_start(i) + i] += ridge;
        }
        let path = Path::best();
        let mut rows = vec![0.0; row_start(size)];
        dispatch::derive(path, &mut lower, ridge, &mut rows);
        let len = laned(size);
        let (mut gap, mut half, mut offset) = (evidence.gap, vec![0.0; len], vec![0.0; len]);
        gap.resize(len, 0.0);
        dispatch::multiply(path, &rows, &gap, &mut half);
        dispatch::multiply_transposed(path, &rows, &half, &mut offset);
        offset.truncate(size);
        Ok(Part { columns, ridge, rows, offset })
    }

    /// δᵀPx and the squared width of `x`, laid out with its intercept; `work` is as long.
    pub(super) fn score(&self, path: Path, x: &[f64], work: &mut [f64]) -> (f64, f64) {
        let mut length = 0.0;
        for (entry, column) in work.iter_mut().zip(&self.columns) {
            *entry = x[*column];
            length += x[*column] * x[*column];
        }
        if self.rows.is_empty() {
            return (0.0, length / self.ridge);
        }
        let size = self.columns.len();
        let linear = Linear { rows: &self.rows, theta: &self.offset, dim: size, alpha: 1.0 };
        work[size..].fill(0.0);
        dispatch::score_one(path, linear, &work[..laned(size)])
    }

    /// θ + Pᵀδ.
    pub(super) fn add_to(&self, theta: &mut [f64]) {
        for (column, offset) in self.columns.iter().zip(&self.offset) {
            theta[*column] += offset;
        }
    }
}

/// The columns that carry most of the population's Σx², ties to the first; all of them where the rank allows it.
fn columns(population: &Population) -> Vec<usize> {
    let (frame, rank) = (population.frame(), population.rank());
    let mut columns: Vec<usize> = (0..frame.size).collect();
    if frame.size <= rank {
        return columns;
    }
    let sums = population.statistic().sums();
    let energy = |i: usize| sums.product(i, i) as f64 * (frame.steps[i] * frame.steps[i]);
    columns.sort_by(|a, b| energy(*b).total_cmp(&energy(*a)).then(a.cmp(b)));
    columns.truncate(rank);
    columns.sort_unstable();
    columns
}

impl Evidence {
    fn of(population: &Population, person: &Person, columns: &[usize]) -> Result<Self> {
        let frame = population.frame();
        let theta = population.statistic().theta();
        let sums = person.sums()?;
        let entry = |i: usize, j: usize| sums.product(i, j) as f64 * (frame.steps[i] * frame.steps[j]);
        let reward = |i: usize| sums.rewards()[i] as f64 * (frame.steps[i] * frame.reward_step);
        // A_uθ, of all columns: the residual needs them too.
        let fitted: Vec<f64> =
            (0..frame.size).map(|i| theta.iter().enumerate().map(|(j, theta)| entry(i, j) * theta).sum()).collect();
        let mut residual = sums.squares() as f64 * (frame.reward_step * frame.reward_step);
        for (i, theta) in theta.iter().enumerate() {
            residual += theta * (fitted[i] - 2.0 * reward(i));
        }
        let mut gram = Vec::with_capacity(packed_len(columns.len()));
        for (row, i) in columns.iter().enumerate() {
            gram.extend(columns[..=row].iter().map(|j| entry(*i, *j)));
        }
        let gap = columns.iter().map(|i| reward(*i) - fitted[*i]).collect();
        let (lessons, noise) = (sums.lessons() as f64, population.noise());
        Ok(Evidence { gram, gap, residual: residual.max(0.0), lessons, noise })
    }

    /// The κ of the grid with the greatest posterior; of equals the first.
    fn best(&self) -> f64 {
        let mut best = (f64::NEG_INFINITY, PRIOR_RIDGE);
        let mut lower = vec![0.0; self.gram.len()];
        let mut solved = vec![0.0; self.gap.len()];
        for (ridge, prior) in RIDGES.iter().zip(PRIORS) {
            let value = self.likelihood(*ridge, &mut lower, &mut solved) + prior;
            if value > best.0 {
                best = (value, *ridge);
            }
        }
        best.1
    }

    /// The log marginal likelihood under κ = `ridge`, up to a constant.
    fn likelihood(&self, ridge: f64, lower: &mut [f64], solved: &mut [f64]) -> f64 {
        let size = self.gap.len();
        let mut determinant = 0.0;
        let mut explained = 0.0;
        for row in 0..size {
            let start = packed_start(row);
            let (above, rest) = lower.split_at_mut(start);
            let current = &mut rest[..=row];
            for column in 0..=row {
                let other = packed_start(column);
                let mut value = self.gram[start + column];
                if column == row {
                    value += ridge;
                    for entry in &current[..row] {
                        value -= entry * entry;
                    }
                    // Rounding alone could put a pivot below the ridge.
                    let pivot = value.max(ridge);
                    determinant += libm::log(pivot / ridge);
                    current[row] = pivot.sqrt();
                } else {
                    for (a, b) in current[..column].iter().zip(&above[other..other + column]) {
                        value -= a * b;
                    }
                    current[column] = value / above[other + column];
                }
            }
            let mut value = self.gap[row];
            for (entry, solved) in current[..row].iter().zip(&solved[..row]) {
                value -= entry * solved;
            }
            solved[row] = value / current[row];
            explained += solved[row] * solved[row];
        }
        let left = (self.residual - explained).max(0.0);
        let noise = libm::log(NOISE_WEIGHT * self.noise + left);
        -0.5 * determinant - 0.5 * (NOISE_WEIGHT + self.lessons) * noise
    }
}
