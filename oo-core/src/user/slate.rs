//! The slate: a person's tips and where they stand. Lessons depend on it and on nothing else that is known of the person.
//!
//! Small, because learning the log anew holds one for each person of it.

use std::collections::BTreeMap;

use crate::candidate::TipKind;
use crate::decision::Decision;
use crate::event::{Event, EventBody, SignalFact, TaskFact};
use crate::id::{DecisionId, Position};
use crate::join::{Join, TipState};
use crate::moment::{DAY_MS, Moment};
use crate::reaction::Reaction;
use crate::reward::{REVISION_WINDOW_MS, RewardSpec};
use crate::signal::{SignalKind, TaskStatus};

use super::Applied;

/// Tips and where they stand.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Slate {
    /// The last event that was folded.
    pub through: Position,
    /// Decisions that can still be revised.
    pub tips: BTreeMap<DecisionId, Box<Join>>,
    /// Decisions among [`tips`](Slate::tips) that are snoozed, with the time they come back (Unix milliseconds).
    pub snoozed: BTreeMap<DecisionId, i64>,
    /// The open pull decision: the slot.
    pub open: Option<DecisionId>,
    /// A snoozed tip that is back and waits for a reaction, in front of the slot.
    pub returned: Option<DecisionId>,
}

/// Whoever wants to know what happens to tips beside their lessons.
pub(super) trait Watch {
    /// The tip of `join` was decided.
    fn decided(&mut self, join: &Join, at: &Moment);
    /// It was reacted to, in time.
    fn reacted(&mut self, join: &Join, reaction: &Reaction, at: &Moment);
    /// It was served again.
    fn returned(&mut self, join: &Join, at: &Moment);
}

/// Nobody.
impl Watch for () {
    fn decided(&mut self, _: &Join, _: &Moment) {}
    fn reacted(&mut self, _: &Join, _: &Reaction, _: &Moment) {}
    fn returned(&mut self, _: &Join, _: &Moment) {}
}

impl Slate {
    /// Folds one event of this person; what that did replaces `applied`. The lessons are those that
    /// [`UserState::apply`](super::UserState::apply) gives, also of events as
    /// [`EventBody::drawn_alone`](crate::event::EventBody::drawn_alone) leaves them.
    pub fn apply(&mut self, position: Position, event: &Event, applied: &mut Applied) {
        applied.clear();
        if position > self.through && !matches!(event.body, EventBody::Choice(_) | EventBody::Reward(_)) {
            self.fold(position, event, applied, &mut ());
        }
    }

    /// Folds one event that was not folded.
    pub(super) fn fold(&mut self, position: Position, event: &Event, applied: &mut Applied, watch: &mut impl Watch) {
        self.through = position;
        let at = &event.moment;
        match &event.body {
            EventBody::Signal(SignalFact::Task(task)) => self.settle_task(task, at, applied, watch),
            EventBody::Decision(decision) => self.decide(decision, at, position, watch),
            EventBody::Reaction { decision, reaction } => self.react(*decision, reaction, at, applied, watch),
            EventBody::Returned { decision } => self.bring_back(*decision, at, applied, watch),
            EventBody::Expired { decision } => {
                if let Some(join) = self.tips.get_mut(decision) {
                    join.expired();
                    applied.touched.push(*decision);
                }
                self.release(*decision, applied);
            }
            EventBody::Horizon { decision } => {
                if let Some(join) = self.tips.get_mut(decision) {
                    applied.lessons.extend(join.horizon().lesson);
                    applied.touched.push(*decision);
                }
            }
            EventBody::Consent { kind: SignalKind::Task, granted: false } => {
                self.withdraw(|join| join.kind == TipKind::Todo, applied);
            }
            EventBody::Lesson(fact) => applied.lessons.push(fact.lesson(event.user)),
            EventBody::Signal(_)
            | EventBody::Consent { .. }
            | EventBody::Preferences(_)
            | EventBody::ParkingLapsed { .. }
            | EventBody::Bandit(_)
            | EventBody::Choice(_)
            | EventBody::Reward(_)
            | EventBody::PolicyRole(_)
            | EventBody::Shadow(_)
            | EventBody::Forgotten(_)
            | EventBody::Trimmed(_)
            | EventBody::Exported { .. } => {}
        }
        for lesson in &mut applied.lessons {
            lesson.person = event.user;
        }
    }

