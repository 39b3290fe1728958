//! A write-ahead log that is cut off, or another database's.

use std::path::Path;

use oo::ErrorKind;

use crate::{beside, live, open, world};

/// Copies the files of an open database as a killed process leaves them.
fn copy_open(from: &Path, to: &Path) {
    for suffix in ["", "-wal"] {
        std::fs::copy(beside(from, suffix), beside(to, suffix)).unwrap();
    }
}

#[test]
fn a_log_that_is_cut_off_loses_what_was_cut_and_nothing_before() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("oo.db");
    let world = world("cut");
    let oo = open(&path, &world).unwrap();
    let mut known = Vec::new();
    for round in 0..12 {
        live(&oo, &world, &format!("user{round}"), 1);
        let length = std::fs::metadata(beside(&path, "-wal")).unwrap().len();
        known.push((length, format!("user{round}"), oo.export(&format!("user{round}")).unwrap()));
    }
    let copy = folder.path().join("copy.db");
    let (whole, _, _) = known.last().unwrap().clone();
    for at in [0, 17, 32, 33, 4_000, whole / 3, whole / 2, whole - 4_121, whole - 4_120, whole - 1, whole] {
        copy_open(&path, &copy);
        let file = std::fs::OpenOptions::new().write(true).open(beside(&copy, "-wal")).unwrap();
        file.set_len(at).unwrap();
        drop(file);
        let oo = open(&copy, &world).unwrap();
        let kept = known.iter().filter(|(length, _, _)| *length <= at);
        for (_, user, export) in kept {
            assert_eq!(&oo.export(user).unwrap(), export, "cut at {at}");
        }
        assert_eq!(oo.replay().unwrap().differences, Vec::<String>::new(), "cut at {at}");
        oo.close();
        drop(oo);
        for suffix in ["", "-wal", "-shm"] {
            // Closing has removed some of them.
            let _ = std::fs::remove_file(beside(&copy, suffix));
        }
    }
}

#[test]
fn another_databases_log_is_refused_and_harms_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (path, other) = (folder.path().join("oo.db"), folder.path().join("other.db"));
    let (ours, theirs) = (world("ours"), world("theirs"));
    let oo = open(&path, &ours).unwrap();
    live(&oo, &ours, "ann", 6);
    let export = oo.export("ann").unwrap();
    oo.close();
    drop(oo);
    let stranger = open(&other, &theirs).unwrap();
    live(&stranger, &theirs, "ben", 6);
    let whole = std::fs::read(&path).unwrap();
    std::fs::copy(beside(&other, "-wal"), beside(&path, "-wal")).unwrap();

    let error = open(&path, &ours).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Key | ErrorKind::Storage), "{error:?}");
    assert_eq!(std::fs::read(&path).unwrap(), whole, "the database is as it was");
    std::fs::remove_file(beside(&path, "-wal")).unwrap();
    assert_eq!(open(&path, &ours).unwrap().export("ann").unwrap(), export);
}
