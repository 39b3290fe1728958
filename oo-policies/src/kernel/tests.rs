//! The portable and the dispatched compilations give the same bits.

use rand_pcg::Pcg64Dxsm;
use rand_pcg::rand_core::{Rng, SeedableRng};

use super::dispatch::{self, Path};
use super::{Dual, LANES, Linear, Probe, dual_work_len, laned, packed_len, packed_start, row_start, scratch_len};

struct World(Pcg64Dxsm);

impl World {
    /// A number in (−16, 16), sometimes tiny, sometimes zero.
    fn number(&mut self) -> f64 {
        let bits = self.0.next_u64();
        let value = (bits >> 11) as f64 / 9_007_199_254_740_992.0 * 32.0 - 16.0;
        match bits % 17 {
            0 => 0.0,
            1 => value * 1e-9,
            _ => value,
        }
    }

    fn numbers(&mut self, count: usize) -> Vec<f64> {
        (0..count).map(|_| self.number()).collect()
    }

    fn integers(&mut self, count: usize) -> Vec<i16> {
        (0..count).map(|_| (self.0.next_u64() % 32769) as i32 - 16384).map(|n| n as i16).collect()
    }
}

fn bits(numbers: &[f64]) -> Vec<u64> {
    numbers.iter().map(|number| number.to_bits()).collect()
}

/// Everything every kernel gives on one random input.
fn results(path: Path, seed: u64, size: usize, count: usize) -> Vec<u64> {
    let mut world = World(Pcg64Dxsm::seed_from_u64(seed));
    let mut out = Vec::new();
    let mut lower = vec![0_i64; packed_len(size)];
    let steps = vec![1.0 / 1024.0; size];
    for _ in 0..size + 3 {
        let x = world.integers(size);
        dispatch::accumulate(path, &mut lower, &x, &x);
    }
    out.extend(lower.iter().map(|sum| *sum as u64));

    let mut a: Vec<f64> = lower.iter().map(|sum| *sum as f64 / 1_048_576.0).collect();
    for i in 0..size {
        a[packed_start(i) + i] += 0.5;
    }
    let mut rows = vec![0.0; row_start(size)];
    dispatch::derive(path, &mut a, 0.5, &mut rows);
    out.extend(bits(&rows));

    let mut x = world.numbers(size);
    x.resize(laned(size), 0.0);
    let (mut p, mut y, mut work) = (vec![0.0; x.len()], vec![0.0; x.len()], vec![0.0; 2 * x.len()]);
    dispatch::multiply(path, &rows, &x, &mut p);
    dispatch::multiply_transposed(path, &rows, &p, &mut y);
    let mut image = vec![0.0; x.len()];
    for draws in [7, 64, 101] {
        let mut products = vec![0.0; draws];
        dispatch::combine(path, &world.numbers(draws * x.len()), &x, &mut products);
        out.extend(bits(&products));
    }
    dispatch::symmetric(path, &lower, &steps, &x, &mut image);
    dispatch::add_integers(path, &mut image[..size], 0.3, &lower[..size]);
    out.extend(bits(&image));
    let lanes: Vec<f64> = steps.iter().copied().chain([0.0; LANES]).take(laned(size)).collect();
    let probe = Probe { steps: &lanes, ridge: 0.5, y: &y, x: &x };
    out.push(dispatch::absorb(path, &mut lower, &world.integers(size), probe, &mut work).to_bits());
    out.extend(lower.iter().map(|sum| *sum as u64));
    out.extend(bits(&y));
    dispatch::update(path, &mut rows, &p, &mut y);
    out.extend(bits(&rows));
    out.extend(bits(&y));

    out.push(dispatch::dot_lanes(path, &y, &x).to_bits());
    out.push(dispatch::mean_one(path, &y[..size], &x).to_bits());
    let stride = laned(size);
    let lessons = 1 + size % 9;
    let rows_of_lessons = world.integers(lessons * stride);
    let (mut k, mut c) = (vec![0.0; laned(lessons)], world.numbers(laned(lessons)));
    dispatch::multiply_rows(path, &rows_of_lessons, &x, &mut k);
    out.extend(bits(&k));
    c[lessons..].fill(0.0);
    let factor = &world.numbers(row_start(lessons))[..];
    let steps_of_lanes = vec![1.0 / 1024.0; stride];
    let dual = Dual { rows: &rows_of_lessons, steps: &steps_of_lanes, factor, c: &c, ridge: 0.5 };
    let mut work = vec![0.0; dual_work_len(stride, lessons)];
    let (mean, squared) = dispatch::score_dual(path, dual, &x, &mut work);
    out.extend([mean.to_bits(), squared.to_bits()]);

    for dim in [size, size - 1] {
        if dim == 0 {
            continue;
        }
        let values = world.numbers(dim * count);
        let mut rounded = vec![0.0; values.len()];
        out.push(u64::from(dispatch::quantise(path, &values, -16.0, 16.0, 1.0 / 1024.0, &mut rounded)));
        out.extend(bits(&rounded));
        let linear = Linear { rows: &rows, theta: &p[..size], dim, alpha: 0.7 };
        let (mut scratch, mut scores) = (vec![f64::NAN; scratch_len(size)], vec![0.0; count]);
        dispatch::score_all(path, linear, &values, count.is_multiple_of(2), &mut scratch, &mut scores);
        out.extend(bits(&scores));
        let (mut means, mut bounds) = (vec![0.0; count], vec![0.0; count]);
        dispatch::bound_all(path, linear, &values, count.is_multiple_of(2), &mut scratch, &mut means, &mut bounds);
        out.extend(bits(&means));
        out.extend(bits(&bounds));
        let flat = Linear { alpha: 0.0, ..linear };
        dispatch::score_all(path, flat, &values, count.is_multiple_of(2), &mut scratch, &mut bounds);
        assert_eq!(bits(&means), bits(&bounds), "the means of bounds are those of scores");
        for (x, score) in values.chunks_exact(dim).zip(&scores) {
            let mut padded = x.to_vec();
            padded.resize(size, 1.0);
            padded.resize(laned(size), 0.0);
            let (mean, squared) = dispatch::score_one(path, linear, &padded);
            out.extend([mean.to_bits(), squared.to_bits()]);
            // Both kernels score alike, to rounding.
            let alone = mean + 0.7 * squared.sqrt();
            assert!((alone - score).abs() <= 1e-12 * (1.0 + squared), "{alone} and {score} differ");
        }
    }
    out
}

