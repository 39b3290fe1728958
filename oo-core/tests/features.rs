//! The catalogue and the assembler: every feature is reached, missing is not zero, the same bits twice.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may fail loudly")]

mod features_world;

use std::sync::Arc;

use features_world::{NOW_MS, World, advice, assemble, at, now, value, whole_catalogue};
use oo_core::candidate::{Provenance, TipCandidate};
use oo_core::features::catalogue::{CATALOGUE, NORM_BOUND, Scope};
use oo_core::features::{
    Assembled, CONTEXT_NAMES, ConsentPolicy, Feature, FeatureAssembler, Freshness, FreshnessLimits, default_schema,
};
use oo_core::moment::{DAY_MS, Moment};
use oo_core::reaction::Reaction;
use oo_core::schema::{FeatureSchema, FeatureSpec};
use oo_core::signal::{Due, SignalKind};

fn todo(world: &World, id: &str) -> TipCandidate {
    world.task_candidate(id)
}

/// Grid rounding of a range [−1, 1] is 2⁻¹⁵ at most.
fn near(left: f64, right: f64) -> bool {
    (left - right).abs() < 4e-5
}

#[test]
fn the_default_schema_is_the_catalogues() {
    let schema = default_schema().unwrap();
    assert_eq!(schema.dim(), 65);
    assert_eq!(schema.norm_bound(), Some(NORM_BOUND));
    for spec in schema.features() {
        let entry = Feature::parse(&spec.name).unwrap().entry();
        assert_eq!((spec.range.lo(), spec.range.hi(), spec.prior), (entry.lo, 1.0, entry.prior));
        assert!(entry.prior.abs() <= 0.3, "{} has too heavy a prior", spec.name);
    }
    for name in CONTEXT_NAMES {
        assert!(schema.index(name).is_some(), "{name} can be said but is not seen");
        assert_eq!(Feature::parse(name).unwrap().entry().scope, Scope::Context);
    }
    for (place, entry) in CATALOGUE.iter().enumerate() {
        assert_eq!(entry.feature as usize, place);
        assert!(
            entry.name.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'_'),
            "{}",
            entry.name
        );
    }
}

#[test]
fn the_default_schemas_hash_is_pinned() {
    // A change here is a change of what every saved policy means: it needs a migration, not a new constant.
    let golden: serde_json::Value = serde_json::from_str(include_str!("golden/features.json")).unwrap();
    let hash = oo_core::id::hex(&default_schema().unwrap().hash().0);
    assert_eq!(golden["default_schema_hash"].as_str().unwrap(), hash);
}

/// A person of whom much is known.
fn known() -> World {
    let mut world = World::default();
    let advice = advice("a");
    world.task(&at(-20.0 * 24.0), "late", Some(-7), 1);
    world.task(&at(-48.0), "today", Some(0), 2);
    world.task(&at(-48.0), "soon", Some(2), 3);
    world.task(&at(-48.0), "plain", None, 4);
    for days in 0..3 {
        world.habit_done(&at(-24.0 * f64::from(days) - 50.0), "run");
    }
    world.meeting("now", -0.5, 0.5).meeting("next", 1.0, 2.0).meeting("later", 1.5, 3.0);
    world.mood(&at(-30.0), 2.0, None).mood(&at(-1.0), 4.0, Some(5.0));
    for name in CONTEXT_NAMES {
        world.context(&at(-0.2), name, 1.0);
    }
    world.tip(&at(-26.0), &advice, Some(Reaction::Done));
    world.tip(&at(-3.0), &advice, Some(Reaction::Dismiss { reason: None }));
    world.tip(&at(-2.0), &advice, Some(Reaction::Snooze { until_ms: NOW_MS }));
    world
}

