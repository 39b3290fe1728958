//! File systems of a test's own: small ones, to fill, and ones that fail. The engine's and the server's tests have them
//! from here.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
#![allow(dead_code, reason = "each test program uses its part")]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Says that a test measures nothing here. Root may mount, so that there it is a failure: a machine on which even root may
/// not says so by `OO_MAY_NOT_MOUNT`.
#[allow(clippy::print_stdout, reason = "whoever runs the tests shall see it")]
pub(crate) fn skipped(why: &str) {
    let root = std::os::unix::fs::MetadataExt::uid(&std::fs::metadata("/proc/self").unwrap()) == 0;
    let expected = std::env::var_os("OO_MAY_NOT_MOUNT").is_some();
    assert!(
        !root || expected,
        "{why}: install util-linux and e2fsprogs, or set OO_MAY_NOT_MOUNT=1 to leave such tests out"
    );
    println!("skipped: {why}");
}

fn ran(command: &mut Command) -> bool {
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

/// A small file system; unmounted in the end.
pub(crate) struct Mount(PathBuf);

/// Mounts one that is too small for most; none where this user may not, which is said.
pub(crate) fn small_disk(folder: &Path) -> Option<Mount> {
    disk(folder, "1m")
}

/// Mounts one of `size`; none where this user may not, which is said.
pub(crate) fn disk(folder: &Path, size: &str) -> Option<Mount> {
    let size = format!("size={size}");
    if ran(Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(folder)) {
        return Some(Mount(folder.to_owned()));
    }
    skipped("this user may not mount a small file system");
    None
}

/// Makes the file at `path` one that nobody may write, root included, until what this gives is dropped. None where that
/// cannot be done, which is said.
pub(crate) fn read_only_file(path: &Path) -> Option<Option<Mount>> {
    let mut permissions = std::fs::metadata(path).unwrap().permissions();
    permissions.set_readonly(true);
    std::fs::set_permissions(path, permissions).unwrap();
    if std::fs::OpenOptions::new().write(true).open(path).is_err() {
        return Some(None);
    }
    if ran(Command::new("mount").arg("--bind").args([path, path])) {
        let mount = Mount(path.to_owned());
        mount.remount("bind,ro");
        return Some(Some(mount));
    }
    skipped("this user may write read-only files, and may not mount one");
    None
}

impl Mount {
    pub(crate) fn remount(&self, how: &str) {
        let options = format!("remount,{how}");
        assert!(Command::new("mount").args(["-o", &options]).arg(&self.0).status().unwrap().success());
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        ran(Command::new("umount").arg("-l").arg(&self.0));
    }
}

/// A disk that can be made to fail: an ext4 in a file, on a loop device.
pub(crate) struct FailingDisk {
    image: PathBuf,
    pub(crate) folder: PathBuf,
}

impl FailingDisk {
    /// One in `folder`; none where this user may not mount one or the system cannot make it fail, which is said.
    pub(crate) fn new(folder: &Path) -> Option<Self> {
        let disk = FailingDisk { image: folder.join("image"), folder: folder.join("disk") };
        std::fs::create_dir(&disk.folder).unwrap();
        std::fs::File::create(&disk.image).and_then(|file| file.set_len(24 << 20)).unwrap();
        let made = ran(Command::new("mkfs.ext4").args(["-q", "-e", "remount-ro"]).arg(&disk.image));
        if made && disk.mount() && disk.trigger().is_some_and(|trigger| trigger.exists()) {
            return Some(disk);
        }
        skipped("this user may not mount a file system that can be made to fail");
        None
    }

    pub(crate) fn mount(&self) -> bool {
        ran(Command::new("mount").args(["-o", "loop"]).arg(&self.image).arg(&self.folder))
    }

    /// What makes it fail.
    fn trigger(&self) -> Option<PathBuf> {
        let mounts = std::fs::read_to_string("/proc/mounts").ok()?;
        let folder = self.folder.to_str()?;
        let device = mounts.lines().find(|line| line.split(' ').nth(1) == Some(folder))?.split(' ').next()?;
        Some(Path::new("/sys/fs/ext4").join(Path::new(device).file_name()?).join("trigger_fs_error"))
    }

    /// It goes read-only, as `errors=remount-ro` has it.
    pub(crate) fn fail(&self) {
        std::fs::write(self.trigger().unwrap(), "1").unwrap();
        assert!(std::fs::write(self.folder.join("probe"), "").is_err(), "it is read-only from now on");
    }

    pub(crate) fn unmount(&self) {
        ran(Command::new("umount").arg("-l").arg(&self.folder));
    }
}

impl Drop for FailingDisk {
    fn drop(&mut self) {
        self.unmount();
    }
}
