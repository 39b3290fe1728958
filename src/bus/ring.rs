//! The newest events in memory: every event after `floor` and up to `head` that is in the log.
//!
//! It is bounded by number and by bytes, and whoever is behind its floor reads the log: a subscriber that never reads costs
//! nothing. Who is forgotten goes from it with the commit that forgets them.

use std::collections::VecDeque;
use std::mem::size_of;
use std::sync::Arc;

use oo_core::event::{Event, EventBody, Stored};
use oo_core::id::{Position, Pseudonym};

use super::Taken;

/// The most events it holds.
const MOST_EVENTS: usize = 4_096;
/// About the most bytes it holds.
const MOST_BYTES: usize = 8 << 20;

/// A ring of events, bounded by their number and by their bytes.
#[derive(Default)]
pub(super) struct Ring {
    events: VecDeque<(Arc<Stored>, usize)>,
    bytes: usize,
    /// The first and the last position that it knows about; none before the first publication.
    range: Option<(Position, Position)>,
}

impl Ring {
    /// Takes `events`, which are all that the log has after `after` up to `through`.
    pub(super) fn extend(&mut self, after: Position, through: Position, events: &[Stored]) {
        let head = match self.range {
            Some((_, head)) if after <= head => head,
            // Something in between was not gathered: the ring begins anew behind it.
            _ => {
                self.skip(after);
                after
            }
        };
        for stored in events.iter().filter(|stored| stored.position > head) {
            let bytes = weight(&stored.event);
            self.bytes += bytes;
            self.events.push_back((Arc::new(stored.clone()), bytes));
        }
        if let Some((_, head)) = &mut self.range {
            *head = through.max(*head);
        }
        while self.events.len() > MOST_EVENTS || self.bytes > MOST_BYTES {
            let Some((stored, bytes)) = self.events.pop_front() else { break };
            self.bytes -= bytes;
            if let Some((floor, _)) = &mut self.range {
                *floor = stored.position;
            }
        }
    }

    /// Everything up to `through` has to be read from the log.
    pub(super) fn skip(&mut self, through: Position) {
        let through = self.head().max(through);
        *self = Ring { range: Some((through, through)), ..Ring::default() };
    }

    /// Drops the events of the person whose pseudonym has that digest.
    pub(super) fn forget(&mut self, digest: &[u8; 32]) {
        let mut known: Option<(Pseudonym, bool)> = None;
        let bytes = &mut self.bytes;
        self.events.retain(|(stored, weight)| {
            let Some(user) = stored.event.user else { return true };
            let theirs = match known {
                Some((last, theirs)) if last == user => theirs,
                _ => user.digest() == *digest,
            };
            known = Some((user, theirs));
            if theirs {
                *bytes -= weight;
            }
            !theirs
        });
    }

    /// The last position it knows about.
    pub(super) fn head(&self) -> Position {
        self.range.map_or(Position(0), |(_, head)| head)
    }

    /// At most `limit` events after `after`; `None` when they have to be read from the log.
    pub(super) fn after(&self, after: Position, limit: usize) -> Option<Taken> {
        let (floor, head) = self.range?;
        if after < floor {
            return None;
        }
        let from = self.events.partition_point(|(stored, _)| stored.position <= after);
        let events: Vec<_> = self.events.range(from..).take(limit).map(|(stored, _)| stored.clone()).collect();
        let through = match events.last() {
            Some(last) if events.len() == limit => last.position,
            _ => head.max(after),
        };
        Some(Taken { events, through })
    }

    #[cfg(test)]
    pub(super) fn held(&self) -> (usize, usize) {
        (self.events.len(), self.bytes)
    }
}

