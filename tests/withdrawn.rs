//! 23 with a champion that does not subtract: it is withdrawn, another stands in, and it returns from the log.
#![cfg(feature = "testing")]

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use oo::lesson::Lesson;
use oo::policy::{Actions, Explanation, Policy, PolicyIdentity, Scored, Unlearned};
use oo::{Engine, EventBody, PolicyFactory, PolicyGround, PolicySpec, Reaction, Settings, Stored};
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

async fn run(champion: &str, shadow: Option<(&str, &str)>, wanted: &[(&str, Role, &str)]) -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("oo.db");
    let world = Arc::new(SeededWorld::new(MONDAY, "withdrawn"));
    let roles = Arc::new(Roles::default());
    let mut builder = Engine::builder(&path)
        .settings(Settings { holdout: 0.0, ..Settings::default() })
        .policy(PolicySpec::parse(champion)?)
        .sink(roles.clone())
        .clock(world.clone())
        .entropy(world.clone())
        .key(world.clone());
    if let Some((id, shadow)) = shadow {
        builder = builder.shadow(id, PolicySpec::parse(shadow)?);
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
    assert_eq!(receipt.rebuilding.len(), 1, "{:?}", receipt.rebuilding);
    // Replay waits for the writer, and with it for the rebuild.
    assert_eq!(oo.replay().await?.differences, Vec::<String>::new());
    let health = oo.health().await?;
    assert_eq!((health.policy.as_str(), health.lessons), ("main@1", 10), "the champion is back, without ada");
    assert_eq!(oo.receipt(&receipt.id).await?.rebuilding, Vec::<String>::new());
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
    run(ROUGH, Some(("exact", r#"{"type":"linucb"}"#)), &wanted).await
}

#[tokio::test]
async fn s23_without_one_a_fresh_default_stands_in() -> Outcome {
    let wanted = [
        ("main@1", Role::Retired, "withdrawn"),
        ("fallback@1", Role::Champion, "stands_in"),
        ("main@1", Role::Champion, "rebuilt"),
        ("fallback@1", Role::Retired, "stood_in"),
    ];
    run(ROUGH, None, &wanted).await
}

#[tokio::test]
async fn s23_a_shadow_that_does_not_subtract_is_rebuilt() -> Outcome {
    let wanted = [("rough@1", Role::Retired, "withdrawn"), ("rough@1", Role::Shadow, "rebuilt")];
    run(r#"{"type":"linucb"}"#, Some(("rough", ROUGH)), &wanted).await
}

/// Makes policies that do not subtract; while it is broken, one, which a withdrawal takes, and no other.
#[derive(Debug, Default)]
struct Fragile {
    broken: AtomicBool,
    stumbles: AtomicBool,
    made: AtomicU32,
}

/// Every candidate alike; it counts its lessons.
#[derive(Clone, Debug)]
struct Rough {
    ground: PolicyGround,
    lessons: u64,
}

impl PolicyFactory for Fragile {
    fn kind(&self) -> &str {
        "fragile"
    }

    fn settings(&self) -> String {
        "{}".to_owned()
    }

    fn fresh(&self, ground: &PolicyGround) -> oo::Result<Arc<dyn Policy>> {
        let broken = self.broken.load(Ordering::SeqCst) && self.made.fetch_add(1, Ordering::SeqCst) > 0;
        if broken || self.stumbles.swap(false, Ordering::SeqCst) {
            return Err(oo::Error::busy("not now"));
        }
        Ok(Arc::new(Rough { ground: ground.clone(), lessons: 0 }))
    }

    fn load(&self, ground: &PolicyGround, bytes: &[u8]) -> oo::Result<Arc<dyn Policy>> {
        let lessons = bytes.try_into().map(u64::from_le_bytes).map_err(|_| oo::Error::storage("short"))?;
        Ok(Arc::new(Rough { ground: ground.clone(), lessons }))
    }
}

impl Policy for Rough {
    fn distribution(&self, actions: &Actions<'_>, out: &mut Scored) -> oo::Result<()> {
        out.scores = vec![0.0; actions.count()];
        out.distribution.set_uniform(actions.count());
        Ok(())
    }

    fn learned(&self, lessons: &[Lesson]) -> oo::Result<Arc<dyn Policy>> {
        Ok(Arc::new(Rough { lessons: self.lessons + lessons.len() as u64, ..self.clone() }))
    }

    fn unlearned(&self, lessons: &[Lesson]) -> oo::Result<Unlearned> {
        Ok(if lessons.is_empty() { Unlearned::Exact(Arc::new(self.clone())) } else { Unlearned::Rebuild })
    }

    fn explain(&self, _: &Actions<'_>, _: usize) -> oo::Result<Explanation> {
        Ok(Explanation::default())
    }

    fn save(&self) -> Vec<u8> {
        self.lessons.to_le_bytes().to_vec()
    }

    fn identity(&self) -> PolicyIdentity {
        let schema = self.ground.schema.hash();
        PolicyIdentity { kind: String::new(), spec: String::new(), schema, state: [0; 32], lessons: self.lessons }
    }
}

/// Another serves while the rebuild fails, also after a restart; attempts become rare, and the first that works ends it:
/// the policy itself returns, and is not entered a second time because it is configured.
#[allow(clippy::disallowed_methods, reason = "a measured pause, never folded")]
#[tokio::test(flavor = "multi_thread")]
async fn a_rebuild_that_fails_is_tried_again_with_pauses() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("oo.db");
    let factory = Arc::new(Fragile::default());
    let roles = Arc::new(Roles::default());
    let open = || Engine::builder(&path).custom_policy(factory.clone()).sink(roles.clone()).open();
    let oo = open().await?;
    for user in ["ada", "bea"] {
        let tip = oo.recommend(user).await?.ok_or("no tip")?;
        oo.react(tip.id, Reaction::Done).await?;
    }
    factory.broken.store(true, Ordering::SeqCst);
    let started = std::time::Instant::now();
    assert_eq!(oo.forget("ada").await?.lessons, 1);
    tokio::time::sleep(Duration::from_millis(900)).await;
    assert_eq!(oo.health().await?.policy, "fallback@1");
    let attempts = factory.made.load(Ordering::SeqCst) - 1;
    // After 0, 1, 3, 7 … seconds, however slow this machine is.
    let elapsed = started.elapsed().as_secs();
    let due = (0..).take_while(|power| (1_u64 << power) <= elapsed + 1).count();
    assert!(attempts >= 1 && attempts as usize <= due, "{attempts} attempts, {due} were due");
    oo.close();
    factory.broken.store(false, Ordering::SeqCst);
    factory.stumbles.store(true, Ordering::SeqCst);
    let oo = open().await?;
    assert!(!factory.stumbles.load(Ordering::SeqCst), "it opens although the rebuild fails once more");
    assert!(oo.recommend("bea").await?.is_some());
    for _ in 0..600 {
        if oo.health().await?.policy == "main@1" {
            assert_eq!((oo.health().await?.lessons, oo.replay().await?.differences), (1, Vec::<String>::new()));
            let said = roles.0.lock().map_err(|_| "poisoned")?;
            assert!(said.iter().all(|(id, ..)| id != "main@2"), "{said:?}");
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Err("it never returned".into())
}
