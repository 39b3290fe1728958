//! What the store's tests share: seeded randomness, and stores in temporary folders.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test fails by panicking and may look at the clock"
)]
#![allow(dead_code, reason = "each test file uses its part")]

pub(crate) mod child;
pub(crate) mod disk;
pub(crate) mod people;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use oo_core::Result;
use oo_core::event::Event;
use oo_core::id::{EventId, Pseudonym, UserKey};
use oo_core::ports::{Appended, Entropy, Entry, EventLog, NewUser, StateStore, UserRecord};
use oo_store::{FileKey, Options, SqliteStore};
use tempfile::TempDir;

/// Bytes that follow from a seed and from how often they were asked for.
#[derive(Debug)]
pub(crate) struct Seeded {
    seed: u64,
    asked: AtomicU64,
}

impl Seeded {
    pub(crate) fn new(seed: u64) -> Arc<Self> {
        Arc::new(Seeded { seed, asked: AtomicU64::new(0) })
    }
}

impl Entropy for Seeded {
    fn bytes(&self, purpose: &'static str) -> Result<[u8; 32]> {
        let asked = self.asked.fetch_add(1, Ordering::Relaxed);
        let part = |half: u8| EventId::derived(purpose, &[&self.seed.to_le_bytes(), &asked.to_le_bytes(), &[half]]).0;
        let (low, high) = (part(0), part(1));
        Ok(std::array::from_fn(|index| if index < 16 { low[index] } else { high[index - 16] }))
    }
}

/// A folder with a database.
pub(crate) struct Place {
    pub(crate) folder: TempDir,
    pub(crate) path: PathBuf,
}

impl Place {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("oo.db");
        Place { folder, path }
    }

    pub(crate) fn open(&self) -> Arc<SqliteStore> {
        open(&self.path).unwrap()
    }

    /// Every file in the folder, with its bytes.
    pub(crate) fn files(&self) -> Vec<(String, Vec<u8>)> {
        let mut files: Vec<(String, Vec<u8>)> = std::fs::read_dir(self.folder.path())
            .unwrap()
            .map(|entry| entry.unwrap())
            .map(|entry| (entry.file_name().to_string_lossy().into_owned(), std::fs::read(entry.path()).unwrap()))
            .collect();
        files.sort();
        files
    }
}

/// Impatient, so that tests of locks are quick.
pub(crate) fn options() -> Options {
    Options { patience: Duration::from_millis(300), ..Options::default() }
}

pub(crate) fn open(path: &Path) -> Result<Arc<SqliteStore>> {
    open_with(path, options())
}

pub(crate) fn open_with(path: &Path, options: Options) -> Result<Arc<SqliteStore>> {
    static SEEDS: AtomicU64 = AtomicU64::new(0);
    let entropy = Seeded::new(SEEDS.fetch_add(1, Ordering::Relaxed) + (u64::from(std::process::id()) << 32));
    oo_store::open_with(path, Arc::new(FileKey::beside(path, entropy.clone())), entropy, options)
}

pub(crate) fn person(store: &SqliteStore, caller_id: &str) -> UserRecord {
    let user = Pseudonym(EventId::derived("test person", &[caller_id.as_bytes()]).0);
    store.user(caller_id, Some(NewUser { user, key: UserKey::new(user.digest()) })).unwrap().unwrap()
}

pub(crate) fn append(store: &dyn EventLog, entry: &Entry) -> Result<Appended> {
    let mut appended = None;
    store.transact(&mut |transaction| {
        appended = Some(transaction.append(entry)?);
        Ok(())
    })?;
    Ok(appended.unwrap())
}

pub(crate) fn append_event(store: &dyn EventLog, event: Event) -> Result<Appended> {
    append(store, &Entry::new(event))
}

/// Bytes to look for, by name.
pub(crate) type Needles = BTreeMap<String, Vec<u8>>;

/// Which of `needles` stand anywhere in `hay`, by name; each has at least eight bytes.
pub(crate) fn found_in(hay: &[u8], needles: &Needles) -> BTreeSet<String> {
    let mut starts: BTreeMap<[u8; 8], Vec<(&str, &[u8])>> = BTreeMap::new();
    let mut maybe = vec![false; 1 << 16];
    for (name, needle) in needles {
        let start = *needle.first_chunk::<8>().unwrap();
        maybe[usize::from(u16::from_le_bytes([start[0], start[1]]))] = true;
        starts.entry(start).or_default().push((name, needle));
    }
    let mut found = BTreeSet::new();
    for at in 0..hay.len().saturating_sub(7) {
        if maybe[usize::from(u16::from_le_bytes([hay[at], hay[at + 1]]))]
            && let Some(candidates) = hay[at..].first_chunk::<8>().and_then(|start| starts.get(start))
        {
            found.extend(
                candidates
                    .iter()
                    .filter(|(_, needle)| hay[at..].starts_with(needle))
                    .map(|(name, _)| (*name).to_owned()),
            );
        }
    }
    found
}
