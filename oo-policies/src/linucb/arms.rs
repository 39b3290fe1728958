//! The arms of a disjoint policy: sorted by key, shared copy-on-write between a policy and its successors.

use std::sync::Arc;

use oo_core::candidate::ArmKey;

use crate::statistic::Statistic;

/// What can be asked for before it is read.
pub(crate) trait Ahead {
    /// Asks for it; only for what tells how far a score can reach if `glance`.
    fn prefetch(&self, glance: bool);
}

/// What is kept of each arm, by key in the order of the keys' bytes.
#[derive(Clone, Debug)]
pub(crate) struct Arms<T = Statistic> {
    entries: Vec<(ArmKey, Arc<T>)>,
}

impl<T> Default for Arms<T> {
    fn default() -> Self {
        Arms { entries: Vec::new() }
    }
}

impl<T: Clone> Arms<T> {
    /// Arms from `entries`, sorted by key and without doubles.
    pub(crate) fn new(entries: Vec<(ArmKey, T)>) -> Self {
        Arms { entries: entries.into_iter().map(|(key, statistic)| (key, Arc::new(statistic))).collect() }
    }

    /// The place of `key`; `hint` is a guess that costs one comparison.
    pub(crate) fn find(&self, key: &ArmKey, hint: usize) -> Result<usize, usize> {
        if let Some((guess, _)) = self.entries.get(hint)
            && (Arc::ptr_eq(&guess.0, &key.0) || guess == key)
        {
            return Ok(hint);
        }
        self.entries.binary_search_by(|(other, _)| other.as_str().as_bytes().cmp(key.as_str().as_bytes()))
    }

    /// The statistic at `place`.
    pub(crate) fn at(&self, place: usize) -> &T {
        &self.entries[place].1
    }

    /// Asks for what scoring the arm at `place`, a guess, will read; only for what tells its reach if `glance`.
    pub(crate) fn expect(&self, place: usize, glance: bool)
    where
        T: Ahead,
    {
        if let Some((_, arm)) = self.entries.get(place) {
            arm.prefetch(glance);
        }
    }

    /// The statistic of `key`, if it was ever tried.
    pub(crate) fn get(&self, key: &ArmKey) -> Option<&T> {
        self.find(key, usize::MAX).ok().map(|place| self.at(place))
    }

    /// The statistic of `key` to change, made by `new` where there is none; an arm shared with another policy is copied.
    pub(crate) fn change(&mut self, key: &ArmKey, new: impl FnOnce() -> T) -> &mut T {
        let place = match self.find(key, usize::MAX) {
            Ok(place) => place,
            Err(place) => {
                self.entries.insert(place, (key.clone(), Arc::new(new())));
                place
            }
        };
        Arc::make_mut(&mut self.entries[place].1)
    }

    /// The arms in the order of their keys.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &T)> {
        self.entries.iter().map(|(key, statistic)| (key.as_str(), statistic.as_ref()))
    }

    /// The keys in order.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &ArmKey> {
        self.entries.iter().map(|(key, _)| key)
    }

    /// Every arm to change, in the order of the keys; an arm shared with another policy is copied.
    pub(crate) fn each_mut(&mut self) -> impl Iterator<Item = (&ArmKey, &mut T)> {
        self.entries.iter_mut().map(|(key, entry)| (&*key, Arc::make_mut(entry)))
    }
}