#[test]
fn every_feature_is_reached() {
    let empty = World::default();
    let known = known();
    let mut running = World::default();
    running.habit_done(&at(-48.0), "run").habit_done(&at(-24.0), "run");
    assert!(near(value(&running, &now(), &advice("a"), "habit_streak"), 2.0 / 9.0), "kept up to yesterday");
    let mut resting = World::default();
    resting.habit_done(&at(-4.0 * 24.0), "run");
    let weekend_evening = at(3.0 * 24.0 + 9.0);
    let generated = TipCandidate {
        provenance: Some(Provenance::default()),
        ..TipCandidate::advice("g", "Breathe out slowly once.")
    };
    let from_library =
        oo_core::sources::AdviceLibrary::built_in().unwrap().tip("en", "sleep-dim-lights").unwrap().clone();
    let scenes: Vec<(&World, Moment, TipCandidate)> = vec![
        (&empty, now(), generated),
        (&running, now(), advice("a")),
        (&resting, now(), advice("a")),
        (&known, now(), advice("a")),
        (&known, now(), todo(&known, "late")),
        (&known, now(), todo(&known, "today")),
        (&known, now(), todo(&known, "soon")),
        (&known, weekend_evening.clone(), todo(&known, "plain")),
        (&known, weekend_evening, from_library),
        (&known, now(), TipCandidate::advice("long", "one two three four five six seven eight nine ten eleven twelve")),
    ];
    let schema = whole_catalogue();
    let rows: Vec<Assembled> = scenes
        .iter()
        .map(|(world, now, candidate)| assemble(schema.clone(), world, now, &[world.keyed(candidate.clone())]))
        .collect();
    for (column, entry) in CATALOGUE.iter().enumerate() {
        let values: Vec<f64> = rows.iter().map(|assembled| assembled.row(0)[column]).collect();
        assert!(values.iter().any(|value| *value != 0.0), "{} is never anything but 0", entry.name);
        assert!(values.iter().any(|value| *value != values[0]), "{} is always {}", entry.name, values[0]);
    }
    assert!(rows.iter().all(|assembled| assembled.clamped == 0), "the catalogue's own values need no holding");
}

#[test]
fn features_mean_what_they_say() {
    let world = known();
    let (late, today, soon) = (todo(&world, "late"), todo(&world, "today"), todo(&world, "soon"));
    let advised = advice("a");
    // 10:30 on a Wednesday: 10.5/24 of the day, (2 + 10.5/24)/7 of the week.
    let day = std::f64::consts::TAU * 10.5 / 24.0;
    let week = std::f64::consts::TAU * (2.0 + 10.5 / 24.0) / 7.0;
    let shown = {
        // Three tips, decayed with a half-life of 14 days.
        let decay = |hours: f64| libm::exp2(-hours / 24.0 / 14.0);
        decay(26.0) + decay(3.0) + decay(2.0)
    };
    let table: Vec<(&str, &TipCandidate, f64)> = vec![
        ("hour_sin", &advised, libm::sin(day)),
        ("hour_cos", &advised, libm::cos(day)),
        ("weekday_sin", &advised, libm::sin(week)),
        ("weekday_cos", &advised, libm::cos(week)),
        ("weekend", &advised, 0.0),
        ("tasks_open", &advised, 4.0 / 14.0),
        ("tasks_overdue", &advised, 0.25),
        ("tasks_due_today", &advised, 0.25),
        ("habit_streak", &advised, 0.0), // last kept two days ago: no running streak
        ("habit_kept_week", &advised, 1.0),
        ("habit_lag", &advised, 0.0),
        ("in_meeting", &advised, 1.0),
        ("meeting_soon", &advised, 0.75),
        ("busy_4h", &advised, 2.5 / 4.0), // overlapping meetings count once
        ("busy_today", &advised, 2.5 / 13.5),
        ("mood_level", &advised, 0.5),
        ("mood_trend", &advised, 0.5),
        ("energy", &advised, 1.0),
        ("energy_missing", &advised, 0.0),
        ("dismiss_rate", &advised, libm::exp2(-3.0 / 24.0 / 14.0) / (shown + 1.0)),
        ("dose", &advised, (0.95 * (0.95 + 1.0) + 1.0) / 20.0),
        ("tip_recency", &advised, libm::exp2(-0.5)),
        ("tips_today", &advised, 0.2),
        ("is_todo", &late, 1.0),
        ("is_todo", &advised, 0.0),
        ("overdue", &late, 0.5 + 0.5 * (6.0 + 10.5 / 24.0) / (13.0 + 10.5 / 24.0)),
        ("overdue", &today, 0.0),
        ("due_today", &today, 1.0),
        ("due_today", &late, 0.0),
        ("due_soon", &today, libm::exp2(-13.5 / 24.0)),
        ("due_soon", &soon, libm::exp2(-(13.5 + 48.0) / 24.0)),
        ("due_soon", &advised, 0.0),
        ("priority", &late, 1.0),
        ("priority", &soon, 1.0 / 3.0),
        ("task_age", &soon, 2.0 / 16.0),
        ("effort", &late, 30.0 / 45.0),
        ("effort", &advised, 10.0 / 25.0),
        ("urgency", &today, 0.8),
        ("length", &late, 2.0 / 14.0),
        ("time_match", &advised, -1.0),
        ("time_match", &late, 0.0),
        ("drawn_before", &advised, 0.5),
        ("dismissed_before", &advised, 0.5),
        ("repeat_recency", &advised, libm::exp2(-2.0 / 24.0 / 15.0)),
        ("arm_dismiss_rate", &advised, libm::exp2(-3.0 / 24.0 / 14.0) / (shown + 1.0)),
        ("arm_dismiss_rate", &late, 0.0),
        ("todo_x_busy", &late, 2.5 / 4.0),
        ("todo_x_busy", &advised, 0.0),
        ("effort_x_energy", &late, 30.0 / 45.0),
        ("effort_x_meeting", &late, 0.75 * 30.0 / 45.0),
        ("urgency_x_hour", &today, 0.8 * libm::sin(day)),
        ("advice_x_mood", &advised, 0.5),
        ("advice_x_mood", &late, 0.0),
    ];
    for (name, candidate, expected) in table {
        let got = value(&world, &now(), candidate, name);
        assert!(near(got, expected), "{name} of {}: {got}, not {expected}", candidate.content);
    }
}

