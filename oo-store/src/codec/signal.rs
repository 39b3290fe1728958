//! Signals on the wire.

use std::sync::Arc;

use oo_core::Result;
use oo_core::event::{SignalFact, TaskFact};
use oo_core::id::ItemKey;
use oo_core::signal::{HabitEvent, SignalKind, TaskStatus};

use super::field::{array, known, narrow, newer};
use super::pb;

pub(super) fn to_wire(fact: &SignalFact) -> pb::Signal {
    use pb::signal::Fact;
    let fact = match fact {
        SignalFact::Task(task) => Fact::Task(task_to_wire(task)),
        SignalFact::Habit { key, per_week, event } => Fact::Habit(pb::Habit {
            key: key.0.to_vec(),
            per_week: (*per_week).into(),
            event: match event {
                HabitEvent::Defined => pb::HabitEvent::Defined,
                HabitEvent::Done => pb::HabitEvent::Done,
                HabitEvent::Deleted => pb::HabitEvent::Deleted,
            }
            .into(),
        }),
        SignalFact::Calendar { key, start_ms, end_ms, busy, all_day, cancelled } => Fact::Calendar(pb::Calendar {
            key: key.0.to_vec(),
            start_ms: *start_ms,
            end_ms: *end_ms,
            busy: *busy,
            all_day: *all_day,
            cancelled: *cancelled,
        }),
        SignalFact::Mood { level, energy } => Fact::Mood(pb::Mood { level: *level, energy: *energy }),
        SignalFact::Context { name, value } => {
            Fact::Context(pb::Context { name: name.as_ref().to_owned(), value: *value })
        }
    };
    pb::Signal { fact: Some(fact) }
}

pub(super) fn from_wire(signal: pb::Signal) -> Result<SignalFact> {
    use pb::signal::Fact;
    Ok(match signal.fact.ok_or_else(|| newer("a signal of a kind it does not know"))? {
        Fact::Task(task) => SignalFact::Task(task_from_wire(&task)?),
        Fact::Habit(habit) => SignalFact::Habit {
            key: ItemKey(array(&habit.key, "habit.key")?),
            per_week: narrow(habit.per_week, "habit.per_week")?,
            event: match known(habit.event, "habit.event")? {
                pb::HabitEvent::Unspecified | pb::HabitEvent::Defined => HabitEvent::Defined,
                pb::HabitEvent::Done => HabitEvent::Done,
                pb::HabitEvent::Deleted => HabitEvent::Deleted,
            },
        },
        Fact::Calendar(entry) => SignalFact::Calendar {
            key: ItemKey(array(&entry.key, "calendar.key")?),
            start_ms: entry.start_ms,
            end_ms: entry.end_ms,
            busy: entry.busy,
            all_day: entry.all_day,
            cancelled: entry.cancelled,
        },
        Fact::Mood(mood) => SignalFact::Mood { level: mood.level, energy: mood.energy },
        Fact::Context(context) => SignalFact::Context { name: Arc::from(context.name), value: context.value },
    })
}

pub(super) fn kind_to_wire(kind: SignalKind) -> pb::SignalKind {
    match kind {
        SignalKind::Task => pb::SignalKind::Task,
        SignalKind::Habit => pb::SignalKind::Habit,
        SignalKind::Calendar => pb::SignalKind::Calendar,
        SignalKind::Mood => pb::SignalKind::Mood,
        SignalKind::Context => pb::SignalKind::Context,
    }
}

pub(super) fn kind_from_wire(kind: i32) -> Result<SignalKind> {
    Ok(match known(kind, "consent.kind")? {
        pb::SignalKind::Unspecified | pb::SignalKind::Task => SignalKind::Task,
        pb::SignalKind::Habit => SignalKind::Habit,
        pb::SignalKind::Calendar => SignalKind::Calendar,
        pb::SignalKind::Mood => SignalKind::Mood,
        pb::SignalKind::Context => SignalKind::Context,
    })
}

fn task_to_wire(task: &TaskFact) -> pb::Task {
    pb::Task {
        key: task.key.0.to_vec(),
        content_hash: task.content_hash.0.to_vec(),
        status: match task.status {
            TaskStatus::Open => pb::TaskStatus::Open,
            TaskStatus::Done => pb::TaskStatus::Done,
            TaskStatus::Deleted => pb::TaskStatus::Deleted,
        }
        .into(),
        due_ms: task.due_ms,
        due_day: task.due_day,
        due_timed: task.due_timed,
        priority: task.priority.into(),
        effort_min: task.effort_min,
        created_ms: task.created_ms,
        text: task.text.map(i8::cast_unsigned).to_vec(),
        text_version: task.text_version,
        words: task.words,
    }
}

fn task_from_wire(task: &pb::Task) -> Result<TaskFact> {
    Ok(TaskFact {
        key: ItemKey(array(&task.key, "task.key")?),
        content_hash: ItemKey(array(&task.content_hash, "task.content_hash")?),
        status: match known(task.status, "task.status")? {
            pb::TaskStatus::Unspecified | pb::TaskStatus::Open => TaskStatus::Open,
            pb::TaskStatus::Done => TaskStatus::Done,
            pb::TaskStatus::Deleted => TaskStatus::Deleted,
        },
        due_ms: task.due_ms,
        due_day: task.due_day,
        due_timed: task.due_timed,
        priority: narrow(task.priority, "task.priority")?,
        effort_min: task.effort_min,
        created_ms: task.created_ms,
        text: array(&task.text, "task.text")?.map(u8::cast_signed),
        text_version: task.text_version,
        words: task.words,
    })
}
