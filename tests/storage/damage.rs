//! Pages of every kind, damaged in every way: a `storage` error, never a panic.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use oo::blocking::Engine;
use oo::{DecideRequest, Error, ErrorKind, EventBody, Reaction, Signal};
use oo_core::testing::world::SeededWorld;
use std::sync::Arc;

use crate::{live, open, world};

/// A page, by what it belongs to.
pub(crate) struct Page {
    pub(crate) of: String,
    pub(crate) kind: String,
    pub(crate) offset: usize,
    pub(crate) size: usize,
}

/// The pages of the database at `path`; what no tree owns is `free`.
pub(crate) fn pages(path: &Path) -> Vec<Page> {
    let conn = rusqlite::Connection::open(path).unwrap();
    let number = |pragma: &str| conn.query_row(pragma, [], |row| row.get::<_, u32>(0)).unwrap() as usize;
    let (size, count) = (number("PRAGMA page_size"), number("PRAGMA page_count"));
    let mut statement = conn.prepare("SELECT pageno, name, pagetype FROM dbstat").unwrap();
    let owned: BTreeMap<usize, (String, String)> = statement
        .query_map([], |row| Ok((row.get::<_, u32>(0)? as usize, (row.get(1)?, row.get(2)?))))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    (1..=count)
        .map(|page| {
            let (of, kind) = owned.get(&page).cloned().unwrap_or(("free".to_owned(), "free".to_owned()));
            Page { of, kind, offset: (page - 1) * size, size }
        })
        .collect()
}

/// The ways in which a page is damaged.
const WAYS: [&str; 6] = ["filled", "zeroed", "header flipped", "middle overwritten", "one bit", "end overwritten"];

fn damage(page: &mut [u8], way: &str, salt: usize) {
    let (len, at) = (page.len(), 8 + salt * 131 % (page.len() - 100));
    match way {
        "filled" => page.fill(0x5a),
        "zeroed" => page.fill(0),
        "header flipped" => page.iter_mut().take(8).for_each(|byte| *byte ^= 0xff),
        "middle overwritten" => page[at..at + 64].fill(0xee),
        "one bit" => page[at] ^= 1 << (salt % 8),
        _ => page[len - 100..].iter_mut().for_each(|byte| *byte ^= 0x3c),
    }
}

/// Everything a caller may do; the kinds of the errors that were met.
fn exercise(path: &Path, world: &Arc<SeededWorld>) -> BTreeSet<ErrorKind> {
    let mut met = BTreeSet::new();
    let mut note = |what: &str, error: Option<Error>| {
        let Some(error) = error else { return };
        let fine =
            matches!(error.kind(), ErrorKind::Storage | ErrorKind::Incompatible | ErrorKind::Key | ErrorKind::NotFound);
        assert!(fine, "{what}: {error:?}");
        assert!(error.message().contains("; ") || error.kind() == ErrorKind::NotFound, "it says what to do: {error}");
        met.insert(error.kind());
    };
    let oo = match open(path, world) {
        Ok(oo) => oo,
        Err(error) => {
            note("open", Some(error));
            return met;
        }
    };
    for user in ["ann", "ben", "new"] {
        note("export", oo.export(user).err());
        note("history", oo.history(user, 50).err());
        note("consents", oo.consents(user).err());
        note("ingest", oo.ingest(user, Signal::task("t1", "Once more")).err());
        match oo.recommend(user) {
            Ok(Some(tip)) => {
                note("explain", oo.explain(tip.id).err());
                note("react", oo.react(tip.id, Reaction::Done).err());
            }
            other => note("recommend", other.err()),
        }
    }
    match oo.decide(DecideRequest::new("prices", vec![0.1, 0.2, 0.3, 0.4], 2)) {
        Ok(choice) => note("reward", oo.reward(oo::id::DecisionId::parse(&choice.decision).unwrap(), 1.0).err()),
        Err(error) => note("decide", Some(error)),
    }
    world.advance(26 * 3_600_000);
    note("recommend, a day later", oo.recommend("ben").err());
    note("replay", oo.replay().err());
    note("health", oo.health().err());
    note("forget", oo.forget("ann").err());
    note("export, after the forgetting", oo.export("ben").err());
    oo.close();
    met
}

