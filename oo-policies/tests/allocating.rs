//! A steady decide allocates nothing: every policy through its port, and the bare bandit in all its forms.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test fails by panicking")]

mod common;

use allocation_counter::measure;
use common::World;
use common::shelf::POLICIES;
use oo_core::candidate::ArmKey;
use oo_core::draw::{Seed, draw};
use oo_core::id::Pseudonym;
use oo_core::lesson::Lesson;
use oo_core::policy::{Actions, Scored};
use oo_policies::{Bandit, BanditSpec, Decided, PolicySpec, Rows};

const DIM: usize = 7;
const PERSON: Pseudonym = Pseudonym([7; 16]);

/// Kinds that allocate in a steady decide for a person they know, each with the reason. Every other one must not, and
/// these must not for nobody in particular.
const ALLOCATES_FOR_A_PERSON: [(&str, &str); 1] =
    [(r#""hierarchical""#, "what is the person's own is derived at use, so that 10,000 people stay small")];

fn person(json: &str) -> Option<Pseudonym> {
    (!ALLOCATES_FOR_A_PERSON.iter().any(|(sign, _)| json.contains(sign))).then_some(PERSON)
}

/// Rows of 1 to 30 candidates, some of arms that nobody has tried, some equal so that they tie.
fn contexts(world: &mut World) -> Vec<(Vec<f64>, Vec<ArmKey>)> {
    (0..24)
        .map(|context| {
            let count = 1 + context * 11 % 30;
            let row: Vec<f64> = (0..DIM).map(|_| f64::from(world.integer()) / 16_384.0).collect();
            let other = |world: &mut World| (0..DIM).map(|_| f64::from(world.integer()) / 16_384.0).collect();
            let rows = (0..count).flat_map(|_| if context % 3 == 0 { row.clone() } else { other(world) });
            let values = rows.collect();
            (values, (0..count).map(|arm| ArmKey::new(format!("arm{}", arm % (5 + context)))).collect())
        })
        .collect()
}

/// Lessons with all that some policy wants to know.
fn lessons(world: &mut World, count: usize) -> Vec<Lesson> {
    (0..count)
        .map(|index| {
            let (centre, lesson) = ((0..=DIM).map(|_| 8_192).collect(), world.lesson(DIM, 12));
            Lesson { person: Some(PERSON), day: 20_000 + index as i32 / 40, centre: Some(centre), ..lesson }
        })
        .collect()
}

#[test]
fn steady_decide_allocates_nothing() {
    let mut world = World::new(1);
    let (contexts, lessons) = (contexts(&mut world), lessons(&mut world, 200));
    let mut allocating = Vec::new();
    for (json, _) in POLICIES {
        let fresh = common::policy(json, DIM);
        for (state, policy) in [("fresh", fresh.clone()), ("taught", fresh.learned(&lessons).unwrap())] {
            let (mut out, mut seed) = (Scored::default(), 0);
            let mut decide_all = || {
                for (values, arms) in &contexts {
                    let actions = Actions { day: 20_005, person: person(json), ..Actions::new(DIM, values, arms) };
                    policy.distribution(&actions, &mut out).unwrap();
                    seed += 1;
                    draw(&mut out.distribution, 0.05, Seed::Number(seed));
                }
            };
            decide_all();
            let used = measure(&mut decide_all);
            if used.count_total > 0 {
                allocating
                    .push(format!("{state} {json}: {} allocations, {} bytes", used.count_total, used.bytes_total));
            }
        }
    }
    assert!(allocating.is_empty(), "these allocate in {} decides:\n{}", contexts.len(), allocating.join("\n"));
}

/// Rows in the hundreds, where bounds rule candidates out, and many columns, where an arm keeps its few lessons.
#[test]
fn steady_wide_decide_allocates_nothing() {
    let mut allocating = Vec::new();
    for (count, dim, taught) in [(256, 16, 300), (20, 64, 60)] {
        let mut world = World::new(3);
        let arms: Vec<ArmKey> = (0..count).map(|arm| ArmKey::new(format!("arm{arm}"))).collect();
        let lesson = |index: usize| {
            let (centre, lesson) = ((0..=dim).map(|_| 8_192).collect(), world.lesson(dim, 12));
            Lesson { person: Some(PERSON), day: 20_000 + index as i32 / 40, centre: Some(centre), ..lesson }
        };
        let lessons: Vec<Lesson> = (0..taught).map(lesson).collect();
        let values: Vec<f64> = (0..count * dim).map(|_| f64::from(world.integer()) / 16_384.0).collect();
        let greedy = r#"{"type": "linucb", "exploration": {"type": "epsilon_floor", "epsilon": 0}}"#;
        let mut bounded = 0;
        for json in POLICIES.iter().map(|(json, _)| *json).chain([greedy]) {
            let policy = common::policy(json, dim).learned(&lessons).unwrap();
            let (mut out, mut seed) = (Scored::default(), 0);
            let mut decide = || {
                let actions = Actions { day: 20_005, person: person(json), ..Actions::new(dim, &values, &arms) };
                policy.distribution(&actions, &mut out).unwrap();
                seed += 1;
                draw(&mut out.distribution, 0.05, Seed::Number(seed));
            };
            decide();
            let used = measure(|| (0..3).for_each(|_| decide()));
            bounded += out.bounded.iter().filter(|bounded| **bounded).count();
            if used.count_total > 0 {
                allocating.push(format!("{count} of {dim}: {json}: {} allocations", used.count_total));
            }
        }
        println!("{count} candidates of {dim} columns: {bounded} scores are bounds");
        assert!(bounded > 0 || count < 256, "no bound was tried");
    }
    assert!(allocating.is_empty(), "these allocate in a steady decide:\n{}", allocating.join("\n"));
}

#[test]
fn steady_bare_decide_allocates_nothing() {
    let mut world = World::new(2);
    let contexts = contexts(&mut world);
    let distinct: Vec<ArmKey> = (0..30).map(|arm| ArmKey::new(format!("arm{arm}"))).collect();
    let mut allocating = Vec::new();
    for (json, _) in POLICIES {
        let spec = PolicySpec::parse(json).unwrap();
        let range = oo_policies::RangeSpec::fixed(-1.0, 1.0).unwrap();
        let mut bandit = Bandit::new(BanditSpec { range, reward_range: range, ..BanditSpec::new(spec, DIM) }).unwrap();
        let (people, days) = (Vec::from_iter(person(json)), [20_000]);
        let forms: Vec<(&str, Vec<Rows<'_>>)> = vec![
            ("rows", contexts.iter().map(|(x, arms)| Rows::new(x, arms.len())).collect()),
            ("rows with arms", contexts.iter().map(|(x, arms)| Rows::new(x, arms.len()).with_arms(arms)).collect()),
            ("one row", vec![Rows::new(&contexts[0].0[..DIM], 1)]),
            ("one context", contexts.iter().map(|(x, _)| Rows::of_context(&x[..DIM], &distinct)).collect()),
        ];
        let steady = |bandit: &Bandit| {
            let mut found = Vec::new();
            for (form, rows) in &forms {
                // The arms are the same from decide to decide, as in a loop.
                let runs: Vec<&[Rows<'_>]> = if *form == "one context" { vec![rows] } else { rows.chunks(1).collect() };
                for run in runs {
                    let mut decided = Decided::default();
                    let mut seed = 0_u64;
                    let mut decide_all = || {
                        for rows in run {
                            seed += 1;
                            let rows = rows.with_people(&people).with_days(&days);
                            bandit.decide_into(&rows, seed.into(), &mut decided).unwrap();
                        }
                    };
                    decide_all();
                    let used = measure(|| (0..3).for_each(|_| decide_all()));
                    if used.count_total > 0 {
                        found.push(format!("{form}: {} allocations", used.count_total));
                    }
                }
            }
            found
        };
        let mut found = steady(&bandit);
        for (round, (x, arms)) in contexts.iter().enumerate() {
            let rows = Rows::new(x, arms.len()).with_arms(arms).with_people(&people).with_days(&days);
            let decided = bandit.decide(&rows, (round as u64).into()).unwrap();
            bandit.update(&decided, if decided.index == 0 { 1.0 } else { 0.0 }).unwrap();
        }
        found.extend(steady(&bandit));
        found.dedup();
        if !found.is_empty() {
            allocating.push(format!("{json}: {}", found.join(", ")));
        }
    }
    assert!(allocating.is_empty(), "these allocate in a steady decide:\n{}", allocating.join("\n"));
}
