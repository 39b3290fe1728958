//! What a subscriber may cost.

use oo_core::Result;
use oo_core::signal::Signal;

use crate::{Engine, EventsRequest};

fn moods(count: usize) -> Vec<Signal> {
    (0..count).map(|number| Signal::mood(1.0 + (number % 5) as f64)).collect()
}

#[tokio::test]
async fn who_never_reads_holds_a_bounded_ring_and_who_is_not_there_none() -> Result<()> {
    let folder = tempfile::tempdir().map_err(|error| oo_core::Error::internal(error.to_string()))?;
    let oo = Engine::open(folder.path().join("oo.db")).await?;
    let bus = &oo.run().bus;
    oo.ingest_all("ada", moods(500)).await?;
    assert_eq!(bus.held(), (0, 0), "nobody listens");
    let streams = [oo.events(EventsRequest::live()).await?, oo.events(EventsRequest::follow().user("ada")).await?];
    let mut most = (0, 0);
    for _ in 0..20 {
        oo.ingest_all("ada", moods(500)).await?;
        let (events, bytes) = bus.held();
        most = (most.0.max(events), most.1.max(bytes));
    }
    assert!(most.0 > 500 && most.0 <= 4_096 && most.1 <= 8 << 20, "{most:?}");
    drop(streams);
    assert_eq!(bus.held(), (0, 0), "the last one has gone");
    Ok(())
}

#[tokio::test]
async fn a_stream_does_not_keep_the_engine_open() -> Result<()> {
    let folder = tempfile::tempdir().map_err(|error| oo_core::Error::internal(error.to_string()))?;
    let oo = Engine::open(folder.path().join("oo.db")).await?;
    let mut stream = oo.events(EventsRequest::live()).await?;
    let run = std::sync::Arc::downgrade(oo.run());
    drop(oo);
    assert!(run.upgrade().is_none(), "its files are let go");
    assert_eq!(stream.next().await?, None);
    Ok(())
}
