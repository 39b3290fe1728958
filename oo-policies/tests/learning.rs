//! Statements 5 and 10: different decisions draw independently, and LinUCB learns.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test fails by panicking")]

mod common;

use common::World;
use oo_core::draw::{DRAW, uniform};
use oo_core::id::DecisionId;
use oo_core::testing::statistics::correlation;
use oo_policies::{Bandit, BanditSpec, Decided, PolicySpec, RangeSpec, Rows};

#[test]
fn s05_different_ids_draw_independently() {
    let count = 100_000_u64;
    let decisions: Vec<f64> = (0..=count)
        .map(|index| {
            // Neighbouring UUIDv7s of one millisecond differ in few bits.
            let mut id = *b"\x01\x93\x40\x00\x00\x00\x70\x00\x80\x00\x00\x00\x00\x00\x00\x00";
            id[8..].copy_from_slice(&(index | 1 << 63).to_be_bytes());
            uniform(DRAW, DecisionId(id).into())
        })
        .collect();
    let numbers: Vec<f64> = (0..=count).map(|seed| uniform(DRAW, seed.into())).collect();
    for sample in [&decisions, &numbers] {
        let rho = correlation(&sample[1..], &sample[..sample.len() - 1]);
        println!("s05: correlation of neighbouring draws {rho:.5}");
        assert!(rho.abs() < 0.01, "{rho}");
        let mean = sample.iter().sum::<f64>() / sample.len() as f64;
        assert!((mean - 0.5).abs() < 0.005, "{mean}");
    }
    assert!(correlation(&decisions, &numbers).abs() < 0.01);
}

/// The cumulative regret after each tenth of `rounds`.
fn regret(json: &str, seed: u64, rounds: u64) -> Vec<f64> {
    let (dim, count) = (10, 20);
    let range = RangeSpec::fixed(-1.0, 1.0).unwrap();
    let spec = BanditSpec {
        range,
        reward_range: RangeSpec::fixed(-2.0, 2.0).unwrap(),
        ..BanditSpec::new(PolicySpec::parse(json).unwrap(), dim)
    };
    let mut bandit = Bandit::new(spec).unwrap();
    let mut world = World::new(seed);
    let theta = world.direction(dim);
    let mut decided = Decided::default();
    let (mut total, mut curve) = (0.0, Vec::new());
    for round in 1..=rounds {
        let rows: Vec<f64> = (0..count).flat_map(|_| world.direction(dim)).collect();
        let means: Vec<f64> =
            rows.chunks_exact(dim).map(|x| x.iter().zip(&theta).map(|(x, theta)| x * theta).sum::<f64>()).collect();
        bandit.decide_into(&Rows::new(&rows, count), (seed << 32 | round).into(), &mut decided).unwrap();
        let reward = (means[decided.index] + 0.1 * world.normal()).clamp(-2.0, 2.0);
        bandit.update(&decided, reward).unwrap();
        total += means.iter().copied().fold(f64::MIN, f64::max) - means[decided.index];
        if round % (rounds / 10) == 0 {
            curve.push(total);
        }
    }
    curve
}

#[test]
fn s10_linucb_learns_a_stationary_world() {
    let seeds = if std::env::var_os("OO_LONG").is_some() { 50 } else { 4 };
    let mean = |json: &str| -> Vec<f64> {
        let mut sum = vec![0.0; 10];
        for curve in common::runs(seeds, |seed| regret(json, 1 + seed, 10_000)) {
            for (sum, value) in sum.iter_mut().zip(curve) {
                *sum += value / seeds as f64;
            }
        }
        sum
    };
    let floor = |epsilon: f64| {
        format!(r#"{{"type":"linucb","intercept":false,"exploration":{{"type":"epsilon_floor","epsilon":{epsilon}}}}}"#)
    };
    let linucb = mean(&floor(0.0));
    let served = mean(&floor(0.05));
    let greedy = mean(r#"{"type":"epsilon_greedy","intercept":false,"epsilon":0.1}"#);
    println!(
        "s10: regret at T=10000 over {seeds} seeds: LinUCB {:.1}, served with a floor of 0.05 {:.1}, epsilon-greedy(0.1) {:.1}",
        linucb[9], served[9], greedy[9]
    );
    assert!(linucb[9] < 0.25 * greedy[9], "{} against {}", linucb[9], greedy[9]);
    let scaled: Vec<f64> =
        linucb.iter().enumerate().map(|(index, regret)| regret / ((index + 1) as f64 * 1000.0).sqrt()).collect();
    assert!(scaled[4..].windows(2).all(|pair| pair[1] < pair[0]), "regret over the root of T must fall: {scaled:?}");
}
