//! The thinnest path through all layers: a tip, a reaction, a restart, and what was learned is still there.

use oo::{ReactStatus, Reaction, Settings, Signal};

type Outcome = Result<(), Box<dyn std::error::Error>>;

#[tokio::test(flavor = "multi_thread")]
async fn a_tip_is_served_learned_from_and_remembered() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("oo.db");
    let oo = oo::Engine::open(&path).await?;
    oo.ingest("u-42", Signal::task("t1", "File taxes")).await?;
    let tip = oo.recommend("u-42").await?.ok_or("no tip")?;
    assert!(!tip.content.is_empty());
    assert!(!tip.why().is_empty());
    let again = oo.recommend("u-42").await?.ok_or("no tip")?;
    assert_eq!(tip.id, again.id, "a refresh must not roll the dice again");
    assert_eq!(tip.content, again.content);

    let reacted = oo.react(tip.id, Reaction::Done).await?;
    assert_eq!((reacted.status, reacted.reward), (ReactStatus::Applied, Some(1.0)));
    let twice = oo.react(tip.id, Reaction::Done).await?;
    assert_eq!(twice.status, ReactStatus::Duplicate);
    let next = oo.recommend("u-42").await?.ok_or("no tip")?;
    assert_ne!(next.id, tip.id);

    let before = oo.health().await?;
    assert_eq!(before.lessons, 1);
    let replayed = oo.replay().await?;
    assert_eq!(replayed.differences, Vec::<String>::new());
    assert!(replayed.pmfs >= 2);
    oo.close();
    drop(oo);

    let oo = oo::Engine::builder(&path).settings(Settings::default()).open().await?;
    let after = oo.health().await?;
    assert_eq!((after.position, after.epoch, &after.state_hash), (before.position, before.epoch, &before.state_hash));
    assert_eq!(oo.recommend("u-42").await?.ok_or("no tip")?.id, next.id);
    let history = oo.history("u-42", 10).await?;
    assert_eq!(history.len(), 2);
    assert_eq!(history[1].state, "done");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn forgetting_leaves_the_hash_of_never_having_seen_them() -> Outcome {
    let folder = tempfile::tempdir()?;
    let oo = oo::Engine::open(folder.path().join("oo.db")).await?;
    for user in ["a", "b"] {
        let tip = oo.recommend(user).await?.ok_or("no tip")?;
        oo.react(tip.id, Reaction::Done).await?;
        if user == "a" {
            continue;
        }
        let receipt = oo.forget(user).await?;
        assert_eq!(receipt.stage, "erased");
        assert_eq!(receipt.lessons, 1);
    }
    let with_a = oo.health().await?;
    assert_eq!((with_a.lessons, with_a.epoch), (1, 1));
    assert_eq!(oo.forget("b").await?.stage, "nothing_held");
    assert_eq!(oo.replay().await?.differences, Vec::<String>::new());
    let tip = oo.recommend("b").await?.ok_or("no tip")?;
    oo.react(tip.id, Reaction::Dismiss { reason: None }).await?;
    assert_eq!(oo.replay().await?.differences, Vec::<String>::new());
    Ok(())
}
