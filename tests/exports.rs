//! Exports that are written, read back and forgotten, and receipts that are verified.
#![cfg(feature = "testing")]

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use oo::{Consents, DecideRequest, Due, Engine, ErrorKind, Preferences, Reaction, Signal, TaskStatus};
use oo_core::moment::{DAY_MS, HOUR_MS};
use oo_core::testing::world::SeededWorld;

type Outcome<T = ()> = Result<T, Box<dyn std::error::Error>>;

/// 2026-03-02T08:00:00Z, a Monday.
const MONDAY: i64 = 1_772_438_400_000;

async fn open(path: &Path, world: &Arc<SeededWorld>) -> oo::Result<Engine> {
    Engine::builder(path).clock(world.clone()).entropy(world.clone()).key(world.clone()).open().await
}

fn world_now(world: &SeededWorld) -> i64 {
    oo::Clock::now_ms(world)
}

async fn fill(oo: &Engine, world: &SeededWorld, user: &str) -> Outcome {
    oo.set_preferences(
        user,
        Preferences { zone: "Europe/Berlin".to_owned(), daily_cap: Some(9), ..Preferences::default() },
    )
    .await?;
    let task = Signal::task("t1", "File taxes").priority(2).due(Due::Day(20_530));
    let call = Signal::task("t2", "Call home").due(Due::At(MONDAY + DAY_MS));
    let walk = Signal::habit("h1", "Walk", 3);
    let lunch = Signal::calendar("c1", "Lunch", MONDAY + HOUR_MS, MONDAY + 2 * HOUR_MS);
    oo.ingest_all(user, vec![task, call, walk, lunch, Signal::habit_done("h1"), Signal::mood(4.0)]).await?;
    oo.ingest(user, Signal::task("t2", "").status(TaskStatus::Done)).await?;
    for _ in 0..4 {
        let tip = oo.recommend(user).await?.ok_or("no tip")?;
        oo.react(tip.id, Reaction::Done).await?;
        world.advance(HOUR_MS);
    }
    oo.set_consents(user, Consents { calendar: Some(false), ..Consents::default() }).await?;
    Ok(())
}

/// The signals of an export, without what belongs to the store that they are in.
fn signals(export: &str) -> Outcome<Vec<serde_json::Value>> {
    let mut all = Vec::new();
    for line in export.lines() {
        let mut line: serde_json::Value = serde_json::from_str(line)?;
        if line["type"] == "signal" {
            for name in ["position", "event", "recorded", "pseudonym", "key", "content_hash"] {
                line.as_object_mut().ok_or("no object")?.remove(name);
            }
            all.push(line);
        }
    }
    Ok(all)
}

#[tokio::test]
async fn an_export_reads_back_into_another_store() -> Outcome {
    let folder = tempfile::tempdir()?;
    let world = Arc::new(SeededWorld::new(MONDAY, "import"));
    let oo = open(&folder.path().join("oo.db"), &world).await?;
    fill(&oo, &world, "ada").await?;
    let export = oo.export("ada").await?;
    let other_world = Arc::new(SeededWorld::new(MONDAY + DAY_MS, "other"));
    let other = open(&folder.path().join("other.db"), &other_world).await?;
    let imported = other.import_export("ada", &export).await?;
    assert_eq!((imported.signals, imported.duplicates, imported.preferences), (6, 0, true));
    let again = other.export("ada").await?;
    assert_eq!(signals(&again)?, signals(&export)?);
    assert_eq!(other.preferences("ada").await?, oo.preferences("ada").await?);
    assert_eq!(other.consents("ada").await?, oo.consents("ada").await?);
    // A second reading changes nothing.
    assert_eq!(other.import_export("ada", &export).await?.duplicates, 6);
    assert_eq!(signals(&other.export("ada").await?)?, signals(&export)?);
    assert_eq!(other.replay().await?.differences, Vec::<String>::new());
    Ok(())
}