/// About how many bytes an event takes in memory.
fn weight(event: &Event) -> usize {
    let body = match &event.body {
        EventBody::Decision(decision) => {
            decision.features.len() * 2
                + decision.candidates.len() * (size_of::<oo_core::decision::CandidateFact>() + 16)
                + decision.removals.len() * 24
        }
        EventBody::Choice(choice) => choice.features.len() * 2 + choice.pmf.len() * 16 + choice.arms.len() * 32,
        EventBody::Reward(reward) => reward.x.len() * 4,
        EventBody::Shadow(shadow) => shadow.pmf.len() * 8,
        EventBody::PolicyRole(fact) => fact.spec.len() + fact.definition.as_ref().map_or(0, String::len),
        EventBody::Bandit(fact) => fact.spec.len(),
        _ => 0,
    };
    size_of::<Stored>() + 64 + body
}

#[cfg(test)]
mod tests {
    use oo_core::testing::samples;

    use super::*;

    const USER: Pseudonym = Pseudonym([1; 16]);
    const OTHER: Pseudonym = Pseudonym([2; 16]);

    fn moods(range: std::ops::RangeInclusive<u64>) -> Vec<Stored> {
        let user = |number| if number % 2 == 0 { USER } else { OTHER };
        range.map(|n| Stored { position: Position(n), event: samples::mood(n, user(n)) }).collect()
    }

    fn positions(taken: &Taken) -> Vec<u64> {
        taken.events.iter().map(|stored| stored.position.0).collect()
    }

    #[test]
    fn it_says_what_it_does_not_hold() {
        let mut ring = Ring::default();
        assert!(ring.after(Position(0), 10).is_none(), "nothing was published yet");
        ring.extend(Position(4), Position(7), &moods(5..=7));
        assert!(ring.after(Position(3), 10).is_none());
        let taken = ring.after(Position(4), 2).unwrap();
        assert_eq!((positions(&taken), taken.through), (vec![5, 6], Position(6)));
        let taken = ring.after(taken.through, 2).unwrap();
        assert_eq!((positions(&taken), taken.through), (vec![7], Position(7)));
        // Twice is once.
        ring.extend(Position(6), Position(9), &moods(7..=9));
        assert_eq!(positions(&ring.after(Position(4), 10).unwrap()), [5, 6, 7, 8, 9]);
        // A hole: what is before it has to be read from the log.
        ring.extend(Position(12), Position(13), &moods(13..=13));
        assert!(ring.after(Position(9), 10).is_none());
        assert_eq!(positions(&ring.after(Position(12), 10).unwrap()), [13]);
        ring.skip(Position(20));
        assert!(ring.after(Position(13), 10).is_none());
        assert_eq!(ring.after(Position(20), 10).unwrap().through, Position(20));
    }

    #[test]
    fn it_is_bounded_by_number_and_by_bytes() {
        let mut ring = Ring::default();
        let most = MOST_EVENTS as u64;
        ring.extend(Position(0), Position(most + 10), &moods(1..=most + 10));
        assert_eq!(ring.held().0, MOST_EVENTS);
        assert!(ring.after(Position(9), 1).is_none());
        assert_eq!(positions(&ring.after(Position(10), 1).unwrap()), [11]);
        let large: Vec<Stored> = (1..=200)
            .map(|n| Stored { position: Position(most + 10 + n), event: samples::decision(n, USER, 1_000) })
            .collect();
        ring.extend(Position(most + 10), Position(most + 210), &large);
        let (events, bytes) = ring.held();
        assert!(events < 200 && bytes <= MOST_BYTES, "{events} events, {bytes} bytes");
        assert_eq!(ring.head(), Position(most + 210));
    }

    #[test]
    fn a_forgotten_person_leaves_it() {
        let mut ring = Ring::default();
        ring.extend(Position(0), Position(6), &moods(1..=6));
        let before = ring.held().1;
        ring.forget(&USER.digest());
        assert_eq!(positions(&ring.after(Position(0), 10).unwrap()), [1, 3, 5]);
        assert_eq!(ring.held().1 * 2, before);
        assert_eq!(ring.after(Position(0), 10).unwrap().through, Position(6));
    }
}
