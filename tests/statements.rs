//! Statements about rewards, the log and privacy, through the facade. Each test is named after its statement.
#![cfg(feature = "testing")]

use std::sync::Arc;

use oo::{ReactRequest, ReactStatus, Reaction, Signal};
use oo_core::moment::{DAY_MS, HOUR_MS};
use oo_core::testing::world::SeededWorld;

type Outcome = Result<(), Box<dyn std::error::Error>>;

/// 2026-03-02T08:00:00Z, a Monday.
const MONDAY: i64 = 1_772_438_400_000;

fn long() -> bool {
    std::env::var_os("OO_LONG").is_some()
}

async fn open(path: &std::path::Path, world: &Arc<SeededWorld>) -> oo::Result<oo::Engine> {
    oo::Engine::builder(path).clock(world.clone()).entropy(world.clone()).key(world.clone()).open().await
}

/// 14: ten-fold duplicate delivery of 1e5 reactions (2e3 in the short form) leaves the state hash unchanged.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s14_tenfold_delivery() -> Outcome {
    let (people, each) = if long() { (64_usize, 1_563_usize) } else { (40, 50) };
    let folder = tempfile::tempdir()?;
    let oo = oo::Engine::open(folder.path().join("oo.db")).await?;
    let mut tasks = Vec::new();
    for person in 0..people {
        let oo = oo.clone();
        tasks.push(tokio::spawn(async move {
            let mut sent = Vec::new();
            for number in 0..each {
                let tip = oo.recommend(format!("u{person}")).await?.ok_or_else(|| oo::Error::internal("no tip"))?;
                let reaction = if number % 3 == 0 { Reaction::Done } else { Reaction::Dismiss { reason: None } };
                let request = ReactRequest { id: Some(format!("r{number}")), ..ReactRequest::new(tip.id, reaction) };
                assert_eq!(oo.react_with(request.clone()).await?.status, ReactStatus::Applied);
                sent.push(request);
            }
            Ok::<_, oo::Error>(sent)
        }));
    }
    let mut sent = Vec::new();
    for task in tasks {
        sent.push(task.await??);
    }
    let before = oo.health().await?;
    assert_eq!(before.lessons, (people * each) as u64);
    let mut tasks = Vec::new();
    for requests in sent {
        let oo = oo.clone();
        tasks.push(tokio::spawn(async move {
            for _ in 0..9 {
                for request in requests.iter().rev() {
                    assert_eq!(oo.react_with(request.clone()).await?.status, ReactStatus::Duplicate);
                }
            }
            Ok::<_, oo::Error>(())
        }));
    }
    for task in tasks {
        task.await??;
    }
    let after = oo.health().await?;
    assert_eq!((after.position, after.state_hash, after.lessons), (before.position, before.state_hash, before.lessons));
    Ok(())
}

/// 14: a reaction before its decision is parked, then applied once.
#[tokio::test]
async fn s14_parked_then_applied_once() -> Outcome {
    let folder = tempfile::tempdir()?;
    let world = Arc::new(SeededWorld::new(MONDAY, "parked"));
    let oo = open(&folder.path().join("oo.db"), &world).await?;
    let coming = oo::id::DecisionId::v7(MONDAY, &SeededWorld::derived("parked", "decision", 1));
    assert_eq!(oo.react(coming, Reaction::Done).await?.status, ReactStatus::Parked);
    assert_eq!(oo.react(coming, Reaction::Done).await?.status, ReactStatus::Duplicate);
    assert_eq!(oo.health().await?.lessons, 0);
    let tip = oo.recommend("u").await?.ok_or("no tip")?;
    assert_eq!(tip.id.0, coming);
    let health = oo.health().await?;
    assert_eq!((health.lessons, health.parked), (1, 0));
    assert_eq!(oo.explain(tip.id).await?.reward, Some(1.0));
    assert_eq!(oo.replay().await?.differences, Vec::<String>::new());
    Ok(())
}

/// 15: a revised reward leaves the hash of training on the last value only; a negative one survives.
#[tokio::test]
async fn s15_revision() -> Outcome {
    let mut hashes = Vec::new();
    for first in [Some(Reaction::Dismiss { reason: None }), None] {
        let folder = tempfile::tempdir()?;
        let world = Arc::new(SeededWorld::new(MONDAY, "revision"));
        let oo = open(&folder.path().join("oo.db"), &world).await?;
        let tip = oo.recommend("u").await?.ok_or("no tip")?;
        if let Some(first) = first {
            assert_eq!(oo.react(tip.id, first).await?.reward, Some(-0.3));
        }
        world.advance(HOUR_MS);
        assert_eq!(oo.react(tip.id, Reaction::Done).await?.reward, Some(1.0));
        hashes.push(oo.health().await?.state_hash);
    }
    assert_eq!(hashes[0], hashes[1]);
    Ok(())
}

