//! Pull: one tip, the same until it is answered or expires; snoozes that keep their promise; many at once.
#![cfg(feature = "testing")]

use std::collections::BTreeSet;
use std::sync::Arc;

use oo::{Consents, Reaction, RecommendRequest, Settings, ShownMode, Signal, TaskStatus};
use oo_core::moment::{DAY_MS, HOUR_MS};
use oo_core::testing::world::SeededWorld;

type Outcome = Result<(), Box<dyn std::error::Error>>;

/// 2026-03-02T08:00:00Z, a Monday.
const MONDAY: i64 = 1_772_438_400_000;

async fn open(path: &std::path::Path, world: &Arc<SeededWorld>, settings: Settings) -> oo::Result<oo::Engine> {
    oo::Engine::builder(path)
        .settings(settings)
        .clock(world.clone())
        .entropy(world.clone())
        .key(world.clone())
        .open()
        .await
}

#[tokio::test]
async fn a_snoozed_tip_comes_back_as_promised_however_it_is_shown() -> Outcome {
    for (shown, wait) in
        [(ShownMode::Reported, 25 * HOUR_MS), (ShownMode::OnAnswer, 25 * HOUR_MS), (ShownMode::Reported, 9 * DAY_MS)]
    {
        let folder = tempfile::tempdir()?;
        let world = Arc::new(SeededWorld::new(MONDAY, "snooze"));
        let oo = open(&folder.path().join("oo.db"), &world, Settings::default()).await?;
        let ask = || RecommendRequest { shown, ..RecommendRequest::new("u") };
        let tip = oo.recommend(ask()).await?.ok_or("no tip")?;
        oo.react(tip.id, Reaction::Shown).await?;
        oo.react(tip.id, Reaction::Snooze { until_ms: MONDAY + wait }).await?;
        let other = oo.recommend(ask()).await?.ok_or("no tip")?;
        assert_ne!(other.id, tip.id);
        world.advance(wait);
        let back = oo.recommend(ask()).await?.ok_or("no tip")?;
        assert_eq!((back.id, back.returned), (tip.id, true), "{shown:?} after {wait} ms");
        assert_eq!(oo.recommend(ask()).await?.ok_or("no tip")?.id, tip.id, "it stands until it is answered");
        oo.react(tip.id, Reaction::Shown).await?;
        world.advance(HOUR_MS);
        assert_eq!(oo.react(tip.id, Reaction::Done).await?.reward, Some(1.0), "counted from when it came back");
        assert_eq!(oo.replay().await?.differences, Vec::<String>::new());
    }
    Ok(())
}

/// A clock that is set back and forth can read the same when a tip comes back again: each is a return of its own.
#[tokio::test]
async fn a_tip_comes_back_each_time_whatever_the_clock_reads() -> Outcome {
    let folder = tempfile::tempdir()?;
    let world = Arc::new(SeededWorld::new(MONDAY, "set-back"));
    let oo = open(&folder.path().join("oo.db"), &world, Settings::default()).await?;
    let tip = oo.recommend("u").await?.ok_or("no tip")?;
    oo.react(tip.id, Reaction::Snooze { until_ms: MONDAY + HOUR_MS }).await?;
    world.advance(10 * HOUR_MS);
    assert!(oo.recommend("u").await?.ok_or("no tip")?.returned);
    for hours in [2, 2, 3] {
        world.advance(-9 * HOUR_MS);
        oo.react(tip.id, Reaction::Snooze { until_ms: MONDAY + hours * HOUR_MS }).await?;
        world.advance(9 * HOUR_MS);
        let back = oo.recommend("u").await?.ok_or("no tip")?;
        assert_eq!((back.id, back.returned), (tip.id, true));
    }
    assert_eq!(oo.replay().await?.differences, Vec::<String>::new());
    Ok(())
}

#[tokio::test]
async fn what_a_tip_rests_on_can_be_taken_back() -> Outcome {
    let settings = || Settings { holdout: 0.0, ..Settings::default() };
    for take_back in ["consent", "deleted"] {
        let folder = tempfile::tempdir()?;
        let world = Arc::new(SeededWorld::new(MONDAY, "taken-back"));
        let oo = open(&folder.path().join("oo.db"), &world, settings()).await?;
        let mut tip = None;
        // Cold draws mix kinds: ask as different people until one is a to-do.
        for person in 0..40 {
            let user = format!("u{person}");
            oo.ingest(&user, Signal::task("t", "File taxes").priority(1)).await?;
            let drawn = oo.recommend(&user).await?.ok_or("no tip")?;
            if drawn.kind == oo::TipKind::Todo {
                tip = Some((user, drawn));
                break;
            }
        }
        let (user, tip) = tip.ok_or("no to-do in forty draws")?;
        if take_back == "consent" {
            oo.set_consents(&user, Consents { task: Some(false), ..Consents::default() }).await?;
        } else {
            oo.ingest(&user, Signal::task("t", "").status(TaskStatus::Deleted)).await?;
        }
        let next = oo.recommend(&user).await?.ok_or("no tip")?;
        assert_ne!(next.id, tip.id, "{take_back}: the tip still stands");
        assert_eq!(next.kind, oo::TipKind::Advice);
        assert_eq!(oo.replay().await?.differences, Vec::<String>::new());
    }
    Ok(())
}

