//! The *why*: one sentence from the features that counted most, and the signals that were used, in words.
//!
//! A clause belongs to a feature and is said only when that feature spoke for the tip; nothing is ever invented. When
//! the draw was an experiment, or no feature counted, the sentence says so. No guilt, no streaks, no exclamation marks.

use serde::{Deserialize, Serialize};

use crate::candidate::TipKind;
use crate::features::catalogue::{Feature, Scope};
use crate::features::facts::{DuePressure, Facts};
use crate::features::prompt_view::fact;
use crate::features::words;
use crate::moment::{MINUTE_MS, Moment};
use crate::schema::FeatureSchema;
use crate::signal::{Due, SignalKind};

/// What is said when the tip was drawn to learn.
pub const EXPERIMENT: &str = "A small experiment: I am still learning what helps you.";
/// What is said when features spoke for the tip that have no words of their own.
pub const FITS: &str = "It fits what has worked so far.";
/// What is said when no feature spoke for the tip.
pub const LEARNING: &str = "Something small for now; I am still learning what helps you.";
/// The most words of a sentence.
pub const MAX_WORDS: usize = 18;
/// The most features that are named.
const MAX_FEATURES: usize = 5;
/// A contribution below this reward is none.
const LEAST: f64 = 0.005;

/// Why a tip, for the person it was given to.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Why {
    /// One short sentence.
    pub sentence: String,
    /// The features that counted most, what spoke for the tip first, each side by weight.
    pub features: Vec<WhyFeature>,
    /// The signals that were used, in words.
    pub signals: Vec<WhySignal>,
}
crate::debug_without_texts!(Why { features, signals });

/// One feature of a [`Why`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WhyFeature {
    /// The feature's name in the schema.
    pub name: String,
    /// Its value in the tip's row.
    pub value: f64,
    /// What it added to the expected reward.
    pub contribution: f64,
}

/// One signal of a [`Why`].
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WhySignal {
    /// The kind of signal.
    pub kind: SignalKind,
    /// What it said, such as "next meeting in 20 minutes".
    pub said: String,
}
crate::debug_without_texts!(WhySignal { kind });

/// What a *why* is made of.
#[derive(Clone, Copy, Debug)]
pub struct WhyRequest<'a> {
    /// The schema of the row.
    pub schema: &'a FeatureSchema,
    /// The tip's row of values.
    pub row: &'a [f64],
    /// What each column added to the expected reward; empty for policies without weights.
    pub contributions: &'a [f64],
    /// Whether the tip was drawn to learn: by the floor, an exploring draw, or the holdout.
    pub explored: bool,
    /// To-do or advice.
    pub kind: TipKind,
    /// When the tip's task is due.
    pub due: Option<Due>,
    /// The facts that the row was made from.
    pub facts: &'a Facts,
    /// When it was decided, where the person was.
    pub now: &'a Moment,
}

/// Why this tip.
#[must_use]
pub fn why(request: &WhyRequest<'_>) -> Why {
    let sentence = if request.explored { EXPERIMENT.to_owned() } else { sentence(request) };
    Why { sentence, features: top_features(request), signals: signals(request) }
}

fn contributions<'a>(request: &'a WhyRequest<'_>) -> impl Iterator<Item = (&'a str, f64, f64)> {
    let names = request.schema.features().iter().map(|feature| feature.name.as_str());
    names
        .zip(request.row)
        .zip(request.contributions)
        .map(|((name, value), contribution)| (name, *value, *contribution))
        .filter(|(_, _, contribution)| contribution.abs() >= LEAST)
}

fn top_features(request: &WhyRequest<'_>) -> Vec<WhyFeature> {
    let mut all: Vec<_> = contributions(request).collect();
    all.sort_by(|a, b| b.2.abs().total_cmp(&a.2.abs()).then(a.0.cmp(b.0)));
    all.truncate(MAX_FEATURES);
    // Stable: within each side the weight decides.
    all.sort_by_key(|(_, _, contribution)| *contribution < 0.0);
    all.into_iter()
        .map(|(name, value, contribution)| WhyFeature { name: name.to_owned(), value, contribution })
        .collect()
}

