//! The facts of a moment: what the features, the prompt view and the *why* all speak of, distilled once a decision.
//!
//! A kind of signal that may not be used is `None` here, so that nothing downstream can use it by mistake. Local days
//! come from the offset of the moment that is asked about, never from a time-zone database.

use std::sync::Arc;

use crate::moment::{DAY_MS, HOUR_MS, MINUTE_MS, Moment};
use crate::signal::{Due, SignalKind};
use crate::user::{HabitState, MoodState, UserState};

use super::freshness::{FreshnessLimits, SignalFreshness};

/// What is known at one moment, of each kind that may be used.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// Open tasks.
    pub tasks: Option<TaskFacts>,
    /// Habits; none while there are none to keep.
    pub habits: Option<HabitFacts>,
    /// The calendar.
    pub calendar: Option<CalendarFacts>,
    /// The mood.
    pub mood: Option<MoodState>,
    /// Named numbers that are fresh, by name.
    pub contexts: Vec<(Arc<str>, f64)>,
}

/// Counts of open tasks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TaskFacts {
    /// Open.
    pub open: u32,
    /// Of these, past their due time.
    pub overdue: u32,
    /// Of these, still due today.
    pub due_today: u32,
}

/// How the habits stand.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct HabitFacts {
    /// The longest run of days up to today or yesterday on which one habit was kept.
    pub streak: u32,
    /// The mean over habits of kept days in the last seven over the days it is meant for, at most 1 each.
    pub kept_week: f64,
    /// How many days the most overdue habit is past its turn, 0 when none is.
    pub lag_days: f64,
}

/// How the hours are promised.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct CalendarFacts {
    /// Whether the person is taken now.
    pub in_meeting: bool,
    /// Minutes to the next busy entry, when one begins within 24 h.
    pub next_min: Option<f64>,
    /// The busy share of the next four hours, 0 to 1.
    pub busy_4h: f64,
    /// The busy share of what is left of the local day, 0 to 1.
    pub busy_today: f64,
}

impl Facts {
    /// The facts of `state` at `now`, of the kinds that are fresh.
    #[must_use]
    pub fn of(state: &UserState, fresh: &SignalFreshness, limits: &FreshnessLimits, now: &Moment) -> Self {
        Facts {
            tasks: fresh.is_fresh(SignalKind::Task).then(|| task_facts(state, now)),
            habits: (fresh.is_fresh(SignalKind::Habit) && !state.habits.is_empty()).then(|| habit_facts(state, now)),
            calendar: fresh.is_fresh(SignalKind::Calendar).then(|| calendar_facts(state, now)),
            mood: state.mood.filter(|_| fresh.is_fresh(SignalKind::Mood)),
            contexts: if fresh.is_fresh(SignalKind::Context) { fresh_contexts(state, limits, now) } else { Vec::new() },
        }
    }
}

/// How a due time presses at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct DuePressure {
    /// Days past the due time; 0 when it is not past.
    pub overdue_days: f64,
    /// Whether the due time is past.
    pub overdue: bool,
    /// Whether it is still to come, today.
    pub today: bool,
    /// Hours that are left; 0 when it is past.
    pub hours_left: f64,
}

impl DuePressure {
    /// The pressure of `due` at `now`. A calendar day lasts until the local midnight after it.
    #[must_use]
    pub fn of(due: Due, now: &Moment) -> Self {
        let local_now = now.local_ms();
        let (local_due, day) = match due {
            Due::At(at_ms) => {
                let local = Moment { at_ms, ..now.clone() };
                (local.local_ms(), local.local_day())
            }
            Due::Day(day) => ((i64::from(day) + 1) * DAY_MS, day),
        };
        let left_ms = local_due.saturating_sub(local_now);
        let overdue = match due {
            Due::At(_) => left_ms < 0,
            Due::Day(day) => day < now.local_day(),
        };
        DuePressure {
            overdue_days: if overdue { -(left_ms as f64) / DAY_MS as f64 } else { 0.0 },
            overdue,
            today: !overdue && day == now.local_day(),
            hours_left: if overdue { 0.0 } else { left_ms as f64 / HOUR_MS as f64 },
        }
    }
}