/// Every dispatched function on random inputs: of a score, an update, a dual score, a combination and a rounding each a
/// thousand in the short form and a million in the long one, most of them small and every 64th of up to 129 entries.
#[test]
fn kernel_paths_agree() {
    let inputs: usize = if std::env::var_os("OO_LONG").is_some() { 1_000_000 } else { 1_000 };
    let paths = Path::all();
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let agree = &|worker: usize| {
        let mut numbers = 0;
        for input in (worker..inputs).step_by(workers) {
            let large = input % 64 == 0;
            let (size, count) = if large {
                (1 + input / 64 * 7 % 129, 1 + input / 64 * 11 % 37)
            } else {
                (1 + input * 5 % 19, 1 + input % 3)
            };
            let portable = results(paths[0], input as u64, size, count);
            numbers += portable.len();
            for path in &paths[1..] {
                assert_eq!(portable, results(*path, input as u64, size, count), "{path:?} size {size} count {count}");
            }
        }
        numbers
    };
    let numbers: usize = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..workers).map(|worker| scope.spawn(move || agree(worker))).collect();
        workers.into_iter().map(|worker| worker.join().unwrap()).sum()
    });
    println!("{paths:?} agree on {inputs} inputs of each kernel, {numbers} numbers");
}

#[test]
fn every_path_gives_the_same_bits() {
    let paths = Path::all();
    for (round, size) in (1..=40).chain([63, 64, 65, 129]).enumerate() {
        for count in [1, 2, 7, 8, 9, 50] {
            let seed = (round * 100 + count) as u64;
            let portable = results(paths[0], seed, size, count);
            for path in &paths[1..] {
                assert_eq!(portable, results(*path, seed, size, count), "{path:?} size {size} count {count}");
            }
        }
    }
}

