//! The catalogue's values: what each [`Feature`] is worth for a person, a moment and a candidate, before any rounding.
//!
//! Counts saturate as n/(n + half), ages decay by half-lives, so that every value stays in its range by itself. All
//! transcendentals come from `libm`: these numbers are learned, logged and replayed.

use crate::candidate::{ArmKey, TimeOfDay, TipCandidate, TipKind};
use crate::moment::{DAY_MS, HOUR_MS, Moment};
use crate::signal::SignalKind;
use crate::text::{TEXT_BUCKETS, hashed_text};
use crate::user::{Rates, UserState};

use super::catalogue::{CATALOGUE_LEN, Feature};
use super::facts::{DuePressure, Facts};
use super::freshness::{Freshness, SignalFreshness};

/// The angle of a whole day, and of a whole week: 2π.
const TURN: f64 = 2.0 * std::f64::consts::PI;

/// Every feature of the moment, by its number in the catalogue; the others are 0.
pub(super) fn moment_features(
    state: &UserState,
    fresh: &SignalFreshness,
    facts: &Facts,
    now: &Moment,
) -> [f64; CATALOGUE_LEN] {
    let mut x = [0.0; CATALOGUE_LEN];
    let mut set = |feature: Feature, value: f64| x[feature as usize] = value;
    let day = f64::from(now.minute_of_day()) / 1440.0;
    let week = (f64::from(now.weekday()) + day) / 7.0;
    let (sin, cos) = libm::sincos(TURN * day);
    set(Feature::HourSin, sin);
    set(Feature::HourCos, cos);
    let (sin, cos) = libm::sincos(TURN * week);
    set(Feature::WeekdaySin, sin);
    set(Feature::WeekdayCos, cos);
    set(Feature::Weekend, flag(now.weekday() >= 5));
    if let Some(tasks) = facts.tasks {
        set(Feature::TasksOpen, saturating(f64::from(tasks.open), 10.0));
        set(Feature::TasksOverdue, saturating(f64::from(tasks.overdue), 3.0));
        set(Feature::TasksDueToday, saturating(f64::from(tasks.due_today), 3.0));
    }
    if let Some(habits) = facts.habits {
        set(Feature::HabitStreak, saturating(f64::from(habits.streak), 7.0));
        set(Feature::HabitKeptWeek, habits.kept_week);
        set(Feature::HabitLag, habits.lag_days / 7.0);
    }
    if let Some(calendar) = facts.calendar {
        set(Feature::InMeeting, flag(calendar.in_meeting));
        set(Feature::MeetingSoon, calendar.next_min.map_or(0.0, |minutes| (1.0 - minutes / 240.0).max(0.0)));
        set(Feature::BusyNext4h, calendar.busy_4h);
        set(Feature::BusyToday, calendar.busy_today);
    }
    if let Some(mood) = facts.mood {
        set(Feature::MoodLevel, (mood.level - 3.0) / 2.0);
        set(Feature::MoodTrend, (mood.level - mood.before) / 4.0);
        set(Feature::Energy, mood.energy.map_or(0.0, |energy| (energy - 3.0) / 2.0));
    }
    set(Feature::EnergyMissing, flag(facts.mood.is_none_or(|mood| mood.energy.is_none())));
    for (feature, kind) in [
        (Feature::TaskMissing, SignalKind::Task),
        (Feature::HabitMissing, SignalKind::Habit),
        (Feature::CalendarMissing, SignalKind::Calendar),
        (Feature::MoodMissing, SignalKind::Mood),
        (Feature::ContextMissing, SignalKind::Context),
    ] {
        set(feature, flag(fresh.get(kind) != Freshness::Fresh));
    }
    let [done, snooze, dismiss] = rates_of(&state.rates, now.at_ms);
    set(Feature::DoneRate, done);
    set(Feature::SnoozeRate, snooze);
    set(Feature::DismissRate, dismiss);
    set(Feature::Dose, (state.dose / 20.0).min(1.0));
    if let Some(last_ms) = state.last_shown_ms {
        set(Feature::TipRecency, halved(now.at_ms.saturating_sub(last_ms), 4.0 * HOUR_MS as f64));
    }
    if state.today.0 == now.local_day() {
        set(Feature::TipsToday, (f64::from(state.today.1) / 10.0).min(1.0));
    }
    x
}