/// How much a feature tells this candidate from others: its own matters, then its kind's, then the moment's, which is
/// the same for every candidate and chose none of them.
fn remoteness(name: &str) -> u8 {
    match Feature::parse(name) {
        Some(feature) if feature.entry().scope == Scope::Context => 2,
        Some(
            Feature::IsTodo
            | Feature::FromTasks
            | Feature::FromAdvice
            | Feature::Generated
            | Feature::TodoBusy
            | Feature::TodoDaytime
            | Feature::TodoWeekend
            | Feature::TodoEnergy
            | Feature::AdviceEvening
            | Feature::AdviceMood,
        ) => 1,
        _ => 0,
    }
}

/// One clause, or two that are about different things, from the features that spoke most for the tip.
fn sentence(request: &WhyRequest<'_>) -> String {
    let mut speaking: Vec<_> = contributions(request)
        .filter(|(_, _, contribution)| *contribution > 0.0)
        .map(|(name, value, contribution)| (remoteness(name), name, value, contribution))
        .collect();
    speaking.sort_by(|a, b| (a.0 == 2).cmp(&(b.0 == 2)).then(b.3.total_cmp(&a.3)).then(a.1.cmp(b.1)));
    speaking.truncate(MAX_FEATURES);
    // Stable: among equally remote features the weight decides.
    speaking.sort_by_key(|(remoteness, ..)| *remoteness);
    let mut clauses: Vec<(Topic, String)> = Vec::with_capacity(2);
    for (_, name, value, _) in speaking {
        let Some((topic, clause)) = Feature::parse(name).and_then(|feature| clause(feature, value, request)) else {
            continue;
        };
        if clauses.iter().all(|(said, _)| *said != topic) {
            clauses.push((topic, clause));
        }
        if clauses.len() == 2 {
            break;
        }
    }
    let mut text = match clauses.as_slice() {
        [] => return if contributions(request).any(|(_, _, c)| c > 0.0) { FITS } else { LEARNING }.to_owned(),
        [(_, one)] => one.clone(),
        [(_, one), (_, two), ..] => {
            let both = format!("{one}, and {two}");
            if both.split_whitespace().count() <= MAX_WORDS { both } else { one.clone() }
        }
    };
    if let Some(first) = text.get(..1) {
        let upper = first.to_ascii_uppercase();
        text.replace_range(..1, &upper);
    }
    text.push('.');
    text
}

/// What a clause is about; a sentence speaks of a thing once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Topic {
    Due,
    Priority,
    Hour,
    Day,
    Calendar,
    Mood,
    Energy,
    Effort,
    Habit,
    Place,
    Kind,
    History,
    Text,
    Rhythm,
}

