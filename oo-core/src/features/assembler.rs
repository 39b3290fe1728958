//! The assembler: one grid row a candidate, from what is known of a person and a moment.
//!
//! What depends on the moment alone is computed once; a row then costs one copy, a handful of candidate features, the
//! norm bound and the rounding, well under a microsecond. Values beyond a declared range are held to it and counted,
//! never an error. Crosses and the norm bound come before rounding; rounding is last, and the rounded value is the one
//! that is scored, logged and learned.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::candidate::{ArmKey, TimeOfDay, TipCandidate, TipKind};
use crate::error::{Error, Result};
use crate::grid::Grid;
use crate::moment::{DAY_MS, HOUR_MS, Moment};
use crate::schema::FeatureSchema;
use crate::signal::SignalKind;
use crate::text::{TEXT_BUCKETS, hashed_text};
use crate::user::{Rates, UserState};

use super::catalogue::{CATALOGUE_LEN, Feature, Scope};
use super::facts::{DuePressure, Facts};
use super::freshness::{ConsentPolicy, Freshness, FreshnessLimits, SignalFreshness};

/// The local day's angle, 2π.
const TURN: f64 = 2.0 * std::f64::consts::PI;

/// One decision's candidates as numbers; kept and filled again, so that a steady assembly allocates next to nothing.
#[derive(Clone, Debug, Default)]
pub struct Assembled {
    /// The number of columns, the schema's dimension.
    pub dim: usize,
    /// Grid integers, row-major.
    pub grid: Vec<i16>,
    /// The same as numbers: each is exactly its integer times its column's step.
    pub values: Vec<f64>,
    /// The arm of each row.
    pub arms: Vec<ArmKey>,
    /// How many values lay outside their range (or were no number) and were held to it; a value of the moment counts once.
    pub clamped: u32,
    /// What of the person could be used.
    pub freshness: SignalFreshness,
    /// The same, distilled.
    pub facts: Facts,
    base: Vec<f64>,
    arm_rates: Vec<(ArmKey, [f64; 3])>,
}

impl Assembled {
    /// The number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.arms.len()
    }

    /// The values of row `index`, empty when there is no such row.
    #[must_use]
    pub fn row(&self, index: usize) -> &[f64] {
        self.values.get(index * self.dim..(index + 1) * self.dim).unwrap_or(&[])
    }
}

/// How one column of the schema is filled.
#[derive(Clone, Copy, Debug)]
struct CandidateColumn {
    column: usize,
    feature: usize,
}

/// Turns what is known into features under one schema. Immutable; made once.
#[derive(Clone, Debug)]
pub struct FeatureAssembler {
    schema: Arc<FeatureSchema>,
    limits: FreshnessLimits,
    grids: Vec<Grid>,
    columns: BTreeMap<String, usize>,
    context: Vec<(usize, Feature)>,
    named: Vec<(usize, String)>,
    candidate: Vec<CandidateColumn>,
    reads_text: bool,
}

impl FeatureAssembler {
    /// An assembler of `schema`. Columns that the catalogue does not know are filled by candidates and context signals.
    ///
    /// # Errors
    /// `invalid_input` when a limit is out of range.
    pub fn new(schema: Arc<FeatureSchema>, limits: FreshnessLimits) -> Result<Self> {
        limits.validate()?;
        let mut assembler = FeatureAssembler {
            limits,
            grids: schema.features().iter().map(|feature| feature.range).collect(),
            columns: BTreeMap::new(),
            context: Vec::new(),
            named: Vec::new(),
            candidate: Vec::new(),
            reads_text: false,
            schema,
        };
        for (column, spec) in assembler.schema.features().iter().enumerate() {
            assembler.columns.insert(spec.name.clone(), column);
            match Feature::parse(&spec.name) {
                Some(feature) if feature.is_context_name() => assembler.named.push((column, spec.name.clone())),
                None => assembler.named.push((column, spec.name.clone())),
                Some(feature) if feature.entry().scope == Scope::Context => assembler.context.push((column, feature)),
                Some(feature) => {
                    assembler.reads_text |= feature >= Feature::Text0 && feature <= Feature::Text7;
                    assembler.candidate.push(CandidateColumn { column, feature: feature as usize });
                }
            }
        }
        Ok(assembler)
    }

    /// The schema.
    #[must_use]
    pub fn schema(&self) -> &Arc<FeatureSchema> {
        &self.schema
    }

    /// The freshness limits.
    #[must_use]
    pub fn limits(&self) -> &FreshnessLimits {
        &self.limits
    }

    /// Checks a context signal's name and value against the schema.
    ///
    /// # Errors
    /// `invalid_input` when the schema has no column of that name for context signals, or the value is out of its range.
    pub fn check_context(&self, name: &str, value: f64) -> Result<()> {
        let Some((column, _)) = self.named.iter().find(|(_, known)| known == name) else {
            let known: Vec<&str> = self.named.iter().map(|(_, name)| name.as_str()).take(16).collect();
            let shown: String = name.chars().take(64).collect();
            return Err(Error::invalid(
                "name",
                format!("the feature schema has no context {shown:?}; it has: {}", known.join(", ")),
            ));
        };
        self.check_value("value", *column, value)
    }

