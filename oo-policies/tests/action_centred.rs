//! Action-centred Thompson sampling: a baseline that moves does not fool it, its probabilities keep their bounds, and
//! its lessons, made of a decision's rows and pmf, can be learned from a log, revised and taken back.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test fails by panicking")]

mod common;

use common::World;
use oo_core::ErrorKind;
use oo_core::candidate::ArmKey;
use oo_policies::{Bandit, BanditSpec, Decided, PolicySpec, RangeSpec, Rows};

const DIM: usize = 5;

fn bandit(json: &str) -> Bandit {
    let spec = BanditSpec {
        range: RangeSpec::fixed(-1.0, 1.0).unwrap(),
        reward_range: RangeSpec::fixed(-4.0, 4.0).unwrap(),
        ..BanditSpec::new(PolicySpec::parse(json).unwrap(), DIM)
    };
    Bandit::new(spec).unwrap()
}

fn arms() -> Vec<ArmKey> {
    ["walk", "hold", "rest", "read"].map(ArmKey::new).to_vec()
}

/// One decision's rows: the context in the first two columns, the candidate in the others; hold's are zeros.
fn rows(world: &mut World) -> Vec<f64> {
    let context = [2.0 * world.unit() - 1.0, 2.0 * world.unit() - 1.0];
    let mut rows = Vec::new();
    for arm in arms() {
        let own: Vec<f64> = (2..DIM).map(|_| 2.0 * world.unit() - 1.0).collect();
        let row = context.into_iter().chain(own);
        rows.extend(row.map(|value| if arm.as_str() == "hold" { 0.0 } else { value }));
    }
    rows
}

fn advantage(x: &[f64]) -> f64 {
    x.iter().zip([-0.5, 0.3, 0.3, -0.2, 0.2]).map(|(x, theta)| x * theta).sum()
}

/// The regret of `json` in a world whose baseline grows with the first column of the context, now more, now less, while
/// the advantage of doing anything falls with it.
fn regret(json: &str, seed: u64, rounds: u32) -> f64 {
    let (mut bandit, mut world, arms) = (bandit(json), World::new(seed), arms());
    let (mut decided, mut total) = (Decided::default(), 0.0);
    for round in 0..rounds {
        let rows = rows(&mut world);
        bandit
            .decide_into(&Rows::new(&rows, 4).with_arms(&arms), (seed << 32 | u64::from(round)).into(), &mut decided)
            .unwrap();
        let baseline = (1.0 + libm::sin(f64::from(round) / 150.0)) * (rows[0] + 0.5);
        let advantages: Vec<f64> = rows.chunks_exact(DIM).map(advantage).collect();
        let reward = baseline + advantages[decided.index] + 0.1 * world.normal();
        bandit.update(&decided, reward.clamp(-4.0, 4.0)).unwrap();
        total += advantages.iter().copied().fold(0.0, f64::max) - advantages[decided.index];
    }
    total
}

