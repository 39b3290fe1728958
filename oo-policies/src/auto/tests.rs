//! Looking for changes costs next to nothing where nothing changes: `auto` against itself without looking.
//! `OO_LONG=1` runs all seeds and rounds, and the generated workloads too.

use std::sync::atomic::{AtomicU64, Ordering};

use oo_core::candidate::ArmKey;
use oo_core::grid::Grid;
use oo_core::lesson::Lesson;
use oo_core::policy::{Actions, Scored};
use oo_core::schema::FeatureSchema;
use rand_pcg::Pcg64Dxsm;
use rand_pcg::rand_core::{Rng, SeedableRng};

use super::*;

fn unit(random: &mut Pcg64Dxsm) -> f64 {
    (random.next_u64() >> 11) as f64 / 9_007_199_254_740_992.0
}

fn normal(random: &mut Pcg64Dxsm) -> f64 {
    let (u, v) = (1.0 - unit(random), unit(random));
    (-2.0 * libm::log(u)).sqrt() * libm::cos(std::f64::consts::TAU * v)
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// A stationary world: what is offered, what an offer brings on average and how its reward is drawn around that.
trait Stationary {
    /// The rows of a round and the arm of each.
    fn offer(&mut self, random: &mut Pcg64Dxsm) -> (Vec<f64>, Vec<ArmKey>);
    /// The mean reward of a row of `arm`.
    fn mean(&self, x: &[f64], arm: usize) -> f64;
    /// One reward.
    fn reward(&self, mean: f64, random: &mut Pcg64Dxsm) -> f64;
}

/// Regret of `auto` over `rounds` of `world`, features in (−2, 2) and rewards in (−8, 8).
fn regret(spec: &AutoSpec, dim: usize, looks: bool, rounds: u64, seed: u64, world: &mut dyn Stationary) -> f64 {
    let (schema, rewards) = (FeatureSchema::raw(dim, -2.0, 2.0).unwrap(), Grid::new(-8.0, 8.0).unwrap());
    let grid = Grid::new(-2.0, 2.0).unwrap();
    let ground = Ground::new(&crate::PolicySpec::Auto(spec.clone()), &schema, rewards).unwrap();
    let mut state = State::derived(spec.frame(&ground), spec.sharing, Vec::new());
    state.looks = looks;
    let mut policy = Auto::new(ground, spec, state);
    let mut random = Pcg64Dxsm::seed_from_u64(seed);
    let (mut out, mut total) = (Scored::default(), 0.0);
    for _ in 0..rounds {
        let (rows, arms) = world.offer(&mut random);
        let integers: Vec<i16> = rows.iter().map(|value| grid.round(*value)).collect();
        let rounded: Vec<f64> = integers.iter().map(|n| f64::from(*n) * grid.step()).collect();
        policy.distribution(&Actions::new(dim, &rounded, &arms), &mut out).unwrap();
        let pmf = out.distribution.pmf();
        let index = (0..pmf.len()).max_by(|i, j| pmf[*i].total_cmp(&pmf[*j])).unwrap();
        let means: Vec<f64> = rows.chunks_exact(dim).enumerate().map(|(arm, x)| world.mean(x, arm)).collect();
        let reward = rewards.round(world.reward(means[index], &mut random).clamp(-8.0, 8.0));
        let x = integers[index * dim..(index + 1) * dim].into();
        assert!(policy.learn_in_place(&[Lesson::new(x, arms[index].clone(), reward)]).unwrap());
        total += means.iter().copied().fold(f64::MIN, f64::max) - means[index];
    }
    total
}

/// The mean regret over `seeds` seeds, looking for changes and not; two seeds at a time.
fn both(seeds: u64, run: impl Fn(bool, u64) -> f64 + Sync) -> (f64, f64) {
    let mean = |looks: bool| {
        let (next, run) = (AtomicU64::new(0), &run);
        let work = || {
            let own = std::iter::repeat_with(|| next.fetch_add(1, Ordering::Relaxed)).take_while(|seed| *seed < seeds);
            own.map(|seed| (seed, run(looks, seed))).collect::<Vec<_>>()
        };
        let mut all: Vec<(u64, f64)> = std::thread::scope(|scope| {
            let workers = [scope.spawn(work), scope.spawn(work)];
            workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
        });
        all.sort_by_key(|(seed, _)| *seed);
        all.into_iter().map(|(_, regret)| regret).sum::<f64>() / seeds as f64
    };
    (mean(true), mean(false))
}

fn judge(name: &str, seeds: u64, (looking, plain): (f64, f64)) {
    println!("{name}: regret of auto over {seeds} seeds: {looking:.1} looking for changes, {plain:.1} not");
    assert!(looking <= 1.1 * plain, "{name}: {looking} against {plain}");
}

fn spec(sharing: Sharing, intercept: bool) -> AutoSpec {
    AutoSpec { sharing, intercept, exploration: Exploration::EpsilonFloor { epsilon: 0.0 } }
}

fn long() -> bool {
    std::env::var_os("OO_LONG").is_some()
}

/// Statement 11's world: 50 rows in the unit disc, the mean is the first feature, σ = 1; it jumps in some round, or not.
struct Disc {
    round: u64,
    jump: u64,
}

impl Disc {
    fn jumping_at(jump: u64) -> Self {
        Disc { round: 0, jump }
    }
}

impl Stationary for Disc {
    fn offer(&mut self, random: &mut Pcg64Dxsm) -> (Vec<f64>, Vec<ArmKey>) {
        self.round += 1;
        let mut row = || {
            let (a, b) = (2.0 * unit(random) - 1.0, 2.0 * unit(random) - 1.0);
            let norm = (a * a + b * b).sqrt().max(1.0);
            [a / norm, b / norm]
        };
        ((0..50).flat_map(|_| row()).collect(), vec![ArmKey::new("arm"); 50])
    }

    fn mean(&self, x: &[f64], _: usize) -> f64 {
        if self.round < self.jump { x[0] } else { -x[0] }
    }

    fn reward(&self, mean: f64, random: &mut Pcg64Dxsm) -> f64 {
        mean + normal(random)
    }
}

/// 50 rows of d normal features, Bernoulli(sigmoid(θᵀx)).
struct Clicks(Vec<f64>);

impl Stationary for Clicks {
    fn offer(&mut self, random: &mut Pcg64Dxsm) -> (Vec<f64>, Vec<ArmKey>) {
        let scale = (self.0.len() as f64).sqrt();
        let rows = (0..50 * self.0.len()).map(|_| (normal(random) / scale).clamp(-2.0, 2.0)).collect();
        (rows, vec![ArmKey::new("arm"); 50])
    }

    fn mean(&self, x: &[f64], _: usize) -> f64 {
        1.0 / (1.0 + libm::exp(-dot(x, &self.0)))
    }

    fn reward(&self, mean: f64, random: &mut Pcg64Dxsm) -> f64 {
        f64::from(u8::from(unit(random) < mean))
    }
}

/// One context of length 1 for arms that each have their own θ, σ = 0.1.
struct Arms {
    keys: Vec<ArmKey>,
    theta: Vec<f64>,
}

impl Stationary for Arms {
    fn offer(&mut self, random: &mut Pcg64Dxsm) -> (Vec<f64>, Vec<ArmKey>) {
        let mut x: Vec<f64> = (0..self.theta.len() / self.keys.len()).map(|_| normal(random)).collect();
        let norm = dot(&x, &x).sqrt();
        x.iter_mut().for_each(|x| *x /= norm);
        (x.repeat(self.keys.len()), self.keys.clone())
    }

    fn mean(&self, x: &[f64], arm: usize) -> f64 {
        dot(x, &self.theta[arm * x.len()..(arm + 1) * x.len()])
    }

    fn reward(&self, mean: f64, random: &mut Pcg64Dxsm) -> f64 {
        mean + 0.1 * normal(random)
    }
}

#[test]
fn looking_for_changes_costs_little_where_nothing_changes() {
    let seeds = if long() { 100 } else { 12 };
    let spec = spec(Sharing::Shared, false);
    judge(
        "s11 without jumps",
        seeds,
        both(seeds, |looks, seed| regret(&spec, 2, looks, 6000, seed, &mut Disc::jumping_at(u64::MAX))),
    );
    // The switch works: whoever does not look pays for a jump.
    let jumping = |looks: bool, seed: u64| regret(&spec, 2, looks, 2000, seed, &mut Disc::jumping_at(1000));
    let (looking, plain) = both(4, jumping);
    assert!(looking < 0.5 * plain, "{looking} against {plain} of never looking");
}

#[test]
fn looking_for_changes_costs_little_on_the_generated_workloads() {
    let (seeds, rounds, arms) = if long() { (10, 20_000, 100) } else { (2, 1500, 10) };
    let theta = |count: usize, scale: f64, seed: u64| -> Vec<f64> {
        let mut random = Pcg64Dxsm::seed_from_u64(1000 + seed);
        (0..count).map(|_| scale * normal(&mut random)).collect()
    };
    let shared = spec(Sharing::Shared, true);
    let clicks = |looks: bool, seed: u64| regret(&shared, 32, looks, rounds, seed, &mut Clicks(theta(32, 1.0, seed)));
    judge("shared", seeds, both(seeds, clicks));
    let disjoint = spec(Sharing::Disjoint, true);
    let keys: Vec<ArmKey> = (0..arms).map(|arm| ArmKey::new(format!("{arm:03}"))).collect();
    let lin = |looks: bool, seed: u64| {
        let mut world = Arms { keys: keys.clone(), theta: theta(32 * arms, 1.0 / 32_f64.sqrt(), seed) };
        regret(&disjoint, 32, looks, rounds, seed, &mut world)
    };
    judge("lin", seeds, both(seeds, lin));
}
