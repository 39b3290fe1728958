//! Consents taken back beside retention, and retention beside a changed schema: nothing that is gone from the log hides
//! what rested on it, and what stays folds to what the policies hold.
#![cfg(feature = "testing")]

use std::path::Path;
use std::sync::Arc;

use oo::id::DecisionId;
use oo::{
    Consents, Engine, FeatureSchema, PolicySpec, ReactStatus, Reaction, RecommendRequest, Settings, Signal, TaskStatus,
    Tip, TipCandidate,
};
use oo_core::features::default_schema;
use oo_core::moment::{DAY_MS, HOUR_MS};
use oo_core::testing::world::SeededWorld;

type Outcome<T = ()> = Result<T, Box<dyn std::error::Error>>;

/// 2026-03-02T08:00:00Z, a Monday.
const MONDAY: i64 = 1_772_438_400_000;

fn builder(path: &Path, world: &Arc<SeededWorld>, settings: Settings) -> Outcome<oo::EngineBuilder> {
    let settings = Settings { holdout: 0.0, cool_down_hours: 0, ..settings };
    Ok(Engine::builder(path)
        .settings(settings)
        .policy(PolicySpec::parse(r#"{"type":"linucb"}"#)?)
        .shadow("rough", PolicySpec::parse(r#"{"type":"dlinucb","forgetting":{"per_step":0.994}}"#)?)
        .shadow("own", PolicySpec::parse(r#"{"type":"hierarchical"}"#)?)
        .clock(world.clone())
        .entropy(world.clone())
        .key(world.clone()))
}

/// The state hash, once the log alone gives the same.
async fn whole(oo: &Engine) -> Outcome<String> {
    let replayed = oo.replay().await?;
    assert_eq!(replayed.differences, Vec::<String>::new());
    let health = oo.health().await?;
    assert_eq!(health.state_hash, replayed.state_hash);
    Ok(health.state_hash)
}

fn count(export: &str, what: &str) -> usize {
    export.matches(&format!("\"type\":\"{what}\"")).count()
}

/// Tips of the engine's own, each answered at once.
async fn answer(oo: &Engine, world: &SeededWorld, tips: usize) -> Outcome {
    for number in 0..tips {
        let tip = oo.recommend("ada").await?.ok_or("no tip")?;
        let reaction = if number % 2 == 0 { Reaction::Done } else { Reaction::Dismiss { reason: None } };
        oo.react(tip.id, reaction).await?;
        world.advance(HOUR_MS);
    }
    Ok(())
}

/// The mood is past its time and gone; the decisions that knew it stand, and go when the consent is taken back.
#[tokio::test]
async fn what_rested_on_a_signal_goes_when_the_signal_is_gone_already() -> Outcome {
    for decisions in [None, Some(20)] {
        let mut hashes = Vec::new();
        for said_at_all in [true, false] {
            let folder = tempfile::tempdir()?;
            let world = Arc::new(SeededWorld::new(MONDAY, "gone already"));
            let limits =
                Settings { retain_mood_days: Some(10), retain_decision_days: decisions, ..Settings::default() };
            let oo = builder(&folder.path().join("oo.db"), &world, limits)?.open().await?;
            answer(&oo, &world, 4).await?;
            let first = count(&oo.export("ada").await?, "decision");
            if said_at_all {
                oo.ingest("ada", Signal::mood(4.0)).await?;
                answer(&oo, &world, 6).await?;
                world.advance(15 * DAY_MS);
                oo.retain().await?;
                let kept = oo.export("ada").await?;
                assert!(!kept.contains("\"kind\":\"mood\",\"level\""), "the mood is past its time");
                assert_eq!(count(&kept, "decision"), first + 6);
                if decisions.is_some() {
                    world.advance(20 * DAY_MS);
                    oo.retain().await?;
                    assert_eq!(count(&oo.export("ada").await?, "decision"), 0);
                }
                oo.set_consents("ada", Consents { mood: Some(false), ..Consents::default() }).await?;
                let kept = oo.export("ada").await?;
                assert_eq!(count(&kept, "decision") + count(&kept, "lesson"), first, "{kept}");
            }
            hashes.push(whole(&oo).await?);
        }
        assert_eq!(hashes[0], hashes[1], "as if the mood had never been said");
    }
    Ok(())
}

/// An answer that came before its decision waited without a person, and goes with the decision.
#[tokio::test]
async fn an_answer_that_waited_goes_with_its_decision() -> Outcome {
    for withdraws in [true, false] {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("oo.db");
        let world = Arc::new(SeededWorld::new(MONDAY, "waited"));
        let limits = Settings { retain_decision_days: Some(20), ..Settings::default() };
        let oo = builder(&path, &world, limits)?.open().await?;
        oo.ingest("ada", Signal::mood(4.0)).await?;
        let id = DecisionId::v7(MONDAY, &world.next("decision"));
        assert_eq!(oo.react(id, Reaction::Done).await?.status, ReactStatus::Parked);
        let tip = oo.recommend("ada").await?.ok_or("no tip")?;
        assert_eq!((tip.id.0, oo.explain(id).await?.reward), (id, Some(1.0)));
        let named = || -> Outcome<u32> {
            let conn = rusqlite::Connection::open(&path)?;
            let without = "SELECT count(*) FROM events WHERE user IS NULL AND decision = ?1";
            Ok(conn.query_row(without, [id.0], |row| row.get(0))?)
        };
        assert_eq!(named()?, 1);
        if withdraws {
            oo.set_consents("ada", Consents { mood: Some(false), ..Consents::default() }).await?;
        } else {
            // Shadows speak a moment later; what they say is held for as long as it says itself.
            for _ in 0..1_000 {
                if count(&oo.export("ada").await?, "shadow") == 2 {
                    break;
                }
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            }
            world.advance(40 * DAY_MS);
            oo.retain().await?;
            let kept = oo.export("ada").await?;
            assert_eq!((count(&kept, "decision"), count(&kept, "lesson")), (0, 1), "{kept}");
        }
        assert_eq!(named()?, 0, "withdraws: {withdraws}");
        whole(&oo).await?;
    }
    Ok(())
}

/// The caller's own candidate, which is the task "t" elsewhere.
fn errand() -> RecommendRequest {
    let mut candidate = TipCandidate::todo("t", "File taxes");
    candidate.source = "tasks".into();
    RecommendRequest { candidates: vec![candidate], ..RecommendRequest::new("ada") }
}

/// Asks until the errand is drawn; every other tip is dismissed.
async fn until_the_errand(oo: &Engine, world: &SeededWorld) -> Outcome<Tip> {
    for _ in 0..200 {
        let tip = oo.recommend(errand()).await?.ok_or("no tip")?;
        if tip.content == "File taxes" {
            return Ok(tip);
        }
        oo.react(tip.id, Reaction::Dismiss { reason: None }).await?;
        world.advance(60_000);
    }
    Err("the errand was never drawn".into())
}

/// Doing a task elsewhere answers the latest tip about it. When that tip goes with a consent, the task answers the tip
/// before it, in the log and in the policies.
#[tokio::test]
async fn an_answer_finds_the_tip_before_the_one_that_goes() -> Outcome {
    let folder = tempfile::tempdir()?;
    let world = Arc::new(SeededWorld::new(MONDAY, "the tip before"));
    let oo = builder(&folder.path().join("oo.db"), &world, Settings::default())?.open().await?;
    oo.ingest("ada", Signal::task("t", "File taxes").priority(1)).await?;
    let before = until_task(&oo, &world).await?;
    oo.react(before.id, Reaction::Dismiss { reason: None }).await?;
    world.advance(HOUR_MS);
    oo.ingest("ada", Signal::mood(2.0)).await?;
    let latest = until_task(&oo, &world).await?;
    assert_ne!(before.id, latest.id);
    oo.ingest("ada", Signal::task("t", "").status(TaskStatus::Done)).await?;
    assert_eq!(oo.explain(latest.id).await?.reward, Some(1.0));
    assert_ne!(oo.explain(before.id).await?.reward, Some(1.0));
    whole(&oo).await?;
    oo.set_consents("ada", Consents { mood: Some(false), ..Consents::default() }).await?;
    assert_eq!(oo.explain(before.id).await?.reward, Some(1.0));
    whole(&oo).await?;
    Ok(())
}

/// Asks until the task is drawn; every other tip is dismissed.
async fn until_task(oo: &Engine, world: &SeededWorld) -> Outcome<Tip> {
    for _ in 0..200 {
        let tip = oo.recommend("ada").await?.ok_or("no tip")?;
        if tip.content == "File taxes" {
            return Ok(tip);
        }
        oo.react(tip.id, Reaction::Dismiss { reason: None }).await?;
        world.advance(60_000);
    }
    Err("the task was never drawn".into())
}

/// What a task answered is taken back with the tasks, also where its tip knew of none.
#[tokio::test]
async fn an_answer_goes_with_the_signal_that_gave_it() -> Outcome {
    let folder = tempfile::tempdir()?;
    let world = Arc::new(SeededWorld::new(MONDAY, "the answer"));
    let oo = builder(&folder.path().join("oo.db"), &world, Settings::default())?.open().await?;
    let tip = until_the_errand(&oo, &world).await?;
    oo.ingest("ada", Signal::task("t", "File taxes").status(TaskStatus::Done)).await?;
    whole(&oo).await?;
    oo.set_consents("ada", Consents { task: Some(false), ..Consents::default() }).await?;
    assert_ne!(oo.explain(tip.id).await?.reward, Some(1.0));
    whole(&oo).await?;
    Ok(())
}

/// An exported file holds what retention took since: a consent that is taken back takes it, though nothing else is left to go.
#[tokio::test]
async fn an_export_goes_also_when_nothing_else_of_its_kind_is_held() -> Outcome {
    let folder = tempfile::tempdir()?;
    let world = Arc::new(SeededWorld::new(MONDAY, "nothing else"));
    let limits = Settings { retain_mood_days: Some(10), ..Settings::default() };
    let oo = builder(&folder.path().join("oo.db"), &world, limits)?.open().await?;
    oo.ingest("ada", Signal::mood(4.0)).await?;
    let file = folder.path().join("ada.jsonl");
    oo.export_to("ada", &file).await?;
    world.advance(15 * DAY_MS);
    oo.retain().await?;
    assert!(file.exists() && !oo.export("ada").await?.contains("\"kind\":\"mood\",\"level\""));
    oo.set_consents("ada", Consents { mood: Some(false), ..Consents::default() }).await?;
    assert!(!file.exists());
    Ok(())
}

/// Decisions over a former schema are assembled anew from what was known: nothing goes before they do.
#[tokio::test]
async fn retention_waits_for_what_is_assembled_anew() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("oo.db");
    let world = Arc::new(SeededWorld::new(MONDAY, "anew"));
    let oo = builder(&path, &world, Settings::default())?.open().await?;
    oo.ingest("ada", Signal::mood(4.0)).await?;
    oo.ingest("ada", Signal::task("t", "File taxes").priority(1)).await?;
    answer(&oo, &world, 8).await?;
    oo.close();
    let mut features = default_schema()?.features().to_vec();
    features.remove(3);
    features.swap(0, 7);
    let schema = || FeatureSchema::new(features.clone(), default_schema()?.norm_bound());
    let limits = Settings {
        retain_mood_days: Some(10),
        retain_task_days: Some(10),
        retain_decision_days: Some(30),
        ..Settings::default()
    };
    let oo = builder(&path, &world, limits)?.schema(schema()?).migrate().open().await?;
    answer(&oo, &world, 3).await?;
    let before = whole(&oo).await?;
    world.advance(15 * DAY_MS);
    oo.retain().await?;
    assert_eq!(whole(&oo).await?, before);
    assert_eq!(count(&oo.export("ada").await?, "decision"), 11);
    world.advance(20 * DAY_MS);
    oo.retain().await?;
    assert_eq!(whole(&oo).await?, before);
    let kept = oo.export("ada").await?;
    assert_eq!(count(&kept, "decision"), 0);
    assert!(!kept.contains("File taxes") && !kept.contains("\"kind\":\"mood\",\"level\""));
    Ok(())
}
