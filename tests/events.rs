//! Events for other programs: every committed event in log order, whoever reads slowly, late, again or never.

#![allow(clippy::disallowed_methods, reason = "a test may look at the clock")]

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use oo::event_json::event_type;
use oo::id::Position;
use oo::{After, Engine, ErrorKind, EventSink, EventStream, EventsRequest, Reaction, Signal, Stored, Waited};

type Outcome<T = ()> = Result<T, Box<dyn std::error::Error>>;

/// Long enough for a machine under load; nothing waits for it that does not fail.
const PATIENCE: Duration = Duration::from_secs(60);

async fn open(folder: &tempfile::TempDir) -> oo::Result<Engine> {
    Engine::open(path(folder)).await
}

fn path(folder: &tempfile::TempDir) -> std::path::PathBuf {
    folder.path().join("oo.db")
}

async fn list(oo: &Engine, request: EventsRequest) -> Outcome<Vec<Arc<Stored>>> {
    let mut events = oo.events(request).await?;
    let mut all = Vec::new();
    while let Some(stored) = events.next().await? {
        all.push(stored);
    }
    Ok(all)
}

async fn next(stream: &mut EventStream) -> Outcome<Arc<Stored>> {
    Ok(tokio::time::timeout(PATIENCE, stream.next()).await??.ok_or("the stream ended")?)
}

fn mood(number: usize) -> Signal {
    Signal::mood(1.0 + (number % 5) as f64)
}

fn rising(events: &[Arc<Stored>]) -> bool {
    events.windows(2).all(|pair| pair[0].position < pair[1].position)
}

