//! What is known of one person: a fold over their events, in log order.
//!
//! [`UserState::apply`] reads nothing but the event: no clock, no random source, no time-zone database. Decays use
//! the recorded times; local days use the recorded offsets. It yields the lessons that an event completes.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::candidate::ArmKey;
use crate::event::{Event, EventBody, Preferences, SignalFact, TaskFact};
use crate::id::{DecisionId, ItemKey, Position, Pseudonym};
use crate::join::{Join, TipState};
use crate::lesson::Lesson;
use crate::moment::{DAY_MS, Moment};
use crate::reaction::{DismissReason, Reaction};
use crate::reward::{REVISION_WINDOW_MS, RewardSpec};
use crate::signal::{HabitEvent, SignalKind, TaskStatus};

/// The half-life of reaction rates, 14 days.
const RATE_HALF_LIFE_MS: f64 = 14.0 * DAY_MS as f64;
/// How long a candidate's history is kept after its last event, 60 days.
const HISTORY_MS: i64 = 60 * DAY_MS;
/// The most calendar entries that are kept.
const MAX_CALENDAR: usize = 2_000;

/// A count that halves every [`RATE_HALF_LIFE_MS`].
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Decayed {
    value: f64,
    at_ms: i64,
}

impl Decayed {
    /// The count at `now_ms`.
    #[must_use]
    pub fn at(&self, now_ms: i64) -> f64 {
        let age = now_ms.saturating_sub(self.at_ms).max(0) as f64;
        self.value * libm::exp2(-age / RATE_HALF_LIFE_MS)
    }

    /// Adds `amount` at `now_ms`.
    pub fn add(&mut self, now_ms: i64, amount: f64) {
        self.value = self.at(now_ms) + amount;
        self.at_ms = self.at_ms.max(now_ms);
    }
}

/// Decayed counts of what happened to tips.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rates {
    /// Tips shown.
    pub shown: Decayed,
    /// Tips done.
    pub done: Decayed,
    /// Tips snoozed.
    pub snooze: Decayed,
    /// Tips dismissed.
    pub dismiss: Decayed,
}

/// A habit.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HabitState {
    /// Days a week it is meant for.
    pub per_week: u8,
    /// Local days on which it was kept, ascending, the last 60 at most.
    pub done_days: Vec<i32>,
    /// When it was last heard of (Unix milliseconds).
    pub updated_ms: i64,
}

/// A calendar entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CalendarState {
    /// Begin (Unix milliseconds).
    pub start_ms: i64,
    /// End (Unix milliseconds).
    pub end_ms: i64,
    /// Whether the person is taken.
    pub busy: bool,
    /// Whether it spans whole days.
    pub all_day: bool,
}

/// The mood.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct MoodState {
    /// The last level, 1 to 5.
    pub level: f64,
    /// The last energy, 1 to 5.
    pub energy: Option<f64>,
    /// An exponential mean of the levels before the last (weight ½ each), for the trend.
    pub before: f64,
    /// When it was last said (Unix milliseconds).
    pub at_ms: i64,
}

/// What happened to one candidate.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct CandidateHistory {
    /// How often it was drawn.
    pub drawn: u32,
    /// When it was last drawn or shown (Unix milliseconds).
    pub shown_ms: i64,
    /// When it was last reacted to (Unix milliseconds); 0 for never.
    pub reacted_ms: i64,
    /// Until when it is snoozed (Unix milliseconds); 0 for not.
    pub snoozed_until_ms: i64,
    /// How often it was dismissed.
    pub dismissed: u32,
    /// Whether the person said never.
    pub denied: bool,
}

