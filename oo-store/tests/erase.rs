//! Forgetting, looked at from outside: after it no file of the store holds anything of the person.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test fails by panicking and may look at the clock"
)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use oo_core::event::{EventBody, ForgottenFact};
use oo_core::id::{EventId, ItemKey, Position, hex};
use oo_core::ports::{
    Entry, Erasure, EventLog, Projection, Query, Rows, Scope, ScoreRow, Slot, Snapshot, StateStore, TextField,
    TextWrite, TipRow, UserRecord,
};
use oo_core::reaction::Reaction;
use oo_core::testing::samples;
use oo_store::{Options, SqliteStore};
use support::Place;

/// What a person is recognised by, byte for byte.
type Traces = BTreeMap<String, Vec<u8>>;

/// Several decisions, reactions, signals and texts of one person; the traces they leave.
fn live(store: &SqliteStore, number: u64, rounds: u64) -> UserRecord {
    let caller_id = format!("caller-{number:05}");
    let person = support::person(store, &caller_id);
    for round in 0..rounds {
        let serial = number * 1_000 + round * 3;
        let decision = samples::decision_id(serial);
        let text = |item: ItemKey, field, what: &str| TextWrite {
            item,
            field,
            text: format!("{what} of {caller_id}, {serial}"),
        };
        let mut body = samples::decision_body(serial, 4);
        body.request = Some(samples::item(serial));
        let decided = samples::event(serial, Some(person.user), EventBody::Decision(Arc::new(body)));
        let entries = [
            Entry {
                key: Some(person.key.clone()),
                texts: vec![
                    text(samples::item(serial), TextField::Title, "A title"),
                    text(samples::item(serial), TextField::Notes, &"Notes ".repeat(serial as usize % 90)),
                ],
                ..Entry::new(samples::mood(serial + 1, person.user))
            },
            Entry {
                key: Some(person.key.clone()),
                texts: vec![text(ItemKey(decision.0), TextField::Tip, "A tip")],
                slot: Slot::Take(decision),
                ..Entry::new(decided)
            },
            Entry {
                slot: Slot::Release(decision),
                ..Entry::new(samples::reaction(serial + 2, Some(person.user), decision, Reaction::Done))
            },
        ];
        for entry in &entries {
            support::append(store, entry).unwrap();
        }
    }
    person
}

fn project_all(store: &SqliteStore) {
    let Rows::Info(info) = store.query(&Query::Info).unwrap() else { panic!("no facts") };
    let mut projection = Projection { after: info.projected, through: store.head().unwrap(), ..Projection::default() };
    for stored in store.read(info.projected, usize::MAX).unwrap() {
        let (EventBody::Decision(decision), Some(user)) = (&stored.event.body, stored.event.user) else { continue };
        let chosen = decision.chosen().unwrap();
        projection.tips.push((
            stored.position,
            TipRow {
                decision: decision.id,
                user,
                position: stored.position,
                decided_ms: stored.event.moment.at_ms,
                policy: decision.policy.clone(),
                key: chosen.key,
                arm: chosen.arm.0.clone(),
                kind: chosen.kind.as_str(),
                propensity: decision.propensity(),
                holdout: decision.holdout,
                state: "open",
                reward: None,
                shown_ms: None,
                due_ms: Some(1),
            },
        ));
        projection.scores.extend(decision.candidates.iter().zip(0..).map(|(candidate, index)| ScoreRow {
            position: stored.position,
            index,
            key: candidate.key,
            arm: candidate.arm.0.clone(),
            score: 0.5,
            propensity: 0.25,
        }));
    }
    store.project(&projection).unwrap();
}

