//! Folding: one event after the other changes what is known, in log order.
//!
//! The same fold serves what this process commits, what other processes committed, and the tail after a restart.

use std::sync::Arc;

use oo_core::Result;
use oo_core::event::{Event, EventBody, Stored};
use oo_core::id::{DecisionId, Position, Pseudonym};
use oo_core::lesson::Lesson;
use oo_core::ports::Transaction;
use oo_core::user::Applied;

use super::exports::Leaving;
use super::people::locked;
use super::projector::Projector;
use super::{Mind, Run};
use crate::bandits::Lessons;
use crate::bus::News;

/// Events read at once.
const PAGE: usize = 2_000;

/// A batch that is being folded: what the engine will be if its transaction commits.
pub(crate) struct Folding {
    pub(crate) mind: Mind,
    pub(crate) lessons: Vec<Lesson>,
    /// Lessons of the named bandits.
    pub(crate) rewards: Lessons,
    pub(crate) touched: Vec<Pseudonym>,
    /// What to tell once it is committed.
    pub(crate) news: News,
    pub(crate) projector: Projector,
    /// Who was forgotten in this batch, here or elsewhere.
    pub(crate) forgotten: Vec<[u8; 32]>,
    /// Of whom part was erased in this batch, here or elsewhere.
    pub(crate) trimmed: Vec<Pseudonym>,
    /// Exported files that go when this batch is committed.
    pub(crate) leaving: Option<Leaving>,
}

impl Folding {
    pub(crate) fn new(mind: Mind, after: Position) -> Self {
        Folding {
            news: News::new(mind.position),
            mind,
            lessons: Vec::new(),
            rewards: Lessons::new(),
            touched: Vec::new(),
            projector: Projector::new(after),
            forgotten: Vec::new(),
            trimmed: Vec::new(),
            leaving: None,
        }
    }

    /// Folds events that are in the log already: another process's, or the tail after a restart.
    pub(crate) fn absorb(&mut self, run: &Run, events: Vec<Stored>) -> Result<()> {
        for stored in events {
            self.fold(run, stored.position, &stored.event)?;
            self.mind.foreign = self.mind.foreign.max(stored.position);
            self.news.push(&run.bus, stored.position, || stored);
        }
        Ok(())
    }

    /// Folds what other processes committed since, as `tx` sees it.
    pub(crate) fn absorb_others(&mut self, run: &Run, tx: &mut dyn Transaction) -> Result<()> {
        loop {
            let events = tx.read(self.mind.position, PAGE)?;
            let done = events.len() < PAGE;
            self.absorb(run, events)?;
            if done {
                return Ok(());
            }
        }
    }

    /// Folds one event.
    pub(crate) fn fold(&mut self, run: &Run, position: Position, event: &Event) -> Result<Applied> {
        if position <= self.mind.position {
            return Ok(Applied::default());
        }
        let before = Position(position.0 - 1);
        let mut applied = Applied::default();
        match &event.body {
            EventBody::Forgotten(fact) => self.meet_forgotten(run, position, fact.epoch, fact.pseudonym_digest)?,
            EventBody::Trimmed(fact) => {
                if let Some(user) = event.user {
                    self.meet_trimmed(run, user);
                }
                if let Some(epoch) = fact.epoch {
                    self.meet_epoch(run, position, epoch)?;
                }
            }
            EventBody::PolicyRole(fact) if position > self.mind.learned => {
                self.settle()?;
                self.mind.registry = run.with_role(&self.mind.registry, fact, position)?;
                run.people.ask(&self.mind.registry);
            }
            EventBody::Bandit(fact) if position > self.mind.learned => self.mind.bandits.open(fact)?,
            EventBody::Choice(choice) => run.choices.made(choice, event.user, event.moment.utc_day()),
            EventBody::Reward(fact) => {
                run.choices.rewarded(fact);
                if position > self.mind.learned {
                    self.rewards.entry(fact.bandit.clone()).or_default().push(fact.lesson(event.user));
                }
            }
            _ => {}
        }
        let bare = matches!(event.body, EventBody::Choice(_) | EventBody::Reward(_) | EventBody::Trimmed(_));
        if let Some(user) = event.user.filter(|_| !bare) {
            applied = self.fold_user(run, user, before, position, event)?;
        }
        self.mind.position = position;
        self.projector.advance(position);
        Ok(applied)
    }

