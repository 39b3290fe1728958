//! Statements 8 and 11: policies that forget keep their ridge, and follow a world that changes.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test fails by panicking")]

mod common;

use common::World;
use oo_policies::{Bandit, BanditSpec, Decided, PolicySpec, RangeSpec, Rows};

const ROUNDS: u64 = 6000;
const ARMS: usize = 50;
/// LinUCB as a window of all, and the policy that is told of the jumps.
const ALL: &str = r#""type": "sw_linucb", "window": {"steps": 1000000}"#;
const ORACLE: &str = "oracle restart";

/// θ of the round: it jumps three times.
fn theta(round: u64) -> [f64; 2] {
    match round {
        ..=1000 => [1.0, 0.0],
        1001..=2000 => [-1.0, 0.0],
        2001..=3000 => [0.0, 1.0],
        _ => [0.0, -1.0],
    }
}

fn bandit(json: &str, dim: usize, reward: f64) -> Bandit {
    Bandit::new(BanditSpec {
        range: RangeSpec::fixed(-1.0, 1.0).unwrap(),
        reward_range: RangeSpec::fixed(-reward, reward).unwrap(),
        ..BanditSpec::new(PolicySpec::parse(json).unwrap(), dim)
    })
    .unwrap()
}

/// The regret at T = 6000 in the world of Russac, Vernade & Cappé 2019, section 5; an oracle starts anew at each jump.
fn regret(json: &str, oracle: bool, seed: u64) -> f64 {
    let mut bandit = bandit(json, 2, 16.0);
    let mut world = World::new(seed);
    let mut decided = Decided::default();
    let mut total = 0.0;
    let mut rows = vec![0.0; 2 * ARMS];
    for round in 1..=ROUNDS {
        for row in rows.chunks_exact_mut(2) {
            row.fill_with(|| 2.0 * world.unit() - 1.0);
            let norm = (row[0] * row[0] + row[1] * row[1]).sqrt().max(1.0);
            row.iter_mut().for_each(|x| *x /= norm);
        }
        let own = theta(round);
        if oracle && own != theta(round - 1) {
            bandit = self::bandit(json, 2, 16.0);
        }
        let mean = |row: usize| rows[2 * row] * own[0] + rows[2 * row + 1] * own[1];
        bandit.decide_into(&Rows::new(&rows, ARMS), (seed << 32 | round).into(), &mut decided).unwrap();
        let reward = (mean(decided.index) + world.normal()).clamp(-16.0, 16.0);
        bandit.update(&decided, reward).unwrap();
        total += (0..ARMS).map(mean).fold(f64::MIN, f64::max) - mean(decided.index);
    }
    total
}

/// Mean and standard error over `seeds`.
fn mean(json: &str, oracle: bool, seeds: u64) -> (f64, f64) {
    common::mean_of_runs(seeds, |seed| regret(json, oracle, 1 + seed))
}

