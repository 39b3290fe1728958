//! What a commit leaves behind: nothing where it failed, and nothing is truncated for what erased nothing.

use std::sync::atomic::Ordering;

use oo::id::DecisionId;
use oo::{Consents, ErrorKind, ReactStatus, Reaction, Signal};

use crate::store::Hooked;
use crate::{MONDAY, Outcome, builder, world};

/// Only what is taken back erases: a consent that is given truncates nothing.
#[tokio::test]
async fn a_consent_that_is_given_leaves_the_write_ahead_log() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("oo.db");
    let world = world("given");
    let store = Hooked::open(&path, &world)?;
    let oo =
        builder(&path, &world).test_store(store.clone(), store.clone(), oo_store::Revived::default()).open().await?;
    oo.ingest("ada", Signal::mood(4.0)).await?;
    oo.set_consents("ada", Consents { mood: Some(true), task: Some(true), ..Consents::default() }).await?;
    assert_eq!(store.scrubs.load(Ordering::SeqCst), 0);
    oo.set_consents("ada", Consents { mood: Some(false), task: Some(true), ..Consents::default() }).await?;
    assert_eq!(store.scrubs.load(Ordering::SeqCst), 1);
    Ok(())
}

/// A decision whose commit failed is nobody's: an answer to it waits, as one to any decision that is not known.
#[tokio::test]
async fn an_undone_decision_is_nobodys() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("oo.db");
    let world = world("undone");
    let store = Hooked::open(&path, &world)?;
    let oo =
        builder(&path, &world).test_store(store.clone(), store.clone(), oo_store::Revived::default()).open().await?;
    oo.ingest("ada", Signal::task("t", "File taxes")).await?;
    let undone = DecisionId::v7(MONDAY, &world.next("decision"));
    store.fail_decisions.store(true, Ordering::SeqCst);
    let error = oo.recommend("ada").await.err().ok_or("it was decided")?;
    assert_eq!(error.kind(), ErrorKind::Storage, "{error}");
    store.fail_decisions.store(false, Ordering::SeqCst);
    assert_eq!(oo.react(undone, Reaction::Done).await?.status, ReactStatus::Parked);
    assert_eq!(oo.health().await?.lessons, 0);
    assert!(oo.recommend("ada").await?.is_some());
    assert_eq!(oo.replay().await?.differences, Vec::<String>::new());
    Ok(())
}
