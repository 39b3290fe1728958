//! Upkeep through the facade: secrets, backups that bring nobody back, rotation, and where the master key comes from.
#![cfg(feature = "testing")]

use std::path::Path;

use oo::blocking::Engine;
use oo::{BackupRequest, Consents, EngineBuilder, ErrorKind, ForgottenList, Reaction, Settings, Signal};

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// A task, a tip and what became of it, a token.
fn live(oo: &Engine, user: &str) -> Outcome<()> {
    oo.ingest(user, Signal::task("t1", format!("Water the plants of {user}")).priority(1))?;
    for reaction in [Reaction::Done, Reaction::Dismiss { reason: None }] {
        let tip = oo.recommend(user)?.ok_or("a tip")?;
        oo.react(tip.id, reaction)?;
    }
    oo.secrets_of(user).put("todoist.refresh_token", format!("token of {user}"))?;
    Ok(())
}

fn lines(oo: &Engine, user: &str) -> Outcome<usize> {
    Ok(oo.export(user)?.lines().count())
}

#[test]
fn s23_a_restored_backup_does_not_bring_the_forgotten_back() -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    let (path, backup) = (folder.path().join("oo.db"), folder.path().join("shelf.backup"));
    let oo = Engine::open(&path)?;
    for user in ["ann", "ben", "cleo"] {
        live(&oo, user)?;
    }
    oo.secrets().put("vapid.private_key", "the store's own")?;
    let first = oo.health()?;
    oo.backup(&backup)?;
    // Forgotten after the backup was made; nothing else happens, so that states can be compared.
    oo.forget("ann")?;
    oo.forget("ben")?;
    let forgotten = oo.health()?;
    oo.close();
    drop(oo);
    for restored_again in [false, true] {
        let restored = EngineBuilder::new(&path).restore(&backup, true)?;
        assert_eq!(restored.position, first.position);
        let list = ForgottenList { path: folder.path().join("oo.db.forgotten"), lines: Some(2) };
        assert_eq!(restored.forgotten_list, list);
        assert_ne!(restored.incarnation, first.incarnation);
        let oo = Engine::open(&path)?;
        let health = oo.health()?;
        assert_eq!(health.incarnation, restored.incarnation);
        // Before anything was served they are gone: rows, texts, keys, tokens, and what was learned of them.
        for user in ["ann", "ben"] {
            assert_eq!(lines(&oo, user)?, 1, "the export of {user} is its header");
            assert_eq!(oo.secrets_of(user).purposes()?, Vec::<String>::new());
            assert_eq!(oo.secrets_of(user).get("todoist.refresh_token")?, None);
        }
        assert_eq!((&health.state_hash, health.lessons), (&forgotten.state_hash, forgotten.lessons));
        assert!(lines(&oo, "cleo")? > 5, "everybody else is there");
        let token = oo.secrets_of("cleo").get("todoist.refresh_token")?.ok_or("a token")?;
        assert_eq!(token.expose_str()?, "token of cleo");
        let own = oo.secrets().get("vapid.private_key")?.ok_or("a key")?;
        assert_eq!(own.expose(), b"the store's own");
        assert_eq!(oo.replay()?.differences, Vec::<String>::new());
        oo.close();
        drop(oo);
        let list = std::fs::read_to_string(folder.path().join("oo.db.forgotten"))?;
        let names: std::collections::BTreeSet<&str> = list.lines().collect();
        assert_eq!(names.len(), 2, "restored again: {restored_again}");
        for (name, bytes) in files(folder.path())? {
            // Also of those who are in it sealed, as in the backup and in the database that was moved aside.
            for user in ["ann", "ben", "cleo"] {
                let text = format!("plants of {user}");
                assert!(!bytes.windows(text.len()).any(|window| window == text.as_bytes()), "{name}");
            }
        }
    }
    Ok(())
}

