//! Cases of forgetting: everything of one person goes, nothing of anybody else does, and nothing late brings it back.

use super::append_cases::snapshot;
use super::bench::{Bench, taking, with_text};
use super::state_cases::{scores_of, tip};
use crate::error::{ErrorKind, Result};
use crate::event::{Event, EventBody, ForgottenFact, Stored};
use crate::id::{Position, Pseudonym};
use crate::ports::{Entry, Erasure, Projection, Query, Rows, Scope, Snapshot, TextField, Transaction, UserRecord};
use crate::reaction::Reaction;
use crate::testing::samples;

pub(super) fn erasure(bench: &Bench) {
    let (ann, ben) = (bench.person("ann"), bench.person("ben"));
    bench.add_event(&samples::reaction(1, None, samples::decision_id(3), Reaction::Done));
    bench.add(&with_text(&samples::mood(2, ben.user), &ben, samples::item(1), TextField::Title, "Ben's own"));
    bench.add(&taking(&samples::decision(3, ann.user, 3), samples::decision_id(3)));
    bench.add(&taking(&samples::decision(4, ben.user, 3), samples::decision_id(4)));
    bench.add(&with_text(&samples::mood(5, ann.user), &ann, samples::item(1), TextField::Title, "Ann's own"));
    let mut tips = vec![(Position(3), tip(3, ann.user)), (Position(4), tip(4, ben.user))];
    tips.iter_mut().for_each(|(_, tip)| tip.due_ms = Some(1));
    let projection = Projection {
        after: Position(0),
        through: Position(5),
        tips,
        scores: [3, 4].into_iter().flat_map(scores_of).collect(),
    };
    bench.sure(|| bench.state.project(&projection));
    bench.save(&snapshot("registry", 4));
    bench.save(&snapshot("people", 5));
    let of_ben = |bench: &Bench| bench.sure(|| bench.log.of_user(ben.user, Position(0), Position(u64::MAX)));
    let before = of_ben(bench);

    forget(bench, &ann, 6);

    assert!(bench.known("ann").is_none() && bench.person_by(ann.user).is_none());
    assert!(bench.sure(|| bench.log.of_user(ann.user, Position(0), Position(u64::MAX))).is_empty());
    assert!(bench.sure(|| bench.log.of_decision(samples::decision_id(3))).is_empty(), "parked reactions to it go too");
    assert_eq!(bench.text(&ann, samples::item(1), TextField::Title), None);
    assert!(bench.tip(samples::decision_id(3)).is_none() && bench.scores(samples::decision_id(3)).is_empty());
    assert_eq!(bench.tips(None, 10).len(), 1);
    assert!(bench.due(2).iter().all(|due| due.user == Some(ben.user)));
    // Snapshots that hold the person are gone, of every name; the new one is there.
    assert_eq!(
        bench.sure(|| bench.state.snapshot("registry")).map(|snapshot| (snapshot.position, snapshot.epoch)),
        Some((Position(6), 1))
    );
    assert!(bench.sure(|| bench.state.snapshot("people")).is_none());
    // Nothing of anybody else has changed.
    assert_eq!(of_ben(bench), before);
    assert_eq!(bench.text(&ben, samples::item(1), TextField::Title).as_deref(), Some("Ben's own"));
    assert_eq!(bench.scores(samples::decision_id(4)), scores_of(4).collect::<Vec<_>>());
    assert_eq!(
        bench.append(&taking(&samples::decision(20, ben.user, 2), samples::decision_id(20))),
        crate::ports::Appended::SlotTaken(samples::decision_id(4))
    );
    // The log goes on where it was.
    let head = bench.head();
    assert_eq!(head, Position(6));
    let refused = bench.try_append(&Entry::new(samples::mood(21, ann.user)));
    assert_eq!(refused.map_err(|error| error.kind()), Err(ErrorKind::NotFound));
    assert_eq!(bench.add_event(&samples::mood(22, ben.user)), Position(7));

    receipt(bench);
    // Whoever comes back is somebody new, with free hands.
    let again = bench.sure(|| bench.state.user("ann", Some(super::bench::new_user("ann again"))));
    let again = again.expect("a person was asked to be made");
    assert_ne!(again.user, ann.user);
    bench.add(&taking(&samples::decision(23, again.user, 2), samples::decision_id(23)));
}

