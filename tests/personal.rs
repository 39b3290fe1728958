//! People who differ: a policy that tells them apart, its part of each loaded from the log with the person.
#![cfg(feature = "testing")]

use std::path::Path;
use std::sync::Arc;

use oo::{Engine, FeatureSchema, FeatureSpec, PolicySpec, Reaction, RecommendRequest, Settings, TipCandidate};
use oo_core::moment::{DAY_MS, HOUR_MS};
use oo_core::testing::world::SeededWorld;

type Outcome = Result<(), Box<dyn std::error::Error>>;

/// 2026-03-02T08:00:00Z, a Monday.
const MONDAY: i64 = 1_772_438_400_000;
const HIERARCHICAL: &str = r#"{"type":"hierarchical"}"#;

/// An engine over two features, calm and brisk, without sources of its own, that keeps few people in memory.
async fn open(path: &Path, world: &Arc<SeededWorld>, policy: Option<&str>, shadow: Option<&str>) -> oo::Result<Engine> {
    let schema =
        FeatureSchema::new(vec![FeatureSpec::new("calm", -1.0, 1.0)?, FeatureSpec::new("brisk", -1.0, 1.0)?], None)?;
    let mut builder = Engine::builder(path)
        .settings(Settings { holdout: 0.0, cached_users: 1, ..Settings::default() })
        .schema(schema)
        .sources(Vec::new())
        .clock(world.clone())
        .entropy(world.clone())
        .key(world.clone());
    if let Some(policy) = policy {
        builder = builder.policy(PolicySpec::parse(policy)?);
    }
    if let Some(shadow) = shadow {
        builder = builder.shadow("other", PolicySpec::parse(shadow)?);
    }
    builder.open().await
}

fn ask(user: &str, round: i64) -> RecommendRequest {
    RecommendRequest {
        candidates: vec![
            TipCandidate::advice(format!("calm-{round}"), format!("calm {round}")).feature("calm", 1.0),
            TipCandidate::advice(format!("brisk-{round}"), format!("brisk {round}")).feature("brisk", 1.0),
        ],
        ..RecommendRequest::new(user)
    }
}

/// `rounds` tips for each of `people`, who do what they like and dismiss the rest.
async fn live(oo: &Engine, world: &SeededWorld, people: &[(&str, &str)], from: i64, rounds: i64) -> Outcome {
    for round in from..from + rounds {
        for (user, taste) in people {
            let tip = oo.recommend_with(ask(user, round)).await?.tip.ok_or("no tip")?;
            let liked = tip.content.starts_with(taste);
            oo.react(tip.id, if liked { Reaction::Done } else { Reaction::Dismiss { reason: None } }).await?;
        }
        world.advance(HOUR_MS);
    }
    Ok(())
}

/// The probability with which `user` would be told something calm now.
async fn calm(oo: &Engine, user: &str, round: i64) -> Result<f64, Box<dyn std::error::Error>> {
    let tip = oo.recommend_with(ask(user, round)).await?.tip.ok_or("no tip")?;
    let propensity = oo.explain(tip.id).await?.propensity;
    oo.react(tip.id, Reaction::Shown).await?;
    Ok(if tip.content.starts_with("calm") { propensity } else { 1.0 - propensity })
}

/// Replay agrees in everything, and computed at least `pmfs` pmfs anew.
async fn verified(oo: &Engine, pmfs: u64) -> Outcome {
    let replayed = oo.replay().await?;
    assert_eq!(replayed.differences, Vec::<String>::new());
    assert!(replayed.pmfs >= pmfs, "{} of {pmfs}", replayed.pmfs);
    assert_eq!(replayed.state_hash, oo.health().await?.state_hash);
    Ok(())
}

