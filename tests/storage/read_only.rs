//! A disk that fails under an engine that serves: the file system goes read-only, as `errors=remount-ro` has it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use oo::{ErrorKind, ReactStatus, Reaction, Signal};

use crate::{live, open, world};

/// An ext4 in a file, on a loop device.
struct Disk {
    image: PathBuf,
    folder: PathBuf,
}

impl Disk {
    /// None where this user may not mount one, or the system cannot make it fail.
    fn new(folder: &Path) -> Option<Self> {
        let disk = Disk { image: folder.join("image"), folder: folder.join("disk") };
        std::fs::create_dir(&disk.folder).ok()?;
        std::fs::File::create(&disk.image).and_then(|file| file.set_len(24 << 20)).ok()?;
        ran(Command::new("mkfs.ext4").args(["-q", "-e", "remount-ro"]).arg(&disk.image)).then_some(())?;
        (disk.mount() && disk.trigger()?.exists()).then_some(disk)
    }

    fn mount(&self) -> bool {
        ran(Command::new("mount").args(["-o", "loop"]).arg(&self.image).arg(&self.folder))
    }

    /// What makes it fail.
    fn trigger(&self) -> Option<PathBuf> {
        let mounts = std::fs::read_to_string("/proc/mounts").ok()?;
        let folder = self.folder.to_str()?;
        let device = mounts.lines().find(|line| line.split(' ').nth(1) == Some(folder))?.split(' ').next()?;
        Some(Path::new("/sys/fs/ext4").join(Path::new(device).file_name()?).join("trigger_fs_error"))
    }

    fn fail(&self) {
        std::fs::write(self.trigger().unwrap(), "1").unwrap();
        assert!(std::fs::write(self.folder.join("probe"), "").is_err(), "it is read-only from now on");
    }

    fn unmount(&self) {
        ran(Command::new("umount").arg("-l").arg(&self.folder));
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        self.unmount();
    }
}

fn ran(command: &mut Command) -> bool {
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

#[test]
fn a_file_system_that_goes_read_only_serves_what_stands_and_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let Some(disk) = Disk::new(folder.path()) else {
        println!("not measured: this user may not mount a file system that can be made to fail");
        return;
    };
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
