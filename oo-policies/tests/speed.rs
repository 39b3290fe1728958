//! Where the time goes: `cargo test --release -p oo-policies --test speed -- --ignored --nocapture`.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test fails by panicking")]

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use oo_core::candidate::ArmKey;
use oo_core::draw::{Seed, draw};
use oo_core::grid::Grid;
use oo_core::lesson::Lesson;
use oo_core::policy::{Actions, Policy, Scored};
use oo_core::schema::FeatureSchema;
use oo_policies::{Bandit, BanditSpec, Decided, PolicySpec, Rows, build};
use rand_pcg::Pcg64Dxsm;
use rand_pcg::rand_core::{Rng, SeedableRng};

/// The median over rounds of the mean time of one call, in microseconds.
#[allow(clippy::disallowed_methods, reason = "a measured latency, never folded")]
fn median_us(calls: u32, mut call: impl FnMut(u32)) -> f64 {
    let mut rounds: Vec<f64> = (0..21)
        .map(|round| {
            let start = Instant::now();
            for index in 0..calls {
                call(round * calls + index);
            }
            start.elapsed().as_secs_f64() * 1e6 / f64::from(calls)
        })
        .collect();
    rounds.sort_by(f64::total_cmp);
    rounds[10]
}

fn world(spec: &str, dim: usize, arms: &[ArmKey], lessons: usize) -> (Arc<dyn Policy>, Vec<Lesson>, Vec<f64>) {
    let schema = FeatureSchema::raw(dim, -1.0, 1.0).unwrap();
    let mut random = Pcg64Dxsm::seed_from_u64(1);
    let mut integer = move || (random.next_u64() % 32769) as i32 as i16 ^ -1;
    let mut grid = move || integer().clamp(-16384, 16384);
    let lessons: Vec<Lesson> = (0..lessons)
        .map(|index| Lesson::new((0..dim).map(|_| grid()).collect(), arms[index % arms.len()].clone(), grid()))
        .collect();
    let values = (0..arms.len() * dim).map(|_| f64::from(grid()) / 16384.0).collect();
    let policy = build(&PolicySpec::parse(spec).unwrap(), &schema, Grid::new(-1.0, 1.0).unwrap()).unwrap();
    (policy.learned(&lessons).unwrap(), lessons, values)
}

#[test]
#[ignore = "prints times; they mean something in a release build on a quiet machine"]
fn times() {
    for (name, spec, dim, count) in [
        ("shared 50x32", r#"{"type": "linucb"}"#, 32, 50),
        ("shared 10x32", r#"{"type": "linucb"}"#, 32, 10),
        ("disjoint 100x32", r#"{"type": "linucb", "sharing": "disjoint"}"#, 32, 100),
        ("disjoint 10x64", r#"{"type": "linucb", "sharing": "disjoint"}"#, 64, 10),
        ("disjoint 100x128", r#"{"type": "linucb", "sharing": "disjoint"}"#, 128, 100),
        ("greedy disjoint 100x32", r#"{"type": "greedy", "sharing": "disjoint"}"#, 32, 100),
        ("greedy disjoint 100x128", r#"{"type": "greedy", "sharing": "disjoint"}"#, 128, 100),
        ("hybrid 50x32", r#"{"type": "linucb", "sharing": "hybrid"}"#, 32, 50),
        ("lin_ts 50x32", r#"{"type": "lin_ts"}"#, 32, 50),
        ("lin_ts disjoint 100x32", r#"{"type": "lin_ts", "sharing": "disjoint"}"#, 32, 100),
        ("square_cb 50x32", r#"{"type": "square_cb"}"#, 32, 50),
        ("softmax 50x32", r#"{"type": "softmax"}"#, 32, 50),
    ] {
        let arms: Vec<ArmKey> = (0..count).map(|arm| ArmKey::new(format!("arm-{arm:03}"))).collect();
        let (policy, lessons, values) = world(spec, dim, &arms, 40 * count);
        let actions = Actions::new(dim, &values, &arms);
        let mut out = Scored::default();
        let calls = 2_000_000 / (count * dim * dim) as u32 + 20;
        let decide = median_us(calls, |seed| {
            policy.distribution(black_box(&actions), &mut out).unwrap();
            black_box(draw(&mut out.distribution, 0.0, Seed::Number(u64::from(seed))));
        });
        let raw = Bandit::new(BanditSpec::new(PolicySpec::parse(spec).unwrap(), dim)).unwrap();
        let mut decided = Decided::default();
        let bare = median_us(calls, |seed| {
            let rows = Rows::new(black_box(&values), count).with_arms(&arms);
            raw.decide_into(&rows, u64::from(seed).into(), &mut decided).unwrap();
            black_box(decided.index);
        });
        let score = median_us(calls, |_| policy.distribution(black_box(&actions), &mut out).unwrap());
        let learn = median_us(64, |index| {
            black_box(policy.learned(&lessons[index as usize % lessons.len()..][..1]).unwrap());
        });
        let mut live = policy.clone();
        let stream = median_us(640, |index| {
            live = live.learned(&lessons[index as usize % lessons.len()..][..1]).unwrap();
        });
        let batch = median_us(1, |_| {
            black_box(policy.learned(&lessons).unwrap());
        }) / lessons.len() as f64;
        println!(
            "{name:24} decide {decide:8.2} µs (scores and pmf {score:8.2}; bare, cold {bare:8.2})  learn one {learn:7.2}  stream {stream:7.2}  in a batch {batch:7.2} µs"
        );
    }
}
