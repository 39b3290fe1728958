//! The built-in sources: tasks by urgency, and an advice library in which every tip gets its turn.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may fail loudly")]

mod features_world;

use std::collections::{BTreeMap, BTreeSet};

use features_world::{NOW_MS, World, at, now};
use oo_core::candidate::{CATEGORIES, TimeOfDay, TipCandidate, TipKind};
use oo_core::event::SignalFact;
use oo_core::id::DecisionId;
use oo_core::moment::{HOUR_MS, Moment};
use oo_core::ports::{CandidateSource, Gathered, SourceQuery};
use oo_core::reaction::{DismissReason, Reaction};
use oo_core::signal::Due;
use oo_core::sources::{AdviceLibrary, OpenTasks, tasks};
use oo_core::text::hashed_text;

fn gather(source: &dyn CandidateSource, world: &World, now: &Moment, decision: u64, limit: usize) -> Vec<TipCandidate> {
    let decision = DecisionId::v7(now.at_ms, &decision.to_le_bytes());
    let query = SourceQuery { user: "u", state: &world.state, now, language: "en", decision, limit };
    match source.gather(&query).unwrap() {
        Gathered::Ready(candidates) => candidates,
        Gathered::Later(_) => panic!("a built-in source answers at once"),
    }
}

/// The ids of gathered task candidates, through their keys.
fn task_ids(world: &World, candidates: &[TipCandidate], ids: &[&str]) -> Vec<String> {
    candidates
        .iter()
        .map(|candidate| ids.iter().find(|id| Some(world.task_key(id)) == candidate.key).unwrap().to_string())
        .collect()
}

#[test]
fn tasks_come_by_urgency() {
    let ids = ["month", "week", "tomorrow", "today", "late", "later", "p1", "p4 old", "p4 new"];
    let mut world = World::default();
    world.task(&at(-4.0), "month", Some(30), 4).task(&at(-4.0), "week", Some(6), 4).task(
        &at(-4.0),
        "tomorrow",
        Some(1),
        4,
    );
    world.task(&at(-4.0), "today", Some(0), 4).task(&at(-4.0), "late", Some(-1), 4).task(
        &at(-4.0),
        "later",
        Some(-9),
        4,
    );
    world.task(&at(-4.0), "p1", None, 1).task(&at(-3.0), "p4 new", None, 4).task(&at(-900.0), "p4 old", None, 4);
    let all = gather(&OpenTasks::default(), &world, &now(), 1, 16);
    let expected = ["later", "late", "today", "tomorrow", "week", "p1", "month", "p4 old", "p4 new"];
    assert_eq!(task_ids(&world, &all, &ids), expected);
    for limit in 0..=expected.len() {
        let some = gather(&OpenTasks::default(), &world, &now(), 1, limit);
        assert_eq!(task_ids(&world, &some, &ids), expected[..limit], "a limit takes the front");
    }
    // The decision does not shuffle tasks, and priority decides only among equals.
    assert_eq!(all, gather(&OpenTasks::default(), &world, &now(), 2, 16));
}

#[test]
fn ties_are_broken_by_key() {
    let mut world = World::default();
    for n in 0..40 {
        world.task(&at(-4.0), &n.to_string(), None, 4);
    }
    let keys = |limit| {
        gather(&OpenTasks::default(), &world, &now(), 1, limit).iter().map(|c| c.key.unwrap()).collect::<Vec<_>>()
    };
    let all: Vec<_> = world.state.tasks.keys().copied().collect();
    assert_eq!(keys(40), all);
    assert_eq!(keys(16), all[..16]);
}

