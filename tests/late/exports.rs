//! Exported files beside consents taken back and forgettings.

use std::path::Path;
use std::sync::atomic::Ordering;

use oo::{Consents, ErrorKind, Signal};
use serde_json::json;

use crate::store::Hooked;
use crate::{Outcome, builder, no_mood, world};

/// A consent that is taken back after an export read the texts, and before its file is there.
#[tokio::test]
async fn an_export_keeps_nothing_that_was_taken_back_while_it_was_written() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("oo.db");
    let world = world("export");
    let store = Hooked::open(&path, &world)?;
    let oo =
        builder(&path, &world).test_store(store.clone(), store.clone(), oo_store::Revived::default()).open().await?;
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
        let oo = builder(&path, &world)
            .test_store(store.clone(), store.clone(), oo_store::Revived::default())
            .open()
            .await?;
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
        assert_eq!(notes(folder.path())?, 0, "a note of the first attempt names the file");
    }
    Ok(())
}

fn notes(folder: &Path) -> Outcome<usize> {
    let names = std::fs::read_dir(folder)?.flatten().map(|entry| entry.file_name());
    Ok(names.filter(|name| name.to_string_lossy().contains("leaving")).count())
}

/// A crash between a forgetting and the end of its files, and then a restore of what was before: the file goes. Whether a
/// withdrawal of another life happened nobody knows: its note stays.
#[tokio::test]
async fn a_note_outlives_the_restore_of_an_older_backup() -> Outcome {
    for forgets in [false, true] {
        let folder = tempfile::tempdir()?;
        let (path, backup) = (folder.path().join("oo.db"), folder.path().join("backup"));
        let world = world("restored");
        let oo = builder(&path, &world).open().await?;
        oo.ingest("ada", Signal::mood(4.0)).await?;
        oo.backup(&backup).await?;
        let file = folder.path().join("ada.jsonl");
        oo.export_to("ada", &file).await?;
        let export = std::fs::read_to_string(&file)?;
        let header: serde_json::Value = serde_json::from_str(export.lines().next().unwrap_or_default())?;
        let conn = rusqlite::Connection::open(&path)?;
        let blob = |sql: &str| conn.query_row(sql, [], |row| row.get::<_, String>(0));
        let life = blob("SELECT lower(hex(value)) FROM meta WHERE key = 'incarnation'")?;
        let person = blob("SELECT lower(hex(user)) FROM users")?;
        drop(conn);
        let mut note = json!({"event": oo::id::EventId::derived("none", &[b"it"]).to_string(), "person": person,
            "life": life, "files": [[file, header["file"]]]});
        match forgets {
            true => {
                let receipt = oo.forget("ada").await?;
                (note["event"], note["person"], note["gone"]) =
                    (json!(receipt.id), json!(null), json!(receipt.pseudonym_digest));
            }
            false => _ = oo.set_consents("ada", no_mood()).await?,
        }
        oo.close();
        drop(oo);
        assert!(!file.exists());
        builder(&path, &world).restore(&backup, true)?;
        // As the crash would have left them.
        std::fs::write(&file, export)?;
        std::fs::write(folder.path().join("oo.db.leaving-x"), note.to_string())?;
        builder(&path, &world).open().await?;
        assert_eq!((file.exists(), notes(folder.path())?), (!forgets, usize::from(!forgets)), "forgets: {forgets}");
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
