//! Measures the store alone: `cargo run -p oo-store --example append_speed --features testing`.
//!
//! Pairs of a decision (10 candidates, 32 features, a sealed text, the pull slot) and a reaction, in commits of `BATCH`
//! pairs with `synchronous=FULL`, their projections written twenty times as seldom, then reading it all back.
#![allow(clippy::print_stdout, clippy::disallowed_methods, clippy::unwrap_used, reason = "a measurement")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use oo_core::id::{ItemKey, Position, Pseudonym, UserKey};
use oo_core::ports::{
    Entropy, Entry, EventLog, NewUser, Projection, ScoreRow, Slot, StateStore, TextField, TextWrite, TipRow,
};
use oo_core::reaction::Reaction;
use oo_core::testing::samples;

const PAIRS: u64 = 20_000;
const BATCH: u64 = 64;
const CANDIDATES: usize = 10;

#[derive(Debug)]
struct Counting(std::sync::atomic::AtomicU64);

impl Entropy for Counting {
    fn bytes(&self, _: &'static str) -> oo_core::Result<[u8; 32]> {
        let number = self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        Ok(std::array::from_fn(|index| number.to_le_bytes()[index % 8] ^ index as u8))
    }
}

fn main() -> oo_core::Result<()> {
    let folder = tempfile::tempdir_in(std::env::args().nth(1).unwrap_or_else(|| ".".to_owned())).unwrap();
    let path = folder.path().join("oo.db");
    let entropy = Arc::new(Counting(0.into()));
    let store = oo_store::open(&path, Arc::new(oo_store::FileKey::beside(&path, entropy.clone())), entropy)?;
    let people: Vec<_> = (0..1_000u64)
        .map(|number| {
            let new = NewUser { user: Pseudonym(samples::event_id(number).0), key: UserKey::new([7; 32]) };
            store.user(&format!("user-{number}"), Some(new)).map(Option::unwrap)
        })
        .collect::<oo_core::Result<_>>()?;

    let (mut appending, mut committing, mut projecting) = (Duration::ZERO, Duration::ZERO, Duration::ZERO);
    let (mut longest, mut longest_commit) = (Duration::ZERO, Duration::ZERO);
    let (mut tips, mut scores, mut projected) = (Vec::new(), Vec::new(), Position(0));
    let start = Instant::now();
    for batch in 0..PAIRS / BATCH {
        let entries: Vec<Entry> = (batch * BATCH..(batch + 1) * BATCH)
            .flat_map(|number| pair(number, &people[number as usize % people.len()]))
            .collect();
        let begun = Instant::now();
        let mut inside = Duration::ZERO;
        store.transact(&mut |transaction| {
            let begun = Instant::now();
            for entry in &entries {
                transaction.append(entry)?;
            }
            inside = begun.elapsed();
            Ok(())
        })?;
        appending += inside;
        longest_commit = longest_commit.max(begun.elapsed());
        committing += begun.elapsed().saturating_sub(inside);
        for number in batch * BATCH..(batch + 1) * BATCH {
            rows(number, people[number as usize % people.len()].user, &mut tips, &mut scores);
        }
        if batch % 20 == 19 {
            let through = store.head()?;
            let begun = Instant::now();
            projected = store.project(&Projection {
                after: projected,
                through,
                tips: std::mem::take(&mut tips),
                scores: std::mem::take(&mut scores),
            })?;
            projecting += begun.elapsed();
            longest = longest.max(begun.elapsed());
        }
    }
    let all = start.elapsed();
    let pairs = (PAIRS / BATCH * BATCH) as f64;
    println!("pairs a second       {:9.0}", pairs / all.as_secs_f64());
    println!("an append            {:9.2} µs", appending.as_secs_f64() * 1e6 / (2.0 * pairs));
    println!("a commit of {BATCH}       {:9.2} µs", committing.as_secs_f64() * 1e6 / (pairs / BATCH as f64));
    println!(
        "a score row          {:9.2} µs (tips and commits included)",
        projecting.as_secs_f64() * 1e6 / (pairs * CANDIDATES as f64)
    );
    println!(
        "longest projection   {:9.2} ms, longest transaction {:.2} ms",
        longest.as_secs_f64() * 1e3,
        longest_commit.as_secs_f64() * 1e3
    );
    let begun = Instant::now();
    for _ in 0..10_000 {
        store.head()?;
    }
    println!("head                 {:9.2} µs", begun.elapsed().as_secs_f64() * 1e2);
    let begun = Instant::now();
    for number in 0..10_000u64 {
        store.user(&format!("user-{}", number % 1_000), None)?;
    }
    println!("user                 {:9.2} µs", begun.elapsed().as_secs_f64() * 1e2);
    let begun = Instant::now();
    let (mut after, mut read) = (Position(0), 0usize);
    loop {
        let events = store.read(after, 2_000)?;
        let Some(last) = events.last() else { break };
        after = last.position;
        read += events.len();
    }
    println!("reading back         {:9.0} events a second", read as f64 / begun.elapsed().as_secs_f64());
    let bytes: u64 =
        std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().metadata().unwrap().len()).sum();
    println!("on disk              {:9.0} bytes a pair", bytes as f64 / pairs);
    Ok(())
}

fn pair(number: u64, person: &oo_core::ports::UserRecord) -> [Entry; 2] {
    let decision = samples::decision_id(number);
    let decided =
        samples::event(2 * number, Some(person.user), samples::decision(number, person.user, CANDIDATES).body);
    let text = r#"{"content":"Write down the one thing that would make today good","source":"advice","id":"focus-17"}"#;
    [
        Entry {
            key: Some(person.key.clone()),
            texts: vec![TextWrite { item: ItemKey(decision.0), field: TextField::Tip, text: text.to_owned() }],
            slot: Slot::Take(decision),
            ..Entry::new(decided)
        },
        Entry {
            slot: Slot::Release(decision),
            ..Entry::new(samples::reaction(2 * number + 1, Some(person.user), decision, Reaction::Done))
        },
    ]
}

fn rows(number: u64, user: Pseudonym, tips: &mut Vec<(Position, TipRow)>, scores: &mut Vec<ScoreRow>) {
    let position = Position(2 * number + 1);
    let decision = samples::decision_body(number, 1);
    tips.push((
        Position(position.0 + 1),
        TipRow {
            decision: decision.id,
            user,
            position,
            decided_ms: samples::NOW_MS,
            policy: decision.policy,
            key: samples::item(number),
            arm: Arc::from("advice/focus"),
            kind: "advice",
            propensity: 0.1,
            holdout: false,
            state: "done",
            reward: Some(1.0),
            shown_ms: Some(samples::NOW_MS),
            due_ms: None,
        },
    ));
    scores.extend((0..CANDIDATES as u32).map(|index| ScoreRow {
        position,
        index,
        key: samples::item(u64::from(index)),
        arm: Arc::from("advice/rest"),
        score: 0.125,
        propensity: 0.1,
    }));
}