#[test]
fn a_timed_due_presses_by_the_minute_and_in_the_persons_own_day() {
    let world = World::default();
    let due = |at_ms: i64| TipCandidate { due: Some(Due::At(at_ms)), ..TipCandidate::todo("t", "Call.") };
    assert_eq!(value(&world, &now(), &due(NOW_MS + 1), "overdue"), 0.0);
    assert!(value(&world, &now(), &due(NOW_MS - 1), "overdue") >= 0.5);
    // 23:30 UTC is tomorrow in Berlin's summer, and still today in New York.
    let late = NOW_MS + 13 * 3_600_000;
    let berlin = Moment { at_ms: NOW_MS, offset_s: 7200, zone: Arc::from("Europe/Berlin") };
    let new_york = Moment { at_ms: NOW_MS, offset_s: -14400, zone: Arc::from("America/New_York") };
    assert_eq!(value(&world, &berlin, &due(late), "due_today"), 0.0);
    assert_eq!(value(&world, &new_york, &due(late), "due_today"), 1.0);
    // A day is due until the person's own midnight.
    let day = |day: i32| TipCandidate { due: Some(Due::Day(day)), ..TipCandidate::todo("t", "Call.") };
    let just_after_midnight = Moment { at_ms: 20 * DAY_MS, offset_s: -3600, zone: Arc::from("x") };
    assert_eq!(value(&world, &just_after_midnight, &day(19), "due_today"), 1.0);
    let days = 23.0 / 24.0;
    assert!(near(value(&world, &just_after_midnight, &day(18), "overdue"), 0.5 + 0.5 * days / (7.0 + days)));
}

const FLAGS: [(SignalKind, &str, &[&str]); 5] = [
    (
        SignalKind::Task,
        "task_missing",
        &["tasks_open", "tasks_overdue", "overdue", "priority", "task_age", "urgency", "text_0"],
    ),
    (SignalKind::Habit, "habit_missing", &["habit_kept_week", "habit_streak"]),
    (SignalKind::Calendar, "calendar_missing", &["in_meeting", "meeting_soon", "busy_4h", "busy_today", "todo_x_busy"]),
    (SignalKind::Mood, "mood_missing", &["mood_level", "mood_trend", "energy", "effort_x_energy"]),
    (SignalKind::Context, "context_missing", &["at_home", "at_work", "commuting", "focus", "outdoors", "with_people"]),
];

#[test]
fn missing_is_not_zero() {
    let mut neutral = World::default();
    neutral.mood(&at(-1.0), 3.0, Some(3.0));
    let silent = World::default();
    let candidate = advice("a");
    for name in ["mood_level", "mood_trend", "energy"] {
        assert_eq!(value(&neutral, &now(), &candidate, name), 0.0);
        assert_eq!(value(&silent, &now(), &candidate, name), 0.0);
    }
    assert_eq!(value(&neutral, &now(), &candidate, "mood_missing"), 0.0);
    assert_eq!(value(&silent, &now(), &candidate, "mood_missing"), 1.0);
    assert_eq!(value(&silent, &now(), &candidate, "energy_missing"), 1.0);
    let known = known();
    for (kind, flag, _) in FLAGS {
        assert_eq!(value(&silent, &now(), &candidate, flag), 1.0, "{} absent", kind.as_str());
        assert_eq!(value(&known, &now(), &candidate, flag), 0.0, "{} known", kind.as_str());
    }
}

