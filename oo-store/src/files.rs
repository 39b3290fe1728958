//! Names beside a file, and making them durable.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// Makes the name of `path` in its folder durable.
pub(crate) fn sync_folder(path: &Path) -> std::io::Result<()> {
    // Windows has no handle to sync a folder with, and needs none.
    if cfg!(unix) { File::open(folder(path))?.sync_all() } else { Ok(()) }
}

/// `path` with `suffix` appended to its last part.
pub(crate) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// The files beside `path` whose name is its name and something more that `wanted` likes, in order; none where the folder
/// cannot be read.
pub(crate) fn beside(path: &Path, wanted: impl Fn(&str) -> bool) -> Vec<PathBuf> {
    let Some(name) = path.file_name().and_then(|name| name.to_str()) else { return Vec::new() };
    let Ok(entries) = fs::read_dir(folder(path)) else { return Vec::new() };
    let mut found: Vec<PathBuf> = entries
        .flatten()
        .filter(|entry| {
            let other = entry.file_name();
            other.to_str().and_then(|other| other.strip_prefix(name)).is_some_and(&wanted)
        })
        .map(|entry| entry.path())
        .collect();
    found.sort();
    found
}

/// Whether `text` is two numbers with a dash between them: a process and a count.
pub(crate) fn is_serial(text: &str) -> bool {
    let number = |part: &str| !part.is_empty() && part.bytes().all(|c| c.is_ascii_digit());
    text.split_once('-').is_some_and(|(process, count)| number(process) && number(count))
}

/// A name that no other call gives: this process and a count.
pub(crate) fn serial() -> String {
    use std::sync::atomic::{AtomicU64, Ordering};
    static MADE: AtomicU64 = AtomicU64::new(0);
    format!("{}-{}", std::process::id(), MADE.fetch_add(1, Ordering::Relaxed))
}

fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}
