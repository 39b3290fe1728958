//! What `auto` must learn of real data, untuned: the bar that the comparison with other libraries holds it to, on the same
//! protocol (`benches/peers/quality.py`). `OO_LONG=1` runs all seeds.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test fails by panicking")]

mod common;

use common::World;
use oo_core::candidate::ArmKey;
use oo_policies::{Bandit, BanditSpec, Decided, PolicySpec, Rows};

const DIM: usize = 13;
const PASSES: usize = 5;

/// Rows, each column with mean 0 and deviation 1, and the class of each.
fn wine() -> (Vec<[f64; DIM]>, Vec<usize>) {
    let text = include_str!("fixtures/wine.csv");
    // Behind the comments stands a line of names.
    let lines = text.lines().filter(|line| !line.starts_with('#')).skip(1);
    let (mut rows, classes): (Vec<[f64; DIM]>, Vec<usize>) = lines
        .map(|line| {
            let (numbers, class) = line.rsplit_once(',').unwrap();
            let mut numbers = numbers.split(',').map(|number| number.parse().unwrap());
            (std::array::from_fn(|_| numbers.next().unwrap()), class.parse::<usize>().unwrap())
        })
        .unzip();
    assert_eq!(rows.len(), 178);
    let count = rows.len() as f64;
    for column in 0..DIM {
        let mean = rows.iter().map(|row| row[column]).sum::<f64>() / count;
        let variance = rows.iter().map(|row| (row[column] - mean) * (row[column] - mean)).sum::<f64>() / count;
        for row in &mut rows {
            row[column] = (row[column] - mean) / variance.sqrt();
        }
    }
    (rows, classes)
}

/// The average reward over five fresh shuffles: a class is an arm, the right one earns 1, every arm sees the row.
fn reward(json: &str, seed: u64) -> f64 {
    let (rows, classes) = wine();
    let arms = ["0", "1", "2"].map(ArmKey::new);
    let mut bandit = Bandit::new(BanditSpec::new(PolicySpec::parse(json).unwrap(), DIM)).unwrap();
    let mut world = World::new(seed);
    let (mut decided, mut total, mut round) = (Decided::default(), 0.0, seed << 32);
    for _ in 0..PASSES {
        let mut order: Vec<usize> = (0..rows.len()).collect();
        for last in (1..order.len()).rev() {
            order.swap(last, world.below(last as u64 + 1) as usize);
        }
        for place in order {
            round += 1;
            bandit.decide_into(&Rows::of_context(&rows[place], &arms), round.into(), &mut decided).unwrap();
            let reward = f64::from(u8::from(decided.index == classes[place]));
            bandit.update(&decided, reward).unwrap();
            total += reward;
        }
    }
    total / (PASSES * rows.len()) as f64
}

#[test]
fn auto_learns_wine_untuned() {
    let (seeds, bar) = if std::env::var_os("OO_LONG").is_some() { (10, 0.963) } else { (3, 0.96) };
    let mean = |kind: &str, epsilon: f64, seeds: u64| {
        let floor = format!(r#""exploration":{{"type":"epsilon_floor","epsilon":{epsilon}}}"#);
        let json = format!(r#"{{"type":"{kind}","sharing":"disjoint",{floor}}}"#);
        common::mean_of_runs(seeds, |seed| reward(&json, 1 + seed))
    };
    let (learned, error) = mean("auto", 0.0, seeds);
    let ((served, _), (plain, _)) = (mean("auto", 0.05, seeds), mean("linucb", 0.0, seeds));
    println!(
        "wine: average reward of auto over {seeds} seeds {learned:.4}±{error:.4}, bar {bar}; with a floor of 0.05 {served:.4}; LinUCB with α = 1 {plain:.4}"
    );
    assert!(learned >= bar, "{learned} is under the bar {bar}");
}
