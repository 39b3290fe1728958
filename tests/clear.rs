//! Statement 23, read from outside: no text of a person and no id of a caller's stands in any byte of any file, at any
//! moment, also under load and right after a kill; and after a forgetting nothing that is theirs.
#![cfg(all(feature = "testing", unix))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use oo::blocking::Engine;
use oo::{DecideRequest, ReactRequest, Reaction, RecommendRequest, Signal, TipCandidate};
use oo_core::signal::SignalBody;

/// What every text and every id of a caller's has in it.
const MARK: &str = "Zyzzyva-Marked";
const PEOPLE: usize = 6;

fn caller(person: usize) -> String {
    format!("person-{person}-{MARK}@example.org")
}

/// Everything that carries a text or an id of a caller's, once.
fn live(oo: &Engine, person: usize, round: usize) -> oo::Result<()> {
    let user = caller(person);
    let mut task = Signal::task(format!("task-{MARK}-{round}"), format!("{MARK} the lighthouse keeper, {round}"));
    if let SignalBody::Task(task) = &mut task.body {
        task.notes = Some(format!("{MARK} notes ").repeat(1 + round % 40));
    }
    let now_ms = 1_772_438_400_000 + i64::try_from(round).unwrap() * 60_000;
    oo.ingest_all(
        &user,
        vec![
            task.with_id(format!("signal-{MARK}-{round}")),
            Signal::habit(format!("habit-{MARK}"), format!("{MARK} habit"), 3),
            Signal::calendar(format!("meeting-{MARK}-{round}"), format!("{MARK} meeting"), now_ms, now_ms + 600_000),
            Signal::mood(4.0),
        ],
    )?;
    let mut candidate = TipCandidate::todo(format!("own-{MARK}-{round}"), format!("{MARK} is what to do"));
    candidate.source = "own".into();
    let request = RecommendRequest {
        request_id: Some(format!("request-{MARK}-{round}")),
        candidates: vec![candidate],
        ..RecommendRequest::new(&user)
    };
    if let Some(tip) = oo.recommend(request)? {
        let reaction = if round.is_multiple_of(2) { Reaction::Done } else { Reaction::Dismiss { reason: None } };
        oo.react_with(ReactRequest {
            id: Some(format!("answer-{MARK}-{round}")),
            ..ReactRequest::new(tip.id, reaction)
        })?;
    }
    let decide = DecideRequest { user: Some(user), ..DecideRequest::new("prices", vec![0.1, 0.2, 0.3, 0.4], 2) };
    let choice = oo.decide(decide)?;
    oo.reward(oo::id::DecisionId::parse(&choice.decision)?, 1.0).map(|_| ())
}

/// What a child does: everybody lives until it is killed.
#[test]
fn child() {
    let Some(path) = std::env::var_os("OO_CLEAR_DB") else { return };
    let first: usize = std::env::var("OO_CLEAR_ROUND").unwrap().parse().unwrap();
    let oo = Engine::open(path).unwrap();
    let _ = std::io::stdout().lock().write_all(b"\n@ready\n");
    std::thread::scope(|scope| {
        for person in 0..PEOPLE {
            let oo = oo.clone();
            scope.spawn(move || {
                for round in first..first + 100_000 {
                    live(&oo, person, round).unwrap();
                    // A database of more than 16 MiB is not rewritten after a forgetting.
                    std::thread::sleep(Duration::from_millis(4));
                }
            });
        }
    });
}

fn start(path: &Path, round: usize) -> Child {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["child", "--exact", "--nocapture", "--test-threads=1"])
        .env("OO_CLEAR_DB", path)
        .env("OO_CLEAR_ROUND", round.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    while !line.starts_with("@ready") {
        line.clear();
        assert!(output.read_line(&mut line).unwrap() > 0, "the child ended before it was ready");
    }
    child
}

/// Every file of the folder and its bytes; one that goes while it is read is passed over.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
    entries
        .filter_map(|entry| Some((entry.file_name().to_string_lossy().into_owned(), std::fs::read(entry.path()).ok()?)))
        .collect()
}

fn holds(bytes: &[u8], what: &[u8]) -> bool {
    let first = what[0];
    let mut at = 0;
    while let Some(next) = bytes[at..].iter().position(|byte| *byte == first) {
        at += next;
        if bytes[at..].starts_with(what) {
            return true;
        }
        at += 1;
    }
    false
}

/// The mark as any program would show it: in UTF-8, in UTF-16 of both orders and in hexadecimal, its words alone,
/// and all of it in lower case.
fn forms() -> Vec<Vec<u8>> {
    let lower = MARK.to_lowercase();
    let utf16: Vec<u16> = lower.encode_utf16().collect();
    let mut forms = vec![
        lower.into_bytes(),
        utf16.iter().flat_map(|unit| unit.to_le_bytes()).collect(),
        utf16.iter().flat_map(|unit| unit.to_be_bytes()).collect(),
        // The word alone, as a tokenizer would leave it.
        b"lighthouse".to_vec(),
        b"zyzzyva".to_vec(),
    ];
    forms.push(MARK.bytes().map(|byte| format!("{byte:02x}")).collect::<String>().into_bytes());
    forms
}

/// Fails when a mark stands in any file of the folder; how many bytes were read.
fn nothing_in_the_clear(folder: &Path, when: &str) -> usize {
    let mut read = 0;
    for (name, mut bytes) in files(folder) {
        read += bytes.len();
        bytes.make_ascii_lowercase();
        for form in forms() {
            assert!(!holds(&bytes, &form), "{when}: {:?} stands in {name}", String::from_utf8_lossy(&form));
        }
    }
    read
}

