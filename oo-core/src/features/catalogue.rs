//! The catalogue: every feature oO computes itself, with its name, range, prior weight and meaning.
//!
//! Names are a stable interface: a schema lists them, a saved state is bound to them. All values lie in [0, 1] or
//! [−1, 1]. A schema may pick any of them, in any order, and may add names of its own that candidates or context
//! signals supply. The prior weights are the mean θ₀ of a cold linear model: small enough that an answer or two
//! outweighs them, because a prior that is never wrong is a rule.

use std::sync::Arc;

use crate::grid::Grid;
use crate::schema::{FeatureSchema, FeatureSpec};
use crate::signal::SignalKind;

/// What a feature depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The person and the moment: the same for all candidates of a decision.
    Context,
    /// The candidate, perhaps crossed with the moment.
    Candidate,
}

/// One feature of the catalogue.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Entry {
    /// The feature.
    pub feature: Feature,
    /// Its stable name.
    pub name: &'static str,
    /// The lower bound, 0 or −1; the upper is 1.
    pub lo: f64,
    /// What it depends on.
    pub scope: Scope,
    /// The kind of signal it needs, where it needs one.
    pub signal: Option<SignalKind>,
    /// Its weight in θ₀.
    pub prior: f64,
    /// Whether the default schema has it.
    pub in_default: bool,
}

macro_rules! lower_bound {
    (unit) => {
        0.0
    };
    (signed) => {
        -1.0
    };
}

macro_rules! signal_kind {
    (none) => {
        None
    };
    ($kind:ident) => {
        Some(SignalKind::$kind)
    };
}

