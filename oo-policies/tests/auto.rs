//! `auto` learns without a knob: statement 11's drifting world without being told of the drift, and the generated
//! workloads of the comparison with other libraries. `OO_LONG=1` runs all seeds and rounds.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test fails by panicking")]

mod common;

use common::World;
use oo_core::candidate::ArmKey;
use oo_policies::{Bandit, BanditSpec, Decided, PolicySpec, RangeSpec, Rows};

/// Settings with a floor of `epsilon`, 0 unless what is served is asked for.
fn settings(kind: &str, sharing: &str, intercept: bool, epsilon: f64) -> String {
    let floor = format!(r#"{{"type":"epsilon_floor","epsilon":{epsilon}}}"#);
    format!(r#"{{"type":"{kind}","sharing":"{sharing}","intercept":{intercept},"exploration":{floor}}}"#)
}

fn auto(sharing: &str, intercept: bool) -> String {
    settings("auto", sharing, intercept, 0.0)
}

/// LinUCB with α = 1.
fn linucb(sharing: &str, intercept: bool) -> String {
    settings("linucb", sharing, intercept, 0.0)
}

fn long() -> bool {
    std::env::var_os("OO_LONG").is_some()
}

fn bandit(json: &str, dim: usize, range: f64, rewards: f64) -> Bandit {
    let spec = BanditSpec {
        range: RangeSpec::fixed(-range, range).unwrap(),
        reward_range: RangeSpec::fixed(-rewards, rewards).unwrap(),
        ..BanditSpec::new(PolicySpec::parse(json).unwrap(), dim)
    };
    Bandit::new(spec).unwrap()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn best(means: &[f64]) -> f64 {
    means.iter().copied().fold(f64::MIN, f64::max)
}

/// Mean and standard error over `seeds` seeds.
fn mean(seeds: u64, run: impl Fn(u64) -> f64 + Sync) -> (f64, f64) {
    common::mean_of_runs(seeds, |seed| run(1 + seed))
}

/// Regret where the reward of a row is Bernoulli or normal around a mean that `mean_of` gives, `count` rows a round.
fn shared(
    json: &str,
    seed: u64,
    (dim, count, rounds): (usize, usize, u64),
    mut row: impl FnMut(&mut World) -> Vec<f64>,
    mean_of: impl Fn(u64, &[f64]) -> f64,
    sigma: Option<f64>,
) -> f64 {
    let mut bandit = bandit(json, dim, 2.0, 8.0);
    let mut world = World::new(seed);
    let mut decided = Decided::default();
    let mut total = 0.0;
    for round in 1..=rounds {
        let rows: Vec<f64> = (0..count).flat_map(|_| row(&mut world)).collect();
        let means: Vec<f64> = rows.chunks_exact(dim).map(|x| mean_of(round, x)).collect();
        bandit.decide_into(&Rows::new(&rows, count), (seed << 32 | round).into(), &mut decided).unwrap();
        let mean = means[decided.index];
        let reward = match sigma {
            Some(sigma) => (mean + sigma * world.normal()).clamp(-8.0, 8.0),
            None => f64::from(u8::from(world.unit() < mean)),
        };
        bandit.update(&decided, reward).unwrap();
        total += best(&means) - mean;
    }
    total
}

/// Statement 11's world: θ jumps at 1001, 2001 and 3001, or never.
fn russac(json: &str, seed: u64, jumps: bool) -> f64 {
    let row = |world: &mut World| {
        let (a, b) = (2.0 * world.unit() - 1.0, 2.0 * world.unit() - 1.0);
        let norm = (a * a + b * b).sqrt().max(1.0);
        vec![a / norm, b / norm]
    };
    let mean_of = |round: u64, x: &[f64]| match round {
        ..=1000 => x[0],
        _ if !jumps => x[0],
        1001..=2000 => -x[0],
        2001..=3000 => x[1],
        _ => -x[1],
    };
    shared(json, seed, (2, 50, 6000), row, mean_of, Some(1.0))
}

#[test]
fn s11_auto_drift() {
    let seeds = if long() { 100 } else { 10 };
    let (regret, error) = mean(seeds, |seed| russac(&auto("shared", false), seed, true));
    let served = settings("auto", "shared", false, 0.05);
    let (served, _) = mean(if long() { 10 } else { 2 }, |seed| russac(&served, seed, true));
    println!(
        "s11: regret of auto at T=6000 over {seeds} seeds: {regret:.0}±{error:.0}; D-LinUCB 1024, SW-LinUCB 742; with a floor of 0.05 {served:.0}"
    );
    assert!(regret < 512.0, "{regret}, which is more than half of D-LinUCB's 1024");
}

#[test]
fn auto_forgets_nothing_where_nothing_drifts() {
    let seeds = if long() { 100 } else { 10 };
    let (regret, error) = mean(seeds, |seed| russac(&auto("shared", false), seed, false));
    let (plain, _) = mean(seeds, |seed| russac(&linucb("shared", false), seed, false));
    println!("regret of auto without drift at T=6000 over {seeds} seeds: {regret:.1}±{error:.1}; LinUCB {plain:.1}");
    assert!(regret < 1.5 * plain, "{regret} against {plain}");
}

/// 50 candidates a round, d = 32, Bernoulli(sigmoid(θᵀx)).
#[test]
fn auto_shared() {
    let (seeds, rounds) = if long() { (10, 20_000) } else { (4, 3000) };
    let run = |json: &str, seed: u64| {
        let mut world = World::new(1000 + seed);
        let theta: Vec<f64> = (0..32).map(|_| world.normal()).collect();
        let row = |world: &mut World| (0..32).map(|_| (world.normal() / 32_f64.sqrt()).clamp(-2.0, 2.0)).collect();
        shared(json, seed, (32, 50, rounds), row, |_, x| 1.0 / (1.0 + libm::exp(-dot(x, &theta))), None)
    };
    let (regret, error) = mean(seeds, |seed| run(&auto("shared", true), seed));
    println!("shared: regret of auto at T={rounds} over {seeds} seeds: {regret:.0}±{error:.0}");
    if long() {
        assert!(regret < 190.0, "{regret}");
    } else {
        let (plain, _) = mean(seeds, |seed| run(&linucb("shared", true), seed));
        println!("shared: regret of LinUCB with α = 1 and an intercept {plain:.0}");
        assert!(regret < 0.95 * plain, "{regret} against {plain} of LinUCB");
    }
}

/// 100 arms, d = 32, θ ~ N(0, I/d), unit contexts, σ = 0.1.
#[test]
fn auto_disjoint() {
    let (seeds, rounds, arms) = if long() { (10, 20_000_u64, 100) } else { (3, 2000, 20) };
    let run = |json: &str, seed: u64| {
        let dim = 32;
        let keys: Vec<ArmKey> = (0..arms).map(|arm| ArmKey::new(format!("{arm:03}"))).collect();
        let mut world = World::new(2000 + seed);
        let theta: Vec<f64> = (0..dim * arms).map(|_| world.normal() / (dim as f64).sqrt()).collect();
        let mut bandit = bandit(json, dim, 1.0, 4.0);
        let mut decided = Decided::default();
        let mut total = 0.0;
        for round in 1..=rounds {
            let x = world.direction(dim);
            let means: Vec<f64> = theta.chunks_exact(dim).map(|theta| dot(theta, &x)).collect();
            bandit.decide_into(&Rows::of_context(&x, &keys), (seed << 32 | round).into(), &mut decided).unwrap();
            let mean = means[decided.index];
            bandit.update(&decided, (mean + 0.1 * world.normal()).clamp(-4.0, 4.0)).unwrap();
            total += best(&means) - mean;
        }
        total
    };
    let (regret, error) = mean(seeds, |seed| run(&auto("disjoint", long()), seed));
    println!("lin: regret of auto at T={rounds}, {arms} arms, over {seeds} seeds: {regret:.0}±{error:.0}");
    if long() {
        assert!(regret < 1720.0, "{regret}");
    } else {
        let (plain, _) = mean(seeds, |seed| run(&linucb("disjoint", false), seed));
        assert!(regret < 1.1 * plain, "{regret} against {plain} of LinUCB with α = 1");
    }
}

/// Five arms over a context of two columns whose models all turn round at once, and turn back: each arm has to notice by
/// itself, for nothing is shared.
#[test]
fn s11_auto_drift_of_disjoint_arms() {
    let seeds = if long() { 50 } else { 6 };
    let run = |json: &str, seed: u64, jumps: bool| {
        let (dim, arms) = (2, 5);
        let keys: Vec<ArmKey> = (0..arms).map(|arm| ArmKey::new(arm.to_string())).collect();
        let mut world = World::new(3000 + seed);
        let theta: Vec<Vec<f64>> = (0..arms).map(|_| world.direction(dim)).collect();
        let mut bandit = bandit(json, dim, 1.0, 8.0);
        let mut decided = Decided::default();
        let mut total = 0.0;
        for round in 1..=6000_u64 {
            let sign = if jumps && (2000..4000).contains(&round) { -1.0 } else { 1.0 };
            let x = world.direction(dim);
            let means: Vec<f64> = theta.iter().map(|theta| sign * dot(theta, &x)).collect();
            bandit.decide_into(&Rows::of_context(&x, &keys), (seed << 32 | round).into(), &mut decided).unwrap();
            let mean = means[decided.index];
            bandit.update(&decided, (mean + 0.5 * world.normal()).clamp(-8.0, 8.0)).unwrap();
            total += best(&means) - mean;
        }
        total
    };
    let (drift, error) = mean(seeds, |seed| run(&auto("disjoint", false), seed, true));
    let (blind, _) = mean(seeds, |seed| run(&linucb("disjoint", false), seed, true));
    let (still, _) = mean(seeds, |seed| run(&auto("disjoint", false), seed, false));
    println!(
        "s11: regret of auto, disjoint arms, at T=6000 over {seeds} seeds: {drift:.0}±{error:.0}; LinUCB {blind:.0}; without drift {still:.0}"
    );
    assert!(drift < 0.5 * blind, "{drift} against {blind} of LinUCB, which never forgets");
}
