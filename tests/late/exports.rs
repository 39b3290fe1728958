//! Exported files beside consents taken back and forgettings.

use oo::{Consents, ErrorKind, Signal};

use crate::store::Hooked;
use crate::{Outcome, builder, world};

/// A consent that is taken back after an export read the texts, and before its file is there.
#[tokio::test]
async fn an_export_keeps_nothing_that_was_taken_back_while_it_was_written() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("oo.db");
    let world = world("export");
    let store = Hooked::open(&path, &world)?;
    let oo = builder(&path, &world).test_store(store.clone(), store.clone(), Vec::new()).open().await?;
    oo.ingest("ada", Signal::task("t", "MARK")).await?;
    let other = oo::blocking::Engine::from_builder(builder(&path, &world))?;
    store.on_text("MARK", move || {
        let said = other.set_consents("ada", Consents { task: Some(false), ..Consents::default() });
        assert!(said.is_ok(), "{said:?}");
    });
    let file = folder.path().join("ada.jsonl");
    let error = oo.export_to("ada", &file).await.err().ok_or("it was exported")?;
    assert_eq!((error.kind(), file.exists()), (ErrorKind::Busy, false), "{error}");
    oo.export_to("ada", &file).await?;
    assert!(!std::fs::read_to_string(&file)?.contains("MARK"));
    Ok(())
}