    /// What a task that is done or gone does to the tips on it.
    fn settle_task(&mut self, task: &TaskFact, at: &Moment, applied: &mut Applied, watch: &mut impl Watch) {
        match task.status {
            TaskStatus::Open => {}
            TaskStatus::Deleted => self.withdraw(|join| join.key == task.key, applied),
            TaskStatus::Done => {
                // Doing a tip's own task elsewhere is doing the tip: the latest decision on it, inside its window.
                let tip = self
                    .tips
                    .values()
                    .filter(|join| join.key == task.key && !join.is_late(at) && join.state != TipState::Done)
                    .max_by_key(|join| join.position)
                    .map(|join| join.decision);
                if let Some(decision) = tip {
                    self.react(decision, &Reaction::Done, at, applied, watch);
                }
            }
        }
    }

    fn decide(&mut self, decision: &Decision, at: &Moment, position: Position, watch: &mut impl Watch) {
        let Ok(spec) = RewardSpec::of_version(decision.reward_spec) else { return };
        let Some(join) = Join::new(decision, at, position, spec) else { return };
        watch.decided(&join, at);
        self.open = Some(join.decision);
        self.tips.insert(join.decision, Box::new(join));
        self.prune(at.at_ms);
    }

    fn react(
        &mut self,
        id: DecisionId,
        reaction: &Reaction,
        at: &Moment,
        applied: &mut Applied,
        watch: &mut impl Watch,
    ) {
        let Some(join) = self.tips.get_mut(&id) else {
            applied.late = true;
            return;
        };
        let joined = join.react(at, reaction);
        applied.touched.push(id);
        applied.lessons.extend(joined.lesson);
        applied.late = joined.late;
        if !joined.late {
            watch.reacted(join, reaction, at);
        }
        let state = join.state;
        match state {
            TipState::Snoozed { until_ms } => self.snoozed.insert(id, until_ms),
            _ => self.snoozed.remove(&id),
        };
        if *reaction == Reaction::Shown {
            return;
        }
        if joined.late {
            // It changes no reward any more, but it is an answer: the tip does not stand on.
            self.withdraw(|join| join.decision == id, applied);
        } else if state != TipState::Open {
            self.release(id, applied);
        }
    }

    fn bring_back(&mut self, id: DecisionId, at: &Moment, applied: &mut Applied, watch: &mut impl Watch) {
        let Some(join) = self.tips.get_mut(&id) else { return };
        if !matches!(join.state, TipState::Snoozed { .. }) {
            return;
        }
        join.returned(at);
        watch.returned(join, at);
        self.snoozed.remove(&id);
        self.returned = Some(id);
        applied.touched.push(id);
    }

    /// Takes back the standing and snoozed tips for which `gone` holds.
    fn withdraw(&mut self, gone: impl Fn(&Join) -> bool, applied: &mut Applied) {
        let ids: Vec<_> = self
            .tips
            .values_mut()
            .filter(|join| matches!(join.state, TipState::Open | TipState::Snoozed { .. }) && gone(join))
            .map(|join| {
                join.withdrawn();
                join.decision
            })
            .collect();
        for id in ids {
            self.snoozed.remove(&id);
            applied.touched.push(id);
            self.release(id, applied);
        }
    }

    fn release(&mut self, id: DecisionId, applied: &mut Applied) {
        if self.returned == Some(id) {
            self.returned = None;
        }
        if self.open == Some(id) {
            self.open = None;
            applied.released = Some(id);
        }
    }

    fn prune(&mut self, now_ms: i64) {
        // UUIDv7 keys are in time order, so what can go is in front. A snoozed tip is kept until it has come back.
        while let Some((id, join)) = self.tips.first_key_value() {
            let gone = now_ms.saturating_sub(join.shown_or_decided().at_ms) > REVISION_WINDOW_MS + DAY_MS;
            if !gone
                || matches!(join.state, TipState::Snoozed { .. })
                || self.open == Some(*id)
                || self.returned == Some(*id)
            {
                break;
            }
            self.tips.pop_first();
        }
    }
}
