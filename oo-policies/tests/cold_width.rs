//! Statement 6: how wide a row is of whose arm nothing is known.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test fails by panicking")]

mod common;

use common::{World, policy};
use oo_core::candidate::ArmKey;
use oo_core::lesson::Lesson;
use oo_core::policy::{Actions, Explanation, Policy};
use oo_policies::PolicySpec;

fn explain(policy: &dyn Policy, x: &[f64], arm: &str) -> Explanation {
    let arms = [ArmKey::new(arm)];
    policy.explain(&Actions::new(x.len(), x, &arms), 0).unwrap()
}

/// The worst relative error of a width.
#[derive(Default)]
struct Worst(f64);

impl Worst {
    fn is(&mut self, width: f64, expected: f64, json: &str) {
        self.0 = self.0.max((width - expected).abs() / expected);
        assert!((width - expected).abs() <= 1e-12 * expected, "{json}: {width} is not {expected}");
    }

    fn say(&self, what: &str, json: &str) {
        println!("{what} within {:e}: {json}", self.0);
    }
}

#[test]
fn s06_cold_width() {
    let mut world = World::new(6);
    for lambda in [0.1_f64, 1.0, 10.0] {
        for alpha in [0.3, 1.0, 2.0] {
            for sharing in ["shared", "disjoint"] {
                for intercept in [false, true] {
                    let json = format!(
                        r#"{{"type":"linucb","sharing":"{sharing}","alpha":{alpha},"lambda":{lambda},"intercept":{intercept}}}"#
                    );
                    let mut policy = policy(&json, 7);
                    let mut worst = Worst::default();
                    if sharing == "disjoint" {
                        // Another arm's lessons leave an untried arm cold.
                        policy = policy.learned(&[world.lesson(7, 1)]).unwrap();
                    }
                    for _ in 0..50 {
                        let x: Vec<f64> = (0..7).map(|_| f64::from(world.integer()) / 16384.0).collect();
                        let norm = (x.iter().map(|x| x * x).sum::<f64>() + f64::from(u8::from(intercept))).sqrt();
                        let score = explain(policy.as_ref(), &x, "untried").score;
                        worst.is(score, alpha * norm / lambda.sqrt(), &json);
                    }
                    worst.say("s06: cold score", &json);
                }
            }
        }
    }
}