/// 23: after forgetting, no row, no text and no wrapped key of theirs is in any file of the store; the state is that of
/// never having seen them; forgetting twice is a no-op; everybody else's export is the same, byte for byte.
#[tokio::test]
async fn s23_forgetting() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("oo.db");
    let world = Arc::new(SeededWorld::new(MONDAY, "forget"));
    let oo = open(&path, &world).await?;
    let secret = "Meet the lighthouse keeper at dawn";
    for round in 0..30_i64 {
        for user in ["ada", "bea"] {
            oo.ingest(user, Signal::task(format!("task-{user}-{round}"), format!("{secret} {user} {round}"))).await?;
            let tip = oo.recommend(user).await?.ok_or("no tip")?;
            let reaction = if round % 2 == 0 { Reaction::Done } else { Reaction::Dismiss { reason: None } };
            oo.react(tip.id, reaction).await?;
        }
        world.advance(2 * HOUR_MS);
    }
    let (ada, wrapped) = traces(&path, "ada", &oo).await?;
    assert!(found(folder.path(), &ada)? > 0, "the test must be able to see the pseudonym before");
    assert_eq!(found(folder.path(), secret.as_bytes())?, 0, "no plain text is ever in a file");
    let others = oo.export("bea").await?;
    let receipt = oo.forget("ada").await?;
    assert_eq!((receipt.stage.as_str(), receipt.unlearned, receipt.lessons), ("erased", true, 30));
    assert_eq!(found(folder.path(), &ada)?, 0, "a row of the forgotten person is left");
    for bytes in &wrapped {
        assert_eq!(found(folder.path(), bytes)?, 0, "a wrapped key or sealed text of the forgotten person is left");
    }
    assert_eq!(oo.export("bea").await?, others);
    let health = oo.health().await?;
    assert_eq!(health.lessons, 30);
    let replayed = oo.replay().await?;
    assert_eq!(replayed.differences, Vec::<String>::new());
    assert_eq!(replayed.state_hash, health.state_hash, "training on the rest alone gives the same hash");
    assert_eq!(oo.forget("ada").await?.stage, "nothing_held");
    assert_eq!(oo.health().await?.state_hash, health.state_hash);
    Ok(())
}

/// 23, all at once: reactions and forgettings of the same and of other people in one commit.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s23_forgetting_beside_reactions() -> Outcome {
    let folder = tempfile::tempdir()?;
    let oo = oo::Engine::open(folder.path().join("oo.db")).await?;
    for round in 0..10 {
        let mut tips = Vec::new();
        for user in 0..8 {
            tips.push(oo.recommend(format!("u{user}")).await?.ok_or("no tip")?);
        }
        let reacting = tips.iter().map(|tip| oo.react(tip.id, Reaction::Done));
        let (a, b) = (format!("u{}", round % 8), format!("u{}", (round + 1) % 8));
        let forgetting = [oo.forget(&a), oo.forget(&b), oo.forget(&a)];
        let (reacted, forgotten) = futures_util::future::join(
            futures_util::future::join_all(reacting),
            futures_util::future::join_all(forgetting),
        )
        .await;
        for reacted in reacted {
            reacted?;
        }
        for receipt in forgotten {
            assert!(receipt?.unlearned);
        }
        assert_eq!(oo.replay().await?.differences, Vec::<String>::new(), "round {round}");
    }
    Ok(())
}

/// The pseudonym of `user` and every wrapped key and sealed text that the database holds of them.
async fn traces(
    path: &std::path::Path,
    user: &str,
    oo: &oo::Engine,
) -> Result<(Vec<u8>, Vec<Vec<u8>>), Box<dyn std::error::Error>> {
    let position = oo.health().await?.position;
    let database = rusqlite::Connection::open(path)?;
    // The first person made is the first row: "ada" came first.
    let (pseudonym, wrapped): (Vec<u8>, Vec<u8>) = database.query_row(
        "SELECT u.user, k.wrapped FROM users u JOIN keys k USING (number) ORDER BY number LIMIT 1",
        [],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    let mut sealed = database.prepare("SELECT sealed FROM texts WHERE user = ?1")?;
    let mut all: Vec<Vec<u8>> = sealed.query_map([&pseudonym], |row| row.get(0))?.collect::<Result<_, _>>()?;
    assert!(!all.is_empty() && position > 0 && user == "ada");
    all.push(wrapped);
    Ok((pseudonym, all))
}

/// How often `bytes` stand in the files of `folder`.
fn found(folder: &std::path::Path, bytes: &[u8]) -> Result<usize, std::io::Error> {
    let mut count = 0;
    for entry in std::fs::read_dir(folder)? {
        let content = std::fs::read(entry?.path())?;
        count += content.windows(bytes.len()).filter(|window| *window == bytes).count();
    }
    Ok(count)
}

/// 24: a feature schema whose hash does not match is refused at load, never zero-filled.
#[tokio::test]
async fn s24_schema() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("oo.db");
    let oo = oo::Engine::open(&path).await?;
    let tip = oo.recommend("u").await?.ok_or("no tip")?;
    oo.react(tip.id, Reaction::Done).await?;
    oo.close();
    drop(oo);
    let schema = oo::FeatureSchema::new(vec![oo::FeatureSpec::new("hour_sin", -1.0, 1.0)?], None)?;
    let refused = oo::Engine::builder(&path).schema(schema).open().await;
    assert_eq!(refused.err().map(|error| error.kind()), Some(oo::ErrorKind::Incompatible));
    assert_eq!(oo::Engine::open(&path).await?.health().await?.lessons, 1);
    Ok(())
}

/// 25: a clock that jumps back loses nothing and serves on.
#[tokio::test]
async fn s25_clock_backwards() -> Outcome {
    let folder = tempfile::tempdir()?;
    let world = Arc::new(SeededWorld::new(MONDAY, "clock"));
    let oo = open(&folder.path().join("oo.db"), &world).await?;
    let first = oo.recommend("u").await?.ok_or("no tip")?;
    world.advance(-3 * DAY_MS);
    assert_eq!(oo.recommend("u").await?.ok_or("no tip")?.id, first.id);
    assert_eq!(oo.react(first.id, Reaction::Done).await?.reward, Some(1.0));
    let second = oo.recommend("u").await?.ok_or("no tip")?;
    world.advance(3 * DAY_MS + 25 * HOUR_MS);
    let third = oo.recommend("u").await?.ok_or("no tip")?;
    assert_ne!(second.id, third.id, "the second expired a day after it was shown");
    assert_eq!(oo.health().await?.lessons, 2, "silence counts once its day has passed");
    assert_eq!(oo.replay().await?.differences, Vec::<String>::new());
    Ok(())
}
