//! SIGKILL in the middle of a forgetting, of a retention run, of a consent taken back, of a migration, of the making of a
//! database and of the opening of a restored one: whoever opens next finds it undone or done, and finishes what has to be
//! finished.
#![cfg(all(feature = "testing", unix))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod reopening;
mod trims;

use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use oo::blocking::Engine;
use oo::{
    Clock, Consents, DecideRequest, EngineBuilder, FeatureSchema, FeatureSpec, KeyProvider, MasterKey, PolicySpec,
    ReactRequest, Reaction, Settings, Signal, SystemEntropy,
};
use oo_core::features::default_schema;
use oo_core::moment::DAY_MS;
use oo_core::testing::faults::{Faults, FaultyStore, PowerCut, When};
use oo_store::FileKey;

/// Ends this process as a cut of the power would.
fn kill_self() {
    let _ = Command::new("kill").args(["-KILL", &std::process::id().to_string()]).status();
    loop {
        std::thread::park();
    }
}

/// A key whose giving ends the process: in the middle of the transaction that makes or migrates the database.
#[derive(Debug)]
struct DeadlyKey(FileKey);

impl KeyProvider for DeadlyKey {
    fn master_key(&self, create: bool) -> oo::Result<MasterKey> {
        let key = self.0.master_key(create)?;
        kill_self();
        Ok(key)
    }
}

fn spec(json: &str) -> PolicySpec {
    PolicySpec::parse(json).unwrap()
}

