//! SIGKILL while part of what is held of a person is erased: retention, and a consent taken back.

use oo::Consents;
use oo::blocking::Engine;

use super::{configured, copy_store, exported, fill, killed, lived, notes, retaining, roles, roles_in_time};

/// Killed before, in and after the transactions of a retention run, one a person: what was learned stays to the bit, and
/// what is past its time goes with the next run.
#[test]
fn crash_in_a_retention_run() {
    let folder = tempfile::tempdir().unwrap();
    let filled = folder.path().join("filled.db");
    fill(&filled);
    let learned = |oo: &Engine| {
        let health = oo.health().unwrap();
        (health.state_hash, health.lessons)
    };
    let before = learned(&Engine::from_builder(configured(&filled)).unwrap());
    let calls =
        [("append", 1), ("erase", 0), ("erase", 1), ("transact", 0), ("transact", 1), ("transact", 2), ("scrub", 0)];
    let mut kills = 0;
    for (number, (call, passing)) in calls.into_iter().enumerate() {
        for when in ["before", "after"] {
            let path = folder.path().join(format!("oo{number}{when}.db"));
            copy_store(&filled, &path);
            if !killed(&path, "retaining", call, passing, when) {
                continue;
            }
            kills += 1;
            let what = format!("killed {when} {call} {passing}");
            // Whoever has no limits finds everything learned, whatever is gone by now.
            let oo = Engine::from_builder(configured(&path)).unwrap();
            assert_eq!(learned(&oo), before, "{what}");
            assert_eq!(oo.replay().unwrap().differences, Vec::<String>::new(), "{what}");
            oo.close();
            let oo = Engine::from_builder(retaining(&path)).unwrap();
            oo.retain().unwrap();
            for user in ["ann", "ben"] {
                let kept = oo.export(user).unwrap();
                assert!(
                    !kept.contains("\"title\":\"Task") && !kept.contains("\"type\":\"decision\""),
                    "{what}: {kept}"
                );
                assert!(kept.contains("\"type\":\"lesson\""), "{what}: {kept}");
            }
            assert_eq!(learned(&oo), before, "{what}");
            assert_eq!(oo.replay().unwrap().differences, Vec::<String>::new(), "{what}");
            oo.close();
        }
    }
    assert!(kills >= 8, "{kills} kills");
    println!("{kills} kills in a retention run");
}

/// Killed while a consent is taken back: it is taken back with all that rested on it, or not at all.
#[test]
fn crash_while_a_consent_is_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let filled = folder.path().join("filled.db");
    fill(&filled);
    let (ann, ben, roles_before) = {
        let oo = Engine::from_builder(configured(&filled)).unwrap();
        (oo.export("ann").unwrap(), oo.export("ben").unwrap(), roles(&oo))
    };
    let phases = [
        ("transact", 0, "before", Some(true)),
        ("append", 0, "after", Some(true)),
        ("erase", 0, "before", Some(true)),
        ("erase", 0, "after", Some(true)),
        ("transact", 0, "after", Some(false)),
        ("scrub", 0, "before", Some(false)),
        ("transact", 1, "before", None),
        ("transact", 1, "after", None),
        ("transact", 2, "before", None),
    ];
    let mut kills = 0;
    for (number, (call, passing, when, undone)) in phases.into_iter().enumerate() {
        let path = folder.path().join(format!("oo{number}.db"));
        copy_store(&filled, &path);
        let what = format!("killed {when} {call} {passing}");
        if !killed(&path, "withdrawing", call, passing, when) {
            assert!(undone.is_none() || call == "scrub", "{what}: it came to its end");
            continue;
        }
        kills += 1;
        let oo = Engine::from_builder(configured(&path)).unwrap();
        let is_undone = oo.consents("ann").unwrap().task == Some(true);
        assert_eq!(is_undone, undone.unwrap_or(false), "{what}");
        assert_eq!(lived(&oo.export("ann").unwrap()) == ann, is_undone, "{what}");
        assert_eq!(
            (exported(&path).exists(), notes(&path)),
            (is_undone, 0),
            "{what}: the exported file goes with the texts"
        );
        assert_eq!(oo.export("ben").unwrap(), ben, "{what}");
        assert_eq!(oo.replay().unwrap().differences, Vec::<String>::new(), "{what}");
        oo.set_consents("ann", Consents { task: Some(false), ..Consents::default() }).unwrap();
        assert!(!oo.export("ann").unwrap().contains("Task "), "{what}: no text of a task stays");
        assert_eq!(roles_in_time(&oo, &roles_before), roles_before, "{what}: the policies are back in their roles");
        assert_eq!(oo.replay().unwrap().differences, Vec::<String>::new(), "{what}");
        oo.close();
    }
    assert!(kills >= 5, "{kills} kills");
    println!("{kills} kills while a consent is taken back");
}