fn receipt(bench: &Bench) {
    let read = |bench: &Bench| match bench.query(&Query::Receipt { id: samples::event_id(600) }) {
        Rows::Receipt(receipt) => receipt.expect("the receipt was written"),
        other => panic!("a receipt was answered with {other:?}"),
    };
    assert!(read(bench).contains("\"digest\""));
    assert!(bench.sure(|| bench.state.scrub(true)), "nobody else reads, so the write-ahead log can be truncated");
    assert_eq!(bench.info().erasing, 0);
    assert!(read(bench).contains("\"stage\":\"erased\""), "{}", read(bench));
    assert_eq!(bench.info().newest_receipt, Some(read(bench)));
    let Rows::Receipt(none) = bench.query(&Query::Receipt { id: samples::event_id(601) }) else { panic!("no receipt") };
    assert_eq!(none, None);
    for limit in 0..3 {
        let Rows::Receipts(newest) = bench.query(&Query::Receipts { limit }) else { panic!("no receipts") };
        assert_eq!(newest, [read(bench)][..limit.min(1)]);
    }
}

pub(super) fn late(bench: &Bench) {
    let (ann, ben) = (bench.person("ann"), bench.person("ben"));
    bench.add_event(&samples::decision(1, ann.user, 3));
    bench.add_event(&samples::decision(2, ben.user, 3));
    // Folded before the erasure, written after it.
    let folded = Projection {
        after: Position(0),
        through: Position(2),
        tips: vec![(Position(1), tip(1, ann.user)), (Position(2), tip(2, ben.user))],
        scores: [1, 2].into_iter().flat_map(scores_of).collect(),
    };
    let taken = snapshot("registry", 2);
    forget(bench, &ann, 3);
    assert_eq!(bench.sure(|| bench.state.project(&folded)), Position(2));
    assert_eq!(bench.tips(None, 10), [tip(2, ben.user)]);
    let Rows::Scores(scores) = bench.query(&Query::Scores { decision: samples::decision_id(1) }) else {
        panic!("no scores")
    };
    assert_eq!(scores, []);
    bench.save(&taken);
    bench.save(&snapshot("people", 2));
    assert!(bench.sure(|| bench.state.snapshot("people")).is_none(), "the person is in it");
    assert_eq!(bench.sure(|| bench.state.snapshot("registry")).map(|snapshot| snapshot.position), Some(Position(3)));
    // Forgetting twice changes nothing more; a late reaction is parked without a person.
    let all = bench.all();
    bench.transact(|transaction| transaction.erase(&erasure_of(&ann, 3)));
    assert_eq!(bench.all(), all);
    bench.add_event(&samples::reaction(9, None, samples::decision_id(1), Reaction::Done));
    assert_eq!(bench.info().parked, 1);
}

/// Forgets `person`, with the event numbered 600 that lands at `position`.
pub(super) fn forget(bench: &Bench, person: &UserRecord, position: u64) {
    let erasure = erasure_of(person, position);
    let mut work = |transaction: &mut dyn Transaction| -> Result<()> {
        if transaction.read(Position(position - 1), 1)?.iter().any(is_forgotten) {
            return Ok(());
        }
        transaction.erase(&erasure)?;
        transaction.append(&Entry::new(forgotten(person.user)))?;
        Ok(())
    };
    bench.transact(&mut work);
}

fn is_forgotten(stored: &Stored) -> bool {
    matches!(stored.event.body, EventBody::Forgotten(_))
}

fn erasure_of(person: &UserRecord, position: u64) -> Erasure {
    Erasure {
        user: person.user,
        scope: Scope::Person {
            receipt: samples::event_id(600),
            receipt_json: r#"{"stage":"erasing","digest":"00"}"#.to_owned(),
        },
        snapshot: Some(Snapshot { epoch: 1, ..snapshot("registry", position) }),
    }
}

fn forgotten(user: Pseudonym) -> Event {
    let fact = ForgottenFact {
        pseudonym_digest: user.digest(),
        receipt: samples::event_id(600),
        epoch: 1,
        state_hash: [0; 32],
        chain: [0; 32],
    };
    samples::event(600, None, EventBody::Forgotten(fact))
}
