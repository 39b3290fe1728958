//! Derivation: from a signal with texts to a fact without.
//!
//! This is the only way into the log. Ids become HMACs under the person's key, titles become hashed features and a
//! word count, a due date becomes an instant by the person's zone, once. The texts come out apart, to be sealed.

use std::sync::Arc;

use crate::event::{SignalFact, TaskFact};
use crate::id::{ItemKey, UserKey};
use crate::moment::{DAY_MS, Moment, Zone};
use crate::ports::{TextField, TextWrite};
use crate::signal::{Due, Signal, SignalBody, TaskStatus};
use crate::text::{TEXT_VERSION, display_text, hashed_text};

/// The domain under which task ids are keyed; a task's candidate has the same key.
pub const TASK_DOMAIN: &str = "task";
/// The domain under which contents are hashed, for dedupe.
pub const CONTENT_DOMAIN: &str = "content";

/// A derived signal and the texts that belong to it.
#[derive(Clone, Debug)]
pub struct Derived {
    /// What enters the log.
    pub fact: SignalFact,
    /// What is sealed beside it.
    pub texts: Vec<TextWrite>,
}

/// Derives a validated `signal` that happened at `moment`; dates are read in `zone`.
#[must_use]
pub fn derive(signal: &Signal, key: &UserKey, zone: &Zone, moment: &Moment) -> Derived {
    match &signal.body {
        SignalBody::Task(task) => {
            let item = key.item(TASK_DOMAIN, &task.id);
            let title = display_text(&task.title);
            let (due_ms, due_day, due_timed) = match task.due {
                Some(Due::Day(day)) => (Some(zone.instant(day, 0) + DAY_MS - 1), Some(day), false),
                Some(Due::At(at)) => (Some(at), Some(zone.moment(at).local_day()), true),
                None => (None, None, false),
            };
            let fact = TaskFact {
                key: item,
                content_hash: key.item(CONTENT_DOMAIN, &title),
                status: task.status,
                due_ms,
                due_day,
                due_timed,
                priority: task.priority.unwrap_or(4),
                effort_min: task.effort_min.unwrap_or(0),
                created_ms: task.created_ms.unwrap_or(moment.at_ms),
                text: hashed_text(&title),
                text_version: TEXT_VERSION,
                words: words(&title),
            };
            let mut texts = vec![write(item, TextField::Id, &task.id)];
            if task.status == TaskStatus::Open {
                texts.push(write(item, TextField::Title, &title));
                texts.push(write(item, TextField::Notes, task.notes.as_deref().unwrap_or("")));
            }
            Derived { fact: SignalFact::Task(fact), texts }
        }
        SignalBody::Habit(habit) => {
            let item = key.item("habit", &habit.id);
            let mut texts = vec![write(item, TextField::Id, &habit.id)];
            if !habit.name.is_empty() {
                texts.push(write(item, TextField::Title, &display_text(&habit.name)));
            }
            let fact = SignalFact::Habit { key: item, per_week: habit.per_week.unwrap_or(7), event: habit.event };
            Derived { fact, texts }
        }
        SignalBody::Calendar(entry) => {
            let item = key.item("calendar", &entry.id);
            let fact = SignalFact::Calendar {
                key: item,
                start_ms: entry.start_ms,
                end_ms: entry.end_ms,
                busy: entry.busy,
                all_day: entry.all_day,
                cancelled: entry.cancelled,
            };
            let mut texts = vec![write(item, TextField::Id, &entry.id)];
            if !entry.title.is_empty() {
                texts.push(write(item, TextField::Title, &display_text(&entry.title)));
            }
            Derived { fact, texts }
        }
        SignalBody::Mood(mood) => {
            let texts = mood.note.as_deref().filter(|note| !note.is_empty()).map_or_else(Vec::new, |note| {
                vec![write(key.item("mood", &moment.at_ms.to_string()), TextField::Notes, &display_text(note))]
            });
            Derived { fact: SignalFact::Mood { level: mood.level, energy: mood.energy }, texts }
        }
        SignalBody::Context(context) => Derived {
            fact: SignalFact::Context { name: Arc::from(context.name.as_str()), value: context.value },
            texts: Vec::new(),
        },
    }
}

fn write(item: ItemKey, field: TextField, text: &str) -> TextWrite {
    TextWrite { item, field, text: text.to_owned() }
}

fn words(text: &str) -> u32 {
    u32::try_from(text.split_whitespace().count()).unwrap_or(u32::MAX)
}