#[test]
fn a_damaged_page_of_any_kind_is_a_typed_error_and_never_a_panic() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("oo.db");
    let life = world("damage");
    let oo = open(&path, &life).unwrap();
    for user in ["ann", "cleo", "ben"] {
        live(&oo, &life, user, 24);
    }
    let choice = oo.decide(DecideRequest::new("prices", vec![0.1, 0.2, 0.3, 0.4], 2)).unwrap();
    oo.reward(oo::id::DecisionId::parse(&choice.decision).unwrap(), 1.0).unwrap();
    oo.react(oo::id::DecisionId([7; 16]), Reaction::Done).unwrap();
    oo.forget("cleo").unwrap();
    oo.recommend("ben").unwrap();
    oo.close();
    drop(oo);

    let whole = std::fs::read(&path).unwrap();
    let long = std::env::var_os("OO_LONG").is_some();
    let mut taken: BTreeMap<(String, String), usize> = BTreeMap::new();
    let (mut cases, mut met) = (0, BTreeSet::new());
    for (number, page) in pages(&path).into_iter().enumerate() {
        let count = taken.entry((page.of.clone(), page.kind.clone())).or_default();
        *count += 1;
        if *count > if long { 6 } else { 1 } {
            continue;
        }
        for (index, way) in WAYS.into_iter().enumerate() {
            if !long && (number + index) % 3 != 0 {
                continue;
            }
            let copy = folder.path().join(format!("copy{cases}.db"));
            let mut bytes = whole.clone();
            damage(&mut bytes[page.offset..][..page.size], way, number * 7 + index);
            std::fs::write(&copy, bytes).unwrap();
            let world = Arc::new(SeededWorld::new(crate::MONDAY + 90 * 86_400_000, "damage"));
            println!("page {} of {} ({}), {way}", number + 1, page.of, page.kind);
            met.extend(exercise(&copy, &world));
            for suffix in ["", "-wal", "-shm", ".forgotten"] {
                // What is not there need not be removed.
                let _ = std::fs::remove_file(crate::beside(&copy, suffix));
            }
            cases += 1;
        }
    }
    println!("{cases} damaged pages of {} kinds: {met:?}", taken.len());
    assert!(taken.len() > 15 && met.contains(&ErrorKind::Storage), "{taken:?}, {met:?}");
}

/// A log that tells other lessons than were learned: whoever they are of is forgotten all the same, and what was learned is
/// learned anew from the log.
#[test]
fn a_log_that_disagrees_with_what_was_learned_keeps_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("oo.db");
    let life = world("disagrees");
    let oo = open(&path, &life).unwrap();
    for user in ["ann", "ben"] {
        live(&oo, &life, user, 12);
        let request = DecideRequest::new("prices", vec![0.1, 0.2, 0.3, 0.4], 2);
        let choice = oo.decide(DecideRequest { user: Some(user.to_owned()), ..request }).unwrap();
        oo.reward(oo::id::DecisionId::parse(&choice.decision).unwrap(), 1.0).unwrap();
    }
    oo.close();
    drop(oo);
    let conn = rusqlite::Connection::open(&path).unwrap();
    let mut statement = conn.prepare("SELECT position, bytes FROM events WHERE user IS NOT NULL").unwrap();
    let events: Vec<(i64, Vec<u8>)> =
        statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect();
    drop(statement);
    let mut changed = 0;
    for (position, bytes) in events {
        let mut event = oo_store::codec::decode(&bytes).unwrap();
        match &mut event.body {
            EventBody::Decision(decision) => {
                let decision = Arc::make_mut(decision);
                decision.features = decision.features.iter().map(|n| n ^ 1).collect();
            }
            EventBody::Choice(choice) => {
                let choice = Arc::make_mut(choice);
                choice.features = choice.features.iter().map(|n| n ^ 1).collect();
            }
            _ => continue,
        }
        let bytes = oo_store::codec::encode(&event).unwrap();
        changed += conn.execute("UPDATE events SET bytes = ?1 WHERE position = ?2", (bytes, position)).unwrap();
    }
    drop(conn);
    assert!(changed > 20);
    let oo = open(&path, &life).unwrap();
    let receipt = oo.forget("ann").unwrap();
    assert!(receipt.lessons > 6, "{receipt:?}");
    assert_eq!(oo.export("ann").unwrap().lines().count(), 1);
    for _ in 0..400 {
        if oo.receipt(&receipt.id).unwrap().rebuilding.is_empty() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    assert!(oo.receipt(&receipt.id).unwrap().rebuilding.is_empty());
    assert_eq!(
        oo.health().unwrap().lessons,
        oo.history("ben", 100).unwrap().iter().filter(|tip| tip.reward.is_some()).count() as u64
    );
}

/// For the other tests: an engine on a copy whose bytes were changed.
pub(crate) fn copied(
    path: &Path,
    to: &Path,
    change: impl FnOnce(&mut Vec<u8>),
    world: &Arc<SeededWorld>,
) -> oo::Result<Engine> {
    let mut bytes = std::fs::read(path).unwrap();
    change(&mut bytes);
    std::fs::write(to, bytes).unwrap();
    open(to, world)
}
