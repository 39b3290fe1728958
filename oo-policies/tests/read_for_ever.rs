//! What each kind saved in the first format is read for ever: the same state, and the same scores bit for bit.
//!
//! `OO_REGENERATE=1` writes what is missing, never what is there: a change of format is a new file beside the old one.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::collections::BTreeMap;
use std::path::PathBuf;

use common::{World, schema};
use oo_core::candidate::ArmKey;
use oo_core::id::{DecisionId, Pseudonym};
use oo_core::lesson::Lesson;
use oo_core::policy::{Actions, Policy, Scored};
use oo_policies::{PolicySpec, load};

/// Written before the few lessons of a day were saved in an order of their own.
const UNORDERED: &str = "sw_linucb-1";

/// The file, its settings, its columns and its lessons.
const SAVED: [(&str, &str, usize, usize); 24] = [
    ("auto-1", r#"{"type":"auto"}"#, 3, 90),
    ("auto-disjoint-1", r#"{"type":"auto","sharing":"disjoint","intercept":false}"#, 3, 60),
    ("linucb-1", r#"{"type":"linucb"}"#, 3, 70),
    ("linucb-sparse-1", r#"{"type":"linucb","sharing":"disjoint"}"#, 64, 12),
    ("lin_ts-1", r#"{"type":"lin_ts","draws":16}"#, 3, 30),
    ("square_cb-1", r#"{"type":"square_cb","sharing":"disjoint"}"#, 3, 30),
    ("softmax-1", r#"{"type":"softmax"}"#, 3, 30),
    ("greedy-1", r#"{"type":"greedy"}"#, 3, 30),
    ("epsilon_greedy-1", r#"{"type":"epsilon_greedy"}"#, 3, 30),
    ("dlinucb-1", r#"{"type":"dlinucb","forgetting":{"half_life_days":3}}"#, 3, 40),
    ("dlinucb-steps-1", r#"{"type":"dlinucb","forgetting":{"per_step":0.95}}"#, 3, 40),
    ("sw_linucb-1", r#"{"type":"sw_linucb","window":{"days":2},"sharing":"disjoint"}"#, 3, 40),
    ("sw_linucb-ordered-1", r#"{"type":"sw_linucb","window":{"days":2},"sharing":"disjoint"}"#, 3, 40),
    ("sw_linucb-steps-1", r#"{"type":"sw_linucb","window":{"steps":20}}"#, 3, 40),
    ("beta_ts-1", r#"{"type":"beta_ts","reward_range":[-1,1]}"#, 3, 40),
    ("ucb1-1", r#"{"type":"ucb1","reward_range":[-1,1]}"#, 3, 40),
    ("recovering_softmax-1", r#"{"type":"recovering_softmax"}"#, 3, 40),
    ("logistic-1", r#"{"type":"logistic","reward_range":[-1,1],"open_lessons":20}"#, 3, 40),
    ("logistic-disjoint-1", r#"{"type":"logistic","reward_range":[-1,1],"sharing":"disjoint"}"#, 3, 20),
    ("action_centred-1", r#"{"type":"action_centred","hold":"arm0","draws":16}"#, 3, 40),
    (
        "mixture-1",
        r#"{"type":"mixture","members":[{"weight":3,"policy":{"type":"linucb"}},{"weight":1,"policy":{"type":"uniform"}}]}"#,
        3,
        30,
    ),
    ("hierarchical-1", r#"{"type":"hierarchical"}"#, 3, 60),
    ("hierarchical-rank-1", r#"{"type":"hierarchical","rank":2,"personal_ridge":1}"#, 3, 20),
    ("uniform-1", r#"{"type":"uniform"}"#, 3, 5),
];

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

fn person(number: u64) -> Pseudonym {
    Pseudonym([u8::try_from(number).unwrap(); 16])
}

/// Lessons of three arms and people over a few days, the newest of them revised.
fn lessons(dim: usize, count: usize) -> Vec<Lesson> {
    let mut world = World::new(count as u64);
    let lesson = |index: usize| {
        let centre = Some((0..=dim).map(|_| world.integer() / 2).collect());
        let mut decision = DecisionId::default();
        decision.0[..2].copy_from_slice(&u16::try_from(index).unwrap().to_be_bytes());
        let day = 20_000 + i32::try_from(index / 15).unwrap();
        Lesson { decision, day, centre, person: Some(person(world.below(3))), ..world.lesson(dim, 3) }
    };
    let mut lessons: Vec<Lesson> = (0..count).map(lesson).collect();
    let (newest, reward) = (lessons[count - 1].clone(), 77);
    lessons.push(Lesson { reward, replaces: Some(newest.reward), ..newest });
    lessons
}

/// State hash, and the bits of scores and pmf for somebody known, somebody new and nobody.
fn told(policy: &dyn Policy, dim: usize) -> String {
    let mut world = World::new(99);
    let values: Vec<f64> = (0..6 * dim).map(|_| f64::from(world.integer()) / 16_384.0).collect();
    let arms: Vec<ArmKey> = (0..6).map(|arm| ArmKey::new(format!("arm{}", arm % 5))).collect();
    let mut told: String = policy.identity().state.iter().map(|byte| format!("{byte:02x}")).collect();
    for whose in [Some(person(1)), Some(person(9)), None] {
        let mut out = Scored::default();
        let actions = Actions { day: 20_004, person: whose, ..Actions::new(dim, &values, &arms) };
        policy.distribution(&actions, &mut out).unwrap();
        for number in out.scores.iter().chain(out.distribution.pmf()) {
            told += &format!(" {:016x}", number.to_bits());
        }
    }
    told
}

#[test]
fn what_was_saved_is_read_for_ever() {
    let index = folder().join("scores-1.json");
    let text = std::fs::read_to_string(&index).unwrap_or_else(|_| "{}".to_owned());
    let mut scores: BTreeMap<String, String> = serde_json::from_str(&text).unwrap();
    if std::env::var_os("OO_REGENERATE").is_some() {
        for (name, json, dim, count) in SAVED {
            let path = folder().join(format!("{name}.bin"));
            if !path.exists() {
                let policy = common::policy(json, dim).learned(&lessons(dim, count)).unwrap();
                std::fs::write(path, policy.save()).unwrap();
                scores.insert(name.to_owned(), told(policy.as_ref(), dim));
            }
        }
        std::fs::write(&index, serde_json::to_string_pretty(&scores).unwrap() + "\n").unwrap();
    }
    for (name, json, dim, _) in SAVED {
        let saved = std::fs::read(folder().join(format!("{name}.bin"))).unwrap();
        let policy = load(&saved, &schema(dim)).unwrap();
        assert_eq!(policy.identity().kind, PolicySpec::parse(json).unwrap().kind(), "{name}: another kind");
        assert_eq!(told(policy.as_ref(), dim), scores[name], "{name}: other scores");
        let again = load(&policy.save(), &schema(dim)).unwrap();
        assert_eq!(told(again.as_ref(), dim), scores[name], "{name}: saving what was loaded gives another state");
        let same = if name == UNORDERED { again.save() == policy.save() } else { policy.save() == saved };
        assert!(same, "{name}: saving what was loaded gives other bytes");
        assert!(policy.learned(&lessons(dim, 5)).unwrap().lessons() > policy.lessons(), "{name}: learns no more");
    }
}

#[test]
fn every_kind_has_a_fixture() {
    for kind in PolicySpec::KINDS {
        let mut kinds = SAVED.iter().map(|(_, json, ..)| PolicySpec::parse(json).unwrap().kind());
        assert!(kinds.any(|own| own == *kind), "{kind:?} has no fixture: add one before it is released");
    }
}