    /// Checks the feature values that a candidate brings against the schema.
    ///
    /// # Errors
    /// `invalid_input` when the schema has no column of a name, or a value is out of its range.
    pub fn check_candidate(&self, candidate: &TipCandidate) -> Result<()> {
        for (name, value) in &candidate.features {
            let Some(column) = self.columns.get(name) else {
                let shown: String = name.chars().take(64).collect();
                return Err(Error::invalid(
                    "features",
                    format!("the feature schema has no {shown:?}; declare it there or leave it out"),
                ));
            };
            self.check_value(name, *column, *value)?;
        }
        Ok(())
    }

    fn check_value(&self, field: &str, column: usize, value: f64) -> Result<()> {
        let grid = self.grids[column];
        if grid.holds(value) {
            return Ok(());
        }
        Err(Error::invalid(
            field,
            format!("{value} is outside the declared range {} to {}; correct it or leave it out", grid.lo(), grid.hi()),
        ))
    }

    /// Fills `out` with one row a candidate. Pure: the same state, moment and candidates give the same bits.
    ///
    /// A value that a candidate brings stands over whatever the catalogue or a context signal would put in that column.
    pub fn assemble(
        &self,
        state: &UserState,
        consent: ConsentPolicy,
        now: &Moment,
        candidates: &[TipCandidate],
        out: &mut Assembled,
    ) {
        out.dim = self.grids.len();
        out.clamped = 0;
        out.grid.clear();
        out.values.clear();
        out.arms.clear();
        out.freshness = SignalFreshness::of(state, consent, &self.limits, now);
        out.facts = Facts::of(state, &out.freshness, &self.limits, now);
        let moment = moment_features(state, &out.freshness, &out.facts, now);
        self.fill_base(&moment, out);
        fill_arm_rates(state, now.at_ms, &mut out.arm_rates);
        out.grid.reserve(candidates.len() * out.dim);
        out.values.reserve(candidates.len() * out.dim);
        for candidate in candidates {
            self.push_row(state, &moment, now, candidate, out);
        }
    }

    fn fill_base(&self, moment: &[f64; CATALOGUE_LEN], out: &mut Assembled) {
        out.base.clear();
        out.base.resize(self.grids.len(), 0.0);
        for (column, feature) in &self.context {
            out.base[*column] = hold(self.grids[*column], moment[*feature as usize], &mut out.clamped);
        }
        for (name, value) in &out.facts.contexts {
            if let Some((column, _)) = self.named.iter().find(|(_, known)| **known == **name) {
                out.base[*column] = hold(self.grids[*column], *value, &mut out.clamped);
            }
        }
    }

    fn push_row(
        &self,
        state: &UserState,
        moment: &[f64; CATALOGUE_LEN],
        now: &Moment,
        candidate: &TipCandidate,
        out: &mut Assembled,
    ) {
        let arm = candidate.arm();
        let rates = arm_rates(&out.arm_rates, &arm);
        let own = candidate_features(state, &out.freshness, moment, rates, now, candidate, self.reads_text);
        let start = out.values.len();
        out.values.extend_from_slice(&out.base);
        let row = &mut out.values[start..];
        for place in &self.candidate {
            row[place.column] = hold(self.grids[place.column], own[place.feature], &mut out.clamped);
        }
        for (name, value) in &candidate.features {
            if let Some(column) = self.columns.get(name) {
                row[*column] = hold(self.grids[*column], *value, &mut out.clamped);
            }
        }
        let scale = self.scale(row);
        for (value, grid) in row.iter_mut().zip(&self.grids) {
            let n = grid.clamped(*value * scale);
            out.grid.push(n);
            *value = grid.value(n);
        }
        out.arms.push(arm);
    }

    fn scale(&self, row: &[f64]) -> f64 {
        let Some(bound) = self.schema.norm_bound() else { return 1.0 };
        // One fixed order: the sum reaches the log.
        let norm = row.iter().fold(0.0, |sum, value| sum + value * value).sqrt();
        if norm > bound { bound / norm } else { 1.0 }
    }
}

/// Holds `value` to its range; what had to be held, or is no number, is counted.
fn hold(grid: Grid, value: f64, clamped: &mut u32) -> f64 {
    if grid.holds(value) {
        return value;
    }
    *clamped += 1;
    if value.is_nan() { 0.0_f64.clamp(grid.lo(), grid.hi()) } else { value.clamp(grid.lo(), grid.hi()) }
}

fn moment_features(state: &UserState, fresh: &SignalFreshness, facts: &Facts, now: &Moment) -> [f64; CATALOGUE_LEN] {
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

fn candidate_features(
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

fn fill_arm_rates(state: &UserState, now_ms: i64, out: &mut Vec<(ArmKey, [f64; 3])>) {
    out.clear();
    out.extend(state.arm_rates.iter().map(|(arm, rates)| (arm.clone(), rates_of(rates, now_ms))));
}

fn arm_rates(sorted: &[(ArmKey, [f64; 3])], arm: &ArmKey) -> [f64; 3] {
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
