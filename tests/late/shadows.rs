//! What a shadow says of a decision that is gone by then.

use std::sync::Arc;
use std::time::Duration;

use oo::Signal;

use crate::gate::Gate;
use crate::{Outcome, builder, no_mood, world};

/// Shadows are scored after the answer. What one says of a decision that went with a consent meanwhile is not stored.
#[tokio::test]
async fn a_shadow_says_nothing_of_a_decision_that_is_gone() -> Outcome {
    let folder = tempfile::tempdir()?;
    let world = world("shadow");
    let gate = Arc::new(Gate::default());
    let oo = builder(&folder.path().join("oo.db"), &world).custom_shadow("slow", gate.clone()).open().await?;
    oo.ingest("ada", Signal::mood(4.0)).await?;
    gate.close();
    let gone = oo.recommend("ada").await?.ok_or("no tip")?;
    oo.set_consents("ada", no_mood()).await?;
    gate.open();
    let stays = oo.recommend("ada").await?.ok_or("no tip")?;
    // One thread scores in order: once the second has been heard, the first would have been.
    let mut export = String::new();
    for _ in 0..500 {
        export = oo.export("ada").await?;
        if export.lines().any(|line| line.contains("\"type\":\"shadow\"") && line.contains(&stays.id.to_string())) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(export.matches("\"type\":\"shadow\"").count(), 1, "{export}");
    assert!(!export.contains(&gone.id.to_string()), "{export}");
    assert_eq!(oo.replay().await?.differences, Vec::<String>::new());
    Ok(())
}
