//! SIGKILL while a restored database is opened, before everybody on the forgotten list is forgotten again.

use oo::blocking::Engine;
use oo::{Consents, Reaction, Signal};

use super::{configured, copy_store, fill, killed, pseudonym_of, roles, roles_in_time};

/// Killed before, in and after each forgetting of the list: whoever opens next goes on with it, and nobody on it is served.
#[test]
fn crash_while_the_forgotten_are_forgotten_again() {
    let folder = tempfile::tempdir().unwrap();
    let filled = folder.path().join("filled.db");
    fill(&filled);
    let (gone, cleo, before) = {
        let oo = Engine::from_builder(configured(&filled)).unwrap();
        oo.ingest("dan", Signal::task("t", "Task of dan")).unwrap();
        oo.ingest("cleo", Signal::task("t", "Task of cleo")).unwrap();
        let tip = oo.recommend("cleo").unwrap().unwrap();
        oo.react(tip.id, Reaction::Done).unwrap();
        // A shadow's word comes after the answer.
        let heard = || oo.export("cleo").unwrap().contains("\"type\":\"shadow\"");
        assert!((0..400).any(|_| heard() || {
            std::thread::sleep(std::time::Duration::from_millis(10));
            false
        }));
        let gone = ["ann", "ben"].map(|user| (user, pseudonym_of(&filled, &oo.export(user).unwrap())));
        (gone, oo.export("cleo").unwrap(), roles(&oo))
    };
    let list = folder.path().join("list");
    {
        // Forgotten after the backup.
        let path = folder.path().join("later.db");
        copy_store(&filled, &path);
        let oo = Engine::from_builder(configured(&path)).unwrap();
        for (user, _) in &gone {
            oo.forget(user).unwrap();
        }
        oo.set_consents("dan", Consents { task: Some(false), ..Consents::default() }).unwrap();
        oo.close();
        std::fs::copy(folder.path().join("later.db.forgotten"), &list).unwrap();
    }
    let calls = [("transact", 0..8), ("erase", 0..2), ("scrub", 0..2)];
    let phases = calls.into_iter().flat_map(|(call, passings)| passings.map(move |passing| (call, passing)));
    let (mut kills, mut halves) = (0, 0);
    for (number, (call, passing)) in phases.enumerate() {
        for when in ["before", "after"] {
            let path = folder.path().join(format!("oo{number}{when}.db"));
            copy_store(&filled, &path);
            std::fs::copy(&list, folder.path().join(format!("oo{number}{when}.db.forgotten"))).unwrap();
            let what = format!("killed {when} {call} {passing}");
            if !killed(&path, "reopening", call, passing, when) {
                assert!(call == "transact" && passing > 2, "{what}: it came to its end");
                continue;
            }
            kills += 1;
            let conn = rusqlite::Connection::open(&path).unwrap();
            let users: u32 = conn.query_row("SELECT count(*) FROM users", [], |row| row.get(0)).unwrap();
            halves += u32::from(users == 3);
            drop(conn);
            let oo = Engine::from_builder(configured(&path)).unwrap();
            for (user, _) in &gone {
                assert_eq!(oo.export(user).unwrap().lines().count(), 1, "{what}: {user} is back");
            }
            let dan = oo.export("dan").unwrap();
            assert!(!dan.contains("Task of dan"), "{what}: what a consent took is back: {dan}");
            assert_eq!(oo.consents("dan").unwrap().task, Some(false), "{what}");
            assert_eq!(oo.export("cleo").unwrap(), cleo, "{what}");
            assert_eq!(oo.health().unwrap().lessons, 1, "{what}: cleo's");
            assert_eq!(roles_in_time(&oo, &before), before, "{what}: the policies are back in their roles");
            assert_eq!(oo.replay().unwrap().differences, Vec::<String>::new(), "{what}");
            oo.close();
            drop(oo);
            for suffix in ["", "-wal"] {
                let Ok(bytes) = std::fs::read(format!("{}{suffix}", path.display())) else { continue };
                for (user, pseudonym) in &gone {
                    let found = bytes.windows(16).any(|window| window == pseudonym);
                    assert!(!found, "{what}: the pseudonym of {user} stands in the file {suffix:?}");
                }
            }
        }
    }
    assert!(kills >= 12 && halves >= 2, "{kills} kills, {halves} between the two");
    println!("{kills} kills while people are forgotten again, {halves} between the two");
}
