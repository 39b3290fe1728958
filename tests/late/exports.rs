//! Exported files beside consents taken back and forgettings.

use std::sync::atomic::Ordering;

use oo::{Consents, ErrorKind, Signal};

use crate::store::Hooked;
use crate::{Outcome, builder, no_mood, world};

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

/// A forgetting, or a withdrawal, whose commit fails takes no file with it; the next one does.
#[tokio::test]
async fn an_erasure_that_fails_leaves_exported_files() -> Outcome {
    for forgets in [false, true] {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("oo.db");
        let world = world("files");
        let store = Hooked::open(&path, &world)?;
        let oo = builder(&path, &world).test_store(store.clone(), store.clone(), Vec::new()).open().await?;
        oo.ingest("ada", Signal::mood(4.0)).await?;
        let file = folder.path().join("ada.jsonl");
        oo.export_to("ada", &file).await?;
        let erase = || async {
            match forgets {
                true => oo.forget("ada").await.map(|receipt| receipt.exports),
                false => oo.set_consents("ada", no_mood()).await.map(|_| 1),
            }
        };
        store.fail_erasures.store(true, Ordering::SeqCst);
        assert_eq!(erase().await.err().map(|error| error.kind()), Some(ErrorKind::Storage));
        assert!(file.exists(), "it failed, and took the file: forgets {forgets}");
        store.fail_erasures.store(false, Ordering::SeqCst);
        assert_eq!((erase().await?, file.exists()), (1, false));
        oo.close();
        drop(oo);
        // The note of the first attempt.
        let notes = || -> Outcome<usize> {
            let names = std::fs::read_dir(folder.path())?.flatten().map(|entry| entry.file_name());
            Ok(names.filter(|name| name.to_string_lossy().contains("leaving")).count())
        };
        assert_eq!(notes()?, 1);
        drop(store);
        builder(&path, &world).open().await?;
        assert_eq!(notes()?, 0);
    }
    Ok(())
}

/// A note that no oO wrote does not keep the database from opening.
#[tokio::test]
async fn a_note_that_cannot_be_right_is_of_nothing_that_happened() -> Outcome {
    let folder = tempfile::tempdir()?;
    let (path, other) = (folder.path().join("oo.db"), folder.path().join("other.txt"));
    std::fs::write(&other, "mine")?;
    for note in ["", "{", r#"{"event":"x","person":null,"files":[["other.txt","x"]]}"#] {
        let at = folder.path().join("oo.db.leaving-x");
        std::fs::write(&at, note)?;
        builder(&path, &world("note")).open().await?.close();
        assert!(!at.exists() && other.exists(), "{note}");
    }
    Ok(())
}
