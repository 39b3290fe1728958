//! A store whose feature schema changes: appended features extend what was learned, anything else is learned anew.
#![cfg(feature = "testing")]

use std::path::Path;
use std::sync::Arc;

use oo::id::DecisionId;
use oo::{DecideRequest, ErrorKind, FeatureSchema, FeatureSpec, PolicySpec, Reaction};
use oo_core::features::default_schema;
use oo_core::testing::world::SeededWorld;

type Outcome = Result<(), Box<dyn std::error::Error>>;

/// 2026-03-02T08:00:00Z, a Monday.
const MONDAY: i64 = 1_772_438_400_000;

fn builder(path: &Path, seed: &str, schema: Option<FeatureSchema>) -> oo::EngineBuilder {
    let world = Arc::new(SeededWorld::new(MONDAY, "key"));
    let entropy = Arc::new(SeededWorld::new(MONDAY, seed));
    let builder = oo::Engine::builder(path).clock(world.clone()).entropy(entropy).key(world);
    match schema {
        Some(schema) => builder.schema(schema),
        None => builder,
    }
}

/// Forty people get a tip and answer it.
async fn live(oo: &oo::Engine, from: usize) -> oo::Result<()> {
    for person in from..from + 40 {
        let tip = oo.recommend(format!("u{person}")).await?.ok_or_else(|| oo::Error::internal("no tip"))?;
        let reaction = if person % 2 == 0 { Reaction::Done } else { Reaction::Dismiss { reason: None } };
        oo.react(tip.id, reaction).await?;
    }
    Ok(())
}

fn features() -> oo::Result<Vec<FeatureSpec>> {
    Ok(default_schema()?.features().to_vec())
}

fn appended() -> oo::Result<FeatureSchema> {
    let mut features = features()?;
    features.push(FeatureSpec::new("steps", 0.0, 1.0)?);
    FeatureSchema::new(features, default_schema()?.norm_bound())
}

fn other() -> oo::Result<FeatureSchema> {
    let mut features = features()?;
    features.remove(3);
    features.swap(0, 7);
    FeatureSchema::new(features, default_schema()?.norm_bound())
}

#[tokio::test]
async fn appended_features_extend_the_champion() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("oo.db");
    let oo = builder(&path, "a", None).open().await?;
    live(&oo, 0).await?;
    let before = oo.health().await?;
    oo.close();
    let refused = builder(&path, "b", Some(appended()?)).open().await.err().ok_or("another schema was opened")?;
    assert_eq!(refused.kind(), ErrorKind::Incompatible);
    assert!(refused.message().contains("migrate"), "{refused}");

    let oo = builder(&path, "c", Some(appended()?)).migrate().open().await?;
    let after = oo.health().await?;
    assert_eq!((after.policy.as_str(), after.lessons), ("main@2", before.lessons));
    let roles: Vec<String> = oo.policies().await?.into_iter().map(|policy| policy.role).collect();
    assert_eq!(roles, ["retired", "champion"]);
    live(&oo, 40).await?;
    assert_eq!(oo.replay().await?.differences, Vec::<String>::new());
    let after = oo.health().await?;
    assert_eq!(after.lessons, 80);
    let receipt = oo.forget("u3").await?;
    assert_eq!((receipt.lessons, oo.health().await?.lessons), (1, 79), "a lesson from before is subtracted too");
    assert_eq!(oo.replay().await?.differences, Vec::<String>::new());
    oo.close();
    // Migrated once: it opens without being asked again, and a second time changes nothing.
    let oo = builder(&path, "d", Some(appended()?)).open().await?;
    assert_eq!(oo.health().await?.policy, "main@2");
    oo.close();
    let oo = builder(&path, "e", Some(appended()?)).migrate().open().await?;
    assert_eq!(oo.health().await?.policy, "main@2");
    Ok(())
}

