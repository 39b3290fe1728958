//! `events`: what was committed, and what will be.

use oo_core::Result;

use crate::bus::{EventStream, EventsRequest};
use crate::engine::Engine;

impl Engine {
    /// Committed events in the order of the log, each at least once, own and other processes'. The log holds no texts.
    ///
    /// ```
    /// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("oo.db");
    /// # runtime.block_on(async {
    /// let oo = oo::Engine::open(&path).await?;
    /// oo.recommend("u-42").await?;
    /// let mut events = oo.events(oo::EventsRequest::default().user("u-42")).await?;
    /// while let Some(stored) = events.next().await? {
    ///     println!("{}", oo::event_json::EventLine::new(&stored).to_json()?);
    /// }
    /// # Ok::<_, oo::Error>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// `invalid_input` for an unknown type, a malformed id, or a place beyond the end of the log; `storage`, `busy`.
    pub async fn events(&self, request: EventsRequest) -> Result<EventStream> {
        let run = self.run();
        run.catch_up().await?;
        EventStream::open(run, request)
    }
}