/// The kinds that keep a model an arm, and what more their settings need here.
const DISJOINT: [(&str, &str); 10] = [
    ("auto", ""),
    ("linucb", ""),
    ("lin_ts", r#","scale":0.3"#),
    ("square_cb", ""),
    ("softmax", ""),
    ("greedy", ""),
    ("epsilon_greedy", ""),
    ("dlinucb", r#","alpha":null"#),
    ("sw_linucb", ""),
    ("logistic", r#","reward_range":[-1,1],"alpha":2"#),
];

/// The width of a row before anything is known of its arm: ‖x‖/√λ, whatever factor a kind's score multiplies it by.
fn is_cold(json: &str, policy: &dyn Policy, lambda: f64, intercept: bool, world: &mut World) {
    let mut worst = Worst::default();
    for _ in 0..20 {
        let x: Vec<f64> = (0..7).map(|_| f64::from(world.integer()) / 16384.0).collect();
        let norm = (x.iter().map(|x| x * x).sum::<f64>() + f64::from(u8::from(intercept))).sqrt();
        let why = explain(policy, &x, "untried");
        worst.is(why.width, norm / lambda.sqrt(), json);
        assert_eq!(why.mean, 0.0, "{json}");
    }
    worst.say("s06: cold width", json);
}

/// In every kind that has a model an arm, an arm that was never tried is cold whatever the others have learned. `auto`
/// chooses its own ridge, which is 1 until its first estimate.
#[test]
fn s06_cold_width_of_every_disjoint_kind() {
    let mut world = World::new(69);
    for (kind, more) in DISJOINT {
        for lambda in [0.1_f64, 1.0, 10.0] {
            if kind == "auto" && lambda != 1.0 {
                continue;
            }
            for intercept in [false, true] {
                let ridge = if kind == "auto" { String::new() } else { format!(r#","lambda":{lambda}"#) };
                let json = |sharing: &str| {
                    format!(r#"{{"type":"{kind}","sharing":"{sharing}","intercept":{intercept}{ridge}{more}}}"#)
                };
                let disjoint = policy(&json("disjoint"), 7);
                is_cold(&json("disjoint"), disjoint.as_ref(), lambda, intercept, &mut world);
                let learned = disjoint.learned(&[world.lesson(7, 1), world.lesson(7, 1)]).unwrap();
                is_cold(&json("disjoint"), learned.as_ref(), lambda, intercept, &mut world);
                let width = explain(learned.as_ref(), &[0.5; 7], "arm0").width;
                let cold = explain(learned.as_ref(), &[0.5; 7], "untried").width;
                assert!(width < cold, "{}: a tried arm is as wide as an untried one", json("disjoint"));
                // One model for all is as wide before its first lesson.
                is_cold(&json("shared"), policy(&json("shared"), 7).as_ref(), lambda, intercept, &mut world);
            }
        }
    }
    for kind in PolicySpec::KINDS {
        let takes = PolicySpec::parse(&format!(r#"{{"type":"{kind}","sharing":"disjoint"}}"#)).is_ok();
        assert_eq!(takes, DISJOINT.iter().any(|(own, _)| own == kind), "{kind} has a model an arm and no case here");
    }
}

/// The kinds and forms that only ever have one model.
#[test]
fn s06_cold_width_of_one_model() {
    let mut world = World::new(70);
    for lambda in [0.1_f64, 1.0, 10.0] {
        for intercept in [false, true] {
            for kind in [
                r#""hierarchical","alpha":2"#,
                r#""action_centred""#,
                r#""dlinucb","forgetting":{"per_step":0.98},"alpha":null"#,
                r#""sw_linucb","window":{"steps":50}"#,
            ] {
                let json = format!(r#"{{"type":{kind},"lambda":{lambda},"intercept":{intercept}}}"#);
                is_cold(&json, policy(&json, 7).as_ref(), lambda, intercept, &mut world);
            }
        }
    }
}

/// Before its first lesson a hybrid is the ridge over (z, x), here twice the candidate's row: its width is √2 times as wide.
#[test]
fn s06_cold_width_of_a_hybrid() {
    let mut world = World::new(66);
    for lambda in [0.1_f64, 1.0, 10.0] {
        for (context, intercept) in [("null", false), ("null", true), ("3", true), ("3", false)] {
            let json = format!(
                r#"{{"type":"linucb","sharing":{{"hybrid":{{"context":{context}}}}},"alpha":0.7,"lambda":{lambda},"intercept":{intercept}}}"#
            );
            let policy = policy(&json, 7);
            let mut worst = Worst::default();
            for _ in 0..50 {
                // Multiples of 1/128, whose products are on the grid.
                let x: Vec<f64> = (0..7).map(|_| f64::from(world.integer() / 128) / 128.0).collect();
                let one = f64::from(u8::from(intercept));
                let norm = |x: &[f64]| x.iter().map(|x| x * x).sum::<f64>();
                let squared = match context {
                    "null" => 2.0 * (norm(&x) + one),
                    _ => (norm(&x[..3]) + one) * (1.0 + norm(&x[3..])),
                };
                let score = explain(policy.as_ref(), &x, "untried").score;
                worst.is(score, 0.7 * squared.sqrt() / lambda.sqrt(), &json);
            }
            worst.say("s06: cold score", &json);
        }
    }
}

/// An arm that was never tried keeps its own part's width ‖x‖/√λ beside what the shared model already knows.
#[test]
fn s06_an_untried_arm_of_a_hybrid_is_cold_in_its_own_part() {
    let (dim, lambda) = (5, 0.5);
    let mut world = World::new(67);
    let json = format!(r#"{{"type":"linucb","sharing":"hybrid","lambda":{lambda}}}"#);
    let lessons: Vec<Lesson> = (0..20_000).map(|_| world.lesson(dim, 2000)).collect();
    let policy = policy(&json, dim).learned(&lessons).unwrap();
    let mut most: f64 = 1.0;
    for _ in 0..50 {
        let x: Vec<f64> = (0..dim).map(|_| f64::from(world.integer()) / 16384.0).collect();
        let own = ((x.iter().map(|x| x * x).sum::<f64>() + 1.0) / lambda).sqrt();
        let width = explain(policy.as_ref(), &x, "untried").width;
        most = most.max(width / own);
        assert!(width > own && width < 1.01 * own, "{width} beside {own}");
    }
    println!("s06: an untried arm of a hybrid is at most {most:.6} times as wide as its own part");
}

/// The width of Thompson sampling is LinUCB's.
#[test]
fn s06_cold_width_of_thompson_sampling() {
    let mut world = World::new(68);
    for lambda in [0.1_f64, 1.0, 10.0] {
        for sharing in ["shared", "disjoint"] {
            let json = format!(r#"{{"type":"lin_ts","sharing":"{sharing}","lambda":{lambda}}}"#);
            let (policy, mut worst) = (policy(&json, 7), Worst::default());
            let x: Vec<f64> = (0..7).map(|_| f64::from(world.integer()) / 16384.0).collect();
            let expected = ((x.iter().map(|x| x * x).sum::<f64>() + 1.0) / lambda).sqrt();
            worst.is(explain(policy.as_ref(), &x, "untried").width, expected, &json);
            worst.say("s06: cold width", &json);
        }
    }
}
