//! The JSON form of signals, as it stands in `openapi.json`. The engine reads them (`oo::wire`), the same for every door;
//! a test holds the two together.

use serde::Serialize;
use utoipa::ToSchema;

/// One thing that is known of a person. Each may carry `signal_id` (sending it twice changes nothing) and `at` (when it
/// happened; now, when absent).
#[derive(Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Signal {
    /// A thing to do; the last of an id stands.
    Task {
        /// The caller's id of the task.
        id: String,
        /// What to do.
        title: String,
        /// More words.
        #[schema(nullable = false)]
        notes: Option<String>,
        /// An ISO date or an RFC 3339 time.
        #[schema(example = "2026-11-30", nullable = false)]
        due: Option<String>,
        /// 1 is the most urgent; 4 when absent.
        #[schema(minimum = 1, maximum = 4, nullable = false)]
        priority: Option<u8>,
        /// How many minutes it takes.
        #[schema(minimum = 1, maximum = 1440, nullable = false)]
        effort_min: Option<u32>,
        /// Where it stands; `open` when absent.
        #[schema(nullable = false)]
        status: Option<TaskStatus>,
        /// When the task was made.
        #[schema(format = DateTime, nullable = false)]
        created: Option<String>,
        /// The caller's id of this message.
        #[schema(nullable = false)]
        signal_id: Option<String>,
        /// When it happened.
        #[schema(format = DateTime, nullable = false)]
        at: Option<String>,
    },
    /// A habit, or one time it was kept.
    Habit {
        /// The caller's id of the habit.
        id: String,
        /// Its name; needed when it is defined.
        #[schema(nullable = false)]
        name: Option<String>,
        /// How many days a week it is meant for; 7 when absent.
        #[schema(minimum = 1, maximum = 7, nullable = false)]
        per_week: Option<u8>,
        /// What happened; `defined` when absent.
        #[schema(nullable = false)]
        event: Option<HabitEvent>,
        /// The caller's id of this message.
        #[schema(nullable = false)]
        signal_id: Option<String>,
        /// When it happened.
        #[schema(format = DateTime, nullable = false)]
        at: Option<String>,
    },
    /// An entry of the calendar; the last of an id stands.
    Calendar {
        /// The caller's id of the entry.
        id: String,
        /// What it is.
        #[schema(nullable = false)]
        title: Option<String>,
        /// When it begins.
        #[schema(format = DateTime)]
        start: String,
        /// When it ends.
        #[schema(format = DateTime)]
        end: String,
        /// Whether the time is taken; true when absent.
        #[schema(nullable = false)]
        busy: Option<bool>,
        /// Whether it is for whole days; false when absent.
        #[schema(nullable = false)]
        all_day: Option<bool>,
        /// Whether it was called off; false when absent.
        #[schema(nullable = false)]
        cancelled: Option<bool>,
        /// The caller's id of this message.
        #[schema(nullable = false)]
        signal_id: Option<String>,
        /// When it happened.
        #[schema(format = DateTime, nullable = false)]
        at: Option<String>,
    },
    /// How the person says they are.
    Mood {
        /// 1 is low, 5 is high.
        #[schema(minimum = 1, maximum = 5)]
        level: f64,
        /// 1 is tired, 5 is awake.
        #[schema(minimum = 1, maximum = 5, nullable = false)]
        energy: Option<f64>,
        /// In their words.
        #[schema(nullable = false)]
        note: Option<String>,
        /// The caller's id of this message.
        #[schema(nullable = false)]
        signal_id: Option<String>,
        /// When it happened.
        #[schema(format = DateTime, nullable = false)]
        at: Option<String>,
    },
    /// A named number of the moment.
    Context {
        /// A feature of the schema.
        #[schema(example = "at_home")]
        name: String,
        /// Its value.
        value: f64,
        /// The caller's id of this message.
        #[schema(nullable = false)]
        signal_id: Option<String>,
        /// When it happened.
        #[schema(format = DateTime, nullable = false)]
        at: Option<String>,
    },
}

/// Where a task stands.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TaskStatus {
    /// Still to do.
    Open,
    /// Done.
    Done,
    /// Gone without being done.
    Deleted,
}

/// What happened to a habit.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum HabitEvent {
    /// It exists, or its plan changed.
    Defined,
    /// It was kept once.
    Done,
    /// It is no longer one.
    Deleted,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: &str) -> Option<String> {
        Some(value.to_owned())
    }

    fn full() -> [Signal; 5] {
        let (signal_id, at) = (|| text("s1"), || text("2026-03-02T08:00:00Z"));
        [
            Signal::Task {
                id: "t1".to_owned(),
                title: "File taxes".to_owned(),
                notes: text("online"),
                due: text("2026-11-30"),
                priority: Some(1),
                effort_min: Some(30),
                status: Some(TaskStatus::Open),
                created: at(),
                signal_id: signal_id(),
                at: at(),
            },
            Signal::Habit {
                id: "h1".to_owned(),
                name: text("Run"),
                per_week: Some(3),
                event: Some(HabitEvent::Defined),
                signal_id: signal_id(),
                at: at(),
            },
            Signal::Calendar {
                id: "e1".to_owned(),
                title: text("Dentist"),
                start: "2026-03-02T09:00:00Z".to_owned(),
                end: "2026-03-02T10:00:00Z".to_owned(),
                busy: Some(true),
                all_day: Some(false),
                cancelled: Some(false),
                signal_id: signal_id(),
                at: at(),
            },
            Signal::Mood { level: 4.0, energy: Some(2.0), note: text("fine"), signal_id: signal_id(), at: at() },
            Signal::Context { name: "at_home".to_owned(), value: 1.0, signal_id: signal_id(), at: at() },
        ]
    }

    #[test]
    fn every_documented_field_is_one_that_the_engine_reads() {
        for signal in full() {
            let value = serde_json::to_value(&signal).expect("JSON");
            oo::wire::signal_from_value(value.clone()).unwrap_or_else(|error| panic!("{value}: {error}"));
        }
        for (status, event) in [(TaskStatus::Done, HabitEvent::Done), (TaskStatus::Deleted, HabitEvent::Deleted)] {
            let task = serde_json::json!({"kind": "task", "id": "t", "title": "t", "status": status});
            oo::wire::signal_from_value(task).expect("a task");
            let habit = serde_json::json!({"kind": "habit", "id": "h", "name": "h", "event": event});
            oo::wire::signal_from_value(habit).expect("a habit");
        }
    }
}
