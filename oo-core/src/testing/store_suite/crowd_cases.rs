//! Cases of many at once.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use super::bench::{Bench, append, is_injected, new_user, repeat};
use crate::event::EventBody;
use crate::id::Position;
use crate::ports::{Appended, Entry, EventLog, NewUser, StateStore};
use crate::reaction::Reaction;
use crate::testing::samples;

const THREADS: u64 = 8;

pub(super) fn race_for_a_person(bench: &Bench) {
    for round in 0..5 {
        let caller_id = format!("person-{round}");
        let found = Mutex::new(Vec::new());
        std::thread::scope(|scope| {
            for thread in 0..THREADS {
                let (state, found, caller_id): (Arc<dyn StateStore>, _, _) =
                    (Arc::clone(&bench.state), &found, &caller_id);
                scope.spawn(move || {
                    let offer: NewUser = new_user(&format!("{round}-{thread}"));
                    let person =
                        repeat(true, || state.user(caller_id, Some(offer.clone()))).expect("a person can be made");
                    found.lock().unwrap_or_else(PoisonError::into_inner).push(person);
                });
            }
        });
        let found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
        assert!(found.iter().all(|person| *person == found[0]), "everybody gets the same person");
        assert_eq!(bench.known(&caller_id), found[0]);
    }
    assert_eq!(bench.info().users, 5);
}

/// Ten times from every thread, in different orders: each event is stored once, and answers are consistent.
pub(super) fn s14_ten_fold_delivery(bench: &Bench) {
    const EVENTS: u64 = 40;
    let user = bench.person("ann").user;
    let decision = samples::decision_id(1);
    bench.add_event(&samples::decision(1, user, 2));
    let answers = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let (log, answers): (Arc<dyn EventLog>, _) = (Arc::clone(&bench.log), &answers);
            scope.spawn(move || {
                for delivery in 0..10 {
                    let mut numbers: Vec<u64> = (2..2 + EVENTS).collect();
                    numbers.rotate_left(((thread * 5 + delivery * 3) % EVENTS) as usize);
                    for chunk in numbers.chunks(7) {
                        deliver(log.as_ref(), chunk, decision, user, answers);
                    }
                }
            });
        }
    });
    let stored = bench.all();
    assert_eq!(stored.len() as u64, EVENTS + 1);
    assert_eq!(stored.iter().map(|stored| stored.position.0).collect::<Vec<_>>(), (1..=EVENTS + 1).collect::<Vec<_>>());
    let ids: BTreeSet<_> = stored.iter().map(|stored| stored.event.id).collect();
    assert_eq!(ids.len() as u64, EVENTS + 1);
    let answers = answers.into_inner().unwrap_or_else(PoisonError::into_inner);
    for (number, position) in answers {
        let at = &stored[position.0 as usize - 1];
        assert_eq!(at.event.id, samples::event_id(number), "an answer names the place of its event");
        assert!(matches!(at.event.body, EventBody::Reaction { .. }));
    }
}

fn deliver(
    log: &dyn EventLog,
    numbers: &[u64],
    decision: crate::id::DecisionId,
    user: crate::id::Pseudonym,
    answers: &Mutex<Vec<(u64, Position)>>,
) {
    for number in numbers {
        let entry = Entry::new(samples::reaction(*number, Some(user), decision, Reaction::Done));
        let position = loop {
            match append(log, &entry) {
                Ok(Appended::At(position) | Appended::Duplicate(position)) => break position,
                Ok(other) => panic!("a reaction was answered with {other:?}"),
                Err(error) if is_injected(&error) => {}
                Err(error) => panic!("{error}"),
            }
        };
        answers.lock().unwrap_or_else(PoisonError::into_inner).push((*number, position));
    }
}
