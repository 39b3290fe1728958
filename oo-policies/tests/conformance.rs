//! `tests/conformance/decide.json`: the same cases in Rust, Python, Node and over HTTP, the same bits expected.
//!
//! The file says what its fields mean. `OO_REGENERATE=1` writes it anew from the cases below; a changed expectation is
//! a changed contract: read the difference before you commit it.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use common::World;
use oo_core::candidate::ArmKey;
use oo_core::id::hex;
use oo_core::{Error, Result};
use oo_policies::{Bandit, BanditSpec, PolicySpec, RangeSpec, Rows};
use serde_json::{Value, json};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/conformance/decide.json");

const ABOUT: [&str; 8] = [
    "A case makes a bare bandit, learns, decides once, and compares. Every number is compared bit for bit.",
    "policy, dim, range, reward_range: the bandit's settings; range and reward_range are (-16, 16) when absent.",
    "lessons: learned in one call, in their order: x (the row), reward, for disjoint policies arm, and where it is said propensity and day.",
    "features: the candidates, one row of dim numbers each; arms: their arms, else a row's arm is its number.",
    "seed: a number. The strings \"NaN\", \"Infinity\" and \"-Infinity\" stand for what JSON cannot say; over HTTP send them as they are.",
    "expect: index, propensity, pmf, scores, bounded (rows whose score is an upper bound) and state_hash (hexadecimal); pmf_bits and scores_bits are the big-endian bits of each number.",
    "expect_error: the kind of error that making, learning or deciding gives.",
    "Written by OO_REGENERATE=1 cargo test -p oo-policies --test conformance.",
];

fn number(value: &Value) -> f64 {
    match value.as_str() {
        Some("NaN") => f64::NAN,
        Some("Infinity") => f64::INFINITY,
        Some("-Infinity") => f64::NEG_INFINITY,
        _ => value.as_f64().unwrap(),
    }
}

fn row(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(number).collect()
}

fn range(value: &Value, field: &str) -> Result<RangeSpec> {
    serde_json::from_value(value.clone()).map_err(|error| Error::invalid(field, error.to_string()))
}

fn bits(numbers: &[f64]) -> Vec<String> {
    numbers.iter().map(|number| format!("{:016x}", number.to_bits())).collect()
}

/// What a case gives.
fn run(case: &Value) -> Result<Value> {
    let mut spec =
        BanditSpec::new(PolicySpec::parse(&case["policy"].to_string())?, case["dim"].as_u64().unwrap() as usize);
    if let Some(value) = case.get("range") {
        spec.range = range(value, "range")?;
    }
    if let Some(value) = case.get("reward_range") {
        spec.reward_range = range(value, "reward_range")?;
    }
    let mut bandit = Bandit::new(spec)?;
    let lessons = case["lessons"].as_array().unwrap();
    let xs: Vec<f64> = lessons.iter().flat_map(|lesson| row(&lesson["x"])).collect();
    let rewards: Vec<f64> = lessons.iter().map(|lesson| number(&lesson["reward"])).collect();
    let learned: Option<Vec<ArmKey>> =
        lessons.iter().map(|lesson| lesson.get("arm")?.as_str().map(ArmKey::new)).collect();
    let each =
        |field: &str| lessons.iter().map(|lesson| lesson.get(field)).collect::<Option<Vec<_>>>().unwrap_or_default();
    let propensities: Vec<f64> = each("propensity").into_iter().map(number).collect();
    let days: Vec<i32> = each("day").iter().map(|day| day.as_i64().unwrap() as i32).collect();
    let learnt = Rows { arms: learned.as_deref(), ..Rows::new(&xs, rewards.len()) };
    bandit.learn(&learnt.with_propensities(&propensities).with_days(&days), &rewards)?;
    let rows: Vec<Vec<f64>> = case["features"].as_array().unwrap().iter().map(row).collect();
    let arms: Option<Vec<ArmKey>> = case
        .get("arms")
        .map(|arms| arms.as_array().unwrap().iter().map(|arm| ArmKey::new(arm.as_str().unwrap())).collect());
    let values = rows.concat();
    let rows = Rows { arms: arms.as_deref(), ..Rows::new(&values, rows.len()) };
    let decided = bandit.decide(&rows, case["seed"].as_u64().unwrap().into())?;
    let loaded = Bandit::load(&bandit.save())?;
    assert_eq!(loaded.state_hash()?, bandit.state_hash()?, "loading changed the state");
    Ok(json!({
        "index": decided.index,
        "propensity": decided.propensity,
        "pmf": decided.pmf(),
        "pmf_bits": bits(decided.pmf()),
        "scores": decided.scores(),
        "scores_bits": bits(decided.scores()),
        "bounded": decided.bounded().iter().zip(0..).filter(|(bounded, _)| **bounded).map(|(_, row)| row).collect::<Vec<u32>>(),
        "state_hash": hex(&bandit.state_hash()?),
    }))
}

