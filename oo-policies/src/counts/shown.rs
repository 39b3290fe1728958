//! On which days each person was shown each arm, exact and subtractable.

use std::collections::BTreeMap;
use std::sync::Arc;

use oo_core::Result;
use oo_core::candidate::ArmKey;
use oo_core::id::Pseudonym;
use oo_core::lesson::Lesson;
use sha2::{Digest, Sha256};

use super::sharded::Sharded;
use super::tally::never;
use crate::bytes::{Reader, put_len, put_text};

/// How many lessons of each UTC day.
type Counts = BTreeMap<i32, u32>;
/// One person's arms.
type Arms = BTreeMap<ArmKey, Counts>;

/// The days of all people.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shown {
    people: Sharded<Pseudonym, Arc<Arms>>,
}

impl Shown {
    /// The newest day on which `person` was shown `arm`.
    pub(crate) fn last(&self, person: Option<Pseudonym>, arm: &ArmKey) -> Option<i32> {
        self.people.get(&person?)?.get(arm)?.last_key_value().map(|(day, _)| *day)
    }

    /// Adds a lesson's day, if somebody's it was.
    pub(crate) fn add(&mut self, lesson: &Lesson) {
        let Some(person) = lesson.person else { return };
        self.count(person, &lesson.arm, lesson.day, 1);
    }

    /// Takes a lesson's day away.
    pub(crate) fn subtract(&mut self, lesson: &Lesson) -> Result<()> {
        let Some(person) = lesson.person else { return Ok(()) };
        let people = self.people.piece_mut(&person);
        let arms = Arc::make_mut(people.get_mut(&person).ok_or_else(never)?);
        let days = arms.get_mut(&lesson.arm).ok_or_else(never)?;
        let count = days.get_mut(&lesson.day).ok_or_else(never)?;
        *count -= 1;
        if *count == 0 {
            days.remove(&lesson.day);
        }
        if days.is_empty() {
            arms.remove(&lesson.arm);
        }
        if arms.is_empty() {
            people.remove(&person);
        }
        Ok(())
    }

    /// Adds the days of `other`.
    pub(crate) fn merge(&mut self, other: &Shown) {
        for (person, arms) in other.people.sorted() {
            for (arm, days) in arms.iter() {
                days.iter().for_each(|(day, count)| self.count(*person, arm, *day, *count));
            }
        }
    }

    /// Feeds people, arms and days in order to `hash`.
    pub(crate) fn hash_into(&self, hash: &mut Sha256) {
        let mut out = Vec::new();
        self.write(&mut out);
        hash.update(out);
    }

    /// Writes u32 people; each 16 bytes, u32 arms; each a text, u32 days; each i32 day, u32 lessons; all in order.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        let people = self.people.sorted();
        put_len(out, people.len());
        for (person, arms) in people {
            out.extend_from_slice(&person.0);
            put_len(out, arms.len());
            for (arm, days) in arms.iter() {
                put_text(out, arm.as_str());
                put_len(out, days.len());
                for (day, count) in days {
                    out.extend_from_slice(&day.to_le_bytes());
                    out.extend_from_slice(&count.to_le_bytes());
                }
            }
        }
    }

    /// Reads what [`write`](Shown::write) wrote.
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self> {
        let mut shown = Shown::default();
        for _ in 0..reader.len()? {
            let person = Pseudonym(reader.array()?);
            for _ in 0..reader.len()? {
                let arm = ArmKey::new(reader.text()?);
                for _ in 0..reader.len()? {
                    let day = i32::from_le_bytes(reader.array()?);
                    let count = u32::from_le_bytes(reader.array()?);
                    if count == 0 {
                        return Err(reader.corrupt());
                    }
                    shown.count(person, &arm, day, count);
                }
            }
        }
        Ok(shown)
    }

    fn count(&mut self, person: Pseudonym, arm: &ArmKey, day: i32, count: u32) {
        let arms = Arc::make_mut(self.people.piece_mut(&person).entry(person).or_default());
        let own = arms.entry(arm.clone()).or_default().entry(day).or_default();
        *own = own.saturating_add(count);
    }
}