/// What is known of one person.
#[derive(Clone, Debug, PartialEq)]
pub struct UserState {
    /// The person.
    pub user: Pseudonym,
    /// The last event that was folded.
    pub through: Position,
    /// Consents that were said; what was not said has the engine's default.
    pub consents: BTreeMap<SignalKind, bool>,
    /// Preferences.
    pub preferences: Preferences,
    /// The moment of the last event of this person.
    pub last_moment: Option<Moment>,
    /// When each kind of signal was last heard (Unix milliseconds).
    pub heard: BTreeMap<SignalKind, i64>,
    /// Open tasks.
    pub tasks: BTreeMap<ItemKey, TaskFact>,
    /// Habits.
    pub habits: BTreeMap<ItemKey, HabitState>,
    /// Calendar entries.
    pub calendar: BTreeMap<ItemKey, CalendarState>,
    /// The mood, once said.
    pub mood: Option<MoodState>,
    /// Named numbers with the time they were said.
    pub contexts: BTreeMap<Arc<str>, (f64, i64)>,
    /// Rates over all tips.
    pub rates: Rates,
    /// Rates by arm (`kind/category`).
    pub arm_rates: BTreeMap<ArmKey, Rates>,
    /// Dose: D ← 0.95·D at each decision, + 1 for each shown (HeartSteps).
    pub dose: f64,
    /// When a tip was last shown (Unix milliseconds).
    pub last_shown_ms: Option<i64>,
    /// The local day and number of tips decided on it.
    pub today: (i32, u32),
    /// What happened to each candidate.
    pub candidates: BTreeMap<ItemKey, CandidateHistory>,
    /// Decisions that can still be revised.
    pub tips: BTreeMap<DecisionId, Join>,
    /// The open pull decision: the slot.
    pub open: Option<DecisionId>,
    /// A snoozed tip that is back and waits for a reaction, in front of the slot.
    pub returned: Option<DecisionId>,
}

/// What applying one event did.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Applied {
    /// Lessons that the event completed, in order.
    pub lessons: Vec<Lesson>,
    /// Decisions whose state or reward may have changed.
    pub touched: Vec<DecisionId>,
    /// The open decision that the event closed, whose slot is free now.
    pub released: Option<DecisionId>,
    /// Whether a reaction came too late to change anything.
    pub late: bool,
}

impl UserState {
    /// A person of whom nothing is known.
    #[must_use]
    pub fn new(user: Pseudonym) -> Self {
        UserState {
            user,
            through: Position(0),
            consents: BTreeMap::new(),
            preferences: Preferences::default(),
            last_moment: None,
            heard: BTreeMap::new(),
            tasks: BTreeMap::new(),
            habits: BTreeMap::new(),
            calendar: BTreeMap::new(),
            mood: None,
            contexts: BTreeMap::new(),
            rates: Rates::default(),
            arm_rates: BTreeMap::new(),
            dose: 0.0,
            last_shown_ms: None,
            today: (i32::MIN, 0),
            candidates: BTreeMap::new(),
            tips: BTreeMap::new(),
            open: None,
            returned: None,
        }
    }

    /// The tip that stands before the person: a returned one, else the open one.
    #[must_use]
    pub fn standing(&self) -> Option<&Join> {
        self.returned.or(self.open).and_then(|id| self.tips.get(&id))
    }

    /// The snoozed tip that has been due for longest at `now_ms`, if any.
    #[must_use]
    pub fn due_snooze(&self, now_ms: i64) -> Option<&Join> {
        self.tips
            .values()
            .filter_map(|join| match join.state {
                TipState::Snoozed { until_ms } if until_ms <= now_ms => Some((until_ms, join)),
                _ => None,
            })
            .min_by_key(|(until_ms, join)| (*until_ms, join.decision))
            .map(|(_, join)| join)
    }

    /// The tip of decision `id`, while it is kept.
    #[must_use]
    pub fn tip(&self, id: &DecisionId) -> Option<&Join> {
        self.tips.get(id)
    }

    /// Folds one event of this person. Events at or before [`through`](UserState::through) are ignored.
    pub fn apply(&mut self, position: Position, event: &Event) -> Applied {
        let mut applied = Applied::default();
        if position <= self.through {
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
            EventBody::Consent { kind, granted } => self.apply_consent(*kind, *granted),
            EventBody::Preferences(preferences) => self.preferences = preferences.clone(),
            EventBody::ParkingLapsed { .. }
            | EventBody::PolicyRole(_)
            | EventBody::Shadow(_)
            | EventBody::Forgotten(_) => {}
        }
        self.last_moment = Some(at.clone());
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

    fn apply_decision(&mut self, decision: &crate::decision::Decision, at: &Moment, position: Position) {
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
        self.tips.insert(join.decision, join);
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
        if joined.late {
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
                history.snoozed_until_ms = *until_ms
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
        let (key, arm, shown) = (join.key, join.arm.clone(), join.shown_mode == crate::reaction::ShownMode::OnAnswer);
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

    fn apply_consent(&mut self, kind: SignalKind, granted: bool) {
        self.consents.insert(kind, granted);
        if granted {
            return;
        }
        self.heard.remove(&kind);
        match kind {
            SignalKind::Task => self.tasks.clear(),
            SignalKind::Habit => self.habits.clear(),
            SignalKind::Calendar => self.calendar.clear(),
            SignalKind::Mood => self.mood = None,
            SignalKind::Context => self.contexts.clear(),
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