/// A consent that was taken back after the backup is taken back again, once; what was said later stands.
#[test]
fn s23_a_restored_backup_brings_nothing_back_that_a_consent_took() -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    let (path, backup) = (folder.path().join("oo.db"), folder.path().join("shelf.backup"));
    let task = |granted| Consents { task: Some(granted), ..Consents::default() };
    let oo = Engine::open(&path)?;
    for user in ["ann", "ben"] {
        live(&oo, user)?;
    }
    oo.backup(&backup)?;
    oo.set_consents("ann", task(false))?;
    let withdrawn = oo.health()?;
    oo.close();
    drop(oo);
    for restored_again in [false, true] {
        EngineBuilder::new(&path).restore(&backup, true)?;
        let oo = Engine::open(&path)?;
        assert_eq!(oo.consents("ann")?.task, Some(false), "restored again: {restored_again}");
        let kept = oo.export("ann")?;
        assert!(!kept.contains("plants of ann") && !kept.contains("\"type\":\"decision\""), "{kept}");
        assert!(oo.export("ben")?.contains("plants of ben"), "everybody else is there");
        let health = oo.health()?;
        assert_eq!((&health.state_hash, health.lessons), (&withdrawn.state_hash, withdrawn.lessons));
        assert_eq!(oo.replay()?.differences, Vec::<String>::new());
        oo.close();
        drop(oo);
        let oo = Engine::open(&path)?;
        assert_eq!(oo.health()?.position, health.position, "it is taken back once");
        oo.close();
        drop(oo);
        for (name, bytes) in files(folder.path())? {
            let there = !name.contains("backup") && !name.contains("replaced");
            assert!(!there || !bytes.windows(13).any(|window| window == b"plants of ann"), "{name}");
        }
    }
    // Granted anew, and lived with: a backup of then is left as it is.
    let oo = Engine::open(&path)?;
    oo.set_consents("ann", task(true))?;
    live(&oo, "ann")?;
    oo.backup_with(BackupRequest { path: backup.clone(), overwrite: true })?;
    let (then, kept) = (oo.health()?, oo.export("ann")?);
    oo.close();
    drop(oo);
    EngineBuilder::new(&path).restore(&backup, true)?;
    let oo = Engine::open(&path)?;
    assert_eq!((oo.health()?.position, oo.export("ann")?), (then.position, kept));
    Ok(())
}

fn files(folder: &Path) -> Outcome<Vec<(String, Vec<u8>)>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        files.push((path.file_name().ok_or("a name")?.to_string_lossy().into_owned(), std::fs::read(path)?));
    }
    Ok(files)
}

#[test]
fn a_restored_store_goes_on_as_the_one_it_was() -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    let (path, backup) = (folder.path().join("oo.db"), folder.path().join("a.backup"));
    let oo = Engine::open(&path)?;
    live(&oo, "ann")?;
    let made = oo.backup(&backup)?;
    let then = oo.health()?;
    assert_eq!(
        (made.position, &made.incarnation, &made.key_id),
        (then.position, &then.incarnation, &oo.keys()?.key_id)
    );
    live(&oo, "ben")?;
    assert_eq!(oo.backup(&backup).err().map(|error| error.kind()), Some(ErrorKind::InvalidInput));
    let in_use = EngineBuilder::new(&path).restore(&backup, true).err().map(|error| error.kind());
    assert_eq!(in_use, Some(ErrorKind::Busy), "this process has it open");
    oo.close();
    drop(oo);
    let taken = oo::restore(&backup, &path).err().ok_or("there is a database")?;
    assert_eq!((taken.kind(), taken.field()), (ErrorKind::InvalidInput, Some("path")));
    EngineBuilder::new(&path).restore(&backup, true)?;
    let oo = Engine::open(&path)?;
    let health = oo.health()?;
    assert_eq!((health.position, &health.state_hash), (then.position, &then.state_hash));
    live(&oo, "ben")?;
    assert_eq!(oo.replay()?.differences, Vec::<String>::new());
    oo.backup_with(BackupRequest { path: backup.clone(), overwrite: true })?;
    // The database that was moved aside holds them all the same.
    let aside = folder.path().join("oo.db.replaced");
    let named = |oo: &Engine| oo.forget("ann").map(|receipt| receipt.left);
    assert_eq!(named(&oo)?, [aside.display().to_string()]);
    std::fs::remove_file(&aside)?;
    oo.recommend("ann")?;
    assert_eq!(named(&oo)?, Vec::<String>::new());
    // Elsewhere, without the list: nobody is forgotten again, which is said.
    let elsewhere = folder.path().join("elsewhere.db");
    std::fs::copy(folder.path().join("oo.db.key"), folder.path().join("elsewhere.db.key"))?;
    let restored = oo::restore(&backup, &elsewhere)?;
    let list = ForgottenList { path: folder.path().join("elsewhere.db.forgotten"), lines: None };
    assert_eq!(restored.forgotten_list, list);
    Ok(())
}

#[test]
fn a_database_is_compacted_while_it_serves() -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("oo.db");
    let oo = Engine::open(&path)?;
    for user in ["ann", "ben"] {
        live(&oo, user)?;
    }
    let held = |oo: &Engine| -> Outcome<_> { Ok((oo.health()?.state_hash, oo.export("ben")?)) };
    let before = held(&oo)?;
    oo.compact()?;
    assert_eq!(held(&oo)?, before);
    live(&oo, "ben")?;
    let reader = rusqlite::Connection::open(&path)?;
    reader.execute_batch("BEGIN; SELECT count(*) FROM events")?;
    assert_eq!(oo.compact().err().map(|error| error.kind()), Some(ErrorKind::Busy), "the old pages are being read");
    drop(reader);
    oo.compact()?;
    assert_eq!(oo.replay()?.differences, Vec::<String>::new());
    Ok(())
}