#[test]
fn s11_the_papers_world_of_jumps() {
    let long = std::env::var_os("OO_LONG").is_some();
    let seeds = if long { 100 } else { 5 };
    let rest =
        r#""alpha": null, "lambda": 0.1, "delta": 0.01, "bound": 1, "noise": 1, "length": 1, "intercept": false"#;
    let floor = |epsilon: f64| format!(r#""exploration": {{"type": "epsilon_floor", "epsilon": {epsilon}}}"#);
    // B_T = 4 + √2, γ = 1 − (B_T/(dT))^⅔ and the window of as many lessons. A window of all is LinUCB.
    let gamma = 1.0 - libm::pow((4.0 + 2.0_f64.sqrt()) / (2.0 * ROUNDS as f64), 2.0 / 3.0);
    let policies = [
        ("LinUCB", ALL.to_owned(), 4177.0, 14.0),
        ("D-LinUCB", format!(r#""type": "dlinucb", "forgetting": {{"per_step": {gamma}}}"#), 1024.0, 4.0),
        ("SW-LinUCB", r#""type": "sw_linucb", "window": {"steps": 169}"#.to_owned(), 742.0, 3.0),
        (ORACLE, ALL.to_owned(), 152.0, 1.0),
    ];
    for (name, kind, reference, error) in policies {
        let oracle = name == ORACLE;
        let (regret, own) = mean(&format!("{{{kind}, {rest}, {}}}", floor(0.0)), oracle, seeds);
        let (served, _) = mean(&format!("{{{kind}, {rest}, {}}}", floor(0.05)), oracle, if long { 10 } else { 1 });
        println!(
            "s11: {name} regret at T=6000 {regret:.0}±{own:.0} over {seeds} seeds, reference {reference}±{error}; with a floor of 0.05 {served:.0}"
        );
        let off = (regret - reference).abs();
        assert!(off < 0.03 * reference + 3.0 * own, "{name}: {regret} against {reference}");
    }
}

/// Days instead of steps: the exact policies follow the jumps too, a lesson of round t on day t/20.
#[test]
fn s11_exact_days_follow_the_jumps() {
    let run = |json: &str, seed: u64| {
        let mut bandit = bandit(json, 2, 16.0);
        let mut world = World::new(seed);
        let mut decided = Decided::default();
        let mut total = 0.0;
        for round in 1..=ROUNDS {
            let rows: Vec<f64> = (0..20).flat_map(|_| world.direction(2)).collect();
            let theta = theta(round);
            let mean = |row: usize| rows[2 * row] * theta[0] + rows[2 * row + 1] * theta[1];
            let day = [(round / 20) as i32];
            let asked = Rows::new(&rows, 20).with_days(&day);
            bandit.decide_into(&asked, (seed << 32 | round).into(), &mut decided).unwrap();
            let reward = (mean(decided.index) + 0.5 * world.normal()).clamp(-16.0, 16.0);
            bandit.update(&decided, reward).unwrap();
            total += (0..20).map(mean).fold(f64::MIN, f64::max) - mean(decided.index);
        }
        total
    };
    let end = r#""intercept": false, "exploration": {"type": "epsilon_floor", "epsilon": 0}}"#;
    let mean = |kind: &str| (1..=3).map(|seed| run(&format!("{{{kind}, {end}"), seed)).sum::<f64>() / 3.0;
    let still = mean(r#""type": "linucb""#);
    let fading = mean(r#""type": "dlinucb", "forgetting": {"half_life_days": 5}"#);
    let window = mean(r#""type": "sw_linucb", "window": {"days": 10}"#);
    println!("s11: by the day, LinUCB {still:.0}, half-life of 5 days {fading:.0}, window of 10 days {window:.0}");
    assert!(fading < 0.5 * still && window < 0.5 * still, "{still} {fading} {window}");
}

#[test]
fn s08_forgotten_features_stay_finite() {
    let rounds = if std::env::var_os("OO_LONG").is_some() { 200_000 } else { 20_000 };
    let json = r#"{"type": "dlinucb", "forgetting": {"per_step": 0.999}, "intercept": false}"#;
    let mut bandit = bandit(json, 8, 1.0);
    let mut world = World::new(8);
    for _ in 0..rounds / 1000 {
        let rows: Vec<f64> = (0..1000)
            .flat_map(|_| {
                let x = world.direction(2);
                [x[0], x[1], 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
            })
            .collect();
        let rewards: Vec<f64> = (0..1000).map(|_| 2.0 * world.unit() - 1.0).collect();
        bandit.learn(&Rows::new(&rows, 1000), &rewards).unwrap();
    }
    let axes: Vec<f64> = (0..64).map(|i| f64::from(u8::from(i % 9 == 0))).collect();
    let widths: Vec<f64> = (0..8).map(|index| bandit.explain(&Rows::new(&axes, 8), index).unwrap().width).collect();
    println!("s08: widths of the axes after {rounds} steps {widths:.4?}");
    assert!(widths[..2].iter().all(|width| *width < 0.05), "{widths:?}");
    assert!(widths[2..].iter().all(|width| (width - 1.0).abs() < 1e-12), "{widths:?}");
}
