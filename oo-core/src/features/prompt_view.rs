//! The prompt view: the same moment in words, for a language model.
//!
//! It is made from the same [`Assembled`] facts as the features, so that what is masked there is absent here. Titles
//! come from the caller, already unsealed, and are cleaned for display; they are data to be fenced, never instructions.

use std::collections::BTreeMap;

use crate::id::ItemKey;
use crate::moment::Moment;
use crate::prompt::{PromptTask, PromptView};
use crate::signal::SignalKind;
use crate::text::display_text;
use crate::user::UserState;

use super::assembler::Assembled;
use super::facts::{Facts, task_due};
use super::freshness::Freshness;
use super::words;

/// The most tasks a language model is told of.
pub const MAX_PROMPT_TASKS: usize = 8;

/// What a language model may be told at `now`. A task whose title is not in `titles` is left out.
#[must_use]
pub fn prompt_view(
    state: &UserState,
    assembled: &Assembled,
    now: &Moment,
    titles: &BTreeMap<ItemKey, String>,
) -> PromptView {
    let fresh = &assembled.freshness;
    let masked = SignalKind::ALL
        .into_iter()
        .filter(|kind| matches!(fresh.get(*kind), Freshness::Stale | Freshness::Denied))
        .map(|kind| kind.as_str().to_owned())
        .collect();
    PromptView {
        language: state.preferences.language.clone(),
        time_of_day: words::part_of_day(now).to_owned(),
        weekday: words::weekday(now).to_owned(),
        tasks: if fresh.is_fresh(SignalKind::Task) { prompt_tasks(state, now, titles) } else { Vec::new() },
        facts: SignalKind::ALL.into_iter().filter_map(|kind| fact(&assembled.facts, kind, now)).collect(),
        masked,
    }
}

fn prompt_tasks(state: &UserState, now: &Moment, titles: &BTreeMap<ItemKey, String>) -> Vec<PromptTask> {
    crate::sources::tasks::by_urgency(state, now, usize::MAX)
        .into_iter()
        .filter_map(|task| {
            let title = display_text(titles.get(&task.key)?);
            let note = task_due(task).map(|due| words::due(due, now));
            let note = note.or_else(|| (task.priority == 1).then(|| "high priority".to_owned())).unwrap_or_default();
            Some(PromptTask { title, note })
        })
        .take(MAX_PROMPT_TASKS)
        .collect()
}

/// What a kind of signal says now, in words; none when it may not be used or says nothing.
#[must_use]
pub fn fact(facts: &Facts, kind: SignalKind, now: &Moment) -> Option<String> {
    match kind {
        SignalKind::Task => facts.tasks.map(|tasks| match (tasks.overdue, tasks.due_today) {
            (0, 0) => format!("{} open", words::plural(i64::from(tasks.open), "task")),
            (0, today) => format!("{} due today", words::plural(i64::from(today), "task")),
            (overdue, _) => format!("{} past the due date", words::plural(i64::from(overdue), "task")),
        }),
        SignalKind::Habit => facts.habits.map(|habits| match (habits.streak, habits.kept_week) {
            (2.., _) => format!("a habit kept {} in a row", words::plural(i64::from(habits.streak), "day")),
            (_, kept) if kept > 0.0 => "habits kept now and then this week".to_owned(),
            _ => "no habit kept this week yet".to_owned(),
        }),
        SignalKind::Calendar => facts.calendar.map(|calendar| match (calendar.in_meeting, calendar.next_min) {
            (true, _) => "in a meeting now".to_owned(),
            (false, Some(minutes)) => {
                format!("next meeting in {}", words::span((minutes * crate::moment::MINUTE_MS as f64) as i64))
            }
            (false, None) => "no meeting in the next day".to_owned(),
        }),
        SignalKind::Mood => facts.mood.map(|mood| {
            let level = match mood.level {
                level if level < 2.5 => "low",
                level if level <= 3.5 => "in the middle",
                _ => "good",
            };
            format!("mood {level}, said {}", words::ago(mood.at_ms, now))
        }),
        SignalKind::Context => {
            let said: Vec<String> = facts
                .contexts
                .iter()
                .filter(|(_, value)| *value > 0.5)
                .map(|(name, _)| name.replace('_', " "))
                .collect();
            (!said.is_empty()).then(|| said.join(", "))
        }
    }
}
