//! What is said in words: the prompt view, and the *why*.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may fail loudly")]

mod features_world;

use std::collections::BTreeMap;

use features_world::{NOW_MS, World, advice, assemble, at, now, whole_catalogue};
use oo_core::candidate::{TipCandidate, TipKind};
use oo_core::features::catalogue::{CATALOGUE, Scope};
use oo_core::features::{Feature, prompt_view, words};
use oo_core::moment::{HOUR_MS, Moment};
use oo_core::signal::{Due, SignalKind};
use oo_core::why::{EXPERIMENT, FITS, LEARNING, MAX_WORDS, Why, WhyRequest, why};

#[test]
fn due_times_in_words() {
    let day = |days: i32| Due::Day(now().local_day() + days);
    let hours = |hours: f64| Due::At(NOW_MS + (hours * HOUR_MS as f64) as i64);
    let table = [
        (day(0), "due today"),
        (day(1), "due tomorrow"),
        (day(2), "due on Friday"),
        (day(6), "due on Tuesday"),
        (day(7), "due in 7 days"),
        (day(30), "due in 4 weeks"),
        (day(-1), "due yesterday"),
        (day(-3), "due 3 days ago"),
        (hours(0.5), "due within the hour"),
        (hours(2.0), "due in 2 hours"),
        (hours(-2.0), "due earlier today"),
        (hours(-20.0), "due yesterday"),
    ];
    for (due, expected) in table {
        assert_eq!(words::due(due, &now()), expected);
    }
    let said = |hours: f64| words::ago(at(hours).at_ms, &now());
    assert_eq!(
        [said(0.0), said(-0.4), said(-2.0), said(-8.0), said(-30.0), said(-100.0), said(3.0)],
        ["just now", "24 minutes ago", "2 hours ago", "in the night", "yesterday", "4 days ago", "just now"]
    );
    let evening = at(9.0);
    assert_eq!(words::ago(NOW_MS, &evening), "this morning");
}

#[test]
fn the_prompt_view_says_what_the_features_see() {
    let mut world = World::default();
    world.task(&at(-4.0), "plain", None, 1).task(&at(-4.0), "late", Some(-1), 4).task(
        &at(-4.0),
        "untitled",
        Some(0),
        4,
    );
    world.meeting("m", 1.0 / 3.0, 1.0).mood(&at(-20.0), 2.0, None).context(&at(-1.0), "at_home", 1.0);
    world.state.consents.insert(SignalKind::Habit, false);
    let titles: BTreeMap<_, _> = [("plain", "Call\u{202e} Ana"), ("late", "File\n taxes")]
        .map(|(id, title)| (world.task_key(id), title.to_owned()))
        .into();
    let assembled = assemble(whole_catalogue(), &world, &now(), &[]);
    let view = prompt_view(&world.state, &assembled, &now(), &titles);
    assert_eq!(
        (view.language.as_str(), view.time_of_day.as_str(), view.weekday.as_str()),
        ("en", "morning", "Wednesday")
    );
    let tasks: Vec<(&str, &str)> = view.tasks.iter().map(|task| (task.title.as_str(), task.note.as_str())).collect();
    assert_eq!(tasks, [("File taxes", "due yesterday"), ("Call Ana", "high priority")]);
    assert_eq!(view.facts, ["1 task past the due date", "next meeting in 20 minutes", "at home"]);
    assert_eq!(view.masked, ["habit", "mood"], "denied, and stale");

    world.state.consents.insert(SignalKind::Task, false);
    let assembled = assemble(whole_catalogue(), &world, &now(), &[]);
    let view = prompt_view(&world.state, &assembled, &now(), &titles);
    assert!(view.tasks.is_empty(), "what is denied is not told");
    assert!(view.masked.contains(&"task".to_owned()));
}

struct Scene {
    world: World,
    candidate: TipCandidate,
    now: Moment,
}

impl Scene {
    fn why(&self, weights: &[(&str, f64)], explored: bool) -> Why {
        let schema = whole_catalogue();
        let out = assemble(schema.clone(), &self.world, &self.now, &[self.world.keyed(self.candidate.clone())]);
        let theta =
            |name: &str| weights.iter().find(|(weighed, _)| *weighed == name).map_or(0.0, |(_, weight)| *weight);
        let contributions: Vec<f64> =
            schema.features().iter().zip(out.row(0)).map(|(feature, value)| theta(&feature.name) * value).collect();
        why(&WhyRequest {
            schema: &schema,
            row: out.row(0),
            contributions: &contributions,
            explored,
            kind: self.candidate.kind,
            due: self.candidate.due,
            facts: &out.facts,
            now: &self.now,
        })
    }
}

