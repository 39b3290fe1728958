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
    Entry, Erasure, EventLog, Query, Rows, Scope, SecretStore as _, Slot, Snapshot, StateStore, Upkeep as _, UserRecord,
};
use oo_core::retention::Trim;
use oo_core::secret::{Secret, SecretOwner, SecretPurpose};
use oo_core::signal::SignalKind;
use oo_core::testing::samples;
use oo_store::{Options, SqliteStore};
use support::Place;
use support::child::{Other, role, say};
use support::people::{live, project_all};

/// What a child does: it trims the people that the other test made, and is killed before it truncates anything.
#[test]
#[ignore = "started by the other tests as a process of its own"]
fn child() {
    let Some((_, path)) = role() else { return };
    let store = support::open(&path).unwrap();
    for number in (0..60).map(|number| (number * 37) % 60).filter(|number| number % 3 != 1) {
        trim(&store, &support::person(&store, &format!("caller-{number:05}")));
    }
    say("trimmed");
    loop {
        std::thread::park();
    }
}

/// What a person is recognised by, byte for byte.
type Traces = BTreeMap<String, Vec<u8>>;

fn forget(store: &SqliteStore, person: &UserRecord) -> EventId {
    try_forget(store, person).unwrap()
}

fn try_forget(store: &SqliteStore, person: &UserRecord) -> oo_core::Result<EventId> {
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
        .map(|()| receipt)
}