/// The engine as it is configured in these tests: a champion that cannot subtract, and a shadow that can.
fn configured(path: &Path) -> EngineBuilder {
    let champion = spec(r#"{"type": "dlinucb", "forgetting": {"per_step": 0.99}}"#);
    oo::Engine::builder(path).policy(champion).shadow("exact", spec(r#"{"type": "linucb"}"#))
}

/// The default schema and one column more.
fn longer_schema() -> FeatureSchema {
    let mut features: Vec<FeatureSpec> = default_schema().unwrap().features().to_vec();
    features.push(FeatureSpec::new("own_number", -1.0, 1.0).unwrap());
    FeatureSchema::new(features, default_schema().unwrap().norm_bound()).unwrap()
}

/// The clock of two months from now.
#[derive(Debug)]
struct Later;

impl Clock for Later {
    fn now_ms(&self) -> i64 {
        oo::SystemClock.now_ms() + 60 * DAY_MS
    }
}

/// The engine of two months from now, where nothing is kept for longer than one.
fn retaining(path: &Path) -> EngineBuilder {
    let days = Some(30);
    configured(path).clock(Arc::new(Later)).settings(Settings {
        retain_task_days: days,
        retain_habit_days: days,
        retain_calendar_days: days,
        retain_mood_days: days,
        retain_context_days: days,
        retain_decision_days: days,
        ..Settings::default()
    })
}

/// What a child does, by the environment: it never comes to its end.
#[test]
fn child() {
    let Some(path) = std::env::var_os("OO_KILL_DB").map(std::path::PathBuf::from) else { return };
    let of = |name: &str| std::env::var(name).unwrap();
    let entropy = Arc::new(SystemEntropy);
    let key = FileKey::beside(&path, entropy.clone());
    if of("OO_KILL_DOING") == "making" {
        let _ = oo::Engine::builder(&path).key(Arc::new(DeadlyKey(key))).open_blocking();
        return;
    }
    let store = oo_store::open(&path, Arc::new(key), entropy).unwrap();
    let revived = store.revived().unwrap();
    let faulty = FaultyStore::new(store.clone(), store, Faults::NONE, 0);
    let call: &'static str = match of("OO_KILL_CALL").as_str() {
        "transact" => "transact",
        "append" => "append",
        "erase" => "erase",
        "scrub" => "scrub",
        other => panic!("{other}"),
    };
    let cut = || PowerCut {
        call,
        passing: of("OO_KILL_PASSING").parse().unwrap(),
        when: if of("OO_KILL_WHEN") == "before" { When::Before } else { When::After },
        then: Box::new(kill_self),
    };
    match of("OO_KILL_DOING").as_str() {
        "forgetting" => {
            let builder = configured(&path).test_store(faulty.clone(), faulty.clone(), revived);
            let engine = Engine::from_builder(builder).unwrap();
            engine.export_to("ann", exported(&path)).unwrap();
            faulty.arm(cut());
            let _ = engine.forget("ann");
            // What comes after the answer: the policies return.
            std::thread::sleep(std::time::Duration::from_secs(2));
        }
        "retaining" => {
            faulty.arm(cut());
            let builder = retaining(&path).test_store(faulty.clone(), faulty, revived);
            let _ = Engine::from_builder(builder).and_then(|engine| engine.retain());
        }
        "withdrawing" => {
            let builder = configured(&path).test_store(faulty.clone(), faulty.clone(), revived);
            let engine = Engine::from_builder(builder).unwrap();
            engine.export_to("ann", exported(&path)).unwrap();
            faulty.arm(cut());
            let _ = engine.set_consents("ann", Consents { task: Some(false), ..Consents::default() });
            // What comes after the answer: the policies return.
            std::thread::sleep(std::time::Duration::from_secs(2));
        }
        "reopening" => {
            faulty.arm(cut());
            let _ = configured(&path).test_store(faulty.clone(), faulty, revived).open_blocking();
        }
        "migrating" => {
            faulty.arm(cut());
            let builder = configured(&path).schema(longer_schema()).migrate();
            let _ = builder.test_store(faulty.clone(), faulty, revived).open_blocking();
        }
        other => panic!("{other}"),
    }
}

/// Runs a child to its violent end; whether it met one.
fn killed(path: &Path, doing: &str, call: &str, passing: u32, when: &str) -> bool {
    let status = Command::new(std::env::current_exe().unwrap())
        .args(["child", "--exact", "--nocapture", "--test-threads=1"])
        .env("OO_KILL_DB", path)
        .env("OO_KILL_DOING", doing)
        .env("OO_KILL_CALL", call)
        .env("OO_KILL_PASSING", passing.to_string())
        .env("OO_KILL_WHEN", when)
        .stdout(std::process::Stdio::null())
        .status()
        .unwrap();
    assert!(status.success() || status.signal() == Some(9), "{status:?}");
    status.signal() == Some(9)
}

fn fill(path: &Path) {
    let oo = Engine::from_builder(configured(path)).unwrap();
    for round in 0..6 {
        for user in ["ann", "ben"] {
            oo.ingest(user, Signal::task(format!("t{round}"), format!("Task {round}"))).unwrap();
            let tip = oo.recommend(user).unwrap().unwrap();
            let reaction = if round % 2 == 0 { Reaction::Done } else { Reaction::Dismiss { reason: None } };
            oo.react_with(ReactRequest { id: Some(format!("r{round}")), ..ReactRequest::new(tip.id, reaction) })
                .unwrap();
        }
    }
    let decide =
        DecideRequest { user: Some("ann".to_owned()), ..DecideRequest::new("prices", vec![0.1, 0.2, 0.3, 0.4], 2) };
    let choice = oo.decide(decide).unwrap();
    oo.reward(oo::id::DecisionId::parse(&choice.decision).unwrap(), 1.0).unwrap();
    oo.close();
}

fn roles(oo: &Engine) -> Vec<(String, String)> {
    let policies = oo.policies().unwrap();
    policies.into_iter().filter(|policy| policy.role != "retired").map(|policy| (policy.policy, policy.role)).collect()
}

/// The roles once they are `wanted`: policies return after the answer. Those of now when they do not come to it.
fn roles_in_time(oo: &Engine, wanted: &[(String, String)]) -> Vec<(String, String)> {
    for _ in 0..200 {
        if roles(oo) == wanted {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(25));
    }
    roles(oo)
}

/// Where the export of whoever is forgotten was written to.
fn exported(path: &Path) -> std::path::PathBuf {
    path.with_extension("jsonl")
}

/// Notes of exported files that lie beside the database.
fn notes(path: &Path) -> usize {
    let prefix = format!("{}.leaving-", path.file_name().unwrap().to_string_lossy());
    let names = std::fs::read_dir(path.parent().unwrap()).unwrap().flatten().map(|entry| entry.file_name());
    names.filter(|name| name.to_string_lossy().starts_with(&prefix)).count()
}

/// What stands in an export, without the events that say that one was written.
fn lived(export: &str) -> String {
    export.lines().filter(|line| !line.contains("\"type\":\"exported\"")).map(|line| format!("{line}\n")).collect()
}

fn copy_store(from: &Path, to: &Path) {
    for suffix in ["", ".key"] {
        let beside =
            |path: &Path| path.with_file_name(format!("{}{suffix}", path.file_name().unwrap().to_string_lossy()));
        std::fs::copy(beside(from), beside(to)).unwrap();
    }
}

/// 23: killed before, in and after the transaction of a forgetting, before the write-ahead log is truncated, and before
/// the policies return.
#[test]
fn s23_crash_in_a_forgetting() {
    let folder = tempfile::tempdir().unwrap();
    let filled = folder.path().join("filled.db");
    fill(&filled);
    let (ann, ben, before) = {
        let oo = Engine::from_builder(configured(&filled)).unwrap();
        (oo.export("ann").unwrap(), oo.export("ben").unwrap(), roles(&oo))
    };
    // The transaction of the forgetting, then one for each policy that returns.
    let phases = [
        ("transact", 0, "before", true),
        ("append", 0, "after", true),
        ("append", 2, "before", true),
        ("erase", 0, "before", true),
        ("erase", 0, "after", true),
        ("transact", 0, "after", false),
        ("scrub", 0, "before", false),
        ("scrub", 0, "after", false),
        ("transact", 1, "before", false),
        ("transact", 1, "after", false),
        ("transact", 2, "before", false),
        ("transact", 2, "after", false),
    ];
    let mut kills = 0;
    for (number, (call, passing, when, undone)) in phases.into_iter().enumerate() {
        let path = folder.path().join(format!("oo{number}.db"));
        copy_store(&filled, &path);
        let pseudonym = pseudonym_of(&path, &ann);
        let what = format!("killed {when} {call} {passing}");
        if !killed(&path, "forgetting", call, passing, when) {
            assert!(number > 8, "{what}: the forgetting came to its end");
            continue;
        }
        kills += 1;
        let oo = Engine::from_builder(configured(&path)).unwrap();
        assert_eq!(oo.export("ben").unwrap(), ben, "{what}");
        assert_eq!(lived(&oo.export("ann").unwrap()) == ann, undone, "{what}: it is undone or done, nothing between");
        assert_eq!(exported(&path).exists(), undone, "{what}: the exported file goes with its person");
        assert_eq!(roles(&oo), before, "{what}: the policies are back in their roles");
        assert_eq!(oo.replay().unwrap().differences, Vec::<String>::new(), "{what}");
        let receipt = oo.forget("ann").unwrap();
        assert_eq!(receipt.stage == "nothing_held", !undone, "{what}: {receipt:?}");
        assert_eq!(oo.export("ann").unwrap().lines().count(), 1, "{what}");
        assert!(!exported(&path).exists() && notes(&path) == 0, "{what}");
        assert_eq!(roles_in_time(&oo, &before), before, "{what}: the policies are back in their roles");
        assert_eq!(oo.replay().unwrap().differences, Vec::<String>::new(), "{what}");
        oo.close();
        drop(oo);
        for suffix in ["", "-wal"] {
            let Ok(bytes) = std::fs::read(folder.path().join(format!("oo{number}.db{suffix}"))) else { continue };
            let found = bytes.windows(16).any(|window| window == pseudonym);
            assert!(!found, "{what}: the pseudonym stands in the file {suffix:?}");
        }
    }
    assert!(kills >= 9, "{kills} kills");
    println!("{kills} kills in a forgetting");
}

/// The pseudonym of whoever has so many events.
fn pseudonym_of(path: &Path, export: &str) -> Vec<u8> {
    let conn = rusqlite::Connection::open(path).unwrap();
    let first = export.lines().nth(1).unwrap();
    let position = serde_json::from_str::<serde_json::Value>(first).unwrap()["position"].as_u64().unwrap();
    let query = "SELECT user FROM events WHERE position = ?1";
    conn.query_row(query, [i64::try_from(position).unwrap()], |row| row.get(0)).unwrap()
}

/// Killed at each commit of a migration of the policies to a longer schema.
#[test]
fn crash_in_a_migration_of_the_policies() {
    let folder = tempfile::tempdir().unwrap();
    let filled = folder.path().join("filled.db");
    fill(&filled);
    let lessons = Engine::from_builder(configured(&filled)).unwrap().health().unwrap().lessons;
    let mut kills = 0;
    for number in 0..12 {
        let (passing, when) = (number / 2, ["before", "after"][number as usize % 2]);
        let path = folder.path().join(format!("oo{number}.db"));
        copy_store(&filled, &path);
        if !killed(&path, "migrating", "transact", passing, when) {
            continue;
        }
        kills += 1;
        let builder = configured(&path).schema(longer_schema()).migrate();
        let oo = Engine::from_builder(builder).unwrap();
        let what = format!("killed {when} commit {passing}");
        assert_eq!(oo.health().unwrap().lessons, lessons, "{what}");
        assert_eq!(oo.replay().unwrap().differences, Vec::<String>::new(), "{what}");
        let roles = roles(&oo);
        assert_eq!(roles.iter().filter(|(_, role)| role == "champion").count(), 1, "{what}: {roles:?}");
        assert_eq!(roles.len(), 2, "{what}: {roles:?}");
        let tip = oo.recommend("ben").unwrap().unwrap();
        oo.react(tip.id, Reaction::Done).unwrap();
        oo.close();
    }
    assert!(kills >= 4, "{kills} kills");
    println!("{kills} kills in a migration of the policies");
}

/// Killed in the transaction that makes a database, after its key was made: the key stays, and is the one used next.
#[test]
fn crash_in_the_making_of_a_database() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("oo.db");
    for _ in 0..2 {
        assert!(killed(&path, "making", "", 0, ""));
    }
    let key = std::fs::read(folder.path().join("oo.db.key")).unwrap();
    let oo = Engine::open(&path).unwrap();
    oo.recommend("ann").unwrap().unwrap();
    oo.close();
    assert_eq!(std::fs::read(folder.path().join("oo.db.key")).unwrap(), key);
}