#[tokio::test]
async fn a_list_holds_what_is_committed_in_the_order_of_the_log() -> Outcome {
    let folder = tempfile::tempdir()?;
    let oo = open(&folder).await?;
    for user in ["ada", "bea"] {
        let tip = oo.recommend(user).await?.ok_or("no tip")?;
        oo.react(tip.id, Reaction::Done).await?;
        oo.ingest_all(user, (0..300).map(mood).collect()).await?;
    }
    let all = list(&oo, EventsRequest::default()).await?;
    assert!(rising(&all) && all.len() >= 604, "{} events", all.len());
    assert_eq!(all.last().ok_or("none")?.position.0, oo.health().await?.position);
    let types = EventsRequest::default().types(["decision", "reaction"]);
    let draws = list(&oo, types.clone()).await?;
    assert_eq!(
        draws.iter().map(|stored| event_type(&stored.event.body)).collect::<Vec<_>>(),
        ["decision", "reaction", "decision", "reaction"]
    );
    let ada = list(&oo, EventsRequest::default().user("ada")).await?;
    assert_eq!(ada.len(), 302);
    assert!(rising(&ada) && ada.iter().all(|stored| stored.event.user == ada[0].event.user));
    assert_eq!(list(&oo, types.user("bea")).await?, draws[2..]);
    assert!(list(&oo, EventsRequest::default().user("nobody")).await?.is_empty());
    assert!(list(&oo, EventsRequest::default().after(After::Now)).await?.is_empty());
    let after = all[all.len() - 10].position;
    assert_eq!(list(&oo, EventsRequest::default().after(after)).await?, all[all.len() - 9..]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn order_under_64_concurrent_writers() -> Outcome {
    let folder = tempfile::tempdir()?;
    let oo = open(&folder).await?;
    let mut streams = Vec::new();
    for _ in 0..4 {
        streams.push(oo.events(EventsRequest::live().types(["signal"])).await?);
    }
    let readers: Vec<_> = streams
        .into_iter()
        .map(|mut stream| {
            tokio::spawn(async move {
                let mut seen = Vec::new();
                while seen.len() < 64 * 20 {
                    match next(&mut stream).await {
                        Ok(stored) => seen.push(stored),
                        Err(error) => return Err(format!("after {} events: {error}", seen.len())),
                    }
                }
                Ok(seen)
            })
        })
        .collect();
    let writers: Vec<_> = (0..64)
        .map(|writer| {
            let oo = oo.clone();
            tokio::spawn(async move {
                for number in 0..20 {
                    oo.ingest(&format!("u-{writer}"), mood(number)).await?;
                }
                Ok::<_, oo::Error>(())
            })
        })
        .collect();
    for writer in writers {
        writer.await??;
    }
    let all = list(&oo, EventsRequest::default().types(["signal"])).await?;
    assert_eq!(all.len(), 64 * 20);
    for reader in readers {
        let seen = reader.await??;
        assert!(rising(&seen));
        assert_eq!(seen, all);
    }
    Ok(())
}

#[tokio::test]
async fn a_stream_resumes_without_loss_or_duplication() -> Outcome {
    let folder = tempfile::tempdir()?;
    let mut oo = open(&folder).await?;
    let mut seen = Vec::new();
    let mut after = After::Start;
    for round in 0..8 {
        // The reader goes away in the middle of what it has, and at times the engine does.
        oo.ingest_all("ada", (0..100).map(mood).collect()).await?;
        let mut stream = oo.events(EventsRequest::follow().after(after).types(["signal"])).await?;
        for _ in 0..60 {
            seen.push(next(&mut stream).await?);
        }
        after = stream.position().into();
        if round % 3 == 2 {
            drop(stream);
            oo.close();
            drop(oo);
            oo = open(&folder).await?;
        }
    }
    let mut rest = list(&oo, EventsRequest::default().after(after).types(["signal"])).await?;
    seen.append(&mut rest);
    assert_eq!(seen, list(&oo, EventsRequest::default().types(["signal"])).await?);
    assert_eq!(seen.len(), 800);
    Ok(())
}

#[tokio::test]
async fn events_of_another_process_arrive_while_this_one_is_idle() -> Outcome {
    let folder = tempfile::tempdir()?;
    let (here, there) = (open(&folder).await?, open(&folder).await?);
    let mut stream = here.events(EventsRequest::live().types(["signal"])).await?;
    for number in 0..20 {
        there.ingest("ada", mood(number)).await?;
        if number % 4 == 0 {
            here.ingest("bea", mood(number)).await?;
        }
    }
    let mut seen = Vec::new();
    for _ in 0..25 {
        seen.push(next(&mut stream).await?);
    }
    assert_eq!(seen, list(&there, EventsRequest::default().types(["signal"])).await?);
    Ok(())
}

#[tokio::test]
async fn who_never_reads_costs_nothing_and_misses_nothing() -> Outcome {
    let folder = tempfile::tempdir()?;
    let oo = open(&folder).await?;
    let mut idle = oo.events(EventsRequest::live().types(["signal"])).await?;
    // More than any ring holds.
    for _ in 0..12 {
        oo.ingest_all("ada", (0..500).map(mood).collect()).await?;
    }
    assert_eq!(idle.position(), Position(oo.health().await?.position - 6_000));
    let mut seen = Vec::new();
    for _ in 0..6_000 {
        seen.push(next(&mut idle).await?);
    }
    assert!(rising(&seen));
    assert_eq!(seen, list(&oo, EventsRequest::default().types(["signal"])).await?);
    assert_eq!(idle.wait(Duration::from_millis(10))?, Waited::Nothing);
    Ok(())
}

#[tokio::test]
async fn a_forgotten_person_leaves_a_gap() -> Outcome {
    let folder = tempfile::tempdir()?;
    let oo = open(&folder).await?;
    for number in 0..50 {
        oo.ingest(if number % 2 == 0 { "ada" } else { "bea" }, mood(number)).await?;
    }
    let mut all = oo.events(EventsRequest::follow()).await?;
    let mut hers = oo.events(EventsRequest::follow().user("ada")).await?;
    let first = next(&mut hers).await?;
    let person = first.event.user;
    while next(&mut all).await?.position < first.position {}
    // Both hold more of hers ready, and the ring does.
    oo.ingest("ada", mood(3)).await?;
    oo.forget("ada").await?;
    oo.ingest("ada", mood(4)).await?;
    let said = next(&mut hers).await?;
    assert_eq!(event_type(&said.event.body), "forgotten");
    let again = next(&mut hers).await?;
    assert_eq!(event_type(&again.event.body), "signal");
    assert!(again.event.user.is_some() && again.event.user != person, "whoever comes back is somebody else");
    let mut types = Vec::new();
    loop {
        let stored = next(&mut all).await?;
        assert!(stored.event.user.is_none() || stored.event.user != person, "{stored:?} was forgotten");
        types.push(event_type(&stored.event.body));
        if stored.position == again.position {
            break;
        }
    }
    assert_eq!(types.iter().filter(|name| **name == "signal").count(), 26);
    assert_eq!(types.iter().filter(|name| **name == "forgotten").count(), 1);
    // Who begins later finds the gap.
    let kept = list(&oo, EventsRequest::default()).await?;
    assert!(kept.iter().all(|stored| stored.event.user.is_none() || stored.event.user != person));
    Ok(())
}

#[tokio::test]
async fn closing_the_engine_ends_its_streams() -> Outcome {
    let folder = tempfile::tempdir()?;
    let oo = open(&folder).await?;
    oo.ingest("ada", mood(1)).await?;
    let mut waiting = oo.events(EventsRequest::live()).await?;
    let waiting = tokio::spawn(async move { waiting.next().await });
    let mut blocked = oo.events(EventsRequest::live()).await?;
    let blocked = std::thread::spawn(move || blocked.wait(PATIENCE));
    let mut halted = oo.events(EventsRequest::live()).await?;
    let closer = halted.closer();
    let halted = tokio::spawn(async move { halted.next().await });
    let mut listing = oo.events(EventsRequest::default()).await?;
    tokio::time::sleep(Duration::from_millis(50)).await;
    closer.close();
    assert_eq!(tokio::time::timeout(PATIENCE, halted).await???, None, "one stream alone");
    oo.close();
    assert_eq!(tokio::time::timeout(PATIENCE, waiting).await???, None);
    assert_eq!(blocked.join().map_err(|_| "panicked")??, Waited::End);
    // What was cut short must not look whole.
    assert_eq!(listing.next().await.err().ok_or("ended")?.kind(), ErrorKind::InvalidInput);
    assert_eq!(oo.events(EventsRequest::live()).await.err().ok_or("opened")?.kind(), ErrorKind::InvalidInput);
    Ok(())
}

#[tokio::test]
async fn a_bad_place_type_or_person_is_refused() -> Outcome {
    let folder = tempfile::tempdir()?;
    let oo = open(&folder).await?;
    let head = oo.health().await?.position;
    for (field, request) in [
        ("after", EventsRequest::default().after(Position(head + 1))),
        ("after", EventsRequest::follow().after(Position(u64::MAX))),
        ("types", EventsRequest::default().types(["decision", "descision"])),
        ("user", EventsRequest::default().user("")),
    ] {
        let error = oo.events(request).await.err().ok_or("was accepted")?;
        assert_eq!((error.kind(), error.field()), (ErrorKind::InvalidInput, Some(field)));
    }
    for text in ["", "-1", "+1", " 1", "1.0", "later", "18446744073709551616", "7-zz", "NOW"] {
        assert_eq!(After::parse(text).err().ok_or("was accepted")?.field(), Some("after"), "{text:?}");
    }
    assert_eq!(After::parse("now")?, After::Now);
    assert_eq!(After::parse("17")?, After::Position(Position(17)));
    assert!(list(&oo, EventsRequest::default().after(Position(head))).await?.is_empty());
    Ok(())
}

#[derive(Default)]
struct Recorder {
    seen: Mutex<Vec<Stored>>,
    calls: AtomicUsize,
    panics: bool,
}

impl EventSink for Recorder {
    fn publish(&self, events: &[Stored]) {
        self.calls.fetch_add(1, Ordering::Relaxed);
        assert!(!self.panics, "a subscriber's own panic");
        if let Ok(mut seen) = self.seen.lock() {
            seen.extend_from_slice(events);
        }
    }
}

#[tokio::test]
async fn a_sink_sees_every_event_and_its_panic_is_its_own() -> Outcome {
    let folder = tempfile::tempdir()?;
    let there = open(&folder).await?;
    let (calm, broken) = (Arc::new(Recorder::default()), Arc::new(Recorder { panics: true, ..Recorder::default() }));
    let here = Engine::builder(path(&folder)).sink(broken.clone()).sink(calm.clone()).open().await?;
    for number in 0..10 {
        here.ingest("ada", mood(number)).await?;
        there.ingest("bea", mood(number)).await?;
    }
    // The other process's last event arrives although this one has nothing to do.
    let head = Position(there.health().await?.position);
    let started = Instant::now();
    let last = || calm.seen.lock().ok().and_then(|seen| seen.last().map(|stored| stored.position));
    while last() < Some(head) {
        assert!(started.elapsed() < PATIENCE, "{:?} of {head:?}", last());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let seen: Vec<Arc<Stored>> = calm.seen.lock().map_err(|_| "poisoned")?.iter().cloned().map(Arc::new).collect();
    let signals = |events: &[Arc<Stored>]| -> Vec<Arc<Stored>> {
        events.iter().filter(|stored| event_type(&stored.event.body) == "signal").cloned().collect()
    };
    assert!(rising(&seen));
    assert_eq!(signals(&seen), signals(&list(&there, EventsRequest::default()).await?));
    assert!(broken.calls.load(Ordering::Relaxed) > 0);
    Ok(())
}

#[test]
fn the_blocking_door_waits_and_ends() -> Outcome {
    let folder = tempfile::tempdir()?;
    let oo = oo::blocking::Engine::open(Path::new(&path(&folder)))?;
    oo.ingest("ada", mood(1))?;
    let mut stream = oo.events(EventsRequest::follow().user("ada"))?;
    assert!(matches!(stream.wait(PATIENCE)?, Waited::Event(_)));
    assert_eq!(stream.wait(Duration::ZERO)?, Waited::Nothing);
    let writer = oo.clone();
    let writer = std::thread::spawn(move || writer.ingest("ada", mood(2)));
    assert!(matches!(stream.wait(PATIENCE)?, Waited::Event(_)));
    writer.join().map_err(|_| "panicked")??;
    let mut list = oo.events(EventsRequest::default().user("ada"))?;
    let mut count = 0;
    while let Waited::Event(_) = list.wait(PATIENCE)? {
        count += 1;
    }
    assert_eq!((count, list.wait(PATIENCE)?), (2, Waited::End));
    Ok(())
}