/// What was said since is not undone by an older export, and what is there already is not there twice.
#[tokio::test]
async fn an_old_export_undoes_nothing() -> Outcome {
    let folder = tempfile::tempdir()?;
    let world = Arc::new(SeededWorld::new(MONDAY, "older"));
    let oo = open(&folder.path().join("oo.db"), &world).await?;
    fill(&oo, &world, "ada").await?;
    let export = oo.export("ada").await?;
    world.advance(HOUR_MS);
    oo.set_consents("ada", Consents { calendar: Some(true), mood: Some(false), ..Consents::default() }).await?;
    oo.set_preferences("ada", Preferences { daily_cap: Some(2), ..oo.preferences("ada").await? }).await?;
    oo.ingest("ada", Signal::calendar("c2", "Dinner", world_now(&world), world_now(&world) + HOUR_MS)).await?;
    let before = oo.export("ada").await?;
    let imported = oo.import_export("ada", &export).await?;
    assert_eq!((imported.signals, imported.consents, imported.preferences), (0, 0, false));
    assert_eq!(imported.duplicates, 5, "all but the mood, which is not agreed to any more");
    assert_eq!(oo.export("ada").await?, before);
    Ok(())
}

/// A consent that is taken back removes the exports that the store knows of.
#[tokio::test]
async fn a_consent_taken_back_removes_exported_files() -> Outcome {
    let folder = tempfile::tempdir()?;
    let world = Arc::new(SeededWorld::new(MONDAY, "exported"));
    let oo = open(&folder.path().join("oo.db"), &world).await?;
    fill(&oo, &world, "ada").await?;
    let path = folder.path().join("ada.jsonl");
    oo.export_to("ada", &path).await?;
    oo.set_consents("ada", Consents { mood: Some(false), ..Consents::default() }).await?;
    assert!(!path.exists());
    Ok(())
}

/// Every line keeps to the published schema: the header, what is unsealed, and where exports were written to.
#[tokio::test]
async fn every_line_of_an_export_keeps_to_the_schema() -> Outcome {
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/events.schema.json");
    let schema = jsonschema::validator_for(&serde_json::from_str(&std::fs::read_to_string(schema)?)?)?;
    let folder = tempfile::tempdir()?;
    let world = Arc::new(SeededWorld::new(MONDAY, "schema"));
    let oo = open(&folder.path().join("oo.db"), &world).await?;
    fill(&oo, &world, "ada").await?;
    let tip = oo.recommend("ada").await?.ok_or("no tip")?;
    oo.react(tip.id, Reaction::Done).await?;
    let choice =
        oo.decide(DecideRequest { user: Some("ada".to_owned()), ..DecideRequest::new("a", vec![0.5, 1.0], 2) });
    oo.reward(oo::id::DecisionId::parse(&choice.await?.decision)?, 1.0).await?;
    let path = folder.path().join("ada.jsonl");
    oo.export_to("ada", &path).await?;
    let mut seen = BTreeSet::new();
    for export in [oo.export("ada").await?, std::fs::read_to_string(path)?, oo.export("nobody").await?] {
        for line in export.lines() {
            let line: serde_json::Value = serde_json::from_str(line)?;
            schema.validate(&line).map_err(|error| format!("{error}: {line}"))?;
            seen.extend(line.as_object().ok_or("no object")?.keys().map(|name| format!("{} {name}", line["type"])));
            let mut more = line.clone();
            more["surname"] = "Doe".into();
            assert!(!schema.is_valid(&more), "{line} with a field more");
        }
    }
    let unsealed = ["signal id", "signal title", "decision tip", "exported path", "export user", "export file"];
    for what in unsealed.map(|what| what.split_once(' ').map(|(of, name)| format!("\"{of}\" {name}"))) {
        assert!(what.as_ref().is_some_and(|what| seen.contains(what)), "{what:?} was not in any line");
    }
    Ok(())
}

