//! `export`: everything that is held of a person, as JSON lines.

use oo_core::event::{EventBody, SignalFact, Stored};
use oo_core::id::{ItemKey, Position};
use oo_core::ports::{TextField, UserRecord};
use oo_core::{Error, Result};
use serde_json::{Value, json};

use crate::engine::Engine;
use crate::event_json::EventLine;
use crate::run::Run;

impl Engine {
    /// Everything that is held of `user`, as JSON lines: a header, then each event in the order of the log with its
    /// texts unsealed. An unknown person's export is the header alone.
    ///
    /// # Errors
    /// `invalid_input` for a malformed id; `storage`, `busy`.
    pub async fn export(&self, user: &str) -> Result<String> {
        let run = self.run();
        run.catch_up().await?;
        let mut lines = vec![json!({"type": "export", "format": "oo.export.v1", "user": user})];
        if let Some(record) = run.known(user)? {
            for stored in run.log.of_user(record.user, Position(0), Position(u64::MAX >> 1))? {
                lines.push(line(run, &record, &stored)?);
            }
        }
        let mut out = String::new();
        for line in lines {
            out.push_str(&serde_json::to_string(&line).map_err(|error| Error::internal(error.to_string()))?);
            out.push('\n');
        }
        Ok(out)
    }
}

/// The event's line with the texts that belong to it.
fn line(run: &Run, record: &UserRecord, stored: &Stored) -> Result<Value> {
    let mut line = EventLine::new(stored).to_value()?;
    match &stored.event.body {
        EventBody::Signal(fact) => {
            if let Some(item) = item(record, fact, stored.event.moment.at_ms) {
                for (name, field) in [("id", TextField::Id), ("title", TextField::Title), ("notes", TextField::Notes)] {
                    if let Some(text) = text(run, record, item, field)? {
                        line[name] = json!(text);
                    }
                }
            }
        }
        EventBody::Decision(decision) => {
            let tip = text(run, record, ItemKey(decision.id.0), TextField::Tip)?;
            line["tip"] = tip.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or(Value::Null);
        }
        _ => {}
    }
    Ok(line)
}

/// The item whose texts belong to a signal.
fn item(record: &UserRecord, fact: &SignalFact, at_ms: i64) -> Option<ItemKey> {
    match fact {
        SignalFact::Task(task) => Some(task.key),
        SignalFact::Habit { key, .. } | SignalFact::Calendar { key, .. } => Some(*key),
        SignalFact::Mood { .. } => Some(record.key.item("mood", &at_ms.to_string())),
        SignalFact::Context { .. } => None,
    }
}

fn text(run: &Run, record: &UserRecord, item: ItemKey, field: TextField) -> Result<Option<String>> {
    Ok(run.store.texts(record, &[(item, field)])?.into_iter().next().flatten())
}