/// Every feature of one candidate, by its number in the catalogue; the moment's are 0.
pub(super) fn candidate_features(
    state: &UserState,
    fresh: &SignalFreshness,
    moment: &[f64; CATALOGUE_LEN],
    [arm_done, arm_snooze, arm_dismiss]: [f64; 3],
    now: &Moment,
    candidate: &TipCandidate,
    reads_text: bool,
) -> [f64; CATALOGUE_LEN] {
    let mut x = [0.0; CATALOGUE_LEN];
    let mut set = |feature: Feature, value: f64| x[feature as usize] = value;
    let at = |feature: Feature| moment[feature as usize];
    let todo = flag(candidate.kind == TipKind::Todo);
    let advice = 1.0 - todo;
    set(Feature::IsTodo, todo);
    set(Feature::FromTasks, flag(&*candidate.source == crate::sources::tasks::NAME));
    set(Feature::FromAdvice, flag(&*candidate.source == crate::sources::advice::NAME));
    set(Feature::Generated, flag(candidate.provenance.is_some()));

    // What is known of a task came with task signals: it is masked with them.
    let task = candidate.key.and_then(|key| state.tasks.get(&key));
    let usable = task.is_none() || fresh.is_fresh(SignalKind::Task);
    let due = candidate.due.filter(|_| usable).map(|due| DuePressure::of(due, now)).unwrap_or_default();
    let has_due = candidate.due.is_some() && usable;
    let overdue = if due.overdue { 0.5 + 0.5 * saturating(due.overdue_days, 7.0) } else { 0.0 };
    let today = flag(has_due && due.today);
    let soon = if has_due && !due.overdue { libm::exp2(-due.hours_left / 24.0) } else { 0.0 };
    let priority =
        candidate.priority.filter(|_| usable).map_or(0.0, |priority| f64::from(4 - priority.clamp(1, 4)) / 3.0);
    let urgency = overdue.max(0.8 * today).max(0.6 * soon).max(0.5 * priority);
    set(Feature::Overdue, overdue);
    set(Feature::DueToday, today);
    set(Feature::DueSoon, soon);
    set(Feature::Priority, priority);
    set(Feature::Urgency, urgency);
    if let Some(task) = task.filter(|_| usable) {
        set(
            Feature::TaskAge,
            saturating(now.at_ms.saturating_sub(task.created_ms).max(0) as f64 / DAY_MS as f64, 14.0),
        );
    }
    let effort_min = candidate.effort_min.filter(|_| usable);
    let effort = effort_min.map_or(0.0, |minutes| saturating(f64::from(minutes), 15.0));
    set(Feature::Effort, effort);
    set(Feature::EffortMissing, flag(effort_min.is_none()));
    set(Feature::Length, saturating(f64::from(candidate.words), 12.0));
    set(Feature::TimeMatch, time_match(&candidate.times, now));

    if let Some(history) = candidate.key.and_then(|key| state.candidates.get(&key)) {
        set(Feature::DrawnBefore, saturating(f64::from(history.drawn), 3.0));
        set(Feature::DismissedBefore, saturating(f64::from(history.dismissed), 1.0));
        if history.drawn > 0 {
            set(Feature::RepeatRecency, halved(now.at_ms.saturating_sub(history.shown_ms), 15.0 * DAY_MS as f64));
        }
    }
    set(Feature::ArmDoneRate, arm_done);
    set(Feature::ArmSnoozeRate, arm_snooze);
    set(Feature::ArmDismissRate, arm_dismiss);

    set(Feature::TodoBusy, todo * at(Feature::BusyNext4h));
    set(Feature::TodoDaytime, -todo * at(Feature::HourCos));
    set(Feature::TodoWeekend, todo * at(Feature::Weekend));
    set(Feature::TodoEnergy, todo * at(Feature::Energy));
    set(Feature::AdviceEvening, advice * flag(TimeOfDay::of_minute(now.minute_of_day()) == TimeOfDay::Evening));
    set(Feature::AdviceMood, advice * at(Feature::MoodLevel));
    set(Feature::EffortEnergy, effort * at(Feature::Energy));
    set(Feature::EffortMeeting, effort * at(Feature::MeetingSoon));
    set(Feature::UrgencyHour, urgency * at(Feature::HourSin));

    if reads_text && usable {
        let buckets = match candidate.text {
            Some(buckets) => buckets,
            None if candidate.content.is_empty() => [0; TEXT_BUCKETS],
            None => hashed_text(&candidate.content),
        };
        for (place, bucket) in x[Feature::Text0 as usize..=Feature::Text7 as usize].iter_mut().zip(buckets) {
            *place = f64::from(bucket) / 4.0;
        }
    }
    x
}

fn time_match(times: &[TimeOfDay], now: &Moment) -> f64 {
    if times.is_empty() || times.contains(&TimeOfDay::Any) {
        0.0
    } else if times.contains(&TimeOfDay::of_minute(now.minute_of_day())) {
        1.0
    } else {
        -1.0
    }
}

/// The rates of every arm of the person, sorted by arm.
pub(super) fn fill_arm_rates(state: &UserState, now_ms: i64, out: &mut Vec<(ArmKey, [f64; 3])>) {
    out.clear();
    out.extend(state.arm_rates.iter().map(|(arm, rates)| (arm.clone(), rates_of(rates, now_ms))));
}

/// The rates of one arm; 0 for one that was never shown.
pub(super) fn arm_rates(sorted: &[(ArmKey, [f64; 3])], arm: &ArmKey) -> [f64; 3] {
    sorted.binary_search_by(|(known, _)| known.cmp(arm)).map_or([0.0; 3], |place| sorted[place].1)
}

fn rates_of(rates: &Rates, now_ms: i64) -> [f64; 3] {
    let shown = rates.shown.at(now_ms) + 1.0;
    [rates.done, rates.snooze, rates.dismiss].map(|count| (count.at(now_ms) / shown).clamp(0.0, 1.0))
}

fn flag(is: bool) -> f64 {
    if is { 1.0 } else { 0.0 }
}

/// n/(n + half): 0 for none, ½ at `half`, towards 1 without end.
fn saturating(n: f64, half: f64) -> f64 {
    n / (n + half)
}

/// ½ to the number of half-lives in `age_ms`; an age below 0, from a clock that jumped back, counts as 0.
fn halved(age_ms: i64, half_life_ms: f64) -> f64 {
    libm::exp2(-(age_ms.max(0) as f64) / half_life_ms)
}