macro_rules! catalogue {
    ($($feature:ident $name:literal $bound:ident $scope:ident $signal:ident $prior:literal $in_default:literal $about:literal;)*) => {
        /// A feature of the catalogue; its number is its place in [`CATALOGUE`].
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Feature {
            $(#[doc = $about] $feature,)*
        }

        /// Every feature oO computes itself.
        pub const CATALOGUE: &[Entry] = &[$(Entry {
            feature: Feature::$feature,
            name: $name,
            lo: lower_bound!($bound),
            scope: Scope::$scope,
            signal: signal_kind!($signal),
            prior: $prior,
            in_default: $in_default,
        },)*];
    };
}

catalogue! {
    // The moment.
    HourSin "hour_sin" signed Context none 0.0 true "sin of the local time of day.";
    HourCos "hour_cos" signed Context none 0.0 true "cos of the local time of day.";
    WeekdaySin "weekday_sin" signed Context none 0.0 true "sin of the place in the local week.";
    WeekdayCos "weekday_cos" signed Context none 0.0 true "cos of the place in the local week.";
    Weekend "weekend" unit Context none 0.0 false "1 on Saturday and Sunday.";

    // Signals.
    TasksOpen "tasks_open" unit Context Task 0.0 false "Open tasks n as n/(n+10).";
    TasksOverdue "tasks_overdue" unit Context Task 0.0 true "Overdue tasks n as n/(n+3).";
    TasksDueToday "tasks_due_today" unit Context Task 0.0 false "Tasks still due today n as n/(n+3).";
    HabitStreak "habit_streak" unit Context Habit 0.0 true "The longest running streak of d days as d/(d+7).";
    HabitKeptWeek "habit_kept_week" unit Context Habit 0.0 true "The mean share of their planned days on which habits were kept, last 7 days.";
    HabitLag "habit_lag" unit Context Habit 0.0 true "How far the most overdue habit is past its turn, of 7 days.";
    InMeeting "in_meeting" unit Context Calendar 0.0 true "1 while the calendar says busy.";
    MeetingSoon "meeting_soon" unit Context Calendar 0.0 true "1 − minutes to the next busy entry / 240; 0 when none begins within 4 h.";
    BusyNext4h "busy_4h" unit Context Calendar 0.0 true "The busy share of the next 4 h.";
    BusyToday "busy_today" unit Context Calendar 0.0 true "The busy share of what is left of the local day.";
    MoodLevel "mood_level" signed Context Mood 0.0 true "The mood, −1 (low) to 1 (high).";
    MoodTrend "mood_trend" signed Context Mood 0.0 true "The mood less the mean of those before.";
    Energy "energy" signed Context Mood 0.0 true "The energy, −1 (tired) to 1 (awake); 0 when unsaid.";
    EnergyMissing "energy_missing" unit Context none 0.0 false "1 when no fresh mood says an energy.";
    AtHome "at_home" unit Context Context 0.0 true "The person is at home.";
    AtWork "at_work" unit Context Context 0.0 true "The person is at work.";
    Commuting "commuting" unit Context Context 0.0 true "The person is on their way.";
    Outdoors "outdoors" unit Context Context 0.0 true "The person is outdoors.";
    WithPeople "with_people" unit Context Context 0.0 true "The person is in company.";
    Focus "focus" unit Context Context 0.0 true "The person is concentrating.";
    TaskMissing "task_missing" unit Context none 0.0 true "1 when tasks are stale, denied or absent.";
    HabitMissing "habit_missing" unit Context none 0.0 true "1 when habits are stale, denied or absent.";
    CalendarMissing "calendar_missing" unit Context none 0.0 true "1 when the calendar is stale, denied or absent.";
    MoodMissing "mood_missing" unit Context none 0.0 true "1 when the mood is stale, denied or absent.";
    ContextMissing "context_missing" unit Context none 0.0 true "1 when no context is fresh and agreed to.";

    // How tips went.
    DoneRate "done_rate" unit Context none 0.0 true "Decayed done tips over decayed shown tips + 1.";
    SnoozeRate "snooze_rate" unit Context none 0.0 true "Decayed snoozes over decayed shown tips + 1.";
    DismissRate "dismiss_rate" unit Context none 0.0 true "Decayed dismissals over decayed shown tips + 1.";
    Dose "dose" unit Context none 0.0 true "The dose D of 20, D ← 0.95·D at a decision, + 1 when shown.";
    TipRecency "tip_recency" unit Context none 0.0 true "0.5^(hours since the last tip / 4); 0 when there was none.";
    TipsToday "tips_today" unit Context none 0.0 true "Tips decided on this local day, of 10.";

    // The candidate.
    IsTodo "is_todo" unit Candidate none 0.05 true "1 for a to-do, 0 for an advice.";
    FromTasks "from_tasks" unit Candidate none 0.0 false "1 for a candidate of the task source.";
    FromAdvice "from_advice" unit Candidate none 0.0 false "1 for a candidate of the advice library.";
    Generated "generated" unit Candidate none 0.0 true "1 for a generated text.";
    Overdue "overdue" unit Candidate none 0.2 true "0 when not overdue, else ½ + ½·d/(d+7) for d days past.";
    DueToday "due_today" unit Candidate none 0.2 true "1 when still due today.";
    DueSoon "due_soon" unit Candidate none 0.05 true "0.5^(hours left / 24); 0 when past or not due.";
    Priority "priority" unit Candidate none 0.05 true "(4 − priority)/3; 0 when none is given.";
    TaskAge "task_age" unit Candidate Task 0.0 true "The task's age of d days as d/(d+14).";
    Effort "effort" unit Candidate none -0.1 true "m minutes as m/(m+15); 0 when unknown.";
    EffortMissing "effort_missing" unit Candidate none 0.0 false "1 when the effort is unknown.";
    Urgency "urgency" unit Candidate none 0.0 true "The greatest of overdue, 0.8·due_today, 0.6·due_soon and 0.5·priority.";
    Length "length" unit Candidate none 0.0 true "The length of the text of w words as w/(w+12).";
    TimeMatch "time_match" signed Candidate none 0.12 true "1 when it suits this part of the day, −1 when another, 0 when any.";
    DrawnBefore "drawn_before" unit Candidate none -0.05 true "Times drawn n as n/(n+3).";
    DismissedBefore "dismissed_before" unit Candidate none -0.3 true "Times dismissed n as n/(n+1).";
    RepeatRecency "repeat_recency" unit Candidate none -0.15 true "0.5^(days since it was last drawn / 15); 0 when never.";
    ArmDoneRate "arm_done_rate" unit Candidate none 0.15 true "The done rate of its kind and category.";
    ArmSnoozeRate "arm_snooze_rate" unit Candidate none 0.0 true "The snooze rate of its kind and category.";
    ArmDismissRate "arm_dismiss_rate" unit Candidate none -0.15 true "The dismiss rate of its kind and category.";
    Text0 "text_0" signed Candidate none 0.0 true "Bucket 0 of the hashed text, of 4.";
    Text1 "text_1" signed Candidate none 0.0 true "Bucket 1 of the hashed text, of 4.";
    Text2 "text_2" signed Candidate none 0.0 true "Bucket 2 of the hashed text, of 4.";
    Text3 "text_3" signed Candidate none 0.0 true "Bucket 3 of the hashed text, of 4.";
    Text4 "text_4" signed Candidate none 0.0 true "Bucket 4 of the hashed text, of 4.";
    Text5 "text_5" signed Candidate none 0.0 true "Bucket 5 of the hashed text, of 4.";
    Text6 "text_6" signed Candidate none 0.0 true "Bucket 6 of the hashed text, of 4.";
    Text7 "text_7" signed Candidate none 0.0 true "Bucket 7 of the hashed text, of 4.";

    // Crosses.
    TodoBusy "todo_x_busy" unit Candidate Calendar 0.0 true "To-do × busy share of the next 4 h.";
    TodoDaytime "todo_x_daytime" signed Candidate none 0.15 true "To-do × −cos of the local time of day: + by day, − by night.";
    TodoWeekend "todo_x_weekend" unit Candidate none 0.0 true "To-do × weekend.";
    TodoEnergy "todo_x_energy" signed Candidate Mood 0.0 false "To-do × energy.";
    AdviceEvening "advice_x_evening" unit Candidate none 0.05 true "Advice × evening.";
    AdviceMood "advice_x_mood" signed Candidate Mood 0.0 true "Advice × mood.";
    EffortEnergy "effort_x_energy" signed Candidate Mood 0.1 true "Effort × energy.";
    EffortMeeting "effort_x_meeting" unit Candidate Calendar -0.1 true "Effort × meeting soon.";
    UrgencyHour "urgency_x_hour" signed Candidate none 0.05 true "Urgency × sin of the local time of day: mornings count as +.";
}

/// How many features the catalogue has.
pub const CATALOGUE_LEN: usize = CATALOGUE.len();

/// The names that a context signal may have under the default schema: a closed list, because a name enters the log.
pub const CONTEXT_NAMES: [&str; 6] = ["at_home", "at_work", "commuting", "focus", "outdoors", "with_people"];

/// The bound on the length of an assembled vector in the default schema.
///
/// The moment alone is about that long, so every candidate is held to it, and a cold model has no candidate that it
/// prefers for the length of its vector.
pub const NORM_BOUND: f64 = 2.0;

impl Feature {
    /// The catalogue's entry of this feature.
    #[must_use]
    pub fn entry(self) -> &'static Entry {
        &CATALOGUE[self as usize]
    }

    /// The feature named `name`.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        CATALOGUE.iter().find(|entry| entry.name == name).map(|entry| entry.feature)
    }

    /// Whether a context signal of that name fills this feature.
    #[must_use]
    pub fn is_context_name(self) -> bool {
        CONTEXT_NAMES.contains(&self.entry().name)
    }
}

impl Entry {
    /// The feature as a schema declares it.
    ///
    /// # Errors
    /// Never in practice: the catalogue's ranges are valid.
    pub fn spec(&self) -> crate::error::Result<FeatureSpec> {
        Ok(FeatureSpec { name: self.name.to_owned(), range: Grid::new(self.lo, 1.0)?, prior: self.prior })
    }
}

/// The schema an engine has unless it is given another.
///
/// # Errors
/// Never in practice: a test builds it.
pub fn default_schema() -> crate::error::Result<Arc<FeatureSchema>> {
    let features =
        CATALOGUE.iter().filter(|entry| entry.in_default).map(Entry::spec).collect::<crate::error::Result<Vec<_>>>()?;
    FeatureSchema::new(features, Some(NORM_BOUND)).map(Arc::new)
}
