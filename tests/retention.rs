//! Retention and consents taken back: what goes, what stays, and that replay arrives at the same bytes.
#![cfg(feature = "testing")]

use std::path::Path;
use std::sync::Arc;

use oo::{Consents, Engine, PolicySpec, Reaction, Settings, Signal};
use oo_core::moment::{DAY_MS, HOUR_MS};
use oo_core::signal::{MoodSignal, SignalBody};
use oo_core::testing::world::SeededWorld;

type Outcome<T = ()> = Result<T, Box<dyn std::error::Error>>;

/// 2026-03-02T08:00:00Z, a Monday.
const MONDAY: i64 = 1_772_438_400_000;
const PEOPLE: [&str; 3] = ["ada", "bea", "cem"];

fn limits() -> Settings {
    Settings {
        holdout: 0.0,
        retain_task_days: Some(30),
        retain_habit_days: Some(30),
        retain_calendar_days: Some(10),
        retain_mood_days: Some(10),
        retain_context_days: Some(10),
        retain_decision_days: Some(30),
        ..Settings::default()
    }
}

async fn open(path: &Path, world: &Arc<SeededWorld>, settings: Settings, spec: &str) -> oo::Result<Engine> {
    Engine::builder(path)
        .settings(settings)
        .policy(PolicySpec::parse(spec)?)
        .shadow("rough", PolicySpec::parse(r#"{"type":"dlinucb","forgetting":{"per_step":0.994}}"#)?)
        .shadow("own", PolicySpec::parse(r#"{"type":"hierarchical"}"#)?)
        .shadow("arms", PolicySpec::parse(r#"{"type":"linucb","sharing":"disjoint"}"#)?)
        .clock(world.clone())
        .entropy(world.clone())
        .key(world.clone())
        .open()
        .await
}

/// Days of a life: a task that comes and is done, a mood, a habit, and a few tips a day with their answers.
async fn live(oo: &Engine, world: &SeededWorld, days: std::ops::Range<u32>) -> Outcome {
    for day in days {
        for (place, user) in PEOPLE.into_iter().enumerate() {
            let task = format!("{user}-{day}");
            oo.ingest(user, Signal::task(&task, format!("Errand of {user} on {day}")).priority(1)).await?;
            oo.ingest(user, mood(f64::from(1 + day % 5), &format!("note of {user} on {day}"))).await?;
            oo.ingest(user, Signal::habit(format!("h-{user}"), format!("Run, {user}"), 3)).await?;
            oo.ingest(user, Signal::habit_done(format!("h-{user}"))).await?;
            for round in 0..3 {
                let tip = oo.recommend(user).await?.ok_or("no tip")?;
                match (place as u32 + day + round) % 6 {
                    0 => _ = oo.react(tip.id, Reaction::Dismiss { reason: None }).await?,
                    1 => _ = oo.react(tip.id, Reaction::Snooze { until_ms: world_now(world) + 2 * HOUR_MS }).await?,
                    2 => {}
                    _ => _ = oo.react(tip.id, Reaction::Done).await?,
                }
                world.advance(HOUR_MS);
            }
            // Done elsewhere, which answers the tip about it where there was one.
            oo.ingest(user, Signal::task(&task, "").status(oo::TaskStatus::Done)).await?;
        }
        world.advance(DAY_MS - 9 * HOUR_MS);
    }
    Ok(())
}

fn mood(level: f64, note: &str) -> Signal {
    SignalBody::Mood(MoodSignal { level, energy: None, note: Some(note.to_owned()) }).into()
}

fn world_now(world: &SeededWorld) -> i64 {
    oo::Clock::now_ms(world)
}

async fn whole(oo: &Engine) -> Outcome<(String, u64)> {
    let replayed = oo.replay().await?;
    assert_eq!(replayed.differences, Vec::<String>::new());
    let health = oo.health().await?;
    assert_eq!(health.state_hash, replayed.state_hash);
    Ok((health.state_hash, health.lessons))
}

fn count(export: &str, what: &str) -> usize {
    export.matches(&format!("\"type\":\"{what}\"")).count()
}

/// What was learned stays to the bit, in this process, in another one, and after a restart.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_learned_stays() -> Outcome {
    for spec in [r#"{"type":"auto"}"#, r#"{"type":"logistic","reward_range":[-0.3,1.0]}"#] {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("oo.db");
        let world = Arc::new(SeededWorld::new(MONDAY, "retention"));
        let oo = open(&path, &world, Settings { holdout: 0.0, ..Settings::default() }, spec).await?;
        live(&oo, &world, 0..20).await?;
        let other = open(&path, &world, Settings { holdout: 0.0, ..Settings::default() }, spec).await?;
        live(&other, &world, 20..24).await?;
        world.advance(21 * DAY_MS);
        let before = whole(&oo).await?;
        let export = oo.export("ada").await?;
        oo.close();

        let keeping = open(&path, &world, limits(), spec).await?;
        keeping.retain().await?;
        let after = whole(&keeping).await?;
        assert_eq!(after, before, "{spec}");
        let kept = keeping.export("ada").await?;
        assert!(count(&kept, "lesson") > 20, "{} lessons", count(&kept, "lesson"));
        assert!(count(&kept, "decision") < count(&export, "decision") / 2);
        assert!(!kept.contains("note of ada"), "moods are past their time");
        assert!(!kept.contains("Errand of ada on 3\"") && kept.contains("Errand of ada on 23\""));
        // The other process goes on beside it, and folds to the same.
        assert_eq!(whole(&other).await?, before);
        live(&other, &world, 24..26).await?;
        let (hash, _) = whole(&other).await?;
        assert_eq!(whole(&keeping).await?.0, hash);
        keeping.retain().await?;
        assert_eq!(whole(&keeping).await?.0, hash);
        // Again there is nothing to do.
        assert_eq!(keeping.retain().await?.events, 0);
        other.close();
        keeping.close();
        let again = open(&path, &world, limits(), spec).await?;
        assert_eq!(whole(&again).await?.0, hash);
        // Whoever was trimmed can still be forgotten, lessons included.
        let receipt = again.forget("ada").await?;
        assert!(receipt.lessons > 20);
        whole(&again).await?;
        assert_eq!(count(&again.export("ada").await?, "lesson"), 0);
    }
    Ok(())
}

/// A policy that enters later learns from what is left as if nothing had gone.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_policy_that_enters_later_learns_the_same() -> Outcome {
    let mut hashes = Vec::new();
    for retained in [false, true] {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("oo.db");
        let world = Arc::new(SeededWorld::new(MONDAY, "later"));
        let oo = open(&path, &world, Settings { holdout: 0.0, ..Settings::default() }, r#"{"type":"linucb"}"#).await?;
        live(&oo, &world, 0..12).await?;
        world.advance(40 * DAY_MS);
        oo.health().await?;
        oo.close();
        if retained {
            let keeping = open(&path, &world, limits(), r#"{"type":"linucb"}"#).await?;
            keeping.retain().await?;
            assert!(count(&keeping.export("ada").await?, "lesson") > 20);
            keeping.close();
        }
        let settings = Settings { holdout: 0.0, ..Settings::default() };
        let later = open(&path, &world, settings, r#"{"type":"logistic","reward_range":[-0.3,1.0]}"#).await?;
        hashes.push(whole(&later).await?);
    }
    assert_eq!(hashes[0], hashes[1]);
    Ok(())
}

/// What is still open, snoozed or revisable stays, whatever its age; and so does what answered it.
#[tokio::test]
async fn what_is_not_settled_stays() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("oo.db");
    let world = Arc::new(SeededWorld::new(MONDAY, "settled"));
    let settings = Settings { retain_task_days: Some(1), retain_decision_days: Some(20), ..limits() };
    let oo = open(&path, &world, settings, r#"{"type":"linucb"}"#).await?;
    oo.ingest("ada", Signal::task("t", "Write the letter").priority(1)).await?;
    let mut todo = None;
    for _ in 0..40 {
        let tip = oo.recommend("ada").await?.ok_or("no tip")?;
        if tip.kind == oo::TipKind::Todo {
            todo = Some(tip.id);
            break;
        }
        oo.react(tip.id, Reaction::Dismiss { reason: None }).await?;
        world.advance(60_000);
    }
    let todo = todo.ok_or("no to-do was drawn")?;
    oo.ingest("ada", Signal::task("t", "").status(oo::TaskStatus::Done)).await?;
    let snoozed = oo.recommend("ada").await?.ok_or("no tip")?;
    oo.react(snoozed.id, Reaction::Snooze { until_ms: MONDAY + 100 * DAY_MS }).await?;
    world.advance(5 * DAY_MS);
    oo.retain().await?;
    whole(&oo).await?;
    let kept = oo.export("ada").await?;
    assert!(kept.contains("\"status\":\"done\""), "it answered a tip that is held");
    assert!(!kept.contains("\"status\":\"open\""), "it answered nothing");
    assert_eq!(oo.explain(todo).await?.reward, Some(1.0));
    world.advance(40 * DAY_MS);
    oo.retain().await?;
    whole(&oo).await?;
    let kept = oo.export("ada").await?;
    assert!(!kept.contains("\"status\":\"done\"") && !kept.contains("Write the letter"));
    assert!(kept.contains(&snoozed.id.to_string()), "a snoozed tip has still to come back");
    assert!(!kept.contains(&format!("\"id\":\"{todo}\"")));
    world.set(MONDAY + 100 * DAY_MS);
    assert_eq!(oo.recommend("ada").await?.ok_or("no tip")?.id, snoozed.id);
    Ok(())
}

/// A consent that is taken back takes its signals, their texts, the decisions that knew them and what was learned.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_consent_taken_back_takes_what_rested_on_it() -> Outcome {
    let mut hashes = Vec::new();
    for said_at_all in [true, false] {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("oo.db");
        let world = Arc::new(SeededWorld::new(MONDAY, "withdrawn"));
        let settings = Settings { holdout: 0.0, ..Settings::default() };
        let oo = open(&path, &world, settings.clone(), r#"{"type":"linucb"}"#).await?;
        let other = open(&path, &world, settings, r#"{"type":"linucb"}"#).await?;
        // Before any mood: this stays.
        for _ in 0..4 {
            let tip = oo.recommend("ada").await?.ok_or("no tip")?;
            oo.react(tip.id, Reaction::Done).await?;
            world.advance(HOUR_MS);
        }
        let first = oo.export("ada").await?;
        if said_at_all {
            oo.ingest("ada", mood(4.0, "a quiet joy")).await?;
            oo.ingest("ada", Signal::task("t", "File taxes")).await?;
            for _ in 0..6 {
                let tip = oo.recommend("ada").await?.ok_or("no tip")?;
                oo.react(tip.id, Reaction::Dismiss { reason: None }).await?;
                world.advance(HOUR_MS);
            }
            // One is open while the consent is taken back.
            let open = oo.recommend("ada").await?.ok_or("no tip")?;
            other.health().await?;
            let said = oo.set_consents("ada", Consents { mood: Some(false), ..Consents::default() }).await?;
            assert_eq!((said.mood, said.task), (Some(false), Some(true)));
            let kept = oo.export("ada").await?;
            assert!(!kept.contains("a quiet joy") && !kept.contains("\"kind\":\"mood\",\"level\""));
            assert!(kept.contains("File taxes"), "other kinds stay");
            assert_eq!(count(&kept, "decision"), count(&first, "decision"));
            assert_eq!(count(&kept, "trimmed"), 1);
            let refused = oo.ingest("ada", Signal::mood(2.0)).await.err().ok_or("not refused")?;
            assert_eq!(refused.kind(), oo::ErrorKind::Denied);
            // Its tip is gone: an answer to it finds nobody, and the next tip is another.
            assert_eq!(oo.react(open.id, Reaction::Done).await?.status, oo::ReactStatus::Parked);
            assert_ne!(other.recommend("ada").await?.ok_or("no tip")?.id, open.id);
            let health = other.health().await?;
            assert_eq!((health.epoch, health.state_hash), (1, oo.health().await?.state_hash));
        }
        hashes.push(whole(&oo).await?);
        whole(&other).await?;
    }
    assert_eq!(hashes[0], hashes[1], "as if the mood had never been said");
    Ok(())
}

/// A lesson that retention left goes with the consent that its decision rested on.
#[tokio::test]
async fn a_collapsed_lesson_goes_with_its_consent() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("oo.db");
    let world = Arc::new(SeededWorld::new(MONDAY, "collapsed"));
    let oo = open(&path, &world, limits(), r#"{"type":"linucb"}"#).await?;
    live(&oo, &world, 0..3).await?;
    world.advance(60 * DAY_MS);
    oo.health().await?;
    oo.retain().await?;
    assert!(count(&oo.export("bea").await?, "lesson") > 5);
    let lessons = oo.health().await?.lessons;
    oo.set_consents("bea", Consents { mood: Some(false), ..Consents::default() }).await?;
    assert_eq!(count(&oo.export("bea").await?, "lesson"), 0);
    assert!(oo.health().await?.lessons < lessons);
    assert!(count(&oo.export("cem").await?, "lesson") > 5, "nobody else is touched");
    whole(&oo).await?;
    Ok(())
}

/// Whoever follows events is not given from memory what the log does not hold any more.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_gives_nothing_that_was_taken_back() -> Outcome {
    let folder = tempfile::tempdir()?;
    let world = Arc::new(SeededWorld::new(MONDAY, "stream"));
    let oo = open(&folder.path().join("oo.db"), &world, Settings::default(), r#"{"type":"linucb"}"#).await?;
    let mut stream = oo.events(oo::EventsRequest::follow()).await?;
    oo.ingest("ada", mood(4.0, "a quiet joy")).await?;
    oo.ingest("ada", Signal::task("t", "File taxes")).await?;
    oo.set_consents("ada", Consents { mood: Some(false), ..Consents::default() }).await?;
    oo.ingest("ada", Signal::task("u", "Water the plants")).await?;
    let (mut tasks, mut moods) = (0, 0);
    while tasks < 2 {
        match &stream.next().await?.ok_or("the stream ended")?.event.body {
            oo::EventBody::Signal(oo_core::event::SignalFact::Task(_)) => tasks += 1,
            oo::EventBody::Signal(oo_core::event::SignalFact::Mood { .. }) => moods += 1,
            _ => {}
        }
    }
    assert_eq!(moods, 0);
    Ok(())
}

#[test]
fn limits_that_are_too_short_are_refused() {
    for (settings, field) in [
        (Settings { retain_decision_days: Some(8), ..Settings::default() }, "retain_decision_days"),
        (Settings { retain_mood_days: Some(0), ..Settings::default() }, "retain_mood_days"),
    ] {
        let error = settings.validate().err();
        assert_eq!(
            error.as_ref().map(|error| (error.kind(), error.field())),
            Some((oo::ErrorKind::InvalidInput, Some(field)))
        );
    }
}

/// A minute after it was opened; the long form waits for it.
#[tokio::test]
async fn an_open_engine_keeps_to_its_limits_by_itself() -> Outcome {
    if std::env::var_os("OO_LONG").is_none() {
        return Ok(());
    }
    let folder = tempfile::tempdir()?;
    let world = Arc::new(SeededWorld::new(MONDAY, "by itself"));
    let oo = open(&folder.path().join("oo.db"), &world, limits(), r#"{"type":"linucb"}"#).await?;
    oo.ingest("ada", mood(4.0, "a note")).await?;
    world.advance(11 * DAY_MS);
    for _ in 0..180 {
        if !oo.export("ada").await?.contains("a note") {
            return Ok(());
        }
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    }
    Err("nothing was erased".into())
}
