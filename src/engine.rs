//! The public handle. It holds no verbs: each has a file of its own in `verbs/`.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use oo_core::Result;

use crate::builder::EngineBuilder;
use crate::run::Run;

/// An open engine. Cheap to clone; all clones share one writer.
#[derive(Clone)]
pub struct Engine {
    pub(crate) owner: Arc<Owner>,
}

/// Closes the engine when the last handle goes.
pub(crate) struct Owner {
    pub(crate) run: Arc<Run>,
}

impl Drop for Owner {
    fn drop(&mut self) {
        self.run.close();
    }
}

impl Engine {
    /// Opens the engine on the SQLite file at `path` with its defaults: the stored champion or the default policy, the
    /// advice library, the person's open tasks. The file and its master key `PATH.key` are made when there are none.
    ///
    /// ```
    /// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("oo.db");
    /// # runtime.block_on(async {
    /// let oo = oo::Engine::open(&path).await?;
    /// let tip = oo.recommend("u-42").await?.expect("an advice is always there");
    /// oo.react(tip.id, oo::Reaction::Done).await?;
    /// # Ok::<_, oo::Error>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// `storage`, `busy`, `key` or `incompatible`, each with what to do.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self> {
        EngineBuilder::new(path).open().await
    }

    /// A builder for everything that is not the default.
    #[must_use]
    pub fn builder(path: impl AsRef<Path>) -> EngineBuilder {
        EngineBuilder::new(path)
    }

    pub(crate) fn run(&self) -> &Arc<Run> {
        &self.owner.run
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").field("position", &self.run().mind().position).finish_non_exhaustive()
    }
}