#[test]
fn action_centred_ignores_a_baseline_that_fools_lin_ts() {
    let (seeds, rounds) = if std::env::var_os("OO_LONG").is_some() { (20, 20_000) } else { (4, 4_000) };
    let mean = |json: &str| (1..=seeds).map(|seed| regret(json, seed, rounds)).sum::<f64>() / seeds as f64;
    let uniform = mean(r#"{"type":"uniform"}"#);
    let lin_ts = mean(r#"{"type":"lin_ts","scale":0.5,"epsilon":0.0}"#);
    let centred = mean(r#"{"type":"action_centred","epsilon":0.0,"pi_min":0.05,"pi_max":0.95}"#);
    let served = mean(r#"{"type":"action_centred"}"#);
    println!(
        "a moving baseline, T={rounds}, {seeds} seeds: regret of LinTS {lin_ts:.0}, action-centred {centred:.0}, as it \
         comes (floors of 0.05 and 0.1) {served:.0}, uniform {uniform:.0}"
    );
    assert!(centred < 0.5 * lin_ts, "{centred} against {lin_ts}");
    assert!(served < 0.7 * lin_ts, "{served} against {lin_ts}");
}

#[test]
fn the_probability_of_doing_anything_keeps_its_bounds() {
    let (mut bandit, mut world) = (bandit(r#"{"type":"action_centred","pi_min":0.2,"pi_max":0.7}"#), World::new(3));
    let mut seen = [f64::INFINITY, 0.0];
    for round in 0..600_u64 {
        let rows = rows(&mut world);
        let decided = bandit.decide(&Rows::new(&rows, 4).with_arms(&arms()), round.into()).unwrap();
        let doing = 1.0 - decided.pmf()[1];
        assert!((0.2 - 1e-12..=0.7 + 1e-12).contains(&doing), "{doing}");
        seen = [seen[0].min(doing), seen[1].max(doing)];
        let reward = advantage(&rows[decided.index * DIM..(decided.index + 1) * DIM]);
        bandit.update(&decided, reward).unwrap();
    }
    assert!(seen[0] < 0.25 && seen[1] > 0.65, "{seen:?}");
}

#[test]
fn s15_s23_a_lesson_is_the_decisions_rows_and_pmf() {
    let json = r#"{"type":"action_centred"}"#;
    let (mut live, mut world, arms) = (bandit(json), World::new(4), arms());
    let mut log = Vec::new();
    for round in 0..150_u64 {
        let rows = rows(&mut world);
        let decided = live.decide(&Rows::new(&rows, 4).with_arms(&arms), round.into()).unwrap();
        live.update(&decided, 0.5).unwrap();
        let x = rows[decided.index * DIM..(decided.index + 1) * DIM].to_vec();
        log.push((x, arms[decided.index].clone(), live.centre(&decided).unwrap()));
    }
    let values: Vec<f64> = log.iter().flat_map(|(x, _, _)| x.clone()).collect();
    let centres: Vec<f64> = log.iter().flat_map(|(_, _, centre)| centre.clone()).collect();
    let drawn: Vec<ArmKey> = log.iter().map(|(_, arm, _)| arm.clone()).collect();
    let all = Rows::new(&values, 150).with_arms(&drawn).with_centres(&centres);
    let mut offline = bandit(json);
    offline.learn(&all, &[0.5; 150]).unwrap();
    assert_eq!(offline.state_hash().unwrap(), live.state_hash().unwrap());

    live.revise(&all, &[-0.25; 150], &[0.5; 150]).unwrap();
    assert_ne!(offline.state_hash().unwrap(), live.state_hash().unwrap());
    live.unlearn(&all, &[-0.25; 150]).unwrap();
    assert_eq!(live.state_hash().unwrap(), bandit(json).state_hash().unwrap());

    let first = bandit(json);
    let mut halves = [first.clone(), first];
    for (half, bandit) in halves.iter_mut().enumerate() {
        let part = half * 75..(half + 1) * 75;
        let rows = Rows::new(&values[part.start * DIM..part.end * DIM], 75)
            .with_arms(&drawn[part.clone()])
            .with_centres(&centres[part.start * (DIM + 1)..part.end * (DIM + 1)]);
        bandit.learn(&rows, &[0.5; 75]).unwrap();
    }
    let [a, b] = &halves;
    assert_eq!(Bandit::merge(&[b, a]).unwrap().state_hash().unwrap(), offline.state_hash().unwrap());
}

#[test]
fn a_lesson_without_its_centre_is_refused() {
    let mut bandit = bandit(r#"{"type":"action_centred"}"#);
    let (row, arm) = ([0.5, 0.0, 0.0, 0.0, 0.25], [ArmKey::new("walk")]);
    let rows = Rows::new(&row, 1).with_arms(&arm);
    let error = bandit.learn(&rows, &[1.0]).unwrap_err();
    assert_eq!((error.kind(), error.field()), (ErrorKind::InvalidInput, Some("centres")));
    for centre in [&[0.0; 5][..], &[0.0, 0.0, 0.0, 0.0, 0.0, 1.5], &[0.0, f64::NAN, 0.0, 0.0, 0.0, 0.5]] {
        let error = bandit.learn(&rows.with_centres(centre), &[1.0]).unwrap_err();
        assert_eq!(error.field(), Some("centres"), "{centre:?}");
    }
    bandit.learn(&rows.with_centres(&[0.25, 0.0, 0.0, 0.0, 0.125, 0.5]), &[1.0]).unwrap();
    assert_eq!(bandit.lessons(), 1);
    for (field, json) in [
        ("pi_min", r#"{"type":"action_centred","pi_min":-0.1}"#),
        ("pi_max", r#"{"type":"action_centred","pi_min":0.5,"pi_max":0.4}"#),
        ("hold", r#"{"type":"action_centred","hold":""}"#),
        ("draws", r#"{"type":"action_centred","draws":1}"#),
        (
            "hold",
            r#"{"type":"mixture","members":[{"weight":1,"policy":{"type":"action_centred","hold":"a"}},
                {"weight":1,"policy":{"type":"action_centred","hold":"b"}}]}"#,
        ),
    ] {
        assert_eq!(PolicySpec::parse(json).unwrap_err().field(), Some(field), "{json}");
    }
}
