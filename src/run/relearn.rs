//! What the log teaches when nothing that was saved can be used.

use std::sync::Arc;

use oo_core::Result;
use oo_core::event::{EventBody, Stored};
use oo_core::id::Position;
use oo_core::policy::Policy;
use oo_core::registry::PolicyRegistry;

use super::teach::{Batch, Syllabus};
use super::{Mind, Run};
use crate::bandits::{Bandits, Lessons};

/// The policies and named bandits of the log, as far as it was read.
#[derive(Default)]
struct Learned {
    epoch: u32,
    registry: PolicyRegistry,
    bandits: Bandits,
}

impl Run {
    /// What the whole log teaches over the engine's schema, in place of a snapshot.
    pub(crate) fn relearn(&self) -> Result<()> {
        let head = self.log.head()?;
        let Learned { epoch, registry, bandits } = self.learned_through(head)?;
        self.people.ask(&registry);
        self.set_mind(Mind { position: head, foreign: head, learned: head, epoch, registry, bandits, unsaved: 1 });
        Ok(())
    }

    /// The champion that the log up to `position` gives.
    pub(crate) fn champion_at(&self, position: Position) -> Result<Arc<dyn Policy>> {
        Ok(self.learned_through(position)?.registry.champion()?.policy.clone())
    }

    fn learned_through(&self, through: Position) -> Result<Learned> {
        let then = |body: &EventBody| match body {
            EventBody::PolicyRole(_) | EventBody::Forgotten(_) | EventBody::Bandit(_) => true,
            EventBody::Trimmed(fact) => fact.epoch.is_some(),
            _ => false,
        };
        let syllabus = Syllabus { through, rewards: true, then };
        self.teach(syllabus, Learned::default(), |learned, batch| learned.learn(self, batch))
    }
}

impl Learned {
    fn learn(&mut self, run: &Run, batch: &mut Batch) -> Result<()> {
        self.registry = self.registry.learned(&batch.lessons)?;
        self.bandits.learn(std::mem::take(&mut batch.rewards))?;
        match batch.then.take() {
            Some(stored) => self.turn(run, &stored),
            None => Ok(()),
        }
    }

    /// What happens between two lessons.
    fn turn(&mut self, run: &Run, stored: &Stored) -> Result<()> {
        match &stored.event.body {
            EventBody::PolicyRole(fact) => self.registry = run.with_role(&self.registry, fact, stored.position)?,
            EventBody::Bandit(fact) => self.bandits.open(fact)?,
            EventBody::Forgotten(fact) => self.begin(fact.epoch)?,
            EventBody::Trimmed(fact) => fact.epoch.map_or(Ok(()), |epoch| self.begin(epoch))?,
            _ => {}
        }
        Ok(())
    }

    /// Begins an epoch: the lessons that it took away are not in the log any more.
    fn begin(&mut self, epoch: u32) -> Result<()> {
        self.epoch = epoch;
        self.registry = self.registry.unlearned(&[])?.registry;
        self.bandits.unlearn(&Lessons::new())?;
        Ok(())
    }
}
