//! What a subscriber asks for.

use std::collections::BTreeSet;

use oo_core::event::{Event, EventBody};
use oo_core::id::{Position, Pseudonym};
use oo_core::{Error, Result};

use crate::event_json::{EVENT_TYPES, event_type};

/// Where a stream of events begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum After {
    /// With the first event that the log holds.
    #[default]
    Start,
    /// After the event at that position: where somebody left off.
    Position(Position),
    /// With what is committed from now on.
    Now,
}

impl After {
    /// The text form: `now`, or a position as a stream gave it.
    ///
    /// # Errors
    /// `invalid_input` for anything else.
    pub fn parse(text: &str) -> Result<Self> {
        if text == "now" {
            return Ok(After::Now);
        }
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        match text.parse() {
            Ok(position) if digits => Ok(After::Position(Position(position))),
            _ => {
                let shown: String = text.chars().take(64).collect();
                Err(Error::invalid(
                    "after",
                    format!(
                        "{shown:?} is no place in the log; pass a position as oO gave it, \"now\", or nothing to start anew"
                    ),
                ))
            }
        }
    }
}

impl From<Position> for After {
    fn from(position: Position) -> Self {
        After::Position(position)
    }
}

/// Which events, from where, and whether to wait for more.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventsRequest {
    /// Where to begin.
    pub after: After,
    /// Only events of this person, the caller's id; while the stream goes on, their forgetting is one. Somebody unknown
    /// has none yet: who resumes after a forgetting meets nobody, and learns of it from a stream of type `forgotten`.
    pub user: Option<String>,
    /// Only events of these types ([`EVENT_TYPES`]); all of them where it is empty.
    pub types: BTreeSet<String>,
    /// Whether to wait for what will be committed, rather than to end with what is.
    pub follow: bool,
}

impl EventsRequest {
    /// Every event that the log holds, and then every new one.
    #[must_use]
    pub fn follow() -> Self {
        EventsRequest { follow: true, ..EventsRequest::default() }
    }

    /// Every event from now on.
    #[must_use]
    pub fn live() -> Self {
        EventsRequest { after: After::Now, follow: true, ..EventsRequest::default() }
    }

    /// Begins after `after`.
    #[must_use]
    pub fn after(mut self, after: impl Into<After>) -> Self {
        self.after = after.into();
        self
    }

    /// Only events of `user`.
    #[must_use]
    pub fn user(mut self, user: impl Into<String>) -> Self {
        self.user = Some(user.into());
        self
    }

    /// Only events of these types.
    #[must_use]
    pub fn types<T: Into<String>>(mut self, types: impl IntoIterator<Item = T>) -> Self {
        self.types = types.into_iter().map(Into::into).collect();
        self
    }

    pub(super) fn validate(&self) -> Result<()> {
        if let Some(user) = &self.user {
            oo_core::signal::checked_id("user", user)?;
        }
        match self.types.iter().find(|name| !EVENT_TYPES.contains(&name.as_str())) {
            None => Ok(()),
            Some(name) => {
                let shown: String = name.chars().take(64).collect();
                Err(Error::invalid("types", format!("{shown:?} is no type of event; use {}", EVENT_TYPES.join(", "))))
            }
        }
    }

    /// Whether `event` is one of those that are asked for, where `person` is the person.
    pub(super) fn wants(&self, event: &Event, person: Option<Pseudonym>) -> bool {
        if !self.types.is_empty() && !self.types.contains(event_type(&event.body)) {
            return false;
        }
        match (&self.user, person, &event.body) {
            (None, _, _) => true,
            (Some(_), Some(person), EventBody::Forgotten(fact)) => person.digest() == fact.pseudonym_digest,
            (Some(_), Some(person), _) => event.user == Some(person),
            (Some(_), None, _) => false,
        }
    }
}
