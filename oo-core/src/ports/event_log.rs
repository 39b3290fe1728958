//! The port of the event log: an ordered, durable, append-only list with exactly-once effect.

use std::sync::Arc;

use crate::error::Result;
use crate::event::{Event, Stored};
use crate::id::{DecisionId, ItemKey, Position, Pseudonym, UserKey};
use crate::ports::{Erasure, Snapshot};

/// Events that the default [`EventLog::scan`] reads at once.
const SCAN_PAGE: usize = 5_000;

/// How much of each event a [`scan`](EventLog::scan) gives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Detail {
    /// All of it.
    #[default]
    Whole,
    /// What folding a person and learning need: as [`EventBody::drawn_alone`](crate::event::EventBody::drawn_alone)
    /// leaves it.
    Drawn,
}

/// A stretch of the log to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scan {
    /// The first event is the one after this position.
    pub after: Position,
    /// The last event is at this position or before it.
    pub through: Position,
    /// How much of each event is needed.
    pub detail: Detail,
}

impl Scan {
    /// What folding and learning need of everything up to `through`.
    #[must_use]
    pub fn drawn(through: Position) -> Self {
        Scan { after: Position(0), through, detail: Detail::Drawn }
    }
}

/// The event log.
pub trait EventLog: Send + Sync {
    /// The last position; 0 for an empty log. Sees every commit of every process that was acknowledged before the call.
    ///
    /// # Errors
    /// `busy` or `storage`.
    fn head(&self) -> Result<Position>;

    /// At most `limit` events after `after`, in order.
    ///
    /// # Errors
    /// `busy`, `storage`, or `incompatible` for an event of a newer version.
    fn read(&self, after: Position, limit: usize) -> Result<Vec<Stored>>;

    /// All events of `user` after `after` and up to `through`, in order.
    ///
    /// # Errors
    /// As [`read`](EventLog::read).
    fn of_user(&self, user: Pseudonym, after: Position, through: Position) -> Result<Vec<Stored>>;

    /// The events of one decision: the decision, its reactions (parked ones too) and its timers, in order.
    ///
    /// # Errors
    /// As [`read`](EventLog::read).
    fn of_decision(&self, decision: DecisionId) -> Result<Vec<Stored>>;

    /// Gives the events that `scan` asks for to `visit`, in order, until one is refused with an error. `visit` is called
    /// on the calling thread; a store may read and decode ahead of it. What is committed meanwhile may or may not be seen.
    ///
    /// # Errors
    /// As [`read`](EventLog::read), and what `visit` returned.
    fn scan(&self, scan: &Scan, visit: &mut dyn FnMut(Stored) -> Result<()>) -> Result<()> {
        let mut after = scan.after;
        while after < scan.through {
            let events = self.read(after, SCAN_PAGE)?;
            let done = events.len() < SCAN_PAGE;
            for mut stored in events {
                if stored.position > scan.through {
                    return Ok(());
                }
                after = stored.position;
                if scan.detail == Detail::Drawn {
                    stored.event.body = stored.event.body.drawn_alone();
                }
                visit(stored)?;
            }
            if done {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Runs `work` in one write transaction: all of it is durable when this returns `Ok`, or none of it happened.
    /// `work` may be run once only; positions are assigned inside.
    ///
    /// # Errors
    /// What `work` returned, or `busy` or `storage`.
    fn transact(&self, work: &mut dyn FnMut(&mut dyn Transaction) -> Result<()>) -> Result<()>;
}

/// The inside of a write transaction.
pub trait Transaction {
    /// The last position, own appends included.
    ///
    /// # Errors
    /// `storage`.
    fn head(&mut self) -> Result<Position>;

    /// At most `limit` events after `after`, own appends included.
    ///
    /// # Errors
    /// `storage` or `incompatible`.
    fn read(&mut self, after: Position, limit: usize) -> Result<Vec<Stored>>;

    /// Appends an entry: its event, its texts and its change of the pull slot, or nothing of it.
    ///
    /// # Errors
    /// `storage`, or `not_found` when the entry's user has been forgotten meanwhile.
    fn append(&mut self, entry: &Entry) -> Result<Appended>;

    /// Parked reactions that wait for `decision`, in order.
    ///
    /// # Errors
    /// `storage`.
    fn parked(&mut self, decision: DecisionId) -> Result<Vec<Stored>>;

    /// Erases what the erasure's scope says, and the snapshots older than its own, which is written.
    ///
    /// # Errors
    /// `storage`.
    fn erase(&mut self, erasure: &Erasure) -> Result<()>;

    /// Writes a snapshot and drops all but the newest two of its name.
    ///
    /// # Errors
    /// `storage`.
    fn save_snapshot(&mut self, snapshot: &Snapshot) -> Result<()>;
}

/// What an entry does to its person's pull slot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Slot {
    /// Nothing.
    #[default]
    Keep,
    /// Takes it for this decision; refused with [`Appended::SlotTaken`] when it is taken.
    Take(DecisionId),
    /// Frees it, if that decision holds it.
    Release(DecisionId),
}

/// Which text of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum TextField {
    /// A title or name.
    Title = 1,
    /// Notes.
    Notes = 2,
    /// The caller's own id.
    Id = 3,
    /// A tip as it was shown, with its ids: JSON.
    Tip = 4,
    /// The path of a file that an export was written to.
    Path = 5,
}

/// A text to seal under its person's key and keep beside the log.
#[derive(Clone)]
pub struct TextWrite {
    /// The item it belongs to; for a tip, the decision id's bytes.
    pub item: ItemKey,
    /// Which text of it.
    pub field: TextField,
    /// The plain text; empty deletes.
    pub text: String,
}
crate::debug_without_texts!(TextWrite { item, field });

/// An event to append, with what belongs to it.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The event.
    pub event: Arc<Event>,
    /// The key its texts are sealed under; needed when there are texts.
    pub key: Option<UserKey>,
    /// Texts to seal.
    pub texts: Vec<TextWrite>,
    /// What happens to the pull slot.
    pub slot: Slot,
}

impl Entry {
    /// An entry of `event` alone.
    #[must_use]
    pub fn new(event: Event) -> Self {
        Entry { event: Arc::new(event), key: None, texts: Vec::new(), slot: Slot::Keep }
    }
}

/// What became of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Appended {
    /// It is in the log at that position.
    At(Position),
    /// An event with that id, or a decision with that request id, is there already, at that position.
    Duplicate(Position),
    /// The person has an open decision: that one.
    SlotTaken(DecisionId),
    /// 10,000 parked reactions wait already; it was not stored.
    ParkingFull,
}

/// A subscriber that wants every event after it was committed, in order.
pub trait EventSink: Send + Sync {
    /// Takes committed events. Must not block; delivery is at least once.
    fn publish(&self, events: &[Stored]);
}
