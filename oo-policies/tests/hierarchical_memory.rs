//! What 10,000 people weigh. Alone in its process, so that the resident set is theirs.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test fails by panicking")]
#![cfg(target_os = "linux")]

mod common;

use common::{World, policy};
use oo_core::id::Pseudonym;
use oo_core::lesson::Lesson;

/// The resident set in MB.
fn resident() -> f64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    let pages: f64 = statm.split_whitespace().nth(1).unwrap().parse().unwrap();
    pages * 4096.0 / 1e6
}

#[test]
fn ten_thousand_people_fit_in_60_mb() {
    let (dim, people) = (32, 10_000_u32);
    let mut world = World::new(1);
    let before = resident();
    let mut bandit = policy(r#"{"type":"hierarchical"}"#, dim);
    let mut given = 0;
    for each in [20, 40] {
        while given < each {
            for hundred in 0..people / 100 {
                // A batch changes copies of a few: what is measured is what stays.
                let batch: Vec<Lesson> = (hundred * 100..hundred * 100 + 100)
                    .map(|who| {
                        let mut bytes = [0; 16];
                        bytes[..4].copy_from_slice(&who.wrapping_mul(0x9E37_79B1).to_be_bytes());
                        Lesson { person: Some(Pseudonym(bytes)), ..world.lesson(dim, 1) }
                    })
                    .collect();
                bandit = bandit.learned(&batch).unwrap();
            }
            given += 1;
        }
        let weight = resident() - before;
        println!("hierarchical: {people} people, d = {dim}, {each} lessons each: {weight:.1} MB");
        assert!(weight < 60.0, "{weight} MB");
    }
    assert_eq!(bandit.identity().lessons, u64::from(people) * 40);
}
