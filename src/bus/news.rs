//! What a folded batch has to tell.

use oo_core::event::Stored;
use oo_core::id::Position;

use super::Bus;

/// The events of a batch that is being folded, gathered if anybody wanted them when it began.
pub(crate) struct News {
    after: Position,
    through: Position,
    /// `None` until the first event asks, and when nobody wanted any.
    events: Option<Vec<Stored>>,
    asked: bool,
    forgotten: Vec<[u8; 32]>,
    trimmed: bool,
}

impl News {
    /// No news after `after`.
    pub(crate) fn new(after: Position) -> Self {
        News { after, through: after, events: None, asked: false, forgotten: Vec::new(), trimmed: false }
    }

    /// The event at `position` was folded; `stored` is called if somebody wants it. Who begins to want events in the
    /// middle of a batch reads them from the log.
    pub(crate) fn push(&mut self, bus: &Bus, position: Position, stored: impl FnOnce() -> Stored) {
        if !self.asked {
            self.asked = true;
            self.events = bus.is_wanted().then(Vec::new);
        }
        if let Some(events) = &mut self.events {
            events.push(stored());
        }
        self.through = self.through.max(position);
    }

    /// The person whose pseudonym has that digest was forgotten.
    pub(crate) fn forget(&mut self, digest: [u8; 32]) {
        self.forgotten.push(digest);
    }

    /// Part of what was held of somebody is gone from the log.
    pub(crate) fn trim(&mut self) {
        self.trimmed = true;
    }

    /// These news, and none after them.
    pub(crate) fn take(&mut self) -> News {
        let next = News::new(self.through);
        std::mem::replace(self, next)
    }

    pub(super) fn after(&self) -> Position {
        self.after
    }

    pub(super) fn through(&self) -> Position {
        self.through
    }

    pub(super) fn events(&self) -> Option<&[Stored]> {
        self.events.as_deref()
    }

    pub(super) fn trimmed(&self) -> bool {
        self.trimmed
    }

    pub(super) fn forgotten(&self) -> &[[u8; 32]] {
        &self.forgotten
    }
}