/// The clause of `feature` when it spoke for the tip with `value`; none where nothing true and kind can be said.
fn clause(feature: Feature, value: f64, request: &WhyRequest<'_>) -> Option<(Topic, String)> {
    let todo = request.kind == TipKind::Todo;
    let high = value > 0.0;
    let part = words::part_of_day(request.now);
    let say = |topic: Topic, text: &str| Some((topic, text.to_owned()));
    match feature {
        Feature::Overdue | Feature::DueToday | Feature::DueSoon if high => due_clause(request.due?, request.now),
        Feature::Urgency | Feature::UrgencyHour if value != 0.0 => match request.due {
            Some(due) => due_clause(due, request.now),
            None => say(Topic::Priority, "you gave it a priority"),
        },
        Feature::Priority if high => say(Topic::Priority, "you gave it a priority"),
        Feature::TaskAge if high => say(Topic::Due, "it has been waiting on your list for a while"),
        Feature::TimeMatch if high => Some((Topic::Hour, format!("it suits this {}", part_noun(part)))),
        Feature::HourSin | Feature::HourCos => say(Topic::Hour, "this is often a good hour"),
        Feature::AdviceEvening if high => say(Topic::Hour, "it is a small thing for the evening"),
        Feature::WeekdaySin | Feature::WeekdayCos => {
            Some((Topic::Day, format!("a {} like this often works", words::weekday(request.now))))
        }
        Feature::TodoDaytime => say(Topic::Hour, "this is a good time of day for a to-do"),
        Feature::Weekend | Feature::TodoWeekend if high => say(Topic::Day, "it is the weekend"),
        Feature::InMeeting if high => say(Topic::Calendar, "your calendar is busy right now"),
        Feature::MeetingSoon if high => calendar_clause(request),
        Feature::BusyNext4h | Feature::TodoBusy if high => say(Topic::Calendar, "your next hours are partly taken"),
        Feature::BusyToday if high => say(Topic::Calendar, "part of your day is taken"),
        Feature::EffortMeeting if high => calendar_clause(request),
        Feature::MoodLevel | Feature::AdviceMood => {
            say(Topic::Mood, if high { "your mood is good" } else { "your mood could use something small" })
        }
        Feature::MoodTrend => {
            say(Topic::Mood, if high { "your mood is rising" } else { "your mood has dipped a little" })
        }
        Feature::Energy | Feature::EffortEnergy | Feature::TodoEnergy => {
            say(Topic::Energy, if high { "you have energy now" } else { "you are a little tired" })
        }
        Feature::Effort if high => say(Topic::Effort, "tips of about this size often work"),
        Feature::Length if high => say(Topic::Text, "tips of about this length often work"),
        Feature::HabitStreak | Feature::HabitKeptWeek if high => say(Topic::Habit, "you have kept a habit lately"),
        Feature::HabitLag if high => say(Topic::Habit, "a habit of yours has been resting"),
        Feature::AtHome if high => say(Topic::Place, "you are at home"),
        Feature::AtWork if high => say(Topic::Place, "you are at work"),
        Feature::Commuting if high => say(Topic::Place, "you are on your way"),
        Feature::Outdoors if high => say(Topic::Place, "you are outdoors"),
        Feature::WithPeople if high => say(Topic::Place, "you are in company"),
        Feature::Focus if high => say(Topic::Place, "you are concentrating"),
        Feature::IsTodo | Feature::FromTasks if high && todo => say(Topic::Kind, "it is one of your own to-dos"),
        Feature::FromAdvice if high && !todo => say(Topic::Kind, "small advice tends to work for you"),
        Feature::Generated if high => say(Topic::Kind, "freshly written tips tend to work for you"),
        Feature::ArmDoneRate if high => say(Topic::History, "you have done tips of this kind before"),
        Feature::ArmSnoozeRate if high => say(Topic::History, "you like to come back to tips of this kind"),
        Feature::DrawnBefore | Feature::RepeatRecency if high => say(Topic::History, "it is worth a second look"),
        Feature::DoneRate if high => say(Topic::Rhythm, "you have done a tip or two lately"),
        Feature::TasksOpen | Feature::TasksOverdue | Feature::TasksDueToday if high => tasks_clause(request),
        Feature::Text0
        | Feature::Text1
        | Feature::Text2
        | Feature::Text3
        | Feature::Text4
        | Feature::Text5
        | Feature::Text6
        | Feature::Text7 => say(Topic::Text, "tips with similar words often work"),
        _ => None,
    }
}

fn due_clause(due: Due, now: &Moment) -> Option<(Topic, String)> {
    let pressure = DuePressure::of(due, now);
    let verb = if pressure.overdue { "was" } else { "is" };
    Some((Topic::Due, format!("it {verb} {}", words::due(due, now))))
}

fn part_noun(part: &str) -> &str {
    if part == "midday" { "time of day" } else { part }
}

fn calendar_clause(request: &WhyRequest<'_>) -> Option<(Topic, String)> {
    let minutes = request.facts.calendar?.next_min?;
    Some((Topic::Calendar, format!("your next meeting is in {}", words::span((minutes * MINUTE_MS as f64) as i64))))
}

fn tasks_clause(request: &WhyRequest<'_>) -> Option<(Topic, String)> {
    let tasks = request.facts.tasks?;
    Some((Topic::Due, format!("you have {} open", words::plural(i64::from(tasks.open), "task"))))
}

/// The signals that reached the row: fresh, and with a value other than 0 in some column.
fn signals(request: &WhyRequest<'_>) -> Vec<WhySignal> {
    let used = |kind: SignalKind| {
        request.schema.features().iter().zip(request.row).any(|(spec, value)| {
            *value != 0.0
                && Feature::parse(&spec.name)
                    .map_or(kind == SignalKind::Context, |feature| feature.entry().signal == Some(kind))
        })
    };
    SignalKind::ALL
        .into_iter()
        .filter_map(|kind| {
            let own_due = request.due.filter(|_| kind == SignalKind::Task && request.kind == TipKind::Todo);
            let said = match own_due {
                Some(due) if request.facts.tasks.is_some() => Some(words::due(due, request.now)),
                _ if used(kind) => fact(request.facts, kind, request.now),
                _ => None,
            };
            said.map(|said| WhySignal { kind, said })
        })
        .collect()
}