#[test]
fn a_tasks_candidate_carries_what_the_log_knows_and_no_text() {
    let mut world = World::default();
    let mut task = world.task_fact("t", None, 2);
    (task.due_timed, task.due_ms, task.due_day) = (true, Some(NOW_MS + HOUR_MS), Some(now().local_day()));
    let hash = task.content_hash;
    world.signal(&at(-1.0), SignalFact::Task(task));
    let [candidate] = gather(&OpenTasks::default(), &world, &now(), 1, 16).try_into().unwrap();
    assert_eq!((candidate.key, candidate.content_hash), (Some(world.task_key("t")), Some(hash)));
    assert_eq!((candidate.kind, candidate.content.as_str(), &*candidate.source), (TipKind::Todo, "", tasks::NAME));
    assert_eq!(
        (candidate.due, candidate.priority, candidate.effort_min),
        (Some(Due::At(NOW_MS + HOUR_MS)), Some(2), Some(30))
    );
    assert_eq!((candidate.text, candidate.words), (Some(hashed_text("task t")), 2));
    assert_eq!(&*candidate.arm().0, "todo/task");
    assert!(candidate.validate().is_ok());
}

#[test]
fn resting_tasks_do_not_take_the_places_of_others() {
    let mut world = World::default();
    let ids = ["never", "snoozed", "dismissed", "plain"];
    for id in ["never", "snoozed", "dismissed"] {
        world.task(&at(-50.0), id, Some(-3), 1);
    }
    world.task(&at(-50.0), "plain", None, 4);
    let [never, snoozed, dismissed] = ["never", "snoozed", "dismissed"].map(|id| world.task_candidate(id));
    world.tip(&at(-40.0), &never, Some(Reaction::Dismiss { reason: Some(DismissReason::Never) }));
    world.tip(&at(-40.0), &snoozed, Some(Reaction::Snooze { until_ms: NOW_MS + 1 }));
    world.tip(&at(-19.0), &dismissed, Some(Reaction::Dismiss { reason: None }));
    assert_eq!(task_ids(&world, &gather(&OpenTasks::default(), &world, &now(), 1, 1), &ids), ["plain"]);
    assert_eq!(task_ids(&world, &gather(&OpenTasks::default(), &world, &at(2.0), 1, 4), &ids).last().unwrap(), "never");
    assert_eq!(
        gather(&OpenTasks::default(), &world, &now(), 1, 16).len(),
        4,
        "eligibility says why, so it must see them"
    );
}

#[test]
fn the_built_in_library_is_sound() {
    let library = AdviceLibrary::built_in().unwrap();
    assert!(library.count("en") >= 150, "{}", library.count("en"));
    assert!(library.version("en") >= 1);
    assert_eq!(library.count("xx"), library.count("en"), "English rather than silence");
    for part in [TimeOfDay::Morning, TimeOfDay::Midday, TimeOfDay::Afternoon, TimeOfDay::Evening, TimeOfDay::Night] {
        for day in 0..7 {
            let now = of_part(part, day);
            let some = library.select("en", &now, DecisionId::default(), 16);
            assert_eq!(some.len(), 16);
            assert!(some.iter().all(|tip| fits(tip, part)), "{part:?} has enough of its own");
        }
    }
}

fn of_part(part: TimeOfDay, day: i64) -> Moment {
    let hour = match part {
        TimeOfDay::Morning => 7.0,
        TimeOfDay::Midday => 12.0,
        TimeOfDay::Afternoon => 15.0,
        TimeOfDay::Evening => 20.0,
        TimeOfDay::Night | TimeOfDay::Any => 23.0,
    };
    at(24.0 * day as f64 + hour - 10.5)
}

fn fits(tip: &TipCandidate, part: TimeOfDay) -> bool {
    tip.times.is_empty() || tip.times.contains(&part) || tip.times.contains(&TimeOfDay::Any)
}

