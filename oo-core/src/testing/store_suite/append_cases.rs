//! Cases of the log: order, identity, atomicity, the pull slot, requests, parking.

use std::sync::Arc;

use super::bench::{Bench, releasing, taking, with_text};
use crate::error::{Error, ErrorKind};
use crate::event::{Event, EventBody, Stored};
use crate::id::{ItemKey, Position, Pseudonym};
use crate::moment::{DAY_MS, Moment};
use crate::ports::{Appended, Detail, DueKind, Entry, Scan, Snapshot, TextField};
use crate::reaction::Reaction;
use crate::testing::samples;

pub(super) fn empty(bench: &Bench) {
    assert_eq!(bench.head(), Position(0));
    assert!(bench.all().is_empty());
    assert!(bench.sure(|| bench.log.of_user(Pseudonym([1; 16]), Position(0), Position(u64::MAX))).is_empty());
    assert!(bench.sure(|| bench.log.of_decision(samples::decision_id(1))).is_empty());
    assert!(bench.sure(|| bench.state.snapshot("registry")).is_none());
    let info = bench.info();
    assert_eq!((info.projected, info.parked, info.users, info.erasing), (Position(0), 0, 0, 0));
    bench.transact(|_| Ok(()));
    assert_eq!(bench.head(), Position(0));
}

pub(super) fn positions_rise(bench: &Bench) {
    let (ann, ben) = (bench.person("ann").user, bench.person("ben").user);
    for number in 1..=20 {
        let user = if number % 3 == 0 { ben } else { ann };
        assert_eq!(bench.add_event(&samples::mood(number, user)), Position(number));
        assert_eq!(bench.head(), Position(number));
    }
    let middle = bench.sure(|| bench.log.read(Position(7), 5));
    assert_eq!(middle.iter().map(|stored| stored.position.0).collect::<Vec<_>>(), [8, 9, 10, 11, 12]);
    assert_eq!(middle[0].event, samples::mood(8, ann));
    assert!(bench.sure(|| bench.log.read(Position(20), 5)).is_empty());
    assert!(bench.sure(|| bench.log.read(Position(u64::MAX), 5)).is_empty());
    assert!(bench.sure(|| bench.log.read(Position(0), 0)).is_empty());
    let of_ben = bench.sure(|| bench.log.of_user(ben, Position(3), Position(12)));
    assert_eq!(of_ben.iter().map(|stored| stored.position.0).collect::<Vec<_>>(), [6, 9, 12]);
}

pub(super) fn every_body(bench: &Bench) {
    let user = bench.person("ann").user;
    let events = samples::every_body(user);
    bench.transact(|transaction| {
        events.iter().try_for_each(|event| transaction.append(&Entry::new(event.clone())).map(|_| ()))
    });
    let stored: Vec<Event> = bench.all().into_iter().map(|stored| stored.event).collect();
    assert_eq!(stored, events);
}

pub(super) fn scan(bench: &Bench) {
    let user = bench.person("ann").user;
    let mut events = samples::every_body(user);
    events.extend((100..110).map(|number| samples::decision(number, user, 1 + number as usize % 10)));
    for event in &events {
        bench.add_event(event);
    }
    let all = bench.all();
    let scanned = |scan: Scan| {
        bench.sure(|| {
            let mut seen = Vec::new();
            bench.log.scan(&scan, &mut |stored| {
                seen.push(stored);
                Ok(())
            })?;
            Ok(seen)
        })
    };
    let everything = Scan { after: Position(0), through: Position(u64::MAX), detail: Detail::Whole };
    assert_eq!(scanned(everything), all);
    let part = Scan { after: Position(7), through: Position(12), ..everything };
    assert_eq!(scanned(part), all[7..12]);
    for nothing in [(12, 12), (12, 7), (u64::MAX, u64::MAX), (all.len() as u64, u64::MAX)] {
        let nothing = Scan { after: Position(nothing.0), through: Position(nothing.1), ..everything };
        assert!(scanned(nothing).is_empty(), "{nothing:?}");
    }
    let drawn = |stored: &Stored| Stored {
        event: Event { body: stored.event.body.clone().drawn_alone(), ..stored.event.clone() },
        ..*stored
    };
    let head = Position(all.len() as u64);
    assert_eq!(scanned(Scan::drawn(head)), all.iter().map(drawn).collect::<Vec<_>>());
    let mut left = 3;
    let refused = bench.log.scan(&everything, &mut |_| {
        left -= 1;
        if left == 0 { Err(Error::invalid("scan", "enough")) } else { Ok(()) }
    });
    // A store that fails may fail before it.
    let kind = refused.expect_err("the visitor refused").kind();
    assert!(left == 0 || kind != ErrorKind::InvalidInput, "{kind:?}, {left} left");
}

