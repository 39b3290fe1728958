//! What a commit leaves behind: nothing where it failed, and nothing is truncated for what erased nothing.

use std::sync::atomic::Ordering;

use oo::{Consents, Signal};

use crate::store::Hooked;
use crate::{Outcome, builder, world};

/// Only what is taken back erases: a consent that is given truncates nothing.
#[tokio::test]
async fn a_consent_that_is_given_leaves_the_write_ahead_log() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("oo.db");
    let world = world("given");
    let store = Hooked::open(&path, &world)?;
    let oo = builder(&path, &world).test_store(store.clone(), store.clone(), Vec::new()).open().await?;
    oo.ingest("ada", Signal::mood(4.0)).await?;
    oo.set_consents("ada", Consents { mood: Some(true), task: Some(true), ..Consents::default() }).await?;
    assert_eq!(store.scrubs.load(Ordering::SeqCst), 0);
    oo.set_consents("ada", Consents { mood: Some(false), task: Some(true), ..Consents::default() }).await?;
    assert_eq!(store.scrubs.load(Ordering::SeqCst), 1);
    Ok(())
}