/// A number with four decimals, so that the file stays readable.
fn short(world: &mut World, bound: f64) -> f64 {
    ((world.unit() * 2.0 - 1.0) * bound * 1e4).round() / 1e4
}

fn learned(name: &str, seed: u64, policy: &Value, dim: usize, lessons: usize, count: usize, named: bool) -> Value {
    let mut world = World::new(seed);
    let names = ["tea", "walk", "naïve ☕", "call"];
    let lessons: Vec<Value> = (0..lessons)
        .map(|_| {
            let x: Vec<f64> = (0..dim).map(|_| short(&mut world, 4.0)).collect();
            let mut lesson = json!({"x": x, "reward": short(&mut world, 1.0)});
            if named {
                lesson["arm"] = names[world.below(3) as usize].into();
            }
            lesson
        })
        .collect();
    let features: Vec<Vec<f64>> = (0..count).map(|_| (0..dim).map(|_| short(&mut world, 4.0)).collect()).collect();
    let mut case = json!({"name": name, "policy": policy, "dim": dim, "lessons": lessons, "features": features, "seed": seed * 7919});
    if named {
        case["arms"] = (0..count).map(|row| names[row % 4]).collect();
    }
    case
}

fn broken(name: &str, change: impl Fn(&mut Value)) -> Value {
    let mut case = json!({
        "name": name, "policy": {"type": "linucb"}, "dim": 2, "lessons": [{"x": [1.0, 2.0], "reward": 1.0}],
        "features": [[0.5, 0.25], [1.0, -1.0]], "seed": 1,
    });
    change(&mut case);
    case
}

/// Lessons of a world whose weights change their sign half way, on a day each.
fn changing(name: &str, seed: u64) -> Value {
    let mut world = World::new(seed);
    let weights = [0.6, -0.4, 0.3];
    let lessons: Vec<Value> = (0..240)
        .map(|day| {
            let x: Vec<f64> = (0..3).map(|_| short(&mut world, 1.0)).collect();
            let mean: f64 = x.iter().zip(weights).map(|(x, weight)| x * weight).sum();
            let sign = if day < 120 { 1.0 } else { -1.0 };
            let reward = ((sign * mean + short(&mut world, 0.1)) * 1e4).round() / 1e4;
            json!({"x": x, "reward": reward, "day": day})
        })
        .collect();
    let features: Vec<Vec<f64>> = (0..4).map(|_| (0..3).map(|_| short(&mut world, 1.0)).collect()).collect();
    json!({"name": name, "policy": {"type": "auto"}, "dim": 3, "lessons": lessons, "features": features, "seed": seed * 7919})
}