pub(super) fn once(bench: &Bench) {
    let ann = bench.person("ann");
    let first = samples::mood(1, ann.user);
    bench.add(&with_text(&first, &ann, samples::item(1), TextField::Notes, "first"));
    bench.add_event(&samples::mood(2, ann.user));
    let again = with_text(
        &samples::event(1, Some(ann.user), samples::mood(3, ann.user).body),
        &ann,
        samples::item(1),
        TextField::Notes,
        "again",
    );
    assert_eq!(bench.append(&again), Appended::Duplicate(Position(1)));
    assert_eq!(bench.head(), Position(2));
    assert_eq!(bench.text(&ann, samples::item(1), TextField::Notes).as_deref(), Some("first"));
    assert_eq!(bench.all()[0].event, first);
    bench.transact(|transaction| {
        let both = [
            transaction.append(&Entry::new(samples::mood(3, ann.user)))?,
            transaction.append(&Entry::new(samples::mood(3, ann.user)))?,
        ];
        assert_eq!(both[1], Appended::Duplicate(Position(3)));
        Ok(())
    });
    assert_eq!(bench.head(), Position(3));
}

pub(super) fn all_or_nothing(bench: &Bench) {
    let ann = bench.person("ann");
    bench.add_event(&samples::mood(1, ann.user));
    let failed = bench.attempt(|| {
        bench.log.transact(&mut |transaction| {
            transaction.append(&with_text(
                &samples::mood(2, ann.user),
                &ann,
                samples::item(2),
                TextField::Title,
                "gone",
            ))?;
            transaction.append(&taking(&samples::decision(3, ann.user, 2), samples::decision_id(3)))?;
            transaction.append(&Entry::new(samples::reaction(4, None, samples::decision_id(9), Reaction::Done)))?;
            transaction.save_snapshot(&snapshot("registry", 3))?;
            Err(Error::invalid("here", "the caller changed its mind"))
        })
    });
    assert_eq!(failed.map_err(|error| error.kind()), Err(ErrorKind::InvalidInput));
    assert_eq!(bench.head(), Position(1));
    assert_eq!(bench.text(&ann, samples::item(2), TextField::Title), None);
    assert!(bench.sure(|| bench.state.snapshot("registry")).is_none());
    assert_eq!(bench.info().parked, 0);
    // The slot is free, and the position is used by the next.
    assert_eq!(bench.add(&taking(&samples::decision(3, ann.user, 2), samples::decision_id(3))), Position(2));
}

pub(super) fn own_appends(bench: &Bench) {
    let ann = bench.person("ann").user;
    bench.add_event(&samples::mood(1, ann));
    bench.transact(|transaction| {
        let before = transaction.head()?;
        transaction.append(&Entry::new(samples::mood(2, ann)))?;
        assert_eq!(transaction.head()?.0, 2, "from {before:?}");
        let seen = transaction.read(Position(0), 10)?;
        assert_eq!(seen.iter().map(|stored| stored.position.0).collect::<Vec<_>>(), [1, 2]);
        assert_eq!(transaction.read(Position(0), 1)?.len(), 1);
        Ok(())
    });
}

pub(super) fn slot(bench: &Bench) {
    let (ann, ben) = (bench.person("ann").user, bench.person("ben").user);
    let (one, two) = (samples::decision_id(1), samples::decision_id(2));
    bench.add(&taking(&samples::decision(1, ann, 2), one));
    // Another decision is refused and leaves nothing; another person is free.
    assert_eq!(bench.append(&taking(&samples::decision(2, ann, 2), two)), Appended::SlotTaken(one));
    assert_eq!(bench.head(), Position(1));
    bench.add(&taking(&samples::decision(3, ben, 2), samples::decision_id(3)));
    // The same decision again is the same decision, also for an event of its own.
    assert_eq!(bench.append(&taking(&samples::decision(1, ann, 2), one)), Appended::Duplicate(Position(1)));
    let returned = samples::event(4, Some(ann), EventBody::Returned { decision: one });
    assert_eq!(bench.add(&taking(&returned, one)), Position(3));
    // Only its holder can free it.
    bench.add(&releasing(&samples::reaction(5, Some(ann), two, Reaction::Done), two));
    assert_eq!(bench.append(&taking(&samples::decision(2, ann, 2), two)), Appended::SlotTaken(one));
    bench.add(&releasing(&samples::reaction(6, Some(ann), one, Reaction::Done), one));
    bench.add(&taking(&samples::decision(2, ann, 2), two));
    // A repetition of what was released before does not free what is held now.
    assert!(matches!(
        bench.append(&releasing(&samples::reaction(6, Some(ann), two, Reaction::Done), two)),
        Appended::Duplicate(_)
    ));
    assert_eq!(bench.append(&taking(&samples::decision(7, ann, 2), samples::decision_id(7))), Appended::SlotTaken(two));
}

