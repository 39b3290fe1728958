//! Appended features extend the statistics exactly: the hash of learning the same lessons with zeros in the new columns.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use std::sync::Arc;

use common::World;
use common::shelf::POLICIES;
use oo_core::ErrorKind;
use oo_core::grid::Grid;
use oo_core::id::Pseudonym;
use oo_core::lesson::Lesson;
use oo_core::schema::{FeatureSchema, FeatureSpec};
use oo_policies::{PolicySpec, build, extend};

fn schema(names: &[&str]) -> FeatureSchema {
    let features = names.iter().map(|name| FeatureSpec::new(*name, -1.0, 1.0).unwrap().with_prior(0.125)).collect();
    FeatureSchema::new(features, None).unwrap()
}

fn padded(lesson: &Lesson, dim: usize) -> Lesson {
    let mut x = lesson.x.to_vec();
    x.resize(dim, 0);
    Lesson { x: x.into(), ..lesson.clone() }
}

#[test]
fn appended_features_extend_exactly() {
    let (old, new) = (schema(&["a", "b", "c"]), schema(&["a", "b", "c", "d", "e"]));
    let reward = Grid::new(-1.0, 1.0).unwrap();
    for json in [
        r#"{"type":"linucb"}"#,
        r#"{"type":"linucb","sharing":"disjoint"}"#,
        r#"{"type":"greedy","intercept":false}"#,
        r#"{"type":"lin_ts"}"#,
        r#"{"type":"uniform"}"#,
    ] {
        let spec = PolicySpec::parse(json).unwrap();
        let mut world = World::new(7);
        let lessons: Vec<Lesson> = (0..200).map(|_| world.lesson(3, 3)).collect();
        let learned = build(&spec, &old, reward).unwrap().learned(&lessons).unwrap();
        let extended = extend(&learned.save(), &old, &new).unwrap().unwrap();
        let wide: Vec<Lesson> = lessons.iter().map(|lesson| padded(lesson, 5)).collect();
        let again = build(&spec, &new, reward).unwrap().learned(&wide).unwrap();
        assert_eq!(extended.identity(), again.identity(), "{json}");
        let epoch = |policy: &Arc<dyn oo_core::policy::Policy>| match policy.unlearned(&[]).unwrap() {
            oo_core::policy::Unlearned::Exact(policy) | oo_core::policy::Unlearned::Summed(policy) => policy.save(),
            oo_core::policy::Unlearned::Rebuild => Vec::new(),
        };
        assert_eq!(extended.save(), epoch(&again), "{json}: the bits at the start of an epoch");
    }
}

/// What of the shelf extends; everything else is learned again from the log, and says so without an error.
const EXTENDS: [&str; 14] = [
    "auto",
    "linucb",
    "greedy",
    "epsilon_greedy",
    "lin_ts",
    "square_cb",
    "softmax",
    "uniform",
    "dlinucb",
    "sw_linucb",
    "action_centred",
    "beta_ts",
    "ucb1",
    "recovering_softmax",
];

/// What in settings says that they do not extend all the same: hybrid sharing, and lessons that age by the step.
const BUT_NOT: [&str; 3] = ["hybrid", "per_step", "steps"];

#[test]
fn every_kind_extends_exactly_or_says_that_it_does_not() {
    let (old, new) = (schema(&["a", "b", "c", "e"]), schema(&["a", "b", "c", "e", "d"]));
    let reward = Grid::new(-1.0, 1.0).unwrap();
    for (json, _) in POLICIES {
        let spec = PolicySpec::parse(json).unwrap();
        let mut world = World::new(7);
        let lesson = |index: i32| {
            let (person, centre) = (Some(Pseudonym([3; 16])), Some([8_192; 5].into()));
            Lesson { person, centre, day: 20_000 + index / 20, ..world.lesson(4, 3) }
        };
        let lessons: Vec<Lesson> = (0..90).map(lesson).collect();
        let learned = build(&spec, &old, reward).unwrap().learned(&lessons).unwrap();
        let extends = EXTENDS.contains(&spec.kind()) && !BUT_NOT.iter().any(|form| json.contains(form));
        let Some(extended) = extend(&learned.save(), &old, &new).unwrap() else {
            assert!(!extends, "{json} does not extend");
            continue;
        };
        assert!(extends, "{json} extends; say so in EXTENDS");
        let widened = |lesson: &Lesson| {
            let centre = lesson.centre.as_ref().map(|own| [&own[..4], &[0], &own[4..]].concat().into());
            Lesson { centre, ..padded(lesson, 5) }
        };
        let wide: Vec<Lesson> = lessons.iter().map(widened).collect();
        let again = build(&spec, &new, reward).unwrap().learned(&wide).unwrap();
        assert_eq!(extended.identity(), again.identity(), "{json}");
        let scores = |policy: &Arc<dyn oo_core::policy::Policy>| {
            let oo_core::policy::Unlearned::Exact(policy) = policy.unlearned(&[]).unwrap() else { panic!("{json}") };
            let x: Vec<f64> = (0..15).map(|n| f64::from(n * 5 % 7) / 8.0 - 0.5).collect();
            let arms = lessons[..3].iter().map(|lesson| lesson.arm.clone()).collect::<Vec<_>>();
            let mut out = oo_core::policy::Scored::default();
            let actions = oo_core::policy::Actions { day: 20_004, ..oo_core::policy::Actions::new(5, &x, &arms) };
            policy.distribution(&actions, &mut out).unwrap();
            (out.scores, out.distribution)
        };
        assert_eq!(scores(&extended), scores(&again), "{json}: the bits at the start of an epoch");
        let more: Vec<Lesson> = (0..5).map(|_| padded(&world.lesson(4, 3), 5)).collect();
        let more: Vec<Lesson> = more.into_iter().map(|own| Lesson { centre: Some([8_192; 6].into()), ..own }).collect();
        assert_eq!(extended.learned(&more).unwrap().lessons(), again.learned(&more).unwrap().lessons(), "{json}");
    }
}

#[test]
fn anything_else_is_refused() {
    let old = schema(&["a", "b"]);
    let policy = build(&PolicySpec::default(), &old, Grid::new(0.0, 1.0).unwrap()).unwrap();
    for other in [schema(&["b", "a"]), schema(&["a"]), schema(&["x", "a", "b"])] {
        let error = extend(&policy.save(), &old, &other).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Incompatible);
        assert_eq!(extend(&policy.save(), &other, &old).unwrap_err().kind(), ErrorKind::Incompatible);
    }
    let hybrid = PolicySpec::parse(r#"{"type":"linucb","sharing":"hybrid"}"#).unwrap();
    let hybrid = build(&hybrid, &old, Grid::new(0.0, 1.0).unwrap()).unwrap();
    assert!(extend(&hybrid.save(), &old, &schema(&["a", "b", "c"])).unwrap().is_none());
}

#[test]
fn a_schema_is_json_and_back() {
    let old = schema(&["a", "b"]);
    assert_eq!(FeatureSchema::parse(&old.to_json().unwrap()).unwrap(), old);
    assert_eq!(FeatureSchema::parse("{}").unwrap_err().field(), Some("schema"));
}