#[test]
fn rows_of_a_laned_triangle_follow_each_other() {
    let mut start = 0;
    for row in 0..100 {
        assert_eq!(row_start(row), start);
        let len = super::triangle::row_len(row);
        assert!(len > row && len <= row + LANES && len.is_multiple_of(LANES));
        start += len;
    }
}

#[test]
fn the_best_path_is_one_of_the_tested_ones() {
    assert!(Path::all().contains(&Path::best()));
}

#[test]
fn a_score_does_not_depend_on_its_neighbours() {
    let mut world = World(Pcg64Dxsm::seed_from_u64(5));
    let size = 11;
    let (rows, theta) = (world.numbers(row_start(size)), world.numbers(size));
    let values = world.numbers(19 * 10);
    let linear = Linear { rows: &rows, theta: &theta, dim: 10, alpha: 1.0 };
    let (mut scratch, mut scores) = (vec![0.0; scratch_len(size)], vec![0.0; 19]);
    dispatch::score_all(Path::best(), linear, &values, true, &mut scratch, &mut scores);
    for (x, score) in values.chunks_exact(10).zip(&scores) {
        let mut alone = [0.0];
        dispatch::score_all(Path::best(), linear, x, false, &mut scratch, &mut alone);
        assert_eq!(alone[0].to_bits(), score.to_bits());
    }
}

#[test]
fn s09_the_derived_factor_inverts() {
    let mut world = World(Pcg64Dxsm::seed_from_u64(9));
    let size = 17;
    let mut lower = vec![0_i64; packed_len(size)];
    for _ in 0..40 {
        let x = world.integers(size);
        dispatch::accumulate(Path::best(), &mut lower, &x, &x);
    }
    let mut a: Vec<f64> = lower.iter().map(|sum| *sum as f64 / 268_435_456.0).collect();
    for i in 0..size {
        a[packed_start(i) + i] += 1.0;
    }
    let mut rows = vec![0.0; row_start(size)];
    dispatch::derive(Path::best(), &mut a, 1.0, &mut rows);
    let mut steps = vec![1.0 / 16384.0; size];
    steps.resize(laned(size), 0.0);
    let mut x = world.numbers(size);
    x.resize(laned(size), 0.0);
    let (mut p, mut y, mut work) = (vec![0.0; x.len()], vec![0.0; x.len()], vec![0.0; 2 * x.len()]);
    dispatch::multiply(Path::best(), &rows, &x, &mut p);
    dispatch::multiply_transposed(Path::best(), &rows, &p, &mut y);
    let mut off = |y: &[f64]| {
        let probe = Probe { steps: &steps, ridge: 1.0, y, x: &x };
        dispatch::absorb(Path::best(), &mut lower, &vec![0; size], probe, &mut work)
    };
    assert!(off(&y) < 1e-11);
    y[3] = f64::NAN;
    assert!(off(&y).is_infinite());
}

#[test]
fn rounding_is_half_to_even_without_negative_zeros() {
    let values = [0.5, 1.5, -0.5, -1.5, -0.2, 2.0, f64::NAN];
    let mut out = [9.0; 7];
    assert!(!dispatch::quantise(Path::best(), &values, -16.0, 16.0, 1.0, &mut out));
    assert_eq!(out[..6], [0.0, 2.0, 0.0, -2.0, 0.0, 2.0]);
    assert!(out[2].is_sign_positive() && out[4].is_sign_positive());
    assert!(dispatch::quantise(Path::best(), &values[..6], -16.0, 16.0, 1.0, &mut out[..6]));
    assert!(!dispatch::quantise(Path::best(), &[16.5], -16.0, 16.0, 1.0, &mut out[..1]));
}
