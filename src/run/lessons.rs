//! The lessons of the log: of each person the slate is folded, on which their lessons depend.

#![allow(clippy::disallowed_types, reason = "caches whose order reaches no sum, tie-break or hash")]

use std::collections::HashMap;

use oo_core::Result;
use oo_core::event::{EventBody, Stored};
use oo_core::id::{Position, Pseudonym};
use oo_core::lesson::Lesson;
use oo_core::user::{Applied, Slate, UserState};

use super::Run;

/// Folds events, in log order from the first, into lessons.
pub(crate) struct LessonFold<'a> {
    run: &'a Run,
    slates: HashMap<Pseudonym, Slate>,
    /// People with a decision over another schema that can only be read knowing all of them.
    whole: HashMap<Pseudonym, UserState>,
    applied: Applied,
}

impl<'a> LessonFold<'a> {
    pub(crate) fn new(run: &'a Run) -> Self {
        LessonFold { run, slates: HashMap::new(), whole: HashMap::new(), applied: Applied::default() }
    }

    /// Appends the lessons that `stored` completes to `lessons`.
    pub(crate) fn fold(&mut self, stored: &Stored, lessons: &mut Vec<Lesson>) -> Result<()> {
        if let EventBody::PolicyRole(fact) = &stored.event.body {
            // Decisions that follow may be over its schema.
            self.run.maker.meet(fact)?;
        }
        let Some(user) = stored.event.user else { return Ok(()) };
        if !self.whole.is_empty()
            && let Some(state) = self.whole.get_mut(&user)
        {
            lessons.extend(self.run.apply(state, stored.position, &stored.event)?.lessons);
            return Ok(());
        }
        let slate = self.slates.entry(user).or_default();
        if self.run.maker.schemas().apply_to_slate(slate, stored, &mut self.applied)? {
            lessons.append(&mut self.applied.lessons);
            return Ok(());
        }
        let mut state = whole(self.run, user, Position(stored.position.0 - 1))?;
        lessons.extend(self.run.apply(&mut state, stored.position, &stored.event)?.lessons);
        self.whole.insert(user, state);
        Ok(())
    }
}

/// All that is known of `user` through `through`.
fn whole(run: &Run, user: Pseudonym, through: Position) -> Result<UserState> {
    let mut state = UserState::new(user);
    for stored in run.log.of_user(user, Position(0), through)? {
        run.apply(&mut state, stored.position, &stored.event)?;
    }
    Ok(state)
}