#[tokio::test]
async fn a_daily_cap_is_kept_and_says_so() -> Outcome {
    let folder = tempfile::tempdir()?;
    let world = Arc::new(SeededWorld::new(MONDAY, "cap"));
    let oo = open(&folder.path().join("oo.db"), &world, Settings::default()).await?;
    oo.set_preferences("u", oo::Preferences { daily_cap: Some(2), ..oo::Preferences::default() }).await?;
    for _ in 0..2 {
        let tip = oo.recommend("u").await?.ok_or("no tip")?;
        oo.react(tip.id, Reaction::Done).await?;
    }
    let none = oo.recommend_with(RecommendRequest::new("u")).await?;
    assert_eq!((none.tip, none.reason.as_deref()), (None, Some("daily_cap")));
    world.advance(DAY_MS);
    assert!(oo.recommend("u").await?.is_some());
    Ok(())
}

/// Two engines on one file: what one acknowledged, the other has learned before it answers the next call.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recommend_has_learned_what_another_engine_acknowledged() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("oo.db");
    let (a, b) = (oo::Engine::open(&path).await?, oo::Engine::open(&path).await?);
    let busy = {
        let a = a.clone();
        tokio::spawn(async move {
            for number in 0..200 {
                a.ingest("busy", Signal::mood(f64::from(number % 5) + 1.0)).await?;
            }
            Ok::<_, oo::Error>(())
        })
    };
    for round in 0..60 {
        let tip = b.recommend(format!("u{round}")).await?.ok_or("no tip")?;
        b.react(tip.id, Reaction::Done).await?;
        assert!(a.health().await?.lessons > round, "the other engine has not learned yet");
    }
    busy.await??;
    assert_eq!(a.health().await?.state_hash, b.health().await?.state_hash);
    Ok(())
}

/// One person asked for by many at once, beside signals and answers: one open tip at a time, and nobody is stuck.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_callers_of_one_person_agree() -> Outcome {
    let folder = tempfile::tempdir()?;
    let oo = oo::Engine::open(folder.path().join("oo.db")).await?;
    for round in 0..40 {
        let mut asking = Vec::new();
        for lane in 0..6 {
            let oo = oo.clone();
            asking.push(tokio::spawn(async move {
                if lane % 3 == 2 {
                    oo.ingest("u", Signal::mood(f64::from(lane % 5) + 1.0)).await?;
                }
                oo.recommend("u").await
            }));
        }
        let mut tips = BTreeSet::new();
        for answer in asking {
            tips.insert(answer.await??.ok_or("no tip")?.id);
        }
        assert_eq!(tips.len(), 1, "round {round}: one person, one open tip");
        let tip = tips.into_iter().next().ok_or("no tip")?;
        assert_eq!(oo.react(tip, Reaction::Dismiss { reason: None }).await?.reward, Some(-0.3));
    }
    assert_eq!(oo.health().await?.lessons, 40);
    assert_eq!(oo.replay().await?.differences, Vec::<String>::new());
    Ok(())
}

/// A request is answered by the decision that it made, also when that is past revision and another tip stands.
#[tokio::test]
async fn an_old_request_is_answered_by_its_own_decision() -> Outcome {
    let folder = tempfile::tempdir()?;
    let world = Arc::new(SeededWorld::new(MONDAY, "old-request"));
    let oo = open(&folder.path().join("oo.db"), &world, Settings::default()).await?;
    let ask = |id: &str| RecommendRequest { request_id: Some(id.to_owned()), ..RecommendRequest::new("u") };
    let first = oo.recommend(ask("first")).await?.ok_or("no tip")?;
    oo.react(first.id, Reaction::Done).await?;
    world.advance(12 * DAY_MS);
    oo.ingest("u", Signal::mood(4.0)).await?;
    let standing = oo.recommend(ask("second")).await?.ok_or("no tip")?;
    assert_ne!(standing.id, first.id);
    assert_eq!(oo.recommend(ask("first")).await?.ok_or("no tip")?.id, first.id);
    assert_eq!(oo.recommend(ask("third")).await?.ok_or("no tip")?.id, standing.id);
    Ok(())
}