#[test]
fn a_denied_kind_is_masked_and_flagged_even_while_its_data_is_there() {
    let world = known();
    for (kind, flag, masked) in FLAGS {
        let mut denied = known();
        // Straight into the state: a consent event would also delete the data, and the mask must not rely on that.
        denied.state.consents.insert(kind, false);
        let candidate = todo(&world, "late");
        assert_eq!(value(&denied, &now(), &candidate, flag), 1.0, "{flag}");
        for name in masked {
            assert_eq!(value(&denied, &now(), &candidate, name), 0.0, "{name} leaks a denied kind");
        }
        let schema = whole_catalogue();
        let keyed = denied.keyed(candidate);
        assert_eq!(assemble(schema, &denied, &now(), &[keyed]).freshness.get(kind), Freshness::Denied);
        // The other kinds are as they were.
        for (other, flag, _) in FLAGS.into_iter().filter(|(other, _, _)| *other != kind) {
            assert_eq!(value(&denied, &now(), &todo(&world, "late"), flag), 0.0, "{} fell with it", other.as_str());
        }
    }
}

#[test]
fn a_stale_kind_is_masked_and_flagged_from_its_own_limit_on() {
    let limits = FreshnessLimits::default();
    for (kind, flag, masked) in FLAGS {
        let mut world = World::default();
        world.task(&now(), "late", Some(-7), 1).habit_done(&now(), "run").mood(&now(), 4.0, Some(4.0));
        world.meeting("m", 0.0, 3000.0);
        world.state.heard.insert(SignalKind::Calendar, NOW_MS);
        for name in CONTEXT_NAMES {
            world.context(&now(), name, 1.0);
        }
        let candidate = todo(&world, "late");
        let edge = Moment::utc(NOW_MS + limits.limit_ms(kind));
        let after = Moment::utc(edge.at_ms + 1);
        assert_eq!(value(&world, &edge, &candidate, flag), 0.0, "{flag} too early");
        assert_eq!(value(&world, &after, &candidate, flag), 1.0, "{flag} too late");
        for name in masked {
            assert_eq!(value(&world, &after, &candidate, name), 0.0, "{name} is stale");
        }
    }
}

#[test]
fn consent_that_was_not_said_has_the_policys_default() {
    let world = known();
    let assembler = FeatureAssembler::new(whole_catalogue(), FreshnessLimits::default()).unwrap();
    let mut out = Assembled::default();
    assembler.assemble(&world.state, ConsentPolicy::denied_until_granted(), &now(), &[advice("a")], &mut out);
    for kind in SignalKind::ALL {
        assert_eq!(out.freshness.get(kind), Freshness::Denied);
    }
}

#[test]
fn the_same_state_gives_the_same_bits_and_buffers_are_reused() {
    let world = known();
    let candidates: Vec<TipCandidate> = ["late", "today", "soon", "plain"]
        .iter()
        .map(|id| todo(&world, id))
        .chain([world.keyed(advice("a"))])
        .collect();
    let assembler = FeatureAssembler::new(default_schema().unwrap(), FreshnessLimits::default()).unwrap();
    let (mut once, mut again) = (Assembled::default(), Assembled::default());
    assembler.assemble(&world.state, ConsentPolicy::default(), &now(), &candidates, &mut once);
    assembler.assemble(&World::default().state, ConsentPolicy::default(), &at(5.0), &candidates[..1], &mut again);
    assembler.assemble(&world.state, ConsentPolicy::default(), &now(), &candidates, &mut again);
    assert_eq!(once.grid, again.grid);
    let bits = |assembled: &Assembled| assembled.values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
    assert_eq!(bits(&once), bits(&again));
    // A row does not depend on its neighbours.
    for (index, candidate) in candidates.iter().enumerate() {
        assembler.assemble(&world.state, ConsentPolicy::default(), &now(), std::slice::from_ref(candidate), &mut again);
        assert_eq!(once.row(index), again.row(0));
    }
}

