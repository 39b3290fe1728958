//! The fold: what one event changes of what is known.

use crate::candidate::{ArmKey, TipKind};
use crate::decision::Decision;
use crate::event::{Event, EventBody, SignalFact};
use crate::id::{DecisionId, Position};
use crate::join::{Join, TipState};
use crate::moment::{DAY_MS, Moment};
use crate::reaction::{DismissReason, Reaction, ShownMode};
use crate::reward::{REVISION_WINDOW_MS, RewardSpec};
use crate::signal::{HabitEvent, SignalKind, TaskStatus};

use super::{Applied, CalendarState, HabitState, MoodState, UserState};

/// How long a candidate's history is kept after its last event, 60 days.
const HISTORY_MS: i64 = 60 * DAY_MS;
/// The most calendar entries that are kept.
const MAX_CALENDAR: usize = 2_000;

impl UserState {
    /// Folds one event of this person. Events at or before [`through`](UserState::through) are ignored.
    pub fn apply(&mut self, position: Position, event: &Event) -> Applied {
        let mut applied = Applied::default();
        // A choice is no tip: the bandits fold it, and it says nothing of where the person is.
        if position <= self.through || matches!(event.body, EventBody::Choice(_) | EventBody::Reward(_)) {
            return applied;
        }
        self.through = position;
        let at = &event.moment;
        match &event.body {
            EventBody::Signal(fact) => self.apply_signal(fact, at, &mut applied),
            EventBody::Decision(decision) => self.apply_decision(decision, at, position),
            EventBody::Reaction { decision, reaction } => self.apply_reaction(*decision, reaction, at, &mut applied),
            EventBody::Returned { decision } => self.apply_returned(*decision, at, &mut applied),
            EventBody::Expired { decision } => self.apply_expired(*decision, &mut applied),
            EventBody::Horizon { decision } => {
                if let Some(join) = self.tips.get_mut(decision) {
                    applied.lessons.extend(join.horizon().lesson);
                    applied.touched.push(*decision);
                }
            }
            EventBody::Consent { kind, granted } => {
                if !granted {
                    self.denied_at = position;
                }
                self.apply_consent(*kind, *granted, &mut applied);
            }
            EventBody::Preferences(preferences) => self.preferences = preferences.clone(),
            EventBody::ParkingLapsed { .. }
            | EventBody::Bandit(_)
            | EventBody::Choice(_)
            | EventBody::Reward(_)
            | EventBody::PolicyRole(_)
            | EventBody::Shadow(_)
            | EventBody::Forgotten(_)
            | EventBody::Trimmed(_)
            | EventBody::Exported { .. } => {}
            EventBody::Lesson(fact) => applied.lessons.push(fact.lesson(event.user)),
        }
        // What is left of a decision, and what the engine did by itself, say nothing of where the person is.
        if !matches!(event.body, EventBody::Lesson(_) | EventBody::Trimmed(_) | EventBody::Exported { .. }) {
            self.last_moment = Some(at.clone());
        }
        for lesson in &mut applied.lessons {
            lesson.person = event.user;
            self.personal.learn(position, lesson);
        }
        applied
    }

    fn apply_signal(&mut self, fact: &SignalFact, at: &Moment, applied: &mut Applied) {
        let heard = self.heard.entry(fact.kind()).or_insert(at.at_ms);
        *heard = (*heard).max(at.at_ms);
        match fact {
            SignalFact::Task(task) => {
                if task.status == TaskStatus::Open {
                    self.tasks.insert(task.key, task.clone());
                    return;
                }
                self.tasks.remove(&task.key);
                if task.status == TaskStatus::Deleted {
                    self.withdraw(|join| join.key == task.key, applied);
                }
                if task.status == TaskStatus::Done {
                    // Doing a tip's own task elsewhere is doing the tip: the latest decision on it, inside its window.
                    let tip = self
                        .tips
                        .values()
                        .filter(|join| join.key == task.key && !join.is_late(at) && join.state != TipState::Done)
                        .max_by_key(|join| join.position)
                        .map(|join| join.decision);
                    if let Some(decision) = tip {
                        self.apply_reaction(decision, &Reaction::Done, at, applied);
                    }
                }
            }
            SignalFact::Habit { key, per_week, event } => match event {
                HabitEvent::Deleted => {
                    self.habits.remove(key);
                }
                HabitEvent::Defined => {
                    let habit = self.habits.entry(*key).or_default();
                    habit.per_week = *per_week;
                    habit.updated_ms = at.at_ms;
                }
                HabitEvent::Done => {
                    let habit =
                        self.habits.entry(*key).or_insert(HabitState { per_week: *per_week, ..HabitState::default() });
                    habit.updated_ms = at.at_ms;
                    if let Err(place) = habit.done_days.binary_search(&at.local_day()) {
                        habit.done_days.insert(place, at.local_day());
                        if habit.done_days.len() > 60 {
                            habit.done_days.remove(0);
                        }
                    }
                }
            },
            SignalFact::Calendar { key, start_ms, end_ms, busy, all_day, cancelled } => {
                if *cancelled {
                    self.calendar.remove(key);
                } else {
                    let entry = CalendarState { start_ms: *start_ms, end_ms: *end_ms, busy: *busy, all_day: *all_day };
                    self.calendar.insert(*key, entry);
                    self.prune_calendar(at.at_ms);
                }
            }
            SignalFact::Mood { level, energy } => {
                let before = self.mood.map_or(*level, |mood| (mood.before + mood.level) / 2.0);
                self.mood = Some(MoodState { level: *level, energy: *energy, before, at_ms: at.at_ms });
            }
            SignalFact::Context { name, value } => {
                self.contexts.insert(name.clone(), (*value, at.at_ms));
            }
        }
    }