fn cases() -> Vec<Value> {
    let shared = json!({"type": "linucb"});
    let disjoint = json!({"type": "linucb", "sharing": "disjoint", "alpha": 0.7, "lambda": 0.5});
    let mut cases = vec![
        learned("linucb cold", 1, &shared, 3, 0, 5, false),
        learned("linucb one candidate", 2, &shared, 3, 4, 1, false),
        learned("linucb after 20 lessons", 3, &shared, 5, 20, 9, false),
        learned("linucb across a derivation", 4, &shared, 4, 70, 17, false),
        learned("linucb d=32, 50 candidates", 5, &shared, 32, 12, 50, false),
        learned(
            "linucb no intercept, no floor",
            6,
            &json!({"type": "linucb", "intercept": false, "exploration": {"type": "epsilon_floor", "epsilon": 0.0}}),
            6,
            15,
            8,
            false,
        ),
        learned(
            "linucb softmax",
            7,
            &json!({"type": "linucb", "alpha": 0.5, "exploration": {"type": "softmax", "tau": 0.25}}),
            6,
            15,
            8,
            false,
        ),
        learned("linucb disjoint", 8, &disjoint, 4, 30, 6, true),
        learned("linucb disjoint cold", 9, &disjoint, 4, 0, 4, true),
        learned("linucb disjoint by row number", 10, &disjoint, 2, 0, 4, false),
        learned("greedy", 11, &json!({"type": "greedy"}), 4, 10, 5, false),
        learned(
            "epsilon-greedy disjoint",
            12,
            &json!({"type": "epsilon_greedy", "epsilon": 0.2, "sharing": "disjoint"}),
            4,
            25,
            6,
            true,
        ),
        learned("uniform", 13, &json!({"type": "uniform"}), 3, 3, 7, false),
    ];
    cases.extend(shelf());
    let mut auto = learned("range auto, fixed by the first lesson", 14, &shared, 3, 5, 4, false);
    auto["range"] = "auto".into();
    auto["features"] = json!([[0.5, 0.25, 0.0], [-1.0, 1.0, 2.0]]);
    cases.push(auto);
    let mut ranged = learned("declared ranges", 15, &shared, 3, 5, 4, false);
    ranged["range"] = json!([-5.0, 4.5]);
    ranged["reward_range"] = json!([-1.0, 1.0]);
    cases.push(ranged);
    let mut ties = learned("ties share the best", 16, &shared, 2, 0, 3, false);
    ties["features"] = json!([[1.0, 0.0], [0.0, 1.0], [0.5, 0.5], [-1.0, 0.0]]);
    cases.push(ties);

    let mut same = learned("the same arm on the same row, twice", 17, &disjoint, 3, 12, 4, true);
    let row = same["features"][0].clone();
    same["features"] = json!([row, row, same["features"][2]]);
    same["arms"] = json!(["tea", "tea", "walk"]);
    cases.push(same);
    let arg_max = json!({"type": "linucb", "exploration": {"type": "epsilon_floor", "epsilon": 0.0}});
    cases.push(learned("rows that cannot win are bounded", 18, &arg_max, 15, 40, 256, false));
    cases.push(changing("auto across a change", 19));

    cases.extend([
        broken("a propensity of 0", |case| case["lessons"][0]["propensity"] = 0.0.into()),
        broken("a propensity above 1", |case| case["lessons"][0]["propensity"] = 1.5.into()),
        broken("no candidates", |case| case["features"] = json!([])),
        broken("NaN", |case| case["features"] = json!([[0.5, "NaN"], [1.0, -1.0]])),
        broken("infinity", |case| case["features"] = json!([[0.5, 1.0], ["-Infinity", -1.0]])),
        broken("out of range", |case| case["features"] = json!([[0.5, 1.0], [16.5, -1.0]])),
        broken("rows of another dimension", |case| case["features"] = json!([[0.5], [1.0]])),
        broken("a reward out of range", |case| case["lessons"][0]["reward"] = 17.0.into()),
        broken("a reward that is no number", |case| case["lessons"][0]["reward"] = "NaN".into()),
        broken("a lesson of another dimension", |case| case["lessons"][0]["x"] = json!([1.0, 2.0, 3.0])),
        broken("a misspelt setting", |case| case["policy"] = json!({"type": "linucb", "alfa": 1.0})),
        broken("an unknown policy", |case| case["policy"] = json!({"type": "oracle"})),
        broken("lambda 0", |case| case["policy"] = json!({"type": "linucb", "lambda": 0.0})),
        broken("alpha below 0", |case| case["policy"] = json!({"type": "linucb", "alpha": -1.0})),
        broken("epsilon above 1", |case| case["policy"] = json!({"type": "epsilon_greedy", "epsilon": 1.5})),
        broken("dim 0", |case| case["dim"] = 0.into()),
        broken("a range that is none", |case| case["range"] = json!([1.0, -1.0])),
        broken("too few arms", |case| case["arms"] = json!(["a"])),
        broken("a disjoint lesson without its arm", |case| {
            case["policy"] = json!({"type": "linucb", "sharing": "disjoint"});
        }),
    ]);
    cases
}