pub(super) fn request(bench: &Bench) {
    let (ann, ben) = (bench.person("ann").user, bench.person("ben").user);
    let asked = |number: u64, user: Pseudonym, request: u64| {
        let mut decision = samples::decision_body(number, 2);
        decision.request = Some(samples::item(request));
        samples::event(number, Some(user), EventBody::Decision(Arc::new(decision)))
    };
    let at = bench.add(&taking(&asked(1, ann, 50), samples::decision_id(1)));
    // While its decision is open, after another has taken the slot, and without a slot at all.
    assert_eq!(bench.append(&taking(&asked(2, ann, 50), samples::decision_id(2))), Appended::Duplicate(at));
    bench.add(&releasing(
        &samples::reaction(3, Some(ann), samples::decision_id(1), Reaction::Done),
        samples::decision_id(1),
    ));
    assert_eq!(bench.append(&taking(&asked(4, ann, 50), samples::decision_id(4))), Appended::Duplicate(at));
    // That refusal did not take the slot.
    bench.add(&taking(&asked(5, ann, 51), samples::decision_id(5)));
    assert_eq!(bench.append(&taking(&asked(6, ann, 50), samples::decision_id(6))), Appended::Duplicate(at));
    assert_eq!(bench.append(&Entry::new(asked(7, ann, 50))), Appended::Duplicate(at));
    assert_eq!(
        bench.append(&taking(&asked(8, ann, 52), samples::decision_id(8))),
        Appended::SlotTaken(samples::decision_id(5))
    );
    // Neither has a repetition of a known event.
    let repeated = Event { id: samples::event_id(1), ..asked(11, ann, 53) };
    assert_eq!(bench.append(&Entry::new(repeated)), Appended::Duplicate(at));
    bench.add(&Entry::new(asked(12, ann, 53)));
    // What was refused for the slot has not used its request id up; another person's ids are their own.
    bench.add(&releasing(
        &samples::reaction(9, Some(ann), samples::decision_id(5), Reaction::Done),
        samples::decision_id(5),
    ));
    bench.add(&taking(&asked(8, ann, 52), samples::decision_id(8)));
    bench.add(&taking(&asked(10, ben, 50), samples::decision_id(10)));
}

pub(super) fn stranger(bench: &Bench) {
    let refused = bench.try_append(&Entry::new(samples::mood(1, Pseudonym([9; 16]))));
    assert_eq!(refused.map_err(|error| error.kind()), Err(ErrorKind::NotFound));
    // A refused entry leaves the rest of its transaction alone.
    let ann = bench.person("ann").user;
    bench.transact(|transaction| {
        transaction.append(&Entry::new(samples::mood(2, ann)))?;
        match transaction.append(&Entry::new(samples::mood(3, Pseudonym([9; 16])))) {
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
            Ok(appended) => panic!("a stranger's event was {appended:?}"),
        }
        transaction.append(&Entry::new(samples::mood(4, ann))).map(|_| ())
    });
    assert_eq!(bench.head(), Position(2));
}

pub(super) fn of_decision(bench: &Bench) {
    let ann = bench.person("ann").user;
    let decision = samples::decision_id(2);
    bench.add_event(&samples::reaction(1, None, decision, Reaction::Done));
    bench.add_event(&samples::decision(2, ann, 3));
    bench.add_event(&samples::mood(3, ann));
    bench.add_event(&samples::reaction(4, Some(ann), decision, Reaction::Shown));
    bench.add_event(&samples::event(5, Some(ann), EventBody::Horizon { decision }));
    bench.add_event(&samples::decision(6, ann, 3));
    let events = bench.sure(|| bench.log.of_decision(decision));
    assert_eq!(events.iter().map(|stored| stored.position.0).collect::<Vec<_>>(), [1, 2, 4, 5]);
}

