//! What is kept of one person for policies that tell people apart.
//!
//! A policy of the registry learns the population alone. One that also wants a person's own lessons says so
//! ([`Policy::personal`]), and the fold of that person's events keeps the statistic ([`PersonalParts`] in
//! [`UserState`](crate::user::UserState)): it is loaded with the person, evicted with them and forgotten with them. A
//! part is a pure function of the set of the person's lessons, so whoever folds the log arrives at the same one.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use crate::id::Position;
use crate::lesson::Lesson;
use crate::policy::Policy;

/// A statistic of one person's lessons alone. Immutable: learning gives its successor.
pub trait Personal: Send + Sync + fmt::Debug {
    /// Which statistic it is, such as `ridge`. Policies that ask for the same name share one.
    fn name(&self) -> &str;

    /// The statistic after `lesson`. A lesson that does not fit leaves it as it was; the policy itself refuses such a
    /// lesson with an error.
    fn learned(self: Arc<Self>, lesson: &Lesson) -> Arc<dyn Personal>;

    /// For the policy that made it.
    fn as_any(&self) -> &dyn Any;
}

/// The statistics kept of one person, one of each name.
#[derive(Clone, Debug, Default)]
pub struct PersonalParts {
    parts: Vec<Arc<dyn Personal>>,
    through: Position,
}

/// Parts are a function of their person's lessons, so names and place in the log tell them apart.
impl PartialEq for PersonalParts {
    fn eq(&self, other: &Self) -> bool {
        self.through == other.through && self.names().eq(other.names())
    }
}

impl PersonalParts {
    /// Adds the empty statistic that `policy` asks for, where it is not there yet; whether that changed anything.
    pub fn ask(&mut self, policy: &dyn Policy) -> bool {
        let Some(part) = policy.personal().filter(|part| !self.names().any(|name| name == part.name())) else {
            return false;
        };
        self.parts.push(part);
        self.parts.sort_by(|a, b| a.name().cmp(b.name()));
        true
    }

    /// The part that `policy` asked for.
    #[must_use]
    pub fn of(&self, policy: &dyn Policy) -> Option<&dyn Personal> {
        if self.parts.is_empty() {
            return None;
        }
        let asked = policy.personal()?;
        self.parts.iter().find(|part| part.name() == asked.name()).map(|part| &**part)
    }

    /// Takes a lesson whose event stands at `position`.
    pub fn learn(&mut self, position: Position, lesson: &Lesson) {
        if self.parts.is_empty() {
            return;
        }
        self.through = self.through.max(position);
        for part in &mut self.parts {
            // The old value goes before the new one is made, so that one which nobody shares is changed in place.
            let old = std::mem::replace(part, Arc::new(Nothing));
            *part = old.learned(lesson);
        }
    }

    /// The position of the last lesson in it; 0 while there is none, or nothing is asked for.
    #[must_use]
    pub fn through(&self) -> Position {
        self.through
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().map(|part| part.name())
    }
}

/// Holds the place of a part that is learning.
#[derive(Debug)]
struct Nothing;

impl Personal for Nothing {
    fn name(&self) -> &str {
        ""
    }

    fn learned(self: Arc<Self>, _lesson: &Lesson) -> Arc<dyn Personal> {
        self
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