/// The due time of a task as the log knows it.
#[must_use]
pub fn task_due(task: &crate::event::TaskFact) -> Option<Due> {
    if task.due_timed { task.due_ms.map(Due::At) } else { task.due_day.map(Due::Day).or(task.due_ms.map(Due::At)) }
}

fn fresh_contexts(state: &UserState, limits: &FreshnessLimits, now: &Moment) -> Vec<(Arc<str>, f64)> {
    let fresh = |said_ms: i64| limits.is_fresh(SignalKind::Context, said_ms, now);
    state
        .contexts
        .iter()
        .filter(|(_, (_, said_ms))| fresh(*said_ms))
        .map(|(name, (value, _))| (name.clone(), *value))
        .collect()
}

fn task_facts(state: &UserState, now: &Moment) -> TaskFacts {
    let mut facts = TaskFacts::default();
    for task in state.tasks.values() {
        facts.open += 1;
        if let Some(due) = task_due(task) {
            let pressure = DuePressure::of(due, now);
            facts.overdue += u32::from(pressure.overdue);
            facts.due_today += u32::from(pressure.today);
        }
    }
    facts
}

fn habit_facts(state: &UserState, now: &Moment) -> HabitFacts {
    let today = now.local_day();
    let mut facts = HabitFacts::default();
    let mut kept = 0.0;
    for habit in state.habits.values() {
        let per_week = f64::from(habit.per_week.clamp(1, 7));
        let week = habit.done_days.iter().filter(|day| (today - 6..=today).contains(*day)).count();
        kept += (week as f64 / per_week).min(1.0);
        facts.streak = facts.streak.max(streak(habit, today));
        // Its turn comes every 7/per_week days; a habit that was never kept is a week behind.
        let since =
            habit.done_days.iter().rev().find(|day| **day <= today).map_or(14.0, |last| f64::from(today - last));
        facts.lag_days = facts.lag_days.max((since - 7.0 / per_week).clamp(0.0, 7.0));
    }
    facts.kept_week = kept / state.habits.len().max(1) as f64;
    facts
}

fn streak(habit: &HabitState, today: i32) -> u32 {
    let mut run = 0;
    let mut next = None;
    for day in habit.done_days.iter().rev().filter(|day| **day <= today) {
        let expected = next.unwrap_or(if *day == today { today } else { today - 1 });
        if *day != expected {
            break;
        }
        run += 1;
        next = Some(day - 1);
    }
    run
}

fn calendar_facts(state: &UserState, now: &Moment) -> CalendarFacts {
    let midnight = now.at_ms + DAY_MS - now.local_ms().rem_euclid(DAY_MS);
    let soon = now.at_ms + 4 * HOUR_MS;
    let horizon = now.at_ms + DAY_MS;
    let mut facts = CalendarFacts::default();
    let mut next: Option<i64> = None;
    let mut busy: Vec<(i64, i64)> = Vec::new();
    for entry in state.calendar.values() {
        if !entry.busy || entry.all_day || entry.end_ms <= now.at_ms || entry.start_ms >= horizon {
            continue;
        }
        if entry.start_ms > now.at_ms {
            next = Some(next.map_or(entry.start_ms, |at| at.min(entry.start_ms)));
        } else {
            facts.in_meeting = true;
        }
        busy.push((entry.start_ms.max(now.at_ms), entry.end_ms));
    }
    busy.sort_unstable();
    facts.next_min = next.map(|at| (at - now.at_ms) as f64 / MINUTE_MS as f64);
    facts.busy_4h = covered_share(&busy, now.at_ms, soon);
    facts.busy_today = covered_share(&busy, now.at_ms, midnight);
    facts
}

/// The share of `from..to` that the sorted intervals cover, each moment counted once.
fn covered_share(intervals: &[(i64, i64)], from: i64, to: i64) -> f64 {
    let mut covered = 0_i64;
    let mut reached = from;
    for (start, end) in intervals {
        let start = (*start).max(reached);
        let end = (*end).min(to);
        if end > start {
            covered += end - start;
            reached = end;
        }
    }
    covered as f64 / (to - from).max(1) as f64
}
