//! Work that waits for the disk for longer than a verb may: on a thread of its own, whatever executor the caller has.

use tokio::sync::oneshot;

use oo_core::{Error, Result};

/// Runs `work` on a thread named `name`. Whoever stops waiting does not end it.
pub(crate) async fn aside<T: Send + 'static>(
    name: &str,
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let (sender, receiver) = oneshot::channel();
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(move || {
            // Nobody may be waiting any more.
            let _ = sender.send(work());
        })
        .map_err(|error| Error::busy(format!("no thread for the call ({error}); try again later")))?;
    receiver.await.map_err(|_| Error::internal("the call panicked; report this as a defect"))?
}