/// Signals of which one is of a kind that was taken back are stored whole or not at all.
#[tokio::test]
async fn signals_of_one_call_are_stored_whole_or_not_at_all() -> Outcome {
    let folder = tempfile::tempdir()?;
    let world = Arc::new(SeededWorld::new(MONDAY, "whole"));
    let path = folder.path().join("oo.db");
    let (oo, other) = (open(&path, &world).await?, open(&path, &world).await?);
    fill(&oo, &world, "ada").await?;
    for round in 0..40 {
        let granted = Some(round % 2 == 1);
        let both = vec![Signal::task(format!("n{round}"), "New"), Signal::mood(3.0)];
        let (said, ingested) = tokio::join!(
            other.set_consents("ada", Consents { mood: granted, ..Consents::default() }),
            oo.ingest_all("ada", both)
        );
        said?;
        let stored = oo.export("ada").await?.contains(&format!("\"n{round}\""));
        assert_eq!(stored, ingested.is_ok(), "round {round}: {ingested:?}");
    }
    Ok(())
}

#[tokio::test]
async fn what_is_no_export_of_this_person_is_refused() -> Outcome {
    let folder = tempfile::tempdir()?;
    let world = Arc::new(SeededWorld::new(MONDAY, "refused"));
    let oo = open(&folder.path().join("oo.db"), &world).await?;
    fill(&oo, &world, "ada").await?;
    let export = oo.export("ada").await?;
    let cut = &export[..export.len() - 30];
    let newer = export.replace("oo.export.v1", "oo.export.v9");
    for (user, text, kind, field) in [
        ("bea", export.as_str(), ErrorKind::InvalidInput, Some("user")),
        ("ada", "", ErrorKind::InvalidInput, Some("export")),
        ("ada", "id,title\n1,Home", ErrorKind::InvalidInput, Some("export")),
        ("ada", newer.as_str(), ErrorKind::Incompatible, None),
        ("ada", cut, ErrorKind::InvalidInput, Some("event")),
        ("", export.as_str(), ErrorKind::InvalidInput, Some("user")),
    ] {
        let error = oo.import_export(user, text).await.err().ok_or("not refused")?;
        assert_eq!((error.kind(), error.field()), (kind, field), "{error}");
    }
    assert!(oo.consents("bea").await.is_ok() && oo.export("bea").await?.lines().count() == 1, "nothing was stored");
    Ok(())
}

#[tokio::test]
async fn forgetting_removes_the_files_that_exports_were_written_to() -> Outcome {
    let folder = tempfile::tempdir()?;
    let world = Arc::new(SeededWorld::new(MONDAY, "files"));
    let oo = open(&folder.path().join("oo.db"), &world).await?;
    fill(&oo, &world, "ada").await?;
    fill(&oo, &world, "bea").await?;
    let at = |name: &str| folder.path().join(name);
    for (user, name) in [("ada", "one.jsonl"), ("ada", "two.jsonl"), ("ada", "three.jsonl"), ("bea", "bea.jsonl")] {
        let exported = oo.export_to(user, at(name)).await?;
        let after_the_header = |export: &str| export.split_once('\n').map(|(_, events)| events.to_owned());
        let written = std::fs::read_to_string(at(name))?;
        assert_eq!(after_the_header(&written), after_the_header(&oo.export(user).await?));
        assert!(oo.import_export(user, &written).await?.duplicates > 0, "it reads back as any export");
        assert!(exported.lines > 10);
    }
    let taken = oo.export_to("ada", at("one.jsonl")).await.err().ok_or("not refused")?;
    assert_eq!((taken.kind(), taken.field()), (ErrorKind::InvalidInput, Some("path")));
    let nowhere = oo.export_to("ada", at("no/folder.jsonl")).await.err().ok_or("not refused")?;
    assert_eq!(nowhere.kind(), ErrorKind::Storage);
    std::fs::remove_file(at("two.jsonl"))?;
    // Somebody's own file by now.
    std::fs::write(at("three.jsonl"), "shopping list")?;
    // Another person's export, where one of hers was.
    oo.export_to("ada", at("four.jsonl")).await?;
    std::fs::rename(at("four.jsonl"), at("moved.jsonl"))?;
    oo.export_to("bea", at("four.jsonl")).await?;
    let receipt = oo.forget("ada").await?;
    assert_eq!((receipt.exports, receipt.left.len()), (1, 0));
    assert!(!at("one.jsonl").exists() && at("three.jsonl").exists() && at("bea.jsonl").exists());
    assert!(at("four.jsonl").exists(), "it is bea's");
    assert_eq!(oo.receipt(&receipt.id).await?.exports, 1);
    Ok(())
}

