//! The fold: what one event changes of what is known, beside the tips.

use crate::candidate::ArmKey;
use crate::event::{Event, EventBody, SignalFact};
use crate::id::Position;
use crate::join::{Join, TipState};
use crate::moment::{DAY_MS, Moment};
use crate::reaction::{DismissReason, Reaction, ShownMode};
use crate::signal::{HabitEvent, SignalKind, TaskStatus};

use super::slate::Watch;
use super::{Applied, CalendarState, HabitState, MoodState, UserState};

/// How long a candidate's history is kept after its last event, 60 days.
const HISTORY_MS: i64 = 60 * DAY_MS;
/// The most calendar entries that are kept.
const MAX_CALENDAR: usize = 2_000;

impl UserState {
    /// Folds one event of this person. Events at or before the last that was folded are ignored.
    pub fn apply(&mut self, position: Position, event: &Event) -> Applied {
        let mut applied = Applied::default();
        // A choice is no tip: the bandits fold it, and it says nothing of where the person is.
        if position <= self.slate.through || matches!(event.body, EventBody::Choice(_) | EventBody::Reward(_)) {
            return applied;
        }
        match &event.body {
            EventBody::Signal(fact) => self.hear(fact, &event.moment),
            EventBody::Consent { kind, granted } => self.agree(*kind, *granted, position),
            EventBody::Preferences(preferences) => self.preferences = preferences.clone(),
            _ => {}
        }
        let mut slate = std::mem::take(&mut self.slate);
        slate.fold(position, event, &mut applied, self);
        self.slate = slate;
        // What is left of a decision, and what the engine did by itself, say nothing of where the person is.
        if !matches!(event.body, EventBody::Lesson(_) | EventBody::Trimmed(_) | EventBody::Exported { .. }) {
            self.last_moment = Some(event.moment.clone());
        }
        for lesson in &applied.lessons {
            self.personal.learn(position, lesson);
        }
        applied
    }

    fn hear(&mut self, fact: &SignalFact, at: &Moment) {
        let heard = self.heard.entry(fact.kind()).or_insert(at.at_ms);
        *heard = (*heard).max(at.at_ms);
        match fact {
            SignalFact::Task(task) => {
                if task.status == TaskStatus::Open {
                    self.tasks.insert(task.key, task.clone());
                } else {
                    self.tasks.remove(&task.key);
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

    fn agree(&mut self, kind: SignalKind, granted: bool, position: Position) {
        self.consents.insert(kind, granted);
        if granted {
            return;
        }
        self.denied_at = position;
        self.heard.remove(&kind);
        match kind {
            SignalKind::Task => self.tasks.clear(),
            SignalKind::Habit => self.habits.clear(),
            SignalKind::Calendar => self.calendar.clear(),
            SignalKind::Mood => self.mood = None,
            SignalKind::Context => self.contexts.clear(),
        }
    }

    fn count_shown(&mut self, arm: &ArmKey, at: &Moment) {
        self.dose += 1.0;
        self.last_shown_ms = Some(self.last_shown_ms.map_or(at.at_ms, |last| last.max(at.at_ms)));
        self.rates.shown.add(at.at_ms, 1.0);
        self.arm_rates.entry(arm.clone()).or_default().shown.add(at.at_ms, 1.0);
    }

    fn prune_calendar(&mut self, now_ms: i64) {
        if self.calendar.len() > MAX_CALENDAR {
            self.calendar.retain(|_, entry| entry.end_ms > now_ms - DAY_MS);
        }
    }
}

/// What the slate's changes say of the person beside their lessons.
impl Watch for UserState {
    fn decided(&mut self, join: &Join, at: &Moment) {
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
        if self.candidates.len() > 4_096 {
            self.candidates.retain(|_, history| {
                history.denied || at.at_ms.saturating_sub(history.shown_ms.max(history.reacted_ms)) < HISTORY_MS
            });
        }
    }

    fn reacted(&mut self, join: &Join, reaction: &Reaction, at: &Moment) {
        if *reaction == Reaction::Shown {
            self.count_shown(&join.arm, at);
            return;
        }
        let history = self.candidates.entry(join.key).or_default();
        history.reacted_ms = history.reacted_ms.max(at.at_ms);
        match reaction {
            Reaction::Snooze { until_ms } if matches!(join.state, TipState::Snoozed { .. }) => {
                history.snoozed_until_ms = *until_ms;
            }
            Reaction::Dismiss { reason } => {
                history.dismissed += 1;
                history.denied |= *reason == Some(DismissReason::Never);
            }
            _ => {}
        }
        let arm_rates = self.arm_rates.entry(join.arm.clone()).or_default();
        for rates in [&mut self.rates, arm_rates] {
            match reaction {
                Reaction::Done => rates.done.add(at.at_ms, 1.0),
                Reaction::Snooze { .. } => rates.snooze.add(at.at_ms, 1.0),
                Reaction::Dismiss { .. } => rates.dismiss.add(at.at_ms, 1.0),
                Reaction::Shown => {}
            }
        }
        if *reaction == Reaction::Done {
            self.tasks.remove(&join.key);
        }
    }

    fn returned(&mut self, join: &Join, at: &Moment) {
        self.candidates.entry(join.key).or_default().snoozed_until_ms = 0;
        if join.shown_mode == ShownMode::OnAnswer {
            self.count_shown(&join.arm, at);
        }
    }
}