/// A case or two of every other kind.
fn shelf() -> Vec<Value> {
    let disjoint = |kind: &str| json!({"type": kind, "sharing": "disjoint"});
    let mut cases = vec![
        learned("auto cold", 20, &json!({"type": "auto"}), 3, 0, 5, false),
        learned("auto after its first estimates", 21, &json!({"type": "auto"}), 5, 40, 9, false),
        learned("auto disjoint", 22, &disjoint("auto"), 4, 40, 6, true),
        learned("linucb hybrid", 23, &json!({"type": "linucb", "sharing": "hybrid"}), 4, 30, 6, true),
        learned("linucb disjoint, arms of few lessons", 24, &disjoint("linucb"), 70, 12, 6, true),
        learned("lin_ts, two candidates", 25, &json!({"type": "lin_ts"}), 4, 10, 2, false),
        learned("lin_ts, estimated", 26, &json!({"type": "lin_ts", "scale": 0.3, "draws": 64}), 4, 10, 5, false),
        learned("square_cb", 27, &json!({"type": "square_cb"}), 4, 20, 6, false),
        learned("softmax disjoint", 28, &disjoint("softmax"), 4, 20, 6, true),
        learned("dlinucb", 29, &json!({"type": "dlinucb", "forgetting": {"half_life_days": 30.0}}), 4, 20, 6, false),
        learned("dlinucb per step", 30, &json!({"type": "dlinucb", "forgetting": {"per_step": 0.98}}), 4, 20, 6, false),
        learned("sw_linucb", 31, &json!({"type": "sw_linucb", "window": {"days": 14}}), 4, 20, 6, false),
        learned("sw_linucb, steps", 32, &json!({"type": "sw_linucb", "window": {"steps": 12}}), 4, 20, 6, false),
        learned("hierarchical", 33, &json!({"type": "hierarchical", "rank": 2}), 4, 20, 6, false),
        learned(
            "mixture",
            34,
            &json!({"type": "mixture", "members": [
                {"weight": 3.0, "policy": {"type": "linucb"}}, {"weight": 1.0, "policy": {"type": "uniform"}},
            ]}),
            4,
            20,
            6,
            false,
        ),
    ];
    let counted = [
        ("beta_ts", 35, json!({"type": "beta_ts", "reward_range": [-1.0, 1.0]}), 1),
        ("ucb1", 36, json!({"type": "ucb1", "reward_range": [-1.0, 1.0]}), 1),
        ("recovering_softmax", 37, json!({"type": "recovering_softmax"}), 1),
        ("logistic", 38, json!({"type": "logistic", "reward_range": [-1.0, 1.0]}), 4),
    ];
    for (name, seed, policy, dim) in counted {
        let named = dim == 1;
        let mut case = learned(name, seed, &policy, dim, 25, 5, named);
        case["reward_range"] = json!([-1.0, 1.0]);
        if named {
            case["arms"] = json!(["tea", "walk", "naïve ☕", "call", "sing"]);
        }
        cases.push(case);
    }
    cases.push(learned("action_centred without its centres", 39, &json!({"type": "action_centred"}), 3, 2, 3, false));
    cases
}

#[test]
fn s05_decide_conformance() {
    if std::env::var_os("OO_REGENERATE").is_some() {
        let cases: Vec<Value> = cases()
            .into_iter()
            .map(|mut case| {
                match run(&case) {
                    Ok(expect) => case["expect"] = expect,
                    Err(error) => case["expect_error"] = error.kind().as_str().into(),
                }
                case
            })
            .collect();
        let lines: Vec<String> = cases.iter().map(Value::to_string).collect();
        let text = format!("{{\"about\": {},\n\"cases\": [\n{}\n]}}\n", json!(ABOUT), lines.join(",\n"));
        std::fs::write(FILE, text).unwrap();
    }
    let file: Value = serde_json::from_str(&std::fs::read_to_string(FILE).unwrap()).unwrap();
    let cases = file["cases"].as_array().unwrap();
    assert!(cases.len() > 30, "the file was cut");
    for case in cases {
        match run(case) {
            Ok(got) => assert_eq!(Some(&got), case.get("expect"), "{}", case["name"]),
            Err(error) => {
                assert_eq!(
                    case.get("expect_error").and_then(Value::as_str),
                    Some(error.kind().as_str()),
                    "{}: {error}",
                    case["name"]
                );
            }
        }
    }
}
