//! The store under test: in memory or in a SQLite file, and what a cut of the power leaves of it.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use oo_core::ports::{EventLog, StateStore};
use oo_core::testing::faults::{Faults, FaultyStore};
use oo_core::testing::memory::MemoryStore;
use oo_core::testing::world::SeededWorld;
use oo_store::Revived;

use crate::planted::Forgetful;
use crate::random::Random;
use crate::wal::{self, Mark};

/// Which store a schedule runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Memory,
    Sqlite,
}

/// Where the files are while they live.
pub(crate) enum Place {
    Memory(Arc<MemoryStore>),
    Sqlite { folder: tempfile::TempDir, lives: Arc<Mutex<Lives>>, world: Arc<SeededWorld> },
}

/// The files of one life after the other: a cut of the power ends one, and its torn copy is the next.
pub(crate) struct Lives {
    path: PathBuf,
    count: u32,
    durable: Mark,
}

/// The two ports of an open store, and what is to be erased again by its forgotten list.
pub(crate) struct Opened {
    pub(crate) log: Arc<dyn EventLog>,
    pub(crate) state: Arc<dyn StateStore>,
    pub(crate) revived: Revived,
}

impl Place {
    pub(crate) fn new(kind: Kind, world: &Arc<SeededWorld>) -> Self {
        match kind {
            Kind::Memory => Place::Memory(Arc::new(MemoryStore::new())),
            Kind::Sqlite => {
                // A disk in memory where there is one: what is tested is the order of writes, not the disk.
                let fast = Path::new("/dev/shm");
                let folder = if fast.is_dir() { tempfile::tempdir_in(fast) } else { tempfile::tempdir() }.unwrap();
                let path = folder.path().join("life0.db");
                let lives = Lives { path, count: 0, durable: Mark::default() };
                Place::Sqlite { folder, lives: Arc::new(Mutex::new(lives)), world: world.clone() }
            }
        }
    }

    pub(crate) fn open(&self) -> oo::Result<Opened> {
        match self {
            Place::Memory(store) => {
                Ok(Opened { log: store.clone(), state: store.clone(), revived: Revived::default() })
            }
            Place::Sqlite { lives, world, .. } => {
                let path = lives.lock().unwrap().path.clone();
                let store = oo_store::open(&path, world.clone(), world.clone())?;
                let revived = store.revived()?;
                Ok(Opened { log: store.clone(), state: store, revived })
            }
        }
    }

    /// The store with faults, for one engine; a planted one says of commits that they happened when they did not.
    pub(crate) fn faulty(&self, faults: Faults, seed: u64, planted: bool) -> oo::Result<(Arc<FaultyStore>, Revived)> {
        let opened = self.open()?;
        let log = if planted { Forgetful::around(opened.log) } else { opened.log };
        let faulty = FaultyStore::new(log, opened.state, faults, seed);
        if let Place::Sqlite { lives, .. } = self {
            let lives = lives.clone();
            // What is answered for survives a cut of the power.
            faulty.on_durable(move || {
                let mut lives = lives.lock().unwrap();
                lives.durable = wal::mark(&wal::beside(&lives.path, "-wal"));
            });
        }
        Ok((faulty, opened.revived))
    }

    /// What to do at the moment when the power goes: files are copied as the disk then has them.
    pub(crate) fn cut(&self, seed: u64) -> Box<dyn FnOnce() + Send> {
        match self {
            Place::Memory(_) => Box::new(|| ()),
            Place::Sqlite { folder, lives, .. } => {
                let (lives, folder) = (lives.clone(), folder.path().to_path_buf());
                Box::new(move || {
                    let mut lives = lives.lock().unwrap();
                    let next = folder.join(format!("life{}.db", lives.count + 1));
                    let durable = wal::torn_copy(&lives.path, &next, lives.durable, &mut Random::new(seed));
                    *lives = Lives { path: next, count: lives.count + 1, durable };
                })
            }
        }
    }

    /// Every byte of every file of the present life; none of a store without files.
    pub(crate) fn bytes(&self) -> Vec<(String, Vec<u8>)> {
        let Place::Sqlite { lives, .. } = self else { return Vec::new() };
        let path = lives.lock().unwrap().path.clone();
        ["", "-wal", "-shm", ".forgotten"]
            .iter()
            .filter_map(|suffix| Some(((*suffix).to_owned(), std::fs::read(wal::beside(&path, suffix)).ok()?)))
            .collect()
    }
}