fn forget(store: &SqliteStore, person: &UserRecord) -> EventId {
    let receipt = EventId::derived("receipt", &[&person.user.0]);
    let digest = person.user.digest();
    store
        .transact(&mut |transaction| {
            let fact =
                ForgottenFact { pseudonym_digest: digest, receipt, epoch: 1, state_hash: [0; 32], chain: [0; 32] };
            let mut event = samples::event(0, None, EventBody::Forgotten(fact));
            event.id = receipt;
            transaction.append(&Entry::new(event))?;
            let position = transaction.head()?;
            transaction.erase(&Erasure {
                user: person.user,
                scope: Scope::Person { receipt, receipt_json: r#"{"stage":"erasing"}"#.to_owned() },
                snapshot: Some(Snapshot { name: "registry".to_owned(), position, epoch: 1, bytes: vec![1; 10_000] }),
            })
        })
        .unwrap();
    receipt
}

/// What the database holds of `person`, read past the store.
fn traces(place: &Place, person: &UserRecord) -> Traces {
    let conn = rusqlite::Connection::open(&place.path).unwrap();
    let mut traces = Traces::new();
    traces.insert("pseudonym".to_owned(), person.user.0.to_vec());
    let mut take = |what: &str, query: &str| {
        let mut statement = conn.prepare(query).unwrap();
        let rows = statement.query_map([person.user.0], |row| row.get::<_, Vec<u8>>(0)).unwrap();
        for (index, row) in rows.enumerate() {
            traces.insert(format!("{what} {index}"), row.unwrap());
        }
    };
    take("wrapped key", "SELECT wrapped FROM keys JOIN users USING (number) WHERE user = ?1");
    take("lookup", "SELECT lookup FROM users WHERE user = ?1");
    take("sealed text", "SELECT substr(sealed, 1, 60) FROM texts WHERE user = ?1");
    take("event", "SELECT substr(bytes, 1, 60) FROM events WHERE user = ?1");
    take("decision", "SELECT DISTINCT decision FROM events WHERE user = ?1 AND decision IS NOT NULL");
    traces
}

/// Forgets two thirds of 120 people, in an order that makes pages merge from all sides, and gives the kinds of traces
/// that are found afterwards in any file.
fn forget_many(rewrite_below: u64) -> BTreeSet<String> {
    let place = Place::new();
    let store = support::open_with(&place.path, Options { rewrite_below, ..support::options() }).unwrap();
    let people: Vec<UserRecord> = (0..120).map(|number| live(&store, number, 6)).collect();
    project_all(&store);
    let order = (0..120).map(|number| (number * 37) % 120);
    let leaving: Vec<usize> = order.filter(|number| number % 3 != 1).collect();
    let mut left = Traces::new();
    for &number in &leaving {
        let traces = traces(&place, &people[number]);
        assert!(traces.len() > 25, "a person leaves traces to look for");
        left.extend(traces.into_iter().map(|(what, bytes)| (format!("{what} of {number}"), bytes)));
        left.insert(format!("caller id of {number}"), format!("caller-{number:05}").into_bytes());
    }
    let stays = traces(&place, &people[1]);

    for &number in &leaving {
        forget(&store, &people[number]);
    }
    assert!(store.scrub().unwrap());

    let files = place.files();
    let found = |traces: &Traces| -> BTreeSet<String> {
        files.iter().flat_map(|(_, file)| support::found_in(file, traces)).collect()
    };
    assert_eq!(found(&stays).len(), stays.len(), "the search finds what is there");
    let list = std::fs::read_to_string(place.folder.path().join("oo.db.forgotten")).unwrap();
    assert_eq!(list.lines().count(), leaving.len());
    assert!(leaving.iter().all(|&number| list.contains(&hex(&people[number].user.digest()))));
    let of_one = store.of_user(people[1].user, Position(0), Position(u64::MAX)).unwrap();
    assert_eq!(of_one.len(), 18, "others keep what is theirs");
    found(&left)
}

#[test]
fn s23_no_file_holds_anything_of_a_forgotten_person() {
    assert_eq!(forget_many(u64::MAX), BTreeSet::new());
}

#[test]
fn s23_no_wrapped_key_and_no_id_is_left_where_a_database_is_too_large_to_be_rewritten() {
    let found = forget_many(0);
    assert!(!found.iter().any(|what| what.starts_with("wrapped key") || what.starts_with("caller id")), "{found:?}");
}

#[test]
fn a_receipt_is_erasing_while_somebody_reads_and_erased_afterwards() {
    let place = Place::new();
    let store = place.open();
    let ann = live(&store, 1, 2);
    let reader = rusqlite::Connection::open(&place.path).unwrap();
    reader.execute_batch("BEGIN; SELECT * FROM events LIMIT 1").unwrap();
    let receipt = forget(&store, &ann);
    assert!(!store.scrub().unwrap());
    let stage = |store: &SqliteStore| match store.query(&Query::Receipt { id: receipt }).unwrap() {
        Rows::Receipt(Some(json)) => json,
        other => panic!("{other:?}"),
    };
    assert_eq!(stage(&store), r#"{"stage":"erasing"}"#);
    reader.execute_batch("ROLLBACK").unwrap();
    drop((reader, store));
    // Whoever opens the database next finishes it.
    let store = place.open();
    assert_eq!(stage(&store), r#"{"stage":"erased"}"#);
}

#[test]
fn a_restored_backup_tells_whom_to_forget_again() {
    let place = Place::new();
    let store = place.open();
    let (ann, ben) = (live(&store, 1, 1), live(&store, 2, 1));
    drop(store);
    let backup = std::fs::read(&place.path).unwrap();
    let store = place.open();
    assert_eq!(store.resurrected().unwrap(), []);
    forget(&store, &ann);
    assert_eq!(store.resurrected().unwrap(), []);
    drop(store);
    std::fs::write(&place.path, backup).unwrap();
    let store = place.open();
    assert_eq!(store.resurrected().unwrap(), [ann.user]);
    assert!(store.user("caller-00002", None).unwrap() == Some(ben));
}

#[test]
fn an_erasure_that_is_not_committed_is_not_listed() {
    let place = Place::new();
    let store = place.open();
    let ann = live(&store, 1, 1);
    // The last event of the log goes and nothing is appended: positions would be used twice.
    let erased = store.transact(&mut |transaction| {
        transaction.erase(&Erasure {
            user: ann.user,
            scope: Scope::Person { receipt: EventId([1; 16]), receipt_json: "{}".to_owned() },
            snapshot: Some(Snapshot {
                name: "registry".to_owned(),
                position: Position(9),
                epoch: 1,
                bytes: Vec::new(),
            }),
        })
    });
    assert_eq!(erased.unwrap_err().kind(), oo_core::ErrorKind::Internal);
    assert_eq!(store.head().unwrap(), Position(3));
    assert!(!place.folder.path().join("oo.db.forgotten").exists());
}
