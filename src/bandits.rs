//! Named bandits: the bandits of `decide`, folded from the log beside the registry of the tips' policies.

use std::collections::BTreeMap;
use std::sync::Arc;

use oo_core::choice::BanditFact;
use oo_core::lesson::Lesson;
use oo_core::{Error, ErrorKind, Result};
use oo_policies::{Bandit, BanditSpec};

/// The most bandits of one store.
pub(crate) const MOST: usize = 1_000;

/// Bandits by name. An immutable value that shares what did not change with its predecessor.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bandits {
    by_name: BTreeMap<Arc<str>, Arc<Bandit>>,
}

/// Lessons by the bandit they are for, in the order of the log.
pub(crate) type Lessons = BTreeMap<Arc<str>, Vec<Lesson>>;

impl Bandits {
    /// The bandit `name`.
    pub(crate) fn get(&self, name: &str) -> Option<&Arc<Bandit>> {
        self.by_name.get(name)
    }

    /// The bandits in the order of their names.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Arc<str>, &Arc<Bandit>)> {
        self.by_name.iter()
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.by_name.len()
    }

    /// Enters the bandit of `fact`; one that is there already stays.
    pub(crate) fn open(&mut self, fact: &BanditFact) -> Result<()> {
        if !self.by_name.contains_key(&fact.name) {
            self.by_name.insert(fact.name.clone(), Arc::new(fresh(&fact.spec)?));
        }
        Ok(())
    }

    /// Teaches `lessons`.
    pub(crate) fn learn(&mut self, lessons: Lessons) -> Result<()> {
        for (name, lessons) in lessons {
            let bandit = self.by_name.get_mut(&name).ok_or_else(|| unknown(&name))?;
            *bandit = Arc::new(bandit.learned(&lessons)?);
        }
        Ok(())
    }

    /// Takes `lessons` away and starts a new epoch for all. Answers the bandits that do not subtract and held some of
    /// them: they are as they were.
    pub(crate) fn unlearn(&mut self, lessons: &Lessons) -> Result<Vec<Arc<str>>> {
        let mut rebuild = Vec::new();
        for (name, bandit) in &mut self.by_name {
            let gone = lessons.get(name).map_or(&[][..], Vec::as_slice);
            match bandit.unlearned(gone) {
                Ok(Some(next)) => *bandit = Arc::new(next),
                Ok(None) if gone.is_empty() => {}
                Ok(None) => rebuild.push(name.clone()),
                // As in the registry: what it never learned it learns anew.
                Err(error) if error.kind() == ErrorKind::InvalidInput => rebuild.push(name.clone()),
                Err(error) => return Err(error),
            }
        }
        Ok(rebuild)
    }

    /// Puts `bandit` in the place of the one named `name`.
    pub(crate) fn replace(&mut self, name: &Arc<str>, bandit: Bandit) {
        self.by_name.insert(name.clone(), Arc::new(bandit));
    }

    /// Appends the bandits to `out`: u32 how many, and of each u32 length and name, u64 length and saved bandit.
    pub(crate) fn save(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&u32::try_from(self.by_name.len()).unwrap_or(u32::MAX).to_le_bytes());
        for (name, bandit) in &self.by_name {
            let bytes = bandit.save();
            out.extend_from_slice(&u32::try_from(name.len()).unwrap_or(u32::MAX).to_le_bytes());
            out.extend_from_slice(name.as_bytes());
            out.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
            out.extend_from_slice(&bytes);
        }
    }

    /// Reads what [`save`](Bandits::save) wrote; `bytes` hold nothing else.
    pub(crate) fn load(mut bytes: &[u8]) -> Result<Self> {
        let mut by_name = BTreeMap::new();
        let count = u32::from_le_bytes(*take(&mut bytes)?);
        for _ in 0..count {
            let len = u32::from_le_bytes(*take(&mut bytes)?) as usize;
            let name = std::str::from_utf8(part(&mut bytes, len)?).map_err(|_| damaged())?;
            let len = usize::try_from(u64::from_le_bytes(*take(&mut bytes)?)).map_err(|_| damaged())?;
            by_name.insert(Arc::from(name), Arc::new(Bandit::load(part(&mut bytes, len)?)?));
        }
        if bytes.is_empty() { Ok(Bandits { by_name }) } else { Err(damaged()) }
    }
}

/// The bandit of `spec`, canonical JSON, that has learned nothing.
pub(crate) fn fresh(spec: &str) -> Result<Bandit> {
    let spec: BanditSpec = serde_json::from_str(spec).map_err(|error| {
        Error::incompatible(format!("the bandit settings {spec} are not known to this oO ({error}); upgrade it"))
    })?;
    Bandit::new(spec)
}

/// The settings of `bandit` as canonical JSON.
pub(crate) fn settings(bandit: &Bandit) -> Result<String> {
    serde_json::to_string(&bandit.spec()).map_err(|error| Error::internal(error.to_string()))
}

/// The error for a bandit that nobody opened.
pub(crate) fn unknown(name: &str) -> Error {
    Error::not_found(format!("there is no bandit {name:?}; decide with it once to open it")).with_field("bandit")
}

fn take<'a, const N: usize>(bytes: &mut &'a [u8]) -> Result<&'a [u8; N]> {
    let (first, rest) = bytes.split_first_chunk::<N>().ok_or_else(damaged)?;
    *bytes = rest;
    Ok(first)
}

fn part<'a>(bytes: &mut &'a [u8], len: usize) -> Result<&'a [u8]> {
    let (first, rest) = bytes.split_at_checked(len).ok_or_else(damaged)?;
    *bytes = rest;
    Ok(first)
}

fn damaged() -> Error {
    Error::storage(
        "the saved bandits are damaged; restore the database from a backup, or delete the snapshot to rebuild it from the log",
    )
}