#[tokio::test]
async fn receipts_are_verified_and_a_changed_one_is_not_valid() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("oo.db");
    let world = Arc::new(SeededWorld::new(MONDAY, "receipts"));
    let oo = open(&path, &world).await?;
    let mut receipts = Vec::new();
    for user in ["ada", "bea", "cem", "dot"] {
        fill(&oo, &world, user).await?;
    }
    for user in ["ada", "bea", "cem"] {
        receipts.push(oo.forget(user).await?);
        world.advance(HOUR_MS);
    }
    // Life goes on after it.
    let tip = oo.recommend("dot").await?.ok_or("no tip")?;
    oo.react(tip.id, Reaction::Done).await?;
    for (place, receipt) in receipts.iter().enumerate() {
        let verified = oo.verify_receipt(receipt).await?;
        assert!(verified.valid, "{:?}", verified.problems);
        assert!(verified.chain && verified.absent);
        assert_eq!(verified.state, Some(true), "the newest is replayed, also for those before it");
        let names = verified.unchecked.iter().map(|what| what.contains("state_hash") && what.contains(&receipts[2].id));
        assert_eq!(names.collect::<Vec<_>>(), [true][usize::from(place == 2)..], "{:?}", verified.unchecked);
    }
    let newest = &receipts[2];
    let changed = [
        oo::Receipt { pseudonym_digest: receipts[0].pseudonym_digest.clone(), ..newest.clone() },
        oo::Receipt { position: newest.position.map(|position| position + 1), ..newest.clone() },
        oo::Receipt { epoch: Some(9), ..newest.clone() },
        oo::Receipt { state_hash: Some("00".repeat(32)), ..newest.clone() },
        oo::Receipt { chain: receipts[1].chain.clone(), ..newest.clone() },
        oo::Receipt { lessons: 99, ..newest.clone() },
        oo::Receipt { exports: 3, ..newest.clone() },
        oo::Receipt { rebuilding: vec!["main@1".to_owned()], ..newest.clone() },
        oo::Receipt { stage: "gone".to_owned(), ..newest.clone() },
        oo::Receipt { at: "2026-01-01T00:00:00Z".to_owned(), ..newest.clone() },
    ];
    for receipt in changed {
        let verified = oo.verify_receipt(&receipt).await?;
        assert!(!verified.valid && verified.problems.len() == 1, "{:?}", verified.problems);
    }
    // Names of files are in the answer alone.
    let verified = oo.verify_receipt(&oo::Receipt { left: vec!["ada.jsonl".to_owned()], ..newest.clone() }).await?;
    assert!(verified.valid && verified.unchecked.len() == 1 && verified.unchecked[0].starts_with("left"));
    // As after the restore of a backup of before it: the person is forgotten under another receipt.
    let unknown = oo::Receipt { id: "018f0000-0000-7000-8000-000000000000".to_owned(), ..newest.clone() };
    let verified = oo.verify_receipt(&unknown).await?;
    assert!(!verified.valid && verified.absent && verified.problems[0].contains(&newest.id), "{:?}", verified.problems);
    let unknown = oo::Receipt { pseudonym_digest: Some("00".repeat(32)), ..unknown };
    assert_eq!(oo.verify_receipt(&unknown).await.err().map(|error| error.kind()), Some(ErrorKind::NotFound));
    let nobody = oo.forget("nobody").await?;
    assert_eq!(oo.verify_receipt(&nobody).await.err().map(|error| error.kind()), Some(ErrorKind::InvalidInput));
    Ok(())
}

