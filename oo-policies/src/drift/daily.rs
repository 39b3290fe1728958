//! A drifting policy whose lessons age by the day.
//!
//! Ages are counted from the newest day with a lesson, over all arms. A model is derived from the sums at its first use
//! after they changed or a new day began, so the pmf, like the hash, is the same for every order of the same lessons.

use std::sync::Arc;

use oo_core::candidate::ArmKey;
use oo_core::lesson::Lesson;
use oo_core::policy::{Actions, Explanation, Policy, PolicyIdentity, Scored, Unlearned};
use oo_core::{Error, Result};
use sha2::Digest;

use super::body::{self, Models};
use super::days::{Days, Fading};
use super::derived::Derived;
use super::head::DriftHead;
use super::part::never;
use crate::frame::Work;
use crate::linucb::Sharing;
use crate::saved;
use crate::sums::{MAX_LESSONS, check_grid};

/// A linear policy with exact sums a day, one model or one an arm.
#[derive(Clone, Debug)]
pub(crate) struct Daily {
    head: Arc<DriftHead>,
    fading: Fading,
    newest: Option<i32>,
    models: Models,
    /// The key of the one shared model.
    shared: ArmKey,
}

impl Daily {
    /// The policy with `models`.
    ///
    /// # Errors
    /// `storage` when they do not fit the settings.
    pub(crate) fn new(head: Arc<DriftHead>, fading: Fading, models: Models) -> Result<Self> {
        let shared = ArmKey::new("");
        if head.sharing == Sharing::Shared && models.keys().any(|key| *key != shared) {
            return Err(crate::linucb::body::misfit());
        }
        let size = head.frame.size;
        let newest = models.values().filter_map(|days| days.newest(size)).max();
        Ok(Daily { head, fading, newest, models, shared })
    }

    /// The policy of a saved body, which says of how many entries its vectors are.
    pub(crate) fn restored(head: Arc<DriftHead>, fading: Fading, (size, models): (usize, Models)) -> Result<Self> {
        if size != head.frame.size {
            return Err(crate::linucb::body::misfit());
        }
        Daily::new(head, fading, models)
    }

    fn key<'a>(&'a self, arm: &'a ArmKey) -> &'a ArmKey {
        if self.head.sharing == Sharing::Shared { &self.shared } else { arm }
    }

    fn model(&self, arm: &ArmKey) -> Option<&Derived> {
        let newest = self.newest?;
        self.models.get(self.key(arm)).map(|days| days.derived(&self.head, self.fading, newest))
    }

    /// Learns `lessons` in their order; after an error this is no policy any more.
    fn learn(&mut self, lessons: &[Lesson]) -> Result<()> {
        let mut work = Work::new(&self.head.frame);
        lessons.iter().try_for_each(|lesson| self.take(lesson, &mut work))
    }

    fn take(&mut self, lesson: &Lesson, work: &mut Work) -> Result<()> {
        work.take(&self.head.frame, lesson)?;
        let key = self.key(&lesson.arm).clone();
        let (x, newest) = (&work.integers, self.newest);
        let days = Arc::make_mut(self.models.entry(key).or_default());
        if let Some(replaced) = lesson.replaces {
            return days.change(lesson.day, newest, |part| part.revise(x, lesson.reward, replaced));
        }
        days.change(lesson.day, newest, |part| part.add(x, lesson.reward))?;
        if newest.is_none_or(|newest| newest < lesson.day) {
            self.newest = Some(lesson.day);
            for days in self.models.values_mut() {
                Arc::make_mut(days).age();
            }
        }
        Ok(())
    }
}

impl Policy for Daily {
    fn distribution(&self, actions: &Actions<'_>, out: &mut Scored) -> Result<()> {
        if self.head.sharing == Sharing::Shared {
            let model = self.model(&self.shared);
            return self.head.distribution(actions, out, |_| model);
        }
        self.head.distribution(actions, out, |index| self.model(&actions.arms[index]))
    }

    fn learned(&self, lessons: &[Lesson]) -> Result<Arc<dyn Policy>> {
        let mut next = self.clone();
        next.learn(lessons)?;
        Ok(Arc::new(next))
    }

    fn learn_in_place(&mut self, lessons: &[Lesson]) -> Result<bool> {
        for lesson in lessons {
            self.head.frame.check(lesson)?;
            check_grid(&lesson.x, &[lesson.reward, lesson.replaces.unwrap_or(0)])?;
        }
        let room = |days: &Arc<Days>| days.lessons(self.head.frame.size) + lessons.len() as u64 <= MAX_LESSONS;
        if !lessons.iter().all(|lesson| self.models.get(self.key(&lesson.arm)).is_none_or(room)) {
            return Ok(false);
        }
        self.learn(lessons)?;
        Ok(true)
    }

    fn unlearned(&self, lessons: &[Lesson]) -> Result<Unlearned> {
        let mut models = self.models.clone();
        let mut work = Work::new(&self.head.frame);
        for lesson in lessons {
            work.take(&self.head.frame, lesson)?;
            let days = models.get_mut(self.key(&lesson.arm)).ok_or_else(never)?;
            Arc::make_mut(days).subtract(lesson.day, &work.integers, lesson.reward)?;
        }
        let size = self.head.frame.size;
        let outgrown =
            |lesson: &Lesson| models.get(self.key(&lesson.arm)).is_some_and(|days| days.is_outgrown(lesson.day, size));
        let outgrown = lessons.iter().any(outgrown);
        models.retain(|_, days| !days.is_empty());
        let mut next = Daily::new(self.head.clone(), self.fading, models)?;
        for days in next.models.values_mut() {
            Arc::make_mut(days).age();
        }
        let left = Arc::new(next);
        Ok(if outgrown { Unlearned::Summed(left) } else { Unlearned::Exact(left) })
    }

    fn explain(&self, actions: &Actions<'_>, index: usize) -> Result<Explanation> {
        self.head.explain(actions, index, |index| self.model(&actions.arms[index]))
    }

    fn save(&self) -> Vec<u8> {
        saved::write(&self.head.ground, |out| body::write(&self.models, self.head.frame.size, out))
    }

    fn identity(&self) -> PolicyIdentity {
        let size = self.head.frame.size;
        let mut hash = self.head.ground.hasher();
        hash.update((size as u64).to_le_bytes());
        let mut lessons = 0;
        for (key, days) in &self.models {
            let count = Days::lessons(days, size);
            if count > 0 {
                lessons += count;
                hash.update((key.as_str().len() as u64).to_le_bytes());
                hash.update(key.as_str().as_bytes());
                days.hash_into(size, &mut hash);
            }
        }
        self.head.ground.identity(hash, lessons)
    }

    fn lessons(&self) -> u64 {
        self.models.values().map(|days| Days::lessons(days, self.head.frame.size)).sum()
    }
}

/// The error for a setting of steps together with a model an arm.
pub(crate) fn steps_are_shared(field: &str) -> Error {
    let message = "forgetting by the step is for one shared model, as in the papers; count days, or share the model";
    Error::invalid(field, message)
}

/// The error for hybrid sharing.
pub(crate) fn hybrid_does_not_drift() -> Error {
    Error::invalid("sharing", "a drifting policy is shared or disjoint; pass \"shared\" or \"disjoint\"")
}
