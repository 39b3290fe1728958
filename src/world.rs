//! The outside world: the system's clock and randomness, or, behind `testing`, a world from a file.

use oo_core::ports::{Clock, Entropy};
use oo_core::{Error, Result};

/// The system's wall clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods, reason = "the one place where the wall clock enters")]
    fn now_ms(&self) -> i64 {
        let now = std::time::SystemTime::now();
        match now.duration_since(std::time::UNIX_EPOCH) {
            Ok(since) => i64::try_from(since.as_millis()).unwrap_or(i64::MAX),
            Err(before) => -i64::try_from(before.duration().as_millis()).unwrap_or(i64::MAX),
        }
    }
}

/// A point in time for measuring how long something takes; it reaches no fold and no decision.
#[allow(clippy::disallowed_methods, reason = "latencies and pauses only")]
pub(crate) fn stopwatch() -> std::time::Instant {
    std::time::Instant::now()
}

/// The operating system's randomness.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn bytes(&self, _purpose: &'static str) -> Result<[u8; 32]> {
        let mut bytes = [0_u8; 32];
        getrandom::fill(&mut bytes)
            .map_err(|error| Error::internal(format!("the operating system gave no randomness: {error}")))?;
        Ok(bytes)
    }
}

#[cfg(feature = "testing")]
pub use file_world::FileWorld;

#[cfg(feature = "testing")]
mod file_world {
    //! A world from a file: clock, ids, pseudonyms and keys, the same through every door.

    use std::collections::BTreeMap;
    use std::path::{Path, PathBuf};
    use std::sync::{Mutex, PoisonError};

    use oo_core::moment::parse_rfc3339;
    use oo_core::ports::{Clock, Entropy, KeyProvider, MasterKey};
    use oo_core::testing::world::SeededWorld;
    use oo_core::{Error, Result};
    use serde::Deserialize;

    /// `{"now": "2026-03-02T08:00:00Z", "seed": "a"}`: the clock stands at `now`, which is read anew at every look, so
    /// that whoever writes the file moves the time; all that is random follows from `seed`, the purpose and a count.
    #[derive(Debug)]
    pub struct FileWorld {
        path: PathBuf,
        seed: String,
        counts: Mutex<BTreeMap<&'static str, u64>>,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct World {
        now: String,
        seed: String,
    }

    impl FileWorld {
        /// The world in the file at `path`.
        ///
        /// # Errors
        /// `invalid_input` when it cannot be read.
        pub fn open(path: impl AsRef<Path>) -> Result<Self> {
            let path = path.as_ref().to_path_buf();
            let world = read(&path)?;
            parse_rfc3339("now", &world.now)?;
            Ok(FileWorld { path, seed: world.seed, counts: Mutex::default() })
        }
    }

    fn read(path: &Path) -> Result<World> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| Error::invalid("test_world", format!("{}: {error}", path.display())))?;
        serde_json::from_str(&text).map_err(|error| Error::invalid("test_world", error.to_string()))
    }

    impl Clock for FileWorld {
        fn now_ms(&self) -> i64 {
            // A writer may be in the middle of replacing the file: look again, shortly.
            for _ in 0..1_000 {
                if let Ok(at) = read(&self.path).and_then(|world| parse_rfc3339("now", &world.now)) {
                    return at;
                }
                std::thread::sleep(std::time::Duration::from_millis(1));
            }
            0
        }

        fn elapsed_us(&self, _started: std::time::Instant) -> u32 {
            0
        }
    }

    impl Entropy for FileWorld {
        fn bytes(&self, purpose: &'static str) -> Result<[u8; 32]> {
            let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
            let count = counts.entry(purpose).or_insert(0);
            *count += 1;
            Ok(SeededWorld::derived(&self.seed, purpose, *count))
        }
    }

    impl KeyProvider for FileWorld {
        fn master_key(&self, _create: bool) -> Result<MasterKey> {
            Ok(MasterKey::new(SeededWorld::derived(&self.seed, "master-key", 0)))
        }
    }
}
