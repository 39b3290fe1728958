//! Open tasks as candidates, the most urgent first.
//!
//! Order: what rests (denied, snoozed, or reacted to within the cool-down) behind what does not, so that it never takes
//! the place of a task that could be served; then overdue, due today, due within a week, the rest; then the due time,
//! the priority, the age, and the key. A candidate has no text: its title is sealed and read only when it is drawn.

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
            let due_ms = task.due_ms.unwrap_or(i64::MAX);
            ((front(task), bucket(task, now), due_ms, task.priority, task.created_ms, task.key), task)
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

fn bucket(task: &TaskFact, now: &Moment) -> u8 {
    let Some(due) = task_due(task) else { return 3 };
    let pressure = DuePressure::of(due, now);
    match () {
        () if pressure.overdue => 0,
        () if pressure.today => 1,
        () if pressure.hours_left <= 7.0 * 24.0 => 2,
        () => 3,
    }
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
