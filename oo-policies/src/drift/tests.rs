//! Statement 8: forgetting towards the ridge keeps V well-conditioned where features are never excited.

use oo_core::candidate::ArmKey;
use oo_core::grid::Grid;
use oo_core::lesson::Lesson;
use oo_core::schema::FeatureSchema;
use rand_pcg::Pcg64Dxsm;
use rand_pcg::rand_core::{Rng, SeedableRng};

use super::decay::Decay;
use super::derived::Derived;
use super::head::Width;
use super::stepped::Fold;
use crate::frame::{Frame, Work};
use crate::kernel::packed_start;

/// The largest eigenvalue of the positive definite `matrix`, by its powers.
fn largest(size: usize, matrix: impl Fn(&[f64]) -> Vec<f64>) -> f64 {
    let mut x: Vec<f64> = (0..size).map(|i| 1.0 + 0.01 * i as f64).collect();
    let mut value = 0.0;
    for _ in 0..2000 {
        let y = matrix(&x);
        value = y.iter().map(|y| y * y).sum::<f64>().sqrt();
        x = y.iter().map(|y| y / value).collect();
    }
    value
}

#[test]
fn s08_forgetting_keeps_the_ridge() {
    let (dim, gamma, lambda) = (16, 0.999, 1.0);
    let schema = FeatureSchema::raw(dim, -1.0, 1.0).unwrap();
    let frame = Frame::new(&schema, Grid::new(-1.0, 1.0).unwrap(), lambda, false);
    let mut random = Pcg64Dxsm::seed_from_u64(8);
    let mut decay = Decay::new(gamma, &frame);
    let mut work = Work::new(&frame);
    for _ in 0..200_000 {
        // A quarter of the features, together of length at most 1.
        let excited = (0..dim).map(|i| if i < dim / 4 { (random.next_u64() % 16_385) as i16 - 8192 } else { 0 });
        let lesson = Lesson::new(excited.collect(), ArmKey::new("a"), (random.next_u64() % 32_769) as i16);
        let lesson = Lesson { reward: lesson.reward.clamp(-16_384, 16_384), ..lesson };
        work.take(&frame, &lesson).unwrap();
        decay.take(&frame, &lesson, &work).unwrap();
    }
    let sums = decay.weighted(&frame);
    let entry = |i: usize, j: usize| sums.gram[packed_start(i.max(j)) + i.min(j)] + if i == j { lambda } else { 0.0 };
    let v = |x: &[f64]| (0..dim).map(|i| (0..dim).map(|j| entry(i, j) * x[j]).sum()).collect::<Vec<f64>>();
    let width = Width { alpha: Some(1.0), delta: 0.01, bound: 1.0, noise: 1.0, length: 1.0 };
    let derived = Derived::new(&sums, &frame, &width);
    let inverse = |x: &[f64]| {
        let (mut p, mut y) = (vec![0.0; dim], vec![0.0; dim]);
        crate::kernel::dispatch::multiply(crate::kernel::Path::best(), derived.inverse(), x, &mut p);
        crate::kernel::dispatch::multiply_transposed(crate::kernel::Path::best(), derived.inverse(), &p, &mut y);
        y
    };
    let condition = largest(dim, v) * largest(dim, inverse);
    let bound = 1.0 + 1.0 / ((1.0 - gamma) * lambda);
    println!("s08: cond(V) after 2e5 steps {condition:.1}, bound {bound:.1}");
    assert!(condition > 10.0 && condition <= bound, "{condition}");
    assert!(sums.gram.iter().chain(&sums.spread).chain(&sums.rewards).all(|sum| sum.is_finite()));
    // A feature that was never excited is as uncertain as at the start, 1/√λ.
    let mut x = vec![0.0; dim];
    x[dim - 1] = 1.0;
    let (mean, cold) = derived.score(&x, &mut vec![0.0; 2 * dim]);
    assert!(mean == 0.0 && (cold - 1.0 / lambda.sqrt()).abs() < 1e-12, "{mean} {cold}");
}