/// Everything that the database holds of each person, read past the store, by their pseudonym: pseudonym, lookup, wrapped
/// key, decisions, sealed texts.
fn traces(path: &Path) -> BTreeMap<Vec<u8>, Vec<Vec<u8>>> {
    let conn = rusqlite::Connection::open(path).unwrap();
    let column = |query: &str, user: &[u8]| -> Vec<Vec<u8>> {
        let mut statement = conn.prepare(query).unwrap();
        statement.query_map([user], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    let mut users = conn.prepare("SELECT user FROM users").unwrap();
    let users: Vec<Vec<u8>> = users.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let all = |user: &Vec<u8>| {
        let mut traces = vec![user.clone(), hex(user).into_bytes()];
        traces.extend(column("SELECT lookup FROM users WHERE user = ?1", user));
        traces.extend(column("SELECT wrapped FROM keys JOIN users USING (number) WHERE user = ?1", user));
        traces.extend(column(
            "SELECT DISTINCT decision FROM events WHERE user = ?1 AND decision IS NOT NULL LIMIT 30",
            user,
        ));
        traces.extend(column("SELECT substr(sealed, 1, 60) FROM texts WHERE user = ?1 LIMIT 30", user));
        traces
    };
    users.iter().map(|user| (user.clone(), all(user))).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Fails when a trace of a forgotten person stands in any file but the backup of before; the other files.
fn nothing_left(folder: &Path, traces: &[Vec<u8>], when: &str) -> Vec<(String, Vec<u8>)> {
    let left: Vec<_> = files(folder).into_iter().filter(|(name, _)| name != "with.backup").collect();
    for trace in traces {
        for (name, bytes) in &left {
            let size = bytes.len() >> 10;
            assert!(
                !holds(bytes, trace),
                "{when}: {} of the forgotten person stands in {name}, {size} KiB",
                hex(trace)
            );
        }
    }
    left
}

/// Beginnings of sealed texts of everybody.
fn sealed(path: &Path) -> Vec<Vec<u8>> {
    let conn = rusqlite::Connection::open(path).unwrap();
    let mut statement = conn.prepare("SELECT substr(sealed, 1, 60) FROM texts ORDER BY random() LIMIT 50").unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

/// 23: texts and ids are never in the clear, and a forgotten person leaves nothing, whatever was killed on the way.
#[test]
fn s23_crash_nothing_is_ever_in_the_clear() {
    let kills = if std::env::var_os("OO_LONG").is_some() { 40 } else { 3 };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("oo.db");
    let (mut looks, mut read) = (0, 0);
    for kill in 0..kills {
        let mut child = start(&path, kill * 1_000);
        for _ in 0..4 {
            std::thread::sleep(Duration::from_millis(25));
            read += nothing_in_the_clear(folder.path(), "under load");
            looks += 1;
        }
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(folder.path().join("oo.db-wal").exists(), "a killed process leaves its write-ahead log");
        read += nothing_in_the_clear(folder.path(), "right after a kill");

        let before = traces(&path);
        let oo = Engine::open(&path).unwrap();
        let leaving = kill % PEOPLE;
        let exports = |oo: &Engine| -> Vec<String> {
            (0..PEOPLE).filter(|person| *person != leaving).map(|person| oo.export(&caller(person)).unwrap()).collect()
        };
        let others = exports(&oo);
        let of_leaving = oo.export(&caller(leaving)).unwrap();
        assert!(of_leaving.contains(MARK), "an export has the texts");
        read += nothing_in_the_clear(folder.path(), "after an export");
        let (with, without) = (folder.path().join("with.backup"), folder.path().join("without.backup"));
        oo.backup(&with).unwrap();
        read += nothing_in_the_clear(folder.path(), "with a backup");
        let copied = std::fs::read(&with).unwrap();
        let texts = sealed(&path);
        assert!(texts.len() > 10 && texts.iter().all(|text| holds(&copied, text)), "a backup has the texts, sealed");
        let receipt = oo.forget(&caller(leaving)).unwrap();
        oo.backup(&without).unwrap();
        assert_eq!(receipt.stage, "erased");
        assert_eq!(exports(&oo), others, "the others' exports are the same, byte for byte");
        let after = traces(&path);
        let gone: Vec<&Vec<u8>> = before.keys().filter(|user| !after.contains_key(*user)).collect();
        assert_eq!(gone.len(), 1, "one person is gone");
        let left = nothing_left(folder.path(), &before[gone[0]], "after a forgetting");
        let stays = after.values().flatten().next().unwrap();
        assert!(left.iter().any(|(_, bytes)| holds(bytes, stays)), "the search finds what is there");
        assert_eq!(oo.replay().unwrap().differences, Vec::<String>::new());
        oo.close();
        drop(oo);
        read += nothing_in_the_clear(folder.path(), "after it was closed");

        // What a restore brings back goes again before anything is served.
        oo::EngineBuilder::new(&path).restore(&with, true).unwrap();
        let replaced = folder.path().join("oo.db.replaced");
        assert!(replaced.exists());
        read += nothing_in_the_clear(folder.path(), "after a restore");
        let oo = Engine::open(&path).unwrap();
        assert_eq!(oo.health().unwrap().erasing, 0);
        assert_eq!(oo.export(&caller(leaving)).unwrap().lines().count(), 1);
        assert_eq!(exports(&oo), others, "the others' exports are the same, byte for byte");
        oo.close();
        drop(oo);
        nothing_left(folder.path(), &before[gone[0]], "after a restore");
        read += nothing_in_the_clear(folder.path(), "after what was restored was opened");
        // Whoever is forgotten next is in all three.
        for file in [with, without, replaced] {
            std::fs::remove_file(file).unwrap();
        }
    }
    println!("{kills} kills, {looks} looks under load, {} MiB read", read >> 20);
}
