//! Seeded worlds that several tests share.
#![allow(dead_code, unreachable_pub, reason = "each test uses some of it")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

pub mod shelf;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use oo_core::candidate::ArmKey;
use oo_core::grid::Grid;
use oo_core::lesson::Lesson;
use oo_core::policy::{Actions, Policy, Scored};
use oo_core::schema::FeatureSchema;
use oo_policies::{PolicySpec, build};
use rand_pcg::Pcg64Dxsm;
use rand_pcg::rand_core::{Rng, SeedableRng};

pub struct World(Pcg64Dxsm);

impl World {
    pub fn new(seed: u64) -> Self {
        World(Pcg64Dxsm::seed_from_u64(seed))
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        self.0.next_u64() % bound
    }

    /// Uniform in [0, 1).
    pub fn unit(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / 9_007_199_254_740_992.0
    }

    /// A standard normal number, by Box and Muller.
    pub fn normal(&mut self) -> f64 {
        let (u, v) = (1.0 - self.unit(), self.unit());
        (-2.0 * libm::log(u)).sqrt() * libm::cos(std::f64::consts::TAU * v)
    }

    /// A vector of length 1.
    pub fn direction(&mut self, dim: usize) -> Vec<f64> {
        let mut vector: Vec<f64> = (0..dim).map(|_| self.normal()).collect();
        let norm = vector.iter().map(|x| x * x).sum::<f64>().sqrt();
        vector.iter_mut().for_each(|x| *x /= norm);
        vector
    }

    /// A grid integer.
    pub fn integer(&mut self) -> i16 {
        (self.below(32_769) as i32 - 16_384) as i16
    }

    pub fn lesson(&mut self, dim: usize, arms: u64) -> Lesson {
        let x = (0..dim).map(|_| self.integer()).collect();
        let arm = ArmKey::new(format!("arm{}", self.below(arms)));
        Lesson::new(x, arm, self.integer())
    }
}

/// The policy of `json` over `dim` columns in (−1, 1), rewards in (−1, 1).
pub fn policy(json: &str, dim: usize) -> Arc<dyn Policy> {
    build(&PolicySpec::parse(json).unwrap(), &schema(dim), Grid::new(-1.0, 1.0).unwrap()).unwrap()
}

pub fn schema(dim: usize) -> FeatureSchema {
    FeatureSchema::raw(dim, -1.0, 1.0).unwrap()
}

/// Scores and pmf of `values` as bits, the arms taken in turn.
pub fn bits(policy: &dyn Policy, dim: usize, values: &[f64], arms: u64) -> Vec<u64> {
    let arms: Vec<ArmKey> =
        (0..values.len() / dim).map(|row| ArmKey::new(format!("arm{}", row as u64 % arms))).collect();
    let mut out = Scored::default();
    policy.distribution(&Actions::new(dim, values, &arms), &mut out).unwrap();
    out.scores.iter().chain(out.distribution.pmf()).map(|number| number.to_bits()).collect()
}

/// The mean of `run` over the seeds below `seeds`, and its standard error; as many at a time as there are processors.
pub fn mean_of_runs(seeds: u64, run: impl Fn(u64) -> f64 + Sync) -> (f64, f64) {
    let values = runs(seeds, run);
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let spread = values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / (count - 1.0);
    (mean, (spread / count).sqrt())
}

/// What `run` gives for each seed below `seeds`, in their order; as many at a time as there are processors.
pub fn runs<T: Send>(seeds: u64, run: impl Fn(u64) -> T + Sync) -> Vec<T> {
    let (next, run) = (AtomicU64::new(0), &run);
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let mut values: Vec<(u64, T)> = std::thread::scope(|scope| {
        let work = || {
            let taken =
                std::iter::repeat_with(|| next.fetch_add(1, Ordering::Relaxed)).take_while(|seed| *seed < seeds);
            taken.map(|seed| (seed, run(seed))).collect::<Vec<_>>()
        };
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    values.sort_by_key(|(seed, _)| *seed);
    values.into_iter().map(|(_, value)| value).collect()
}

/// Gaussian elimination with pivoting.
pub fn solve(a: &[Vec<f64>], b: &[f64]) -> Vec<f64> {
    let n = b.len();
    let mut rows: Vec<Vec<f64>> = a.iter().zip(b).map(|(row, b)| [&row[..], &[*b]].concat()).collect();
    for column in 0..n {
        let pivot = (column..n).max_by(|i, j| rows[*i][column].abs().total_cmp(&rows[*j][column].abs())).unwrap();
        rows.swap(column, pivot);
        for row in 0..n {
            if row != column {
                let factor = rows[row][column] / rows[column][column];
                let pivot = rows[column].clone();
                for (entry, pivot) in rows[row].iter_mut().zip(&pivot).skip(column) {
                    *entry -= factor * pivot;
                }
            }
        }
    }
    (0..n).map(|i| rows[i][n] / rows[i][i]).collect()
}
