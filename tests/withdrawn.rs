//! 23 with a champion that does not subtract: it is withdrawn, another stands in, and it returns from the log.
#![cfg(feature = "testing")]

use std::sync::{Arc, Mutex};

use oo::{Engine, EventBody, PolicySpec, Reaction, Settings, Stored};
use oo_core::event::Role;
use oo_core::moment::HOUR_MS;
use oo_core::testing::world::SeededWorld;

type Outcome = Result<(), Box<dyn std::error::Error>>;

/// 2026-03-02T08:00:00Z, a Monday.
const MONDAY: i64 = 1_772_438_400_000;
/// A policy whose statistics are not sums.
const ROUGH: &str = r#"{"type":"dlinucb","forgetting":{"per_step":0.994}}"#;

/// Gathers changes of role as they are committed.
#[derive(Default)]
struct Roles(Mutex<Vec<(String, Role, String)>>);

impl oo::EventSink for Roles {
    fn publish(&self, events: &[Stored]) {
        let roles = events.iter().filter_map(|stored| match &stored.event.body {
            EventBody::PolicyRole(fact) => Some((fact.policy.to_string(), fact.role, fact.reason.clone())),
            _ => None,
        });
        if let Ok(mut all) = self.0.lock() {
            all.extend(roles);
        }
    }
}

async fn run(shadow: Option<&str>, wanted: &[(&str, Role, &str)]) -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("oo.db");
    let world = Arc::new(SeededWorld::new(MONDAY, "withdrawn"));
    let roles = Arc::new(Roles::default());
    let mut builder = Engine::builder(&path)
        .settings(Settings { holdout: 0.0, ..Settings::default() })
        .policy(PolicySpec::parse(ROUGH)?)
        .sink(roles.clone())
        .clock(world.clone())
        .entropy(world.clone())
        .key(world.clone());
    if let Some(shadow) = shadow {
        builder = builder.shadow("exact", PolicySpec::parse(shadow)?);
    }
    let oo = builder.open().await?;
    for round in 0..10 {
        for user in ["ada", "bea"] {
            let tip = oo.recommend(user).await?.ok_or("no tip")?;
            oo.react(tip.id, if round % 2 == 0 { Reaction::Done } else { Reaction::Dismiss { reason: None } }).await?;
        }
        world.advance(HOUR_MS);
    }
    // A shadow's word comes after the answer; an export that is compared has all of it.
    let shadows = if shadow.is_some() { 10 } else { 0 };
    let mut others = oo.export("bea").await?;
    for _ in 0..1_000 {
        if others.matches("\"type\":\"shadow\"").count() == shadows {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        others = oo.export("bea").await?;
    }
    let receipt = oo.forget("ada").await?;
    assert_eq!((receipt.unlearned, receipt.lessons), (true, 10));
    // Replay waits for the writer, and with it for the rebuild.
    assert_eq!(oo.replay().await?.differences, Vec::<String>::new());
    let health = oo.health().await?;
    assert_eq!((health.policy.as_str(), health.lessons), ("main@1", 10), "the champion is back, without ada");
    assert_eq!(oo.export("bea").await?, others);
    let said = roles.0.lock().map_err(|_| "poisoned")?.clone();
    let around: Vec<_> = said.iter().map(|(id, role, why)| (id.as_str(), *role, why.as_str())).collect();
    let around: Vec<_> = around.into_iter().filter(|(_, _, why)| *why != "opened").collect();
    assert_eq!(around, wanted);
    let tip = oo.recommend("bea").await?.ok_or("no tip")?;
    oo.react(tip.id, Reaction::Done).await?;
    assert_eq!(oo.replay().await?.differences, Vec::<String>::new());
    oo.close();
    drop(oo);
    let again = Engine::builder(&path).clock(world.clone()).entropy(world.clone()).key(world).open().await?;
    assert_eq!(again.health().await?.policy, "main@1");
    assert_eq!(again.replay().await?.differences, Vec::<String>::new());
    Ok(())
}

#[tokio::test]
async fn s23_a_shadow_that_subtracts_stands_in() -> Outcome {
    let wanted = [
        ("main@1", Role::Retired, "withdrawn"),
        ("exact@1", Role::Champion, "stands_in"),
        ("main@1", Role::Champion, "rebuilt"),
        ("exact@1", Role::Shadow, "stood_in"),
    ];
    run(Some(r#"{"type":"linucb"}"#), &wanted).await
}

#[tokio::test]
async fn s23_without_one_a_fresh_default_stands_in() -> Outcome {
    let wanted = [
        ("main@1", Role::Retired, "withdrawn"),
        ("fallback@1", Role::Champion, "stands_in"),
        ("main@1", Role::Champion, "rebuilt"),
        ("fallback@1", Role::Retired, "stood_in"),
    ];
    run(None, &wanted).await
}
