//! Saved policies that are damaged or of another version: the log is the truth, and a newer oO is not guessed at.

use oo::{DecideRequest, ErrorKind};

use crate::{live, open, world};

fn change(path: &std::path::Path, change: impl Fn(&mut Vec<u8>)) {
    let conn = rusqlite::Connection::open(path).unwrap();
    let mut statement = conn.prepare("SELECT rowid, bytes FROM snapshots").unwrap();
    let rows: Vec<(i64, Vec<u8>)> =
        statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect();
    assert!(!rows.is_empty(), "there is a snapshot to change");
    for (row, mut bytes) in rows {
        change(&mut bytes);
        conn.execute("UPDATE snapshots SET bytes = ?1 WHERE rowid = ?2", rusqlite::params![bytes, row]).unwrap();
    }
}

#[test]
fn damaged_policies_are_learned_anew_from_the_log_and_newer_ones_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("oo.db");
    let world = world("snapshot");
    let oo = open(&path, &world).unwrap();
    live(&oo, &world, "ann", 12);
    live(&oo, &world, "ben", 12);
    for _ in 0..4 {
        let choice = oo.decide(DecideRequest::new("prices", vec![0.1, 0.2, 0.3, 0.4], 2)).unwrap();
        oo.reward(oo::id::DecisionId::parse(&choice.decision).unwrap(), 0.5).unwrap();
    }
    oo.forget("ben").unwrap();
    live(&oo, &world, "ann", 3);
    let before = (oo.health().unwrap(), oo.policies().unwrap(), oo.bandits().unwrap());
    oo.close();
    drop(oo);
    let whole = std::fs::read(&path).unwrap();

    type Damage = fn(&mut Vec<u8>);
    let damages: [Damage; 7] = [
        |bytes| bytes.truncate(bytes.len() / 2),
        |bytes| bytes.clear(),
        |bytes| bytes.push(0),
        |bytes| bytes[0] ^= 0xff,
        |bytes| bytes[20] ^= 1,
        |bytes| *bytes.last_mut().unwrap() ^= 1,
        |bytes| {
            let middle = bytes.len() / 2;
            bytes[middle] ^= 4;
        },
    ];
    for damage in damages {
        std::fs::write(&path, &whole).unwrap();
        change(&path, damage);
        let oo = open(&path, &world).unwrap();
        assert_eq!((oo.health().unwrap(), oo.policies().unwrap(), oo.bandits().unwrap()), before);
        assert_eq!(oo.replay().unwrap().differences, Vec::<String>::new());
        oo.close();
        drop(oo);
        // What was learned anew is saved anew.
        assert_eq!(open(&path, &world).unwrap().health().unwrap(), before.0);
    }

    for newer in [&b"oo.mind9"[..], b"oo.reg.9"] {
        std::fs::write(&path, &whole).unwrap();
        change(&path, |bytes| bytes[..8].copy_from_slice(newer));
        let changed = std::fs::read(&path).unwrap();
        // A migration is of schemas: it learns nothing anew that a newer oO knows better.
        for migrates in [false, true] {
            let builder = oo::Engine::builder(&path).clock(world.clone()).entropy(world.clone()).key(world.clone());
            let builder = if migrates { builder.migrate() } else { builder };
            let error = oo::blocking::Engine::from_builder(builder).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Incompatible);
            assert!(error.message().ends_with("upgrade oO; the file was left as it was"), "{error}");
            assert_eq!(std::fs::read(&path).unwrap(), changed, "the file was left as it was");
        }
    }

    // Released before there was a hash.
    std::fs::write(&path, &whole).unwrap();
    change(&path, |bytes| *bytes = [b"oo.mind1", &bytes[40..]].concat());
    assert_eq!(open(&path, &world).unwrap().health().unwrap(), before.0);
}