#[test]
fn secrets_belong_to_their_owner_and_go_with_them() -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    let oo = Engine::open(folder.path().join("oo.db"))?;
    let (ann, ben, own) = (oo.secrets_of("ann"), oo.secrets_of("ben"), oo.secrets());
    assert_eq!(ann.get("todoist.token")?, None);
    assert!(!ann.delete("todoist.token")?);
    assert_eq!(oo.health()?.position, 1, "asking makes nobody");
    ann.put("todoist.token", "0123")?;
    own.put("todoist.client_secret", oo::Secret::new(vec![0, 255]))?;
    assert_eq!(ann.purposes()?, ["todoist.token"]);
    assert_eq!((ben.purposes()?, ben.get("todoist.token")?), (Vec::new(), None));
    assert_eq!(own.get("todoist.client_secret")?.ok_or("a secret")?.expose(), [0, 255]);
    ann.put("todoist.token", "4567")?;
    assert_eq!(ann.get("todoist.token")?.ok_or("a token")?.expose_str()?, "4567");
    assert!(ann.delete("todoist.token")? && !ann.delete("todoist.token")?);
    for wrong in ["", "Todoist", "a b", "hunter2!"] {
        for error in [ann.put(wrong, "x").err(), ann.get(wrong).err(), ann.delete(wrong).err()] {
            assert_eq!(error.ok_or("an error")?.field(), Some("purpose"), "{wrong:?}");
        }
    }
    assert_eq!(ann.put("a", "").err().ok_or("an error")?.field(), Some("value"));
    assert_eq!(oo.secrets_of("").put("a", "x").err().ok_or("an error")?.kind(), ErrorKind::InvalidInput);
    // Whoever is forgotten and comes back has none.
    ann.put("todoist.token", "89")?;
    assert_eq!(oo.forget("ann")?.stage, "erased");
    assert_eq!((ann.purposes()?, ann.get("todoist.token")?), (Vec::new(), None));
    ann.put("todoist.token", "ab")?;
    assert_eq!(ann.get("todoist.token")?.ok_or("a token")?.expose_str()?, "ab");
    Ok(())
}

#[test]
fn a_rotated_key_opens_what_the_old_one_did() -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("oo.db");
    let oo = Engine::open(&path)?;
    live(&oo, "ann")?;
    let other = Engine::open(&path)?;
    let before = (oo.keys()?, oo.export("ann")?);
    let rotation = oo.rotate_key()?;
    assert_eq!((&rotation.from, rotation.wrapped, rotation.wiped), (&before.0.key_id, 3, true));
    assert_eq!(oo.keys()?.key_id, rotation.to);
    live(&other, "ben")?;
    assert!(oo.recommend("ben")?.is_some());
    oo.close();
    other.close();
    drop((oo, other));
    let oo = Engine::open(&path)?;
    assert_eq!(oo.export("ann")?, before.1);
    assert_eq!(oo.secrets_of("ann").get("todoist.refresh_token")?.ok_or("a token")?.expose_str()?, "token of ann");
    Ok(())
}

#[cfg(unix)]
#[test]
fn a_master_key_comes_from_a_command_and_two_places_are_one_too_many() -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("oo.db");
    let digits = "ab".repeat(32);
    let settings = |command: &str| Settings { master_key_command: Some(command.to_owned()), ..Settings::default() };
    let open = |settings: Settings| Engine::from_builder(EngineBuilder::new(&path).settings(settings));
    let oo = open(settings(&format!("echo {digits}")))?;
    live(&oo, "ann")?;
    let rotating = oo.rotate_key().err().ok_or("no key of oO's to replace")?;
    assert_eq!(rotating.field(), Some("new_key"));
    oo.close();
    drop(oo);
    assert!(!folder.path().join("oo.db.key").exists());
    let kind = |settings: Settings| open(settings).err().map(|error| error.kind());
    assert_eq!(kind(settings(&format!("echo {}", "cd".repeat(32)))), Some(ErrorKind::Key));
    assert_eq!(kind(settings("false")), Some(ErrorKind::Key));
    assert_eq!(kind(settings("'open quote")), Some(ErrorKind::InvalidInput));
    assert_eq!(kind(Settings::default()), Some(ErrorKind::Key), "the file beside it is missing");
    assert!(!folder.path().join("oo.db.key").exists(), "never a new key for an old store");
    let both = Settings { master_key_file: Some(folder.path().join("k")), ..settings(&format!("echo {digits}")) };
    let error = open(both).err().ok_or("two places")?;
    assert_eq!((error.kind(), error.field()), (ErrorKind::InvalidInput, Some("master_key")));
    assert!(!error.to_string().contains(&digits[..8]), "{error}");
    let oo = open(settings(&format!("printf 'oo-master-key-v1 {digits}\\n'")))?;
    assert!(lines(&oo, "ann")? > 3);
    let new = oo::CommandKey::new(&format!("echo {}", "ef".repeat(32)))?;
    oo.rotate_key_to(std::sync::Arc::new(new))?;
    oo.close();
    drop(oo);
    assert_eq!(kind(settings(&format!("echo {digits}"))), Some(ErrorKind::Key));
    assert!(lines(&open(settings(&format!("echo {}", "ef".repeat(32))))?, "ann")? > 3);
    Ok(())
}