    fn apply_decision(&mut self, decision: &Decision, at: &Moment, position: Position) {
        let Ok(spec) = RewardSpec::of_version(decision.reward_spec) else { return };
        let Some(join) = Join::new(decision, at, position, spec) else { return };
        self.dose *= 0.95;
        self.today =
            if self.today.0 == at.local_day() { (self.today.0, self.today.1 + 1) } else { (at.local_day(), 1) };
        let history = self.candidates.entry(join.key).or_default();
        history.drawn += 1;
        history.shown_ms = at.at_ms;
        history.snoozed_until_ms = 0;
        if join.shown.is_some() {
            self.count_shown(&join.arm, at);
        }
        self.open = Some(join.decision);
        self.tips.insert(join.decision, Box::new(join));
        self.prune_history(at.at_ms);
    }

    fn apply_reaction(&mut self, id: DecisionId, reaction: &Reaction, at: &Moment, applied: &mut Applied) {
        let Some(join) = self.tips.get_mut(&id) else {
            applied.late = true;
            return;
        };
        let joined = join.react(at, reaction);
        let (key, arm, state) = (join.key, join.arm.clone(), join.state);
        applied.touched.push(id);
        applied.lessons.extend(joined.lesson);
        applied.late = joined.late;
        match state {
            TipState::Snoozed { until_ms } => self.snoozed.insert(id, until_ms),
            _ => self.snoozed.remove(&id),
        };
        if joined.late {
            if *reaction != Reaction::Shown {
                // It changes no reward any more, but it is an answer: the tip does not stand on.
                self.withdraw(|join| join.decision == id, applied);
            }
            return;
        }
        if *reaction == Reaction::Shown {
            self.count_shown(&arm, at);
            return;
        }
        let history = self.candidates.entry(key).or_default();
        history.reacted_ms = history.reacted_ms.max(at.at_ms);
        let arm_rates = self.arm_rates.entry(arm).or_default();
        for rates in [&mut self.rates, arm_rates] {
            match reaction {
                Reaction::Done => rates.done.add(at.at_ms, 1.0),
                Reaction::Snooze { .. } => rates.snooze.add(at.at_ms, 1.0),
                Reaction::Dismiss { .. } => rates.dismiss.add(at.at_ms, 1.0),
                Reaction::Shown => {}
            }
        }
        match reaction {
            Reaction::Snooze { until_ms } if matches!(state, TipState::Snoozed { .. }) => {
                history.snoozed_until_ms = *until_ms;
            }
            Reaction::Dismiss { reason } => {
                history.dismissed += 1;
                history.denied |= *reason == Some(DismissReason::Never);
            }
            _ => {}
        }
        if *reaction == Reaction::Done {
            self.tasks.remove(&key);
        }
        if state != TipState::Open {
            self.release(id, applied);
        }
    }

    fn apply_returned(&mut self, id: DecisionId, at: &Moment, applied: &mut Applied) {
        let Some(join) = self.tips.get_mut(&id) else { return };
        if !matches!(join.state, TipState::Snoozed { .. }) {
            return;
        }
        join.returned(at);
        self.snoozed.remove(&id);
        let (key, arm, shown) = (join.key, join.arm.clone(), join.shown_mode == ShownMode::OnAnswer);
        self.candidates.entry(key).or_default().snoozed_until_ms = 0;
        if shown {
            self.count_shown(&arm, at);
        }
        self.returned = Some(id);
        applied.touched.push(id);
    }

    fn apply_expired(&mut self, id: DecisionId, applied: &mut Applied) {
        if let Some(join) = self.tips.get_mut(&id) {
            join.expired();
            applied.touched.push(id);
        }
        self.release(id, applied);
    }

    fn apply_consent(&mut self, kind: SignalKind, granted: bool, applied: &mut Applied) {
        self.consents.insert(kind, granted);
        if granted {
            return;
        }
        self.heard.remove(&kind);
        match kind {
            SignalKind::Task => {
                self.tasks.clear();
                self.withdraw(|join| join.kind == TipKind::Todo, applied);
            }
            SignalKind::Habit => self.habits.clear(),
            SignalKind::Calendar => self.calendar.clear(),
            SignalKind::Mood => self.mood = None,
            SignalKind::Context => self.contexts.clear(),
        }
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

    fn count_shown(&mut self, arm: &ArmKey, at: &Moment) {
        self.dose += 1.0;
        self.last_shown_ms = Some(self.last_shown_ms.map_or(at.at_ms, |last| last.max(at.at_ms)));
        self.rates.shown.add(at.at_ms, 1.0);
        self.arm_rates.entry(arm.clone()).or_default().shown.add(at.at_ms, 1.0);
    }

    fn prune_history(&mut self, now_ms: i64) {
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
        if self.candidates.len() > 4_096 {
            self.candidates.retain(|_, history| {
                history.denied || now_ms.saturating_sub(history.shown_ms.max(history.reacted_ms)) < HISTORY_MS
            });
        }
    }

    fn prune_calendar(&mut self, now_ms: i64) {
        if self.calendar.len() > MAX_CALENDAR {
            self.calendar.retain(|_, entry| entry.end_ms > now_ms - DAY_MS);
        }
    }
}
