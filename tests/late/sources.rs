//! What a source answers after something was taken back.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use oo::{CandidateSource, Gathered, RecommendRequest, Settings, Signal, SourceQuery, TipCandidate};
use tokio::sync::{Notify, oneshot};

use crate::{Outcome, builder, no_mood, world};

/// A source that answers its first question when it is told to, and has nothing for any other.
#[derive(Debug, Default)]
struct Slow {
    asked: Notify,
    answer: Mutex<Option<oneshot::Receiver<()>>>,
}

impl CandidateSource for Slow {
    fn name(&self) -> &str {
        "slow"
    }

    fn gather(&self, query: &SourceQuery<'_>) -> oo::Result<Gathered> {
        let answer = self.answer.lock().map_err(|_| oo::Error::internal("poisoned"))?.take();
        let Some(answer) = answer else { return Ok(Gathered::Ready(Vec::new())) };
        let said = format!("What a mood of {:?} calls for", query.state.mood.map(|mood| mood.level));
        self.asked.notify_one();
        let later: Pin<Box<dyn Future<Output = oo::Result<Vec<TipCandidate>>> + Send>> = Box::pin(async move {
            answer.await.map_err(|_| oo::Error::busy("nobody said when"))?;
            Ok(vec![TipCandidate::todo("late", said)])
        });
        Ok(Gathered::Later(later))
    }
}

/// What a source makes of a mood that is taken back before it answers is not given, after the deadline or before it.
#[tokio::test]
async fn a_late_source_brings_nothing_back() -> Outcome {
    for in_time in [false, true] {
        let folder = tempfile::tempdir()?;
        let world = world("source");
        let (go, answer) = oneshot::channel();
        let slow = Arc::new(Slow { answer: Mutex::new(Some(answer)), ..Slow::default() });
        let source_deadline_ms = if in_time { 10_000 } else { 1 };
        let oo = builder(&folder.path().join("oo.db"), &world)
            .settings(Settings { source_deadline_ms, ..Settings::default() })
            .sources(vec![slow.clone()])
            .open()
            .await?;
        oo.ingest("ada", Signal::mood(1.0)).await?;
        if in_time {
            let taken_back = async {
                slow.asked.notified().await;
                let said = oo.set_consents("ada", no_mood()).await;
                let _ = go.send(());
                said
            };
            let (tip, said) = tokio::join!(oo.recommend("ada"), taken_back);
            said?;
            assert_eq!(tip?.map(|tip| tip.content), None);
        } else {
            let own = TipCandidate::todo("own", "In time");
            let ask = RecommendRequest { candidates: vec![own], ..RecommendRequest::new("ada") };
            assert_eq!(oo.recommend(ask).await?.ok_or("no tip")?.content, "In time");
            oo.set_consents("ada", no_mood()).await?;
            go.send(()).map_err(|()| "nobody waits")?;
            // The answer is on this very thread's executor.
            tokio::time::sleep(Duration::from_millis(50)).await;
            assert_eq!(oo.recommend("ada").await?.map(|tip| tip.content), None);
        }
    }
    Ok(())
}