pub(super) fn parking(bench: &Bench) {
    let ann = bench.person("ann").user;
    let decision = samples::decision_id(10);
    let early = samples::reaction(1, None, decision, Reaction::Done);
    bench.add_event(&early);
    bench.add_event(&samples::reaction(2, None, decision, Reaction::Shown));
    bench.add_event(&samples::reaction(3, None, samples::decision_id(11), Reaction::Done));
    assert!(matches!(bench.append(&Entry::new(early.clone())), Appended::Duplicate(_)));
    assert_eq!(bench.info().parked, 3);

    let due = bench.due(early.recorded_ms + DAY_MS);
    assert_eq!(due.len(), 1, "each decision once, when its first reaction is due");
    assert_eq!(
        (due[0].decision, due[0].kind, due[0].user, due[0].due_ms),
        (decision, DueKind::Parking, None, early.recorded_ms + DAY_MS)
    );
    assert!(bench.due(early.recorded_ms + DAY_MS - 1).is_empty());

    // The decision lands: they can be joined, and wait no longer.
    bench.transact(|transaction| {
        transaction.append(&Entry::new(samples::decision(10, ann, 2)))?;
        let waiting = transaction.parked(decision)?;
        assert_eq!(waiting.iter().map(|stored| stored.position.0).collect::<Vec<_>>(), [1, 2]);
        Ok(())
    });
    assert_eq!(bench.info().parked, 1);

    // The other one lapses, and with it what was due by then; a later reaction waits on.
    let other = samples::decision_id(11);
    let later = samples::reaction(13, None, other, Reaction::Done);
    bench.add_event(&later);
    let lapse = |number: u64, reaction: &Event| {
        let due_ms = reaction.recorded_ms + DAY_MS;
        let lapse = samples::event(number, None, EventBody::ParkingLapsed { decision: other });
        Event { moment: Moment::utc(due_ms), ..lapse }
    };
    let first = lapse(12, &samples::reaction(3, None, other, Reaction::Done));
    bench.add_event(&first);
    assert_eq!(bench.info().parked, 1);
    let waiting = |bench: &Bench| {
        let mut waiting = Vec::new();
        bench.transact(|transaction| {
            waiting = transaction.parked(other)?.into_iter().map(|stored| stored.event.id).collect();
            Ok(())
        });
        waiting
    };
    assert_eq!(waiting(bench), [later.id]);
    bench.add_event(&lapse(14, &later));
    assert_eq!(waiting(bench), [], "what lapsed is dropped");
    assert!(bench.due(i64::MAX).is_empty());
    assert_eq!(bench.info().parked, 0);
    // The same reaction again was never new; another one that is due as early ends with the repetition of the lapse.
    assert!(matches!(bench.append(&Entry::new(later)), Appended::Duplicate(_)));
    let early =
        Event { recorded_ms: first.recorded_ms - DAY_MS, ..samples::reaction(15, None, other, Reaction::Shown) };
    bench.add_event(&early);
    assert_eq!(bench.info().parked, 1);
    assert!(matches!(
        bench.append(&Entry::new(Event { moment: Moment::utc(early.recorded_ms + DAY_MS), ..first })),
        Appended::Duplicate(_)
    ));
    assert_eq!(bench.info().parked, 0);
}

pub(super) fn parking_full(bench: &Bench) {
    const MOST: u64 = 10_000;
    for batch in 0..10 {
        bench.transact(|transaction| {
            for number in batch * 1_000..(batch + 1) * 1_000 {
                let entry = Entry::new(samples::reaction(number, None, samples::decision_id(number), Reaction::Done));
                // A faulty store interrupts a thousand appends too often to ever finish them: repeat each.
                while let Err(error) = transaction.append(&entry) {
                    if !super::bench::is_injected(&error) {
                        return Err(error);
                    }
                }
            }
            Ok(())
        });
    }
    assert_eq!(bench.info().parked, MOST);
    let head = bench.head();
    let more = samples::reaction(MOST, None, samples::decision_id(MOST), Reaction::Done);
    assert_eq!(bench.append(&Entry::new(more)), Appended::ParkingFull);
    assert_eq!(bench.head(), head);
    let known = samples::reaction(5, None, samples::decision_id(5), Reaction::Done);
    assert_eq!(bench.append(&Entry::new(known)), Appended::Duplicate(Position(6)));
}

pub(super) fn snapshot(name: &str, position: u64) -> Snapshot {
    Snapshot { name: name.to_owned(), position: Position(position), epoch: 0, bytes: position.to_le_bytes().to_vec() }
}

/// The item key under which a tip's text is kept.
pub(super) fn tip_item(number: u64) -> ItemKey {
    ItemKey(samples::decision_id(number).0)
}