#[test]
fn a_schemas_own_features_come_from_candidates_and_context() {
    let features = vec![
        FeatureSpec::new("hour_sin", -1.0, 1.0).unwrap(),
        FeatureSpec::new("price", 0.0, 10.0).unwrap(),
        FeatureSpec::new("raining", 0.0, 1.0).unwrap(),
        FeatureSpec::new("at_home", 0.0, 1.0).unwrap(),
    ];
    let schema = Arc::new(FeatureSchema::new(features, None).unwrap());
    let assembler = FeatureAssembler::new(schema.clone(), FreshnessLimits::default()).unwrap();
    let mut world = World::default();
    world.context(&at(-1.0), "raining", 0.5).context(&at(-3.0), "at_home", 1.0).context(&at(0.0), "unheard_of", 1.0);
    let candidates = [
        world.keyed(TipCandidate::advice("a", "x").feature("price", 4.0)),
        world.keyed(TipCandidate::advice("b", "y").feature("price", 99.0).feature("raining", f64::NAN)),
    ];
    let out = assemble(schema, &world, &now(), &candidates);
    assert_eq!(&out.row(0)[1..], [4.0, 0.5, 0.0], "what a candidate says, what is fresh, what is stale");
    assert_eq!(&out.row(1)[1..], [10.0, 0.0, 0.0], "held to its range, and no number is 0");
    assert_eq!(out.clamped, 2);

    assert!(assembler.check_candidate(&candidates[0]).is_ok());
    assert!(assembler.check_candidate(&candidates[1]).is_err());
    assert!(assembler.check_candidate(&TipCandidate::advice("c", "z").feature("prize", 1.0)).is_err());
    assert!(assembler.check_context("raining", 1.0).is_ok());
    assert!(assembler.check_context("raining", 1.5).is_err());
    assert!(assembler.check_context("hour_sin", 0.0).is_err(), "the clock is not for callers to say");
    assert!(assembler.check_context("focus", 1.0).is_err(), "not in this schema");
}

#[test]
fn a_long_vector_is_shortened_before_it_is_rounded() {
    let features = (0..4).map(|column| FeatureSpec::new(format!("x{column}"), -16.0, 16.0).unwrap()).collect();
    let schema = Arc::new(FeatureSchema::new(features, Some(1.0)).unwrap());
    let world = World::default();
    let long = (0..4).fold(TipCandidate::advice("a", "x"), |c, column| c.feature(format!("x{column}"), 8.0));
    let short = TipCandidate::advice("b", "x").feature("x0", 0.5);
    let out = assemble(schema, &world, &now(), &[world.keyed(long), world.keyed(short)]);
    assert_eq!(out.row(0), [0.5; 4]);
    assert_eq!(out.row(1), [0.5, 0.0, 0.0, 0.0], "what is short enough stays as it is");
    assert_eq!(out.clamped, 0, "shortening is no clamping");
}

#[test]
fn a_changed_text_derivation_starts_masked() {
    let mut world = World::default();
    let mut task = world.task_fact("t", None, 4);
    task.text_version += 1;
    world.signal(&at(-1.0), oo_core::event::SignalFact::Task(task));
    let candidate = todo(&world, "t");
    assert_eq!(candidate.text, None);
    for bucket in 0..8 {
        assert_eq!(value(&world, &now(), &candidate, &format!("text_{bucket}")), 0.0);
    }
}

/// Rows of a fixed state, kept as grid integers: equal on every machine, in every release.
#[test]
fn golden_rows() {
    let world = known();
    let candidates: Vec<TipCandidate> = ["late", "today", "soon", "plain"]
        .iter()
        .map(|id| todo(&world, id))
        .chain([world.keyed(advice("a"))])
        .collect();
    let schema = default_schema().unwrap();
    let out = assemble(schema.clone(), &world, &now(), &candidates);
    let rows: Vec<&[i16]> = out.grid.chunks(out.dim).collect();
    let fresh = serde_json::json!({
        "default_schema_hash": oo_core::id::hex(&schema.hash().0),
        "names": schema.features().iter().map(|feature| &feature.name).collect::<Vec<_>>(),
        "rows": rows,
    });
    let golden: serde_json::Value = serde_json::from_str(include_str!("golden/features.json")).unwrap();
    if std::env::var_os("OO_WRITE_GOLDEN").is_some() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/features.json");
        std::fs::write(path, serde_json::to_string(&fresh).unwrap() + "\n").unwrap();
        return;
    }
    assert_eq!(golden, fresh);
}