/// What is tampered with after a forgetting is found by every receipt before it, too.
#[tokio::test]
async fn an_old_receipt_rests_on_all_that_came_after_it() -> Outcome {
    let unhex = |hex: &Option<String>| -> Outcome<Vec<u8>> {
        let hex = hex.as_deref().ok_or("no hash")?;
        (0..hex.len()).step_by(2).map(|at| Ok(u8::from_str_radix(&hex[at..at + 2], 16)?)).collect()
    };
    for way in ["nothing", "a later chain", "the state", "the newest receipt", "the newest forgetting"] {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("oo.db");
        let world = Arc::new(SeededWorld::new(MONDAY, "old receipts"));
        let oo = open(&path, &world).await?;
        for user in ["ada", "bea", "cem", "dot"] {
            fill(&oo, &world, user).await?;
        }
        for user in ["cem", "dot"] {
            let tip = oo.recommend(user).await?.ok_or("no tip")?;
            oo.react(tip.id, Reaction::Done).await?;
        }
        let mut receipts = Vec::new();
        for user in ["ada", "bea", "cem"] {
            receipts.push(oo.forget(user).await?);
        }
        oo.recommend("dot").await?.ok_or("no tip")?;
        let lines = oo.export("dot").await?;
        let answer = lines.lines().rfind(|line| line.contains(r#""type":"reaction""#)).ok_or("no answer")?;
        let answer: serde_json::Value = serde_json::from_str(answer)?;
        oo.close();
        drop(oo);
        let conn = rusqlite::Connection::open(&path)?;
        match way {
            "a later chain" => {
                let (at, chain) = (receipts[1].position.map(u64::cast_signed), unhex(&receipts[1].chain)?);
                let read = "SELECT bytes FROM events WHERE position = ?1";
                let mut bytes: Vec<u8> = conn.query_row(read, [at], |row| row.get(0))?;
                let place = bytes.windows(32).position(|window| window == chain).ok_or("no chain")?;
                bytes[place] ^= 1;
                conn.execute("UPDATE events SET bytes = ?2 WHERE position = ?1", rusqlite::params![at, bytes])?;
            }
            "the state" => {
                // One of dot's answers, which taught something.
                assert_eq!(conn.execute("DELETE FROM events WHERE position = ?1", [answer["position"].as_i64()])?, 1);
            }
            "the newest receipt" => {
                assert_eq!(
                    conn.execute("DELETE FROM receipts WHERE number = (SELECT max(number) FROM receipts)", [])?,
                    1
                );
            }
            "the newest forgetting" => {
                assert_eq!(
                    conn.execute(
                        "DELETE FROM events WHERE position = ?1",
                        [receipts[2].position.map(u64::cast_signed)]
                    )?,
                    1
                );
            }
            _ => {}
        }
        drop(conn);
        let oo = open(&path, &world).await?;
        let verified = oo.verify_receipt(&receipts[0]).await?;
        let wanted = match way {
            "nothing" => (true, true, Some(true)),
            "the state" => (false, true, Some(false)),
            // The state of the one before is not that of the log, from which the last person is gone.
            "the newest forgetting" => (false, false, Some(false)),
            _ => (false, false, Some(true)),
        };
        assert_eq!((verified.valid, verified.chain, verified.state), wanted, "{way}: {:?}", verified.problems);
        let tells = match way {
            "nothing" => continue,
            "a later chain" => &receipts[1].id,
            _ => &receipts[2].id,
        };
        assert!(verified.problems[0].contains(tells), "{way}: {:?}", verified.problems);
    }
    Ok(())
}