fn taxes() -> Scene {
    let mut world = World::default();
    world.task(&at(-48.0), "taxes", Some(-1), 1).meeting("m", 1.0 / 3.0, 1.0).mood(&at(-2.0), 4.0, Some(4.0));
    let candidate = world.task_candidate("taxes");
    Scene { world, candidate, now: now() }
}

#[test]
fn the_sentence_comes_from_what_counted() {
    let scene = taxes();
    let why = scene.why(&[("overdue", 0.5), ("energy", 0.2), ("effort", -0.9)], false);
    assert_eq!(why.sentence, "It was due yesterday, and you have energy now.");
    let names: Vec<&str> = why.features.iter().map(|feature| feature.name.as_str()).collect();
    assert_eq!(names, ["overdue", "energy", "effort"], "what spoke for it first, though effort weighs most");
    let signals: Vec<(SignalKind, &str)> =
        why.signals.iter().map(|signal| (signal.kind, signal.said.as_str())).collect();
    assert_eq!(
        signals,
        [
            (SignalKind::Task, "due yesterday"),
            (SignalKind::Calendar, "next meeting in 20 minutes"),
            (SignalKind::Mood, "mood good, said 2 hours ago")
        ]
    );
}

#[test]
fn one_thing_is_said_once_and_the_candidate_before_the_moment() {
    let scene = taxes();
    let why = scene.why(&[("overdue", 0.5), ("urgency", 0.4), ("mood_level", 0.9), ("priority", 0.1)], false);
    assert_eq!(why.sentence, "It was due yesterday, and you gave it a priority.");
}

#[test]
fn an_experiment_says_so_and_so_does_a_beginner() {
    let scene = taxes();
    assert_eq!(scene.why(&[("overdue", 0.5)], true).sentence, EXPERIMENT);
    assert_eq!(scene.why(&[], false).sentence, LEARNING);
    assert_eq!(scene.why(&[("effort", -0.5)], false).sentence, LEARNING, "what spoke against it is no reason for it");
    assert_eq!(scene.why(&[("habit_missing", 0.5)], false).sentence, FITS);
}

#[test]
fn a_denied_signal_is_never_named() {
    let mut scene = taxes();
    for kind in [SignalKind::Calendar, SignalKind::Mood, SignalKind::Task] {
        scene.world.state.consents.insert(kind, false);
        let why = scene.why(&CATALOGUE.iter().map(|entry| (entry.name, 0.5)).collect::<Vec<_>>(), false);
        assert!(why.signals.iter().all(|signal| signal.kind != kind), "{why:?}");
    }
}

#[test]
fn every_clause_is_short_kind_and_true_to_its_kind_of_tip() {
    let mut evening = taxes();
    evening.candidate = advice("a");
    evening.now = at(9.5);
    let mut saturday = taxes();
    saturday.now = at(72.0);
    let scenes = [taxes(), evening, saturday];
    let mut spoken = 0;
    for entry in CATALOGUE {
        for other in CATALOGUE {
            for scene in &scenes {
                for sign in [0.9, -0.9] {
                    let said = scene.why(&[(entry.name, sign), (other.name, 0.5)], false).sentence;
                    assert!(said.split_whitespace().count() <= MAX_WORDS, "{said}");
                    assert!(said.ends_with('.') && !said.contains('!'), "{said}");
                    assert!(said.starts_with(|c: char| c.is_ascii_uppercase()), "{said}");
                    let lower = said.to_lowercase();
                    for word in ["streak", "should", "must", "failed", "again you", "lazy", "don't"] {
                        assert!(!lower.contains(word), "{said}");
                    }
                    assert!(
                        scene.candidate.kind == TipKind::Todo || !lower.contains("due"),
                        "an advice is never due: {said}"
                    );
                    spoken += u32::from(said != LEARNING && said != FITS);
                }
            }
        }
    }
    assert!(spoken > 1000, "clauses are hardly ever reached: {spoken}");
}

#[test]
fn the_prior_never_claims_a_history() {
    // A cold engine knows θ₀ alone: whatever it says must be true of somebody whom it has never met.
    let scene = taxes();
    let priors: Vec<(&str, f64)> = CATALOGUE.iter().map(|entry| (entry.name, entry.prior)).collect();
    let said = scene.why(&priors, false).sentence;
    assert!(said.starts_with("It was due yesterday"), "{said}");
    for entry in CATALOGUE.iter().filter(|entry| entry.prior > 0.0) {
        assert_eq!(entry.scope, Scope::Candidate, "{} would not tell candidates apart", entry.name);
        let said = scene.why(&[(entry.name, entry.prior)], false).sentence;
        assert!(!said.contains("often") && !said.contains("tend"), "{} claims a history: {said}", entry.name);
    }
    assert!(Feature::parse("overdue").is_some());
}
