//! What the kinds of the linear family learn, on generated worlds, without a floor.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test fails by panicking")]

mod common;

use common::World;
use oo_core::candidate::ArmKey;
use oo_policies::{Bandit, BanditSpec, Decided, PolicySpec, RangeSpec, Rows};

/// The regret of `json` after `rounds`, of 36 arms 12 of which are candidates each time. An arm's weights are a common θ
/// and its own departure of length `own` from it.
fn regret(json: &str, own: f64, seed: u64, rounds: u64) -> f64 {
    let (dim, arms) = (8, 36);
    let spec = BanditSpec {
        range: RangeSpec::fixed(-1.0, 1.0).unwrap(),
        reward_range: RangeSpec::fixed(-4.0, 4.0).unwrap(),
        ..BanditSpec::new(PolicySpec::parse(json).unwrap(), dim)
    };
    let mut bandit = Bandit::new(spec).unwrap();
    let mut world = World::new(seed);
    let theta = world.direction(dim);
    let weights: Vec<Vec<f64>> = (0..arms)
        .map(|_| world.direction(dim).iter().zip(&theta).map(|(off, theta)| theta + own * off).collect())
        .collect();
    let mut decided = Decided::default();
    let mut total = 0.0;
    for round in 1..=rounds {
        let chosen: Vec<usize> = (0..arms).filter(|arm| (*arm as u64 + round).is_multiple_of(3)).collect();
        let keys: Vec<ArmKey> = chosen.iter().map(|arm| ArmKey::new(format!("arm{arm:02}"))).collect();
        let rows: Vec<f64> = chosen.iter().flat_map(|_| world.direction(dim)).collect();
        let means: Vec<f64> = rows
            .chunks_exact(dim)
            .zip(&chosen)
            .map(|(x, arm)| x.iter().zip(&weights[*arm]).map(|(x, theta)| x * theta).sum())
            .collect();
        let candidates = Rows::new(&rows, chosen.len()).with_arms(&keys);
        bandit.decide_into(&candidates, (seed << 32 | round).into(), &mut decided).unwrap();
        let reward = (means[decided.index] + 0.3 * world.normal()).clamp(-4.0, 4.0);
        bandit.update(&decided, reward).unwrap();
        total += means.iter().copied().fold(f64::MIN, f64::max) - means[decided.index];
    }
    total
}

fn mean(json: &str, own: f64, rounds: u64) -> f64 {
    let seeds = if std::env::var_os("OO_LONG").is_some() { 20 } else { 4 };
    (1..=seeds).map(|seed| regret(json, own, seed, rounds)).sum::<f64>() / seeds as f64
}

#[test]
fn a_hybrid_beats_both_where_arms_are_alike_but_not_equal() {
    let of = |sharing: &str, own: f64| {
        let json = format!(
            r#"{{"type":"linucb","alpha":0.3,"intercept":false,"sharing":"{sharing}","exploration":{{"type":"epsilon_floor","epsilon":0}}}}"#
        );
        mean(&json, own, 3000)
    };
    for own in [0.0, 0.5, 2.0] {
        let [shared, disjoint, hybrid] = ["shared", "disjoint", "hybrid"].map(|sharing| of(sharing, own));
        println!("departures of {own}: regret shared {shared:.0}, disjoint {disjoint:.0}, hybrid {hybrid:.0}");
        if own == 0.5 {
            assert!(hybrid < shared && hybrid < disjoint, "{hybrid} against {shared} and {disjoint}");
        } else {
            assert!(hybrid < 0.8 * shared.max(disjoint), "{hybrid} against {shared} and {disjoint}");
        }
    }
}

#[test]
fn every_rule_learns() {
    let uniform = mean(r#"{"type":"uniform"}"#, 0.0, 2000);
    for (sharing, own) in [("shared", 0.0), ("disjoint", 2.0), ("hybrid", 0.5)] {
        let uniform = if own == 0.0 { uniform } else { mean(r#"{"type":"uniform"}"#, own, 2000) };
        let mut line = format!("{sharing}: regret uniform {uniform:.0}");
        for (kind, settings, most) in [
            ("linucb", r#","exploration":{"type":"epsilon_floor","epsilon":0}"#, 0.4),
            ("lin_ts", r#","scale":0.3,"epsilon":0"#, 0.4),
            ("square_cb", "", 0.5),
            ("softmax", "", 0.5),
            ("greedy", "", 0.5),
        ] {
            let json = format!(r#"{{"type":"{kind}","sharing":"{sharing}"{settings}}}"#);
            let regret = mean(&json, own, 2000);
            line.push_str(&format!(", {kind} {regret:.0}"));
            assert!(regret < most * uniform, "{json}: {regret} against {uniform}");
        }
        println!("{line}");
    }
}

/// Thompson sampling as it comes, its floor included, learns: what it draws is much better than chance.
#[test]
fn the_default_of_thompson_sampling_learns() {
    let [thompson, uniform] = ["lin_ts", "uniform"].map(|kind| mean(&format!(r#"{{"type":"{kind}"}}"#), 0.0, 2000));
    println!("regret at T=2000: lin_ts as it comes {thompson:.0}, uniform {uniform:.0}");
    assert!(thompson < 0.2 * uniform, "{thompson} against {uniform}");
}
