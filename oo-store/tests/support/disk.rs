//! A small file system, to fill.

use std::path::Path;

/// Mounts a small file system; none where this user may not.
pub(crate) fn small_disk(folder: &Path) -> Option<Mount> {
    let mounted = std::process::Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=1m", "tmpfs"])
        .arg(folder)
        .stderr(std::process::Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    mounted.then(|| Mount(folder.to_owned()))
}

pub(crate) struct Mount(std::path::PathBuf);

impl Mount {
    pub(crate) fn remount(&self, how: &str) {
        let options = format!("remount,{how}");
        assert!(std::process::Command::new("mount").args(["-o", &options]).arg(&self.0).status().unwrap().success());
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount").arg("-l").arg(&self.0).status();
    }
}
