//! Teaching from the log: the calling thread folds what is read into lessons, one more learns them.
//!
//! Lessons go in batches, which policies do not notice; what must come between two lessons ends a batch. A batch goes back
//! when it was learned: the names in it are counted, and one thread counts them faster than two.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};

use oo_core::event::{EventBody, Stored};
use oo_core::id::Position;
use oo_core::lesson::Lesson;
use oo_core::policy::Policy;
use oo_core::ports::Scan;
use oo_core::{Error, Result};

use super::Run;
use super::lessons::LessonFold;
use crate::bandits;

/// Lessons of a batch.
const BATCH: usize = 1_024;
/// Batches that may wait for the one who learns.
const AHEAD: usize = 8;

/// Lessons in the order of the log.
#[derive(Default)]
pub(super) struct Batch {
    /// Of the tips' policies.
    pub(super) lessons: Vec<Lesson>,
    /// Of the named bandits.
    pub(super) rewards: bandits::Lessons,
    /// What comes after them.
    pub(super) then: Option<Stored>,
}

/// What a pupil wants of the log.
#[derive(Clone, Copy)]
pub(super) struct Syllabus {
    /// The last event.
    pub(super) through: Position,
    /// Whether the lessons of the named bandits are wanted.
    pub(super) rewards: bool,
    /// Events that are wanted themselves, between the lessons before them and those after.
    pub(super) then: fn(&EventBody) -> bool,
}

impl Run {
    /// `policy` after every lesson through `through`; `learn` teaches it one batch.
    pub(super) fn taught(
        &self,
        policy: Arc<dyn Policy>,
        through: Position,
        learn: impl Fn(&dyn Policy, &[Lesson]) -> Result<Arc<dyn Policy>> + Send,
    ) -> Result<Arc<dyn Policy>> {
        let syllabus = Syllabus { through, rewards: false, then: |_| false };
        self.teach(syllabus, policy, move |policy, batch| {
            *policy = learn(&**policy, &batch.lessons)?;
            Ok(())
        })
    }

    /// `pupil` after `learn` was given every batch in order, on a thread of its own.
    pub(super) fn teach<P: Send>(
        &self,
        syllabus: Syllabus,
        mut pupil: P,
        learn: impl Fn(&mut P, &mut Batch) -> Result<()> + Send,
    ) -> Result<P> {
        if syllabus.through == Position(0) {
            return Ok(pupil);
        }
        std::thread::scope(|scope| {
            let (batches, taken) = sync_channel::<Batch>(AHEAD);
            let (learned, spare) = channel();
            let learner = std::thread::Builder::new()
                .name("oo-learn".to_owned())
                .spawn_scoped(scope, move || {
                    for mut batch in taken {
                        learn(&mut pupil, &mut batch)?;
                        // The reader may have finished.
                        let _ = learned.send(batch);
                    }
                    Ok(pupil)
                })
                .map_err(|error| Error::internal(format!("no thread to learn on: {error}")))?;
            let given = self.give(syllabus, &batches, &spare);
            drop(batches);
            let taught = learner.join().map_err(|_| Error::internal("learning panicked; report this as a defect"))?;
            // Where learning failed, giving failed for that reason.
            let pupil = taught?;
            given.map(|()| pupil)
        })
    }

    fn give(&self, syllabus: Syllabus, batches: &SyncSender<Batch>, spare: &Receiver<Batch>) -> Result<()> {
        let send = |batch: &mut Batch| {
            let mut next = spare.try_recv().unwrap_or_default();
            next.lessons.clear();
            let full = std::mem::replace(batch, next);
            batches.send(full).map_err(|_| Error::internal("nobody learns any more; report this as a defect"))
        };
        let mut fold = LessonFold::new(self);
        let mut batch = Batch::default();
        self.log.scan(&Scan::drawn(syllabus.through), &mut |stored| {
            fold.fold(&stored, &mut batch.lessons)?;
            if let EventBody::Reward(fact) = &stored.event.body
                && syllabus.rewards
            {
                batch.rewards.entry(fact.bandit.clone()).or_default().push(fact.lesson(stored.event.user));
            }
            if (syllabus.then)(&stored.event.body) {
                batch.then = Some(stored);
                return send(&mut batch);
            }
            if batch.lessons.len() >= BATCH { send(&mut batch) } else { Ok(()) }
        })?;
        send(&mut batch)
    }
}