/// Two people with opposite tastes are ranked apart after 20 reactions each; a restart keeps it; whoever comes new starts
/// from the population; and forgetting one leaves the hash of never having seen them, and the other as they were.
#[tokio::test]
async fn s23_opposite_tastes_are_kept_and_forgotten_apart() -> Outcome {
    let people = [("ada", "calm"), ("bea", "brisk")];
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("oo.db");
    let world = Arc::new(SeededWorld::new(MONDAY, "tastes"));
    let oo = open(&path, &world, Some(HIERARCHICAL), Some(r#"{"type":"linucb"}"#)).await?;
    live(&oo, &world, &people, 0, 20).await?;
    let before = (calm(&oo, "ada", 100).await?, calm(&oo, "bea", 100).await?);
    assert!(before.0 > 0.9 && before.1 < 0.1, "{before:?}");
    verified(&oo, 40).await?;
    let hash = oo.health().await?.state_hash;
    oo.close();
    drop(oo);

    let oo = open(&path, &world, None, None).await?;
    assert_eq!(oo.health().await?.state_hash, hash);
    world.advance(DAY_MS + HOUR_MS);
    let after = (calm(&oo, "ada", 101).await?, calm(&oo, "bea", 101).await?);
    assert!(after.0 > 0.9 && after.1 < 0.1, "a restart loads each person's part from the log: {after:?}");
    verified(&oo, 40).await?;

    let others = oo.export("bea").await?;
    assert!(oo.forget("ada").await?.unlearned);
    assert_eq!(oo.export("bea").await?, others);
    verified(&oo, 0).await?;
    world.advance(DAY_MS + HOUR_MS);
    assert!(calm(&oo, "bea", 102).await? < 0.1, "bea is who she was");
    assert!(calm(&oo, "ada", 102).await? < 0.9, "whoever asks as ada now is new");
    verified(&oo, 2).await?;
    Ok(())
}

/// The same state hash as in a world where only bea lived: forgotten is never seen.
#[tokio::test]
async fn s23_forgotten_is_never_seen() -> Outcome {
    let mut hashes = Vec::new();
    for others in [vec![], vec![("ada", "calm"), ("cyd", "brisk")]] {
        let folder = tempfile::tempdir()?;
        let world = Arc::new(SeededWorld::new(MONDAY, "never"));
        let oo = open(&folder.path().join("oo.db"), &world, Some(r#"{"type":"uniform"}"#), None).await?;
        // Drawn uniformly and liked whatever it is: bea's lessons are the same beside anybody.
        live(&oo, &world, &[("bea", "")], 0, 12).await?;
        live(&oo, &world, &others, 0, 12).await?;
        oo.close();
        drop(oo);
        let oo = open(&folder.path().join("oo.db"), &world, Some(HIERARCHICAL), None).await?;
        for (user, _) in &others {
            oo.forget(user).await?;
        }
        assert_eq!(oo.health().await?.lessons, 12);
        hashes.push(oo.health().await?.state_hash);
        verified(&oo, 0).await?;
    }
    assert_eq!(hashes[0], hashes[1]);
    Ok(())
}

/// A policy that asks for people later finds them: champion and shadow, learned from the log with the rest.
#[tokio::test]
async fn people_are_found_by_a_policy_that_comes_later() -> Outcome {
    let people = [("ada", "calm"), ("bea", "brisk")];
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("oo.db");
    let world = Arc::new(SeededWorld::new(MONDAY, "later"));
    let oo = open(&path, &world, None, Some(HIERARCHICAL)).await?;
    live(&oo, &world, &people, 0, 20).await?;
    verified(&oo, 40).await?;
    oo.close();
    drop(oo);
    let oo = open(&path, &world, Some(r#"{"type":"hierarchical","alpha":0.5}"#), None).await?;
    let found = (calm(&oo, "ada", 100).await?, calm(&oo, "bea", 100).await?);
    assert!(found.0 > 0.9 && found.1 < 0.1, "{found:?}");
    verified(&oo, 40).await?;
    Ok(())
}

/// Reactions and questions of the same people at once: a decision never knows more of its person than it says.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn s16_every_pmf_replays_beside_writers() -> Outcome {
    let folder = tempfile::tempdir()?;
    let world = Arc::new(SeededWorld::new(MONDAY, "beside"));
    let oo = open(&folder.path().join("oo.db"), &world, Some(HIERARCHICAL), Some(r#"{"type":"linucb"}"#)).await?;
    let mut tasks = Vec::new();
    for worker in 0..6 {
        let oo = oo.clone();
        tasks.push(tokio::spawn(async move {
            for round in 0..40 {
                let user = format!("u{}", (worker + round) % 3);
                let tip = oo.recommend_with(ask(&user, round * 10 + worker)).await?.tip;
                let tip = tip.ok_or_else(|| oo::Error::internal("no tip"))?;
                let reaction = if round % 3 == 0 { Reaction::Dismiss { reason: None } } else { Reaction::Done };
                oo.react(tip.id, reaction).await?;
            }
            Ok::<_, oo::Error>(())
        }));
    }
    for task in tasks {
        task.await??;
    }
    verified(&oo, 60).await
}