/// Erases every event and text of `person`, who stays: as retention does.
fn trim(store: &SqliteStore, person: &UserRecord) {
    let events = store.of_user(person.user, Position(0), Position(u64::MAX)).unwrap();
    let mut trim = Trim { events: events.iter().map(|stored| stored.position).collect(), ..Trim::default() };
    for stored in &events {
        if let EventBody::Decision(decision) = &stored.event.body {
            trim.decisions.push(decision.id);
            trim.items.push(ItemKey(decision.id.0));
            trim.items.extend(decision.request);
        }
    }
    store
        .transact(&mut |transaction| {
            let mut event = samples::mood(900_000, person.user);
            event.id = EventId::derived("trimmed", &[&person.user.0]);
            transaction.append(&Entry::new(event))?;
            transaction.erase(&Erasure { user: person.user, scope: Scope::Part(trim.clone()), snapshot: None })
        })
        .unwrap();
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

/// Forgets two thirds of 120 people, in an order that makes pages merge from all sides, and gives the traces that are
/// found afterwards in any file; then those that are found once the database was compacted.
fn forget_many(rewrite_below: u64) -> [BTreeSet<String>; 2] {
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
    assert!(store.scrub(true).unwrap());

    let found = |traces: &Traces| -> BTreeSet<String> {
        place.files().iter().flat_map(|(_, file)| support::found_in(file, traces)).collect()
    };
    let after = found(&left);
    store.compact().unwrap();
    assert_eq!(found(&stays).len(), stays.len(), "the search finds what is there");
    let list = std::fs::read_to_string(place.folder.path().join("oo.db.forgotten")).unwrap();
    assert_eq!(list.lines().count(), leaving.len());
    assert!(leaving.iter().all(|&number| list.contains(&hex(&people[number].user.digest()))));
    let of_one = store.of_user(people[1].user, Position(0), Position(u64::MAX)).unwrap();
    assert_eq!(of_one.len(), 18, "others keep what is theirs");
    [after, found(&left)]
}

#[test]
fn s23_no_file_holds_anything_of_a_forgotten_person() {
    assert_eq!(forget_many(u64::MAX), [BTreeSet::new(), BTreeSet::new()]);
}

#[test]
fn s23_no_wrapped_key_and_no_id_is_left_where_a_database_is_too_large_to_be_rewritten() {
    let [found, compacted] = forget_many(0);
    println!("in unused parts of pages: {found:?}");
    assert!(!found.is_empty(), "unused parts of pages keep something, or this test shows nothing");
    assert!(!found.iter().any(|what| what.starts_with("wrapped key") || what.starts_with("caller id")), "{found:?}");
    assert_eq!(compacted, BTreeSet::new());
}

#[test]
fn s23_what_was_erased_in_part_is_gone_from_every_file_after_a_crash() {
    let place = Place::new();
    let store = place.open();
    let people: Vec<UserRecord> = (0..60).map(|number| live(&store, number, 6)).collect();
    project_all(&store);
    let mut left = Traces::new();
    for number in (0..60).filter(|number| number % 3 != 1) {
        let held = traces(&place, &people[number]).into_iter();
        let goes = held.filter(|(what, _)| ["sealed", "event", "decision"].iter().any(|kind| what.starts_with(kind)));
        left.extend(goes.map(|(what, bytes)| (format!("{what} of {number}"), bytes)));
    }
    assert!(left.len() > 40 * 20);
    drop(store);
    let mut other = Other::start("trim", &place.path, "");
    other.until("trimmed");
    other.kill();
    let found = |place: &Place| -> BTreeSet<String> {
        place.files().iter().flat_map(|(_, file)| support::found_in(file, &left)).collect()
    };
    assert!(found(&place).len() > 40, "the write-ahead log keeps it until somebody opens the database");

    let store = place.open();
    assert_eq!(found(&place), BTreeSet::new());
    for (number, person) in people.iter().enumerate() {
        let events = store.of_user(person.user, Position(0), Position(u64::MAX)).unwrap();
        assert_eq!(events.len(), if number % 3 == 1 { 18 } else { 1 });
    }
    let marked = "SELECT count(*) FROM meta WHERE key = 'unscrubbed'";
    let conn = rusqlite::Connection::open(&place.path).unwrap();
    let marks = || conn.query_row(marked, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(marks(), 0, "nothing is left to do");
    // One attempt, while somebody reads: the mark stays, and nobody is waited for.
    let reader = rusqlite::Connection::open(&place.path).unwrap();
    reader.execute_batch("BEGIN; SELECT * FROM events LIMIT 1").unwrap();
    trim(&store, &people[1]);
    let start = std::time::Instant::now();
    assert!(!store.scrub(false).unwrap());
    assert!(start.elapsed() < std::time::Duration::from_millis(250), "{:?}", start.elapsed());
    assert_eq!(marks(), 1);
    reader.execute_batch("ROLLBACK").unwrap();
    assert!(store.scrub(false).unwrap());
    assert_eq!(marks(), 0);
}

#[test]
fn a_receipt_is_erasing_while_somebody_reads_and_erased_afterwards() {
    let place = Place::new();
    let store = place.open();
    let ann = live(&store, 1, 2);
    let reader = rusqlite::Connection::open(&place.path).unwrap();
    reader.execute_batch("BEGIN; SELECT * FROM events LIMIT 1").unwrap();
    let receipt = forget(&store, &ann);
    assert!(!store.scrub(true).unwrap());
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

#[test]
fn s23_a_line_of_the_list_is_never_taken_back_and_forgets_at_the_next_opening() {
    let place = Place::new();
    let store = place.open();
    let (ann, ben) = (live(&store, 1, 1), live(&store, 2, 1));
    // A constraint that is looked at when the transaction commits, and not before.
    let other = rusqlite::Connection::open(&place.path).unwrap();
    other
        .execute_batch(
            "CREATE TABLE parent (id INTEGER PRIMARY KEY);
             CREATE TABLE child (id INTEGER REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED);
             CREATE TRIGGER fails AFTER INSERT ON receipts BEGIN INSERT INTO child VALUES (1); END;",
        )
        .unwrap();
    assert!(try_forget(&store, &ann).is_err(), "the commit fails");
    let list = place.folder.path().join("oo.db.forgotten");
    let line = |person: &UserRecord| hex(&person.user.digest());
    assert_eq!(std::fs::read_to_string(&list).unwrap(), line(&ann) + "\n");
    assert_eq!(store.of_user(ann.user, Position(0), Position(u64::MAX)).unwrap().len(), 3);
    assert_eq!(store.resurrected().unwrap(), [ann.user], "who asked for it is forgotten when it is opened next");
    other.execute_batch("DROP TRIGGER fails; DROP TABLE child; DROP TABLE parent").unwrap();
    forget(&store, &ben);
    forget(&store, &ann);
    let lines = std::fs::read_to_string(&list).unwrap();
    assert_eq!(lines.lines().collect::<Vec<_>>(), [line(&ann), line(&ben), line(&ann)], "twice does no harm");
    assert_eq!(store.resurrected().unwrap(), []);
}

/// A line of a withdrawal that failed, under a clock that was ahead: what was said after it stands.
#[test]
fn s23_positions_tell_what_was_said_after_a_withdrawal() {
    let place = Place::new();
    let store = place.open();
    let ann = live(&store, 1, 1);
    let consent = samples::event(77, Some(ann.user), EventBody::Consent { kind: SignalKind::Task, granted: true });
    let appended = store.transact(&mut |transaction| transaction.append(&Entry::new(consent.clone())).map(|_| ()));
    appended.unwrap();
    let said = store.head().unwrap().0;
    let life: String = rusqlite::Connection::open(&place.path)
        .unwrap()
        .query_row("SELECT lower(hex(value)) FROM meta WHERE key = 'incarnation'", [], |row| row.get(0))
        .unwrap();
    let other = "00".repeat(16);
    let late = consent.recorded_ms + 1;
    for (at_ms, place_in_log, unheard) in [
        (late, format!(" {said} {life}"), false),
        (late, format!(" {} {life}", said + 1), true),
        (late, format!(" {said} {other}"), true),
        (late - 1, format!(" {} {other}", said + 1), false),
        (late, String::new(), true),
        (late - 1, String::new(), false),
    ] {
        let event = EventId([9; 16]);
        let line = format!("withdrawn {} task {at_ms} {event}{place_in_log}\n", hex(&ann.user.digest()));
        std::fs::write(place.folder.path().join("oo.db.forgotten"), &line).unwrap();
        let wanted = if unheard { vec![(ann.user, SignalKind::Task, at_ms)] } else { Vec::new() };
        assert_eq!(store.revived().unwrap().withdrawn, wanted, "{line}");
    }
}

#[test]
fn every_table_that_names_a_person_is_looked_at_for_who_is_held() {
    let mut tables = vec![String::new()];
    while let Some(only) = tables.pop() {
        let place = Place::new();
        let store = place.open();
        let ann = live(&store, 1, 1);
        let taken = samples::decision_id(77);
        let open = samples::event(900, Some(ann.user), EventBody::Decision(Arc::new(samples::decision_body(77, 2))));
        support::append(&*store, &Entry { slot: Slot::Take(taken), ..Entry::new(open) }).unwrap();
        let token = SecretPurpose::parse("token").unwrap();
        store.put_secret(&SecretOwner::Store, &token, &Secret::from("the store's")).unwrap();
        store.put_secret(&SecretOwner::Person(ann.clone()), &token, &Secret::from("ann's")).unwrap();
        project_all(&store);
        let digest = ann.user.digest();
        let holds = || matches!(store.query(&Query::Holds { digest }).unwrap(), Rows::Holds(true));
        let other = rusqlite::Connection::open(&place.path).unwrap();
        let columns = "SELECT m.name || ' WHERE ' || c.name || ' = ?1' FROM sqlite_schema m, pragma_table_info(m.name) c \
                       WHERE m.type = 'table' AND c.name IN ('user', 'owner')";
        let naming: Vec<String> =
            other.prepare(columns).unwrap().query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        for table in naming.iter().filter(|table| **table != only) {
            assert!(other.execute(&format!("DELETE FROM {table}"), [ann.user.0]).unwrap() > 0, "{table} names nobody");
        }
        assert_eq!(holds(), !only.is_empty(), "{only:?} alone names the person");
        if only.is_empty() {
            assert!(naming.len() >= 7, "{naming:?}");
            tables = naming;
        }
    }
}
