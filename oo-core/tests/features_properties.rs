//! Whatever the state, the moment and the candidate: values inside their ranges, on the grid, bounded, and no NaN.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may fail loudly")]

mod features_world;

use features_world::{NOW_MS, World, advice, assemble, whole_catalogue};
use oo_core::candidate::{CATEGORIES, TimeOfDay, TipCandidate};
use oo_core::event::SignalFact;
use oo_core::features::default_schema;
use oo_core::moment::{DAY_MS, HOUR_MS, Moment};
use oo_core::reaction::Reaction;
use oo_core::signal::{Due, HabitEvent, SignalKind};
use proptest::prelude::*;

const YEAR_MS: i64 = 366 * DAY_MS;

#[derive(Clone, Debug)]
enum Step {
    Task { id: u8, due_day: Option<i32>, timed: bool, priority: u8, effort: u32, created_ms: i64 },
    Habit { id: u8, done: bool, per_week: u8 },
    Meeting { id: u8, start_ms: i64, length_ms: i64, busy: bool, all_day: bool },
    Mood { level: f64, energy: Option<f64> },
    Context { name: usize, value: f64 },
    Tip { id: u8, reaction: u8 },
    Deny { kind: usize, granted: bool },
}

fn step() -> impl Strategy<Value = Step> {
    let instant = NOW_MS - YEAR_MS..NOW_MS + YEAR_MS;
    prop_oneof![
        (any::<u8>(), proptest::option::of(-400..400), any::<bool>(), 1..=4_u8, 0..=1440_u32, instant.clone())
            .prop_map(|(id, due_day, timed, priority, effort, created_ms)| Step::Task {
                id,
                due_day,
                timed,
                priority,
                effort,
                created_ms
            }),
        (0..5_u8, any::<bool>(), 1..=7_u8).prop_map(|(id, done, per_week)| Step::Habit { id, done, per_week }),
        (any::<u8>(), instant, 0..3 * DAY_MS, any::<bool>(), any::<bool>()).prop_map(
            |(id, start_ms, length_ms, busy, all_day)| Step::Meeting { id, start_ms, length_ms, busy, all_day }
        ),
        (1.0..=5.0_f64, proptest::option::of(1.0..=5.0_f64)).prop_map(|(level, energy)| Step::Mood { level, energy }),
        (0..6_usize, 0.0..=1.0_f64).prop_map(|(name, value)| Step::Context { name, value }),
        (0..6_u8, 0..4_u8).prop_map(|(id, reaction)| Step::Tip { id, reaction }),
        (0..5_usize, any::<bool>()).prop_map(|(kind, granted)| Step::Deny { kind, granted }),
    ]
}

fn moment() -> impl Strategy<Value = Moment> {
    (NOW_MS - 40 * DAY_MS..NOW_MS + 40 * DAY_MS, -14 * 4..=14 * 4_i32).prop_map(|(at_ms, quarter)| Moment {
        at_ms,
        offset_s: quarter * 900,
        zone: std::sync::Arc::from("x"),
    })
}

fn apply(world: &mut World, moment: &Moment, step: &Step) {
    match step {
        Step::Task { id, due_day, timed, priority, effort, created_ms } => {
            let mut task = world.task_fact(&id.to_string(), *due_day, *priority);
            task.due_timed = *timed;
            task.effort_min = *effort;
            task.created_ms = *created_ms;
            world.signal(moment, SignalFact::Task(task));
        }
        Step::Habit { id, done, per_week } => {
            let key = world.key.item("habit", &id.to_string());
            let event = if *done { HabitEvent::Done } else { HabitEvent::Defined };
            world.signal(moment, SignalFact::Habit { key, per_week: *per_week, event });
        }
        Step::Meeting { id, start_ms, length_ms, busy, all_day } => {
            let key = world.key.item("calendar", &id.to_string());
            let (start_ms, end_ms) = (*start_ms, start_ms + length_ms);
            let fact = SignalFact::Calendar { key, start_ms, end_ms, busy: *busy, all_day: *all_day, cancelled: false };
            world.signal(moment, fact);
        }
        Step::Mood { level, energy } => {
            world.mood(moment, *level, *energy);
        }
        Step::Context { name, value } => {
            world.context(moment, oo_core::features::CONTEXT_NAMES[*name], *value);
        }
        Step::Tip { id, reaction } => {
            let reaction = match reaction {
                0 => Some(Reaction::Done),
                1 => Some(Reaction::Dismiss { reason: None }),
                2 => Some(Reaction::Snooze { until_ms: moment.at_ms + HOUR_MS }),
                _ => None,
            };
            world.tip(moment, &advice(&id.to_string()), reaction);
        }
        Step::Deny { kind, granted } => {
            world.consent(SignalKind::ALL[*kind], *granted);
        }
    }
}

fn candidate() -> impl Strategy<Value = TipCandidate> {
    let due = prop_oneof![
        Just(None),
        (-30_000..60_000_i32).prop_map(|day| Some(Due::Day(day))),
        (NOW_MS - YEAR_MS..NOW_MS + YEAR_MS).prop_map(|at| Some(Due::At(at))),
    ];
    let times = proptest::sample::subsequence(
        vec![TimeOfDay::Morning, TimeOfDay::Midday, TimeOfDay::Evening, TimeOfDay::Night, TimeOfDay::Any],
        0..=5,
    );
    let more = (proptest::option::of(0..=1440_u32), proptest::option::of(1..=4_u8), any::<bool>(), 0..CATEGORIES.len());
    ("\\PC{0,40}", due, times, more, 0..6_u8, any::<u32>()).prop_map(|(content, due, times, more, id, words)| {
        let (effort_min, priority, is_todo, category) = more;
        let id = id.to_string();
        let base = if is_todo { TipCandidate::todo(id, content) } else { TipCandidate::advice(id, content) };
        let category = CATEGORIES[category].to_owned();
        TipCandidate { due, times, effort_min, priority, category, words, ..base }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn values_lie_in_their_ranges(
        steps in proptest::collection::vec((moment(), step()), 0..60),
        now in moment(),
        offered in proptest::collection::vec(candidate(), 1..6),
    ) {
        let mut world = World::default();
        for (moment, step) in &steps {
            apply(&mut world, moment, step);
        }
        let mut candidates: Vec<TipCandidate> = offered.into_iter().map(|candidate| world.keyed(candidate)).collect();
        candidates.extend(world.state.tasks.values().take(4).map(oo_core::sources::tasks::candidate));
        for schema in [whole_catalogue(), default_schema().unwrap()] {
            let out = assemble(schema.clone(), &world, &now, &candidates);
            prop_assert_eq!(out.rows(), candidates.len());
            prop_assert_eq!(out.grid.len(), candidates.len() * schema.dim());
            prop_assert_eq!(out.clamped, 0, "a catalogue feature left its range");
            for row in 0..out.rows() {
                for (column, feature) in schema.features().iter().enumerate() {
                    let value = out.row(row)[column];
                    prop_assert!(feature.range.holds(value), "{} is {value}", feature.name);
                    prop_assert_eq!(value, feature.range.value(out.grid[row * out.dim + column]));
                }
                if let Some(bound) = schema.norm_bound() {
                    let norm = out.row(row).iter().map(|value| value * value).sum::<f64>().sqrt();
                    prop_assert!(norm <= bound + 1e-3, "{norm}");
                }
            }
            let again = assemble(schema, &world, &now, &candidates);
            prop_assert_eq!(out.grid, again.grid);
        }
    }
}
