//! A disk that fails under an engine that serves: the file system goes read-only, as `errors=remount-ro` has it.

use oo::{ErrorKind, ReactStatus, Reaction, Signal};

use crate::mounted::FailingDisk;
use crate::{live, open, world};

#[test]
fn a_file_system_that_goes_read_only_serves_what_stands_and_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let Some(disk) = FailingDisk::new(folder.path()) else { return };
    let path = disk.folder.join("oo.db");
    let world = world("read-only while it serves");
    let oo = open(&path, &world).unwrap();
    for user in ["ann", "ben"] {
        live(&oo, &world, user, 3);
    }
    let standing = oo.recommend("ann").unwrap().unwrap();
    let exports = ["ann", "ben"].map(|user| oo.export(user).unwrap());

    disk.fail();
    assert_eq!(oo.recommend("ann").unwrap().unwrap().id, standing.id, "the tip that stands is served");
    assert_eq!(["ann", "ben"].map(|user| oo.export(user).unwrap()), exports);
    let refused = [
        oo.react(standing.id, Reaction::Done).unwrap_err(),
        oo.ingest("ann", Signal::task("t", "A task")).unwrap_err(),
        oo.forget("ben").unwrap_err(),
        oo.recommend("ben").unwrap_err(),
        oo.compact().unwrap_err(),
        oo.backup(disk.folder.join("a.backup")).unwrap_err(),
    ];
    for error in refused {
        assert_eq!(error.kind(), ErrorKind::Storage, "{error}");
        assert!(error.message().contains("; "), "it says what to do: {error}");
    }
    assert_eq!(oo.health().unwrap().status, "read_only");
    assert_eq!(["ann", "ben"].map(|user| oo.export(user).unwrap()), exports, "nothing was done");
    oo.backup(folder.path().join("a.backup")).unwrap();
    oo.close();
    drop(oo);

    // Mounted anew, everything that was acknowledged is there.
    disk.unmount();
    assert!(disk.mount());
    let oo = open(&path, &world).unwrap();
    assert_eq!(["ann", "ben"].map(|user| oo.export(user).unwrap()), exports);
    assert_eq!(oo.react(standing.id, Reaction::Done).unwrap().status, ReactStatus::Applied);
    assert_eq!(oo.health().unwrap().status, "ok");
    assert_eq!(oo.replay().unwrap().differences, Vec::<String>::new());
}