/// Every kind of champion is taught anew from the log, and bandits of another shape beside it are left as they are.
#[tokio::test]
async fn other_champions_migrate_beside_named_bandits() -> Outcome {
    for json in [
        r#"{"type":"linucb","sharing":"disjoint"}"#,
        r#"{"type":"dlinucb"}"#,
        r#"{"type":"sw_linucb","window":{"days":3},"sharing":"disjoint"}"#,
        r#"{"type":"hierarchical"}"#,
    ] {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("oo.db");
        let open = |seed: &'static str, schema: Option<FeatureSchema>| -> oo::Result<oo::EngineBuilder> {
            Ok(builder(&path, seed, schema).policy(PolicySpec::parse(json)?))
        };
        let oo = open("a", None)?.open().await?;
        live(&oo, 0).await?;
        for number in 0..5 {
            let values = vec![1.0, f64::from(number) / 8.0, 0.5, 0.25];
            let choice = oo.decide(DecideRequest::new("prices", values, 2)).await?;
            oo.reward(DecisionId::parse(&choice.decision)?, 1.0).await?;
        }
        let bandits = |bandits: Vec<oo::NamedBandit>| {
            bandits.into_iter().map(|own| (own.name, own.lessons, own.state_hash)).collect::<Vec<_>>()
        };
        let before = bandits(oo.bandits().await?);
        assert_eq!(before.len(), 1);
        oo.close();
        let oo = open("b", Some(appended()?))?.migrate().open().await?;
        let health = oo.health().await?;
        assert_eq!((health.policy.as_str(), health.lessons), ("main@2", 40), "{json}");
        assert_eq!(bandits(oo.bandits().await?), before, "{json}: a bandit has columns of its own");
        live(&oo, 40).await?;
        oo.decide(DecideRequest::new("prices", vec![1.0, 0.5, 0.5, 0.25], 2)).await?;
        assert_eq!(oo.replay().await?.differences, Vec::<String>::new(), "{json}");
        assert_eq!(oo.forget("u3").await?.lessons, 1);
        assert_eq!(oo.replay().await?.differences, Vec::<String>::new(), "{json}: after a forgetting");
        assert_eq!(oo.health().await?.lessons, 79, "{json}");
    }
    Ok(())
}

#[tokio::test]
async fn another_schema_refits_a_shadow() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("oo.db");
    let oo = builder(&path, "a", None).open().await?;
    live(&oo, 0).await?;
    oo.close();
    assert!(builder(&path, "b", Some(other()?)).open().await.is_err());
    let oo = builder(&path, "c", Some(other()?)).migrate().open().await?;
    let health = oo.health().await?;
    assert_eq!((health.policy.as_str(), health.lessons), ("main@1", 40), "who served goes on serving");
    let shadow = &oo.policies().await?[1];
    assert_eq!((shadow.policy.as_str(), shadow.role.as_str(), shadow.lessons), ("main@2", "shadow", 40));
    live(&oo, 40).await?;
    assert_eq!(oo.policies().await?[1].lessons, 80);
    assert_eq!(oo.replay().await?.differences, Vec::<String>::new());
    oo.close();
    let oo = builder(&path, "d", Some(other()?)).open().await?;
    assert_eq!(oo.health().await?.lessons, 80);
    let tip = oo.recommend("u1000").await?.ok_or("no tip")?;
    let why = oo.explain(tip.id).await?;
    assert_eq!(why.features.len(), other()?.dim());
    Ok(())
}

/// A late answer to a decision over the old schema teaches over the new one.
#[tokio::test]
async fn an_old_decision_is_answered_after_the_migration() -> Outcome {
    for schema in [appended()?, other()?] {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("oo.db");
        let oo = builder(&path, "a", None).open().await?;
        live(&oo, 0).await?;
        let tip = oo.recommend("late").await?.ok_or("no tip")?;
        oo.close();
        let oo = builder(&path, "b", Some(schema)).migrate().open().await?;
        oo.react(tip.id, Reaction::Done).await?;
        assert_eq!(oo.health().await?.lessons, 41);
        assert_eq!(oo.replay().await?.differences, Vec::<String>::new());
    }
    Ok(())
}
