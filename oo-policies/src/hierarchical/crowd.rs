//! Many people, shared copy-on-write between a policy and its successors.
//!
//! Pseudonyms are random, so their first byte parts them evenly: a lesson copies one shard's pointers, not all.

use std::collections::BTreeMap;
use std::sync::Arc;

use oo_core::Result;
use oo_core::id::Pseudonym;

use super::person::Person;

type Shard = Arc<BTreeMap<Pseudonym, Arc<Person>>>;

/// People in the order of their pseudonyms.
#[derive(Clone, Debug, Default)]
pub(crate) struct Crowd {
    /// By first byte; a shard that is not there is empty.
    shards: Vec<Shard>,
}

impl Crowd {
    /// What is kept of `person`.
    pub(crate) fn get(&self, person: &Pseudonym) -> Option<&Person> {
        self.shards.get(usize::from(person.0[0]))?.get(person).map(|person| &**person)
    }

    /// What is kept of `person`, to change; somebody new over `dim` columns where there is nothing.
    pub(crate) fn change(&mut self, person: Pseudonym, dim: usize) -> &mut Person {
        let shard = usize::from(person.0[0]);
        if self.shards.len() <= shard {
            self.shards.resize(shard + 1, Shard::default());
        }
        let people = Arc::make_mut(&mut self.shards[shard]);
        Arc::make_mut(people.entry(person).or_insert_with(|| Arc::new(Person::new(dim))))
    }

    /// Takes those without lessons out.
    pub(crate) fn prune(&mut self) {
        for shard in &mut self.shards {
            if shard.values().any(|person| person.is_empty()) {
                Arc::make_mut(shard).retain(|_, person| !person.is_empty());
            }
        }
    }

    /// Adds the lessons of the people of `other`.
    pub(crate) fn merge(&mut self, other: &Crowd, dim: usize) -> Result<()> {
        for (pseudonym, person) in other.iter() {
            self.change(*pseudonym, dim).merge(person)?;
        }
        Ok(())
    }

    /// The people in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Pseudonym, &Person)> {
        self.shards.iter().flat_map(|shard| shard.iter()).map(|(pseudonym, person)| (pseudonym, &**person))
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.len()).sum()
    }
}