    fn fold_user(
        &mut self,
        run: &Run,
        user: Pseudonym,
        before: Position,
        position: Position,
        event: &Event,
    ) -> Result<Applied> {
        let handle = run.load(user, before)?;
        let mut state = locked(&handle);
        let mut applied = run.apply(&mut state, position, event)?;
        self.touched.push(user);
        if let EventBody::Decision(decision) = &event.body {
            run.people.own(decision.id, user);
            self.projector.decision(position, decision);
            applied.touched.push(decision.id);
        }
        for id in &applied.touched {
            if let Some(join) = state.tip(id) {
                self.projector.tip(position, user, join);
            }
        }
        if position > self.mind.learned {
            self.lessons.append(&mut applied.lessons.clone());
        }
        Ok(applied)
    }

    /// Somebody was forgotten, here or by another process.
    fn meet_forgotten(&mut self, run: &Run, position: Position, epoch: u32, digest: [u8; 32]) -> Result<()> {
        self.forgotten.push(digest);
        self.news.forget(digest);
        run.people.forget(digest);
        run.choices.clear();
        run.pool.forget(digest);
        self.projector.forget(digest);
        self.meet_epoch(run, position, epoch)
    }

    /// Part of what was held of `user` is gone: what is known of them is what the log says now.
    fn meet_trimmed(&mut self, run: &Run, user: Pseudonym) {
        self.trimmed.push(user);
        self.news.trim();
        run.people.drop_states(&[user]);
        run.people.disown(user);
        run.choices.clear();
        run.pool.forget(user.digest());
    }

    /// Another process began an epoch: its snapshot is the state of it. In this process whoever began it has set mind and
    /// epoch already.
    fn meet_epoch(&mut self, run: &Run, position: Position, epoch: u32) -> Result<()> {
        if epoch <= self.mind.epoch || position <= self.mind.learned {
            return Ok(());
        }
        if let Some(snapshot) = run.store.snapshot(super::mind::REGISTRY)?
            && snapshot.epoch >= epoch
        {
            let mind = Mind::load(&snapshot, &run.maker)?;
            run.people.ask(&mind.registry);
            self.lessons.clear();
            self.rewards.clear();
            self.mind = Mind { position: Position(position.0 - 1), foreign: position, ..mind };
        }
        Ok(())
    }

    /// Teaches the lessons gathered so far.
    pub(crate) fn settle(&mut self) -> Result<()> {
        let rewards = std::mem::take(&mut self.rewards);
        self.mind.unsaved += rewards.values().map(|lessons| lessons.len() as u64).sum::<u64>();
        self.mind.bandits.learn(rewards)?;
        if self.lessons.is_empty() {
            return Ok(());
        }
        let lessons = std::mem::take(&mut self.lessons);
        self.mind.registry = self.mind.registry.learned(&lessons)?;
        self.mind.unsaved += lessons.len() as u64;
        Ok(())
    }

    /// Appends one event of this process's own and folds it.
    pub(crate) fn committed(&mut self, run: &Run, position: Position, event: &Arc<Event>) -> Result<Applied> {
        let applied = self.fold(run, position, event)?;
        self.news.push(&run.bus, position, || Stored { position, event: Event::clone(event) });
        Ok(applied)
    }

    /// Whose decision `id` is or was, as far as it is known.
    pub(crate) fn owner(run: &Run, id: DecisionId) -> Result<Option<Pseudonym>> {
        if let Some(user) = run.people.owner(id) {
            return Ok(Some(user));
        }
        let events = run.log.of_decision(id)?;
        let found = events.iter().find(|stored| matches!(stored.event.body, EventBody::Decision(_)));
        if let Some(user) = found.and_then(|stored| stored.event.user) {
            run.people.own(id, user);
            return Ok(Some(user));
        }
        // Only its lesson is left: somebody's still, but no decision any more.
        let lesson = events.iter().find(|stored| matches!(stored.event.body, EventBody::Lesson(_)));
        Ok(lesson.and_then(|stored| stored.event.user))
    }

    /// Whose the decision `id` is that stands in the log.
    pub(crate) fn decided(run: &Run, id: DecisionId) -> Result<Option<Pseudonym>> {
        Folding::owner(run, id)?;
        Ok(run.people.owner(id))
    }
}