#[test]
fn every_tip_gets_its_turn() {
    let library = AdviceLibrary::built_in().unwrap();
    let world = World::default();
    let mut turns: BTreeMap<String, u32> = BTreeMap::new();
    for part in [TimeOfDay::Morning, TimeOfDay::Midday, TimeOfDay::Afternoon, TimeOfDay::Evening, TimeOfDay::Night] {
        for day in 0..7 {
            for decision in 0..60 {
                let now = of_part(part, day);
                let some = gather(&library, &world, &now, decision * 7 + day as u64, 16);
                let distinct: BTreeSet<&str> = some.iter().map(|tip| tip.id.as_str()).collect();
                assert_eq!(distinct.len(), 16);
                for tip in some {
                    *turns.entry(tip.id).or_default() += 1;
                }
            }
        }
    }
    assert_eq!(turns.len(), library.count("en"), "a tip never came");
    let least = turns.iter().min_by_key(|(_, count)| **count).unwrap();
    assert!(*least.1 >= 5, "{least:?} came too rarely");
}

#[test]
fn weekday_and_weekend_tips_keep_to_their_days() {
    let library = AdviceLibrary::built_in().unwrap();
    let seen = |day: i64| -> BTreeSet<String> {
        (0..200)
            .flat_map(|n| library.select("en", &of_part(TimeOfDay::Morning, day), DecisionId::v7(0, &[n; 10]), 16))
            .map(|tip| tip.id)
            .collect()
    };
    let (wednesday, saturday) = (seen(0), seen(3));
    assert!(wednesday.difference(&saturday).count() > 0 && saturday.difference(&wednesday).count() > 0);
}

#[test]
fn a_decisions_advice_is_varied_and_follows_its_id() {
    let library = AdviceLibrary::built_in().unwrap();
    let world = World::default();
    let once = gather(&library, &world, &now(), 5, 16);
    assert_eq!(once, gather(&library, &world, &now(), 5, 16));
    assert_ne!(once, gather(&library, &world, &now(), 6, 16));
    let categories: BTreeSet<&str> = once.iter().map(|tip| tip.category.as_str()).collect();
    assert!(categories.len() >= 8, "{categories:?}");
    assert!(categories.iter().all(|category| CATEGORIES.contains(category)));
    // The rotation is pinned: it is part of what replays.
    let ids: Vec<&str> = library
        .select("en", &Moment::utc(NOW_MS), DecisionId([9; 16]), 3)
        .iter()
        .map(|tip| library.tip("en", &tip.id).unwrap().id.as_str())
        .collect();
    let golden: Vec<String> = serde_json::from_str(include_str!("golden/advice_rotation.json")).unwrap();
    assert_eq!(ids, golden);
}

#[test]
fn a_small_library_still_answers_at_the_wrong_hour() {
    let one = r#"{"library":"l","version":1,"language":"de","tips":[
        {"id":"a","kind":"advice","category":"sleep","content":"Lösch das Licht.","times":["night"],"days":["any"],"effort_min":1}]}"#;
    let library = AdviceLibrary::from_json(&[one]).unwrap();
    assert_eq!(library.select("de", &now(), DecisionId::default(), 16).len(), 1);
    assert_eq!(library.tip("de", "a").unwrap().text, Some(hashed_text("Lösch das Licht.")));
}

#[test]
fn a_broken_library_is_a_typed_error() {
    let tip = r#"{"id":"a","kind":"advice","category":"sleep","content":"x","times":["night"],"days":["any"],"effort_min":1}"#;
    let library = |tips: &str| format!(r#"{{"library":"l","version":1,"language":"en","tips":[{tips}]}}"#);
    assert!(AdviceLibrary::from_json(&[&library(tip)]).is_ok());
    for broken in [
        String::new(),
        library(""),
        library(&format!("{tip},{tip}")),
        library(&tip.replace("sleep", "sloth")),
        library(&tip.replace("night", "noon")),
        library(&tip.replace("\"x\"", "\"\"")),
        library(&tip.replace("effort_min", "minutes")),
        library(&tip.replace(":1}", ":9999}")),
    ] {
        let error = AdviceLibrary::from_json(&[&broken]).unwrap_err();
        assert_eq!(error.kind(), oo_core::ErrorKind::InvalidInput, "{broken}");
    }
    assert!(AdviceLibrary::from_json(&[]).is_err());
}
