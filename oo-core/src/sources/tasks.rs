//! Open tasks as candidates, the most urgent first.
//!
//! Order: what rests (denied, snoozed, or reacted to within the cool-down) behind what does not, so that it never takes
//! the place of a task that could be served; then what is overdue or due within a week by its due time, so the overdue
//! is first; then the rest by priority, due time and age; ties by key. A candidate has no text: its title is sealed and
//! read only when it is drawn.

use std::sync::{Arc, LazyLock};

use crate::candidate::TipCandidate;
use crate::error::Result;
use crate::event::TaskFact;
use crate::features::facts::{DuePressure, task_due};
use crate::id::hex;
use crate::moment::{HOUR_MS, Moment};
use crate::ports::{CandidateSource, Gathered, SourceQuery};
use crate::text::TEXT_VERSION;
use crate::user::UserState;

/// The source's name.
pub const NAME: &str = "tasks";

/// A due time within so many hours presses.
const WEEK_H: f64 = 7.0 * 24.0;

static SOURCE: LazyLock<Arc<str>> = LazyLock::new(|| Arc::from(NAME));

/// The source of open tasks.
#[derive(Clone, Copy, Debug)]
pub struct OpenTasks {
    /// How long a task rests after a reaction, in milliseconds; resting tasks are offered last.
    pub cool_down_ms: i64,
}

impl Default for OpenTasks {
    fn default() -> Self {
        OpenTasks { cool_down_ms: 20 * HOUR_MS }
    }
}

impl CandidateSource for OpenTasks {
    fn name(&self) -> &str {
        NAME
    }

    fn gather(&self, query: &SourceQuery<'_>) -> Result<Gathered> {
        let tasks =
            ranked(query.state, query.now, query.limit, |task| u8::from(self.rests(query.state, task, query.now)));
        Ok(Gathered::Ready(tasks.into_iter().map(candidate).collect()))
    }
}

impl OpenTasks {
    fn rests(&self, state: &UserState, task: &TaskFact, now: &Moment) -> bool {
        state.candidates.get(&task.key).is_some_and(|history| {
            history.denied
                || history.snoozed_until_ms > now.at_ms
                || (history.reacted_ms > 0 && now.at_ms.saturating_sub(history.reacted_ms) < self.cool_down_ms)
        })
    }
}

/// The open tasks of `state`, the most urgent at `now` first, at most `limit`.
#[must_use]
pub fn by_urgency<'a>(state: &'a UserState, now: &Moment, limit: usize) -> Vec<&'a TaskFact> {
    ranked(state, now, limit, |_| 0)
}

fn ranked<'a>(state: &'a UserState, now: &Moment, limit: usize, front: impl Fn(&TaskFact) -> u8) -> Vec<&'a TaskFact> {
    let mut tasks: Vec<_> = state
        .tasks
        .values()
        .map(|task| {
            let later_ms = task.due_ms.unwrap_or(i64::MAX);
            ((front(task), pressure(task, now), task.priority, later_ms, task.created_ms, task.key), task)
        })
        .collect();
    if limit < tasks.len() {
        if limit == 0 {
            return Vec::new();
        }
        // The key makes every rank unique, so an unstable selection is still one order.
        tasks.select_nth_unstable_by_key(limit - 1, |(rank, _)| *rank);
        tasks.truncate(limit);
    }
    tasks.sort_unstable_by_key(|(rank, _)| *rank);
    tasks.into_iter().map(|(_, task)| task).collect()
}

/// What presses (0), and when it is due if it is; what does not press (1) is not told apart by its due time.
fn pressure(task: &TaskFact, now: &Moment) -> (u8, i64) {
    let Some(due) = task_due(task) else { return (1, 0) };
    // What is overdue has no hours left.
    if DuePressure::of(due, now).hours_left <= WEEK_H { (0, task.due_ms.unwrap_or(i64::MAX)) } else { (1, 0) }
}

/// The candidate of one open task.
#[must_use]
pub fn candidate(task: &TaskFact) -> TipCandidate {
    TipCandidate {
        key: Some(task.key),
        content_hash: Some(task.content_hash),
        source: SOURCE.clone(),
        due: task_due(task),
        effort_min: (task.effort_min > 0).then_some(task.effort_min),
        priority: Some(task.priority.clamp(1, 4)),
        // A text that was derived in another way is masked: there is no text here to derive it again.
        text: (task.text_version == TEXT_VERSION).then_some(task.text),
        words: task.words,
        ..TipCandidate::todo(hex(&task.key.0), "")
    }
}
