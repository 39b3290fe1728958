//! `export`: everything that is held of a person, as JSON lines.

use std::path::Path;

use oo_core::event::{Event, EventBody, SignalFact, Stored};
use oo_core::id::{ItemKey, Position, hex};
use oo_core::moment::Moment;
use oo_core::ports::{Entry, TextField, TextWrite, UserRecord};
use oo_core::{Error, Result};
use serde_json::{Value, json};

use crate::engine::Engine;
use crate::event_json::EventLine;
use crate::outcome::Exported;
use crate::run::{Run, Work, locked};

impl Engine {
    /// Everything that is held of `user`, as JSON lines: a header, then each event in the order of the log with its
    /// texts unsealed. An unknown person's export is the header alone.
    ///
    /// # Errors
    /// `invalid_input` for a malformed id; `storage`, `busy`.
    pub async fn export(&self, user: &str) -> Result<String> {
        let run = self.run();
        run.catch_up().await?;
        whole(run, json!({"type": "export", "format": "oo.export.v1", "user": user}), run.known(user)?.as_deref())
    }
}

/// The header and every event of `record`, a line each.
fn whole(run: &Run, header: Value, record: Option<&UserRecord>) -> Result<String> {
    let mut lines = vec![header];
    if let Some(record) = record {
        for stored in run.log.of_user(record.user, Position(0), Position(u64::MAX >> 1))? {
            lines.push(line(run, record, &stored)?);
        }
    }
    let mut out = String::new();
    for line in lines {
        out.push_str(&serde_json::to_string(&line).map_err(|error| Error::internal(error.to_string()))?);
        out.push('\n');
    }
    Ok(out)
}

impl Engine {
    /// Writes the export of `user` to the file at `path`, readable by its owner alone, and remembers the path, sealed:
    /// [`forget`](Engine::forget) and a consent taken back remove the file. A file that is there already is left as it
    /// is. The header has a `file`, by which the store knows its own file again.
    ///
    /// # Errors
    /// `invalid_input` for a path that is taken or not absolute in any folder; `storage` when it cannot be written;
    /// `not_found` when the person was forgotten meanwhile, `busy` when they took a consent back: then no file is left.
    pub async fn export_to(&self, user: &str, path: impl AsRef<Path>) -> Result<Exported> {
        let run = self.run();
        let path = std::path::absolute(path.as_ref())
            .map_err(|_| Error::invalid("path", "the current folder is gone; pass an absolute path"))?;
        let name = path.to_str().ok_or_else(|| Error::invalid("path", "name the file in UTF-8"))?.to_owned();
        let record = run.person(user).await?;
        // Remembered first: a file that nobody knows of would outlive its person.
        let now_ms = run.clock.now_ms();
        let file = record.key.item("export", &name);
        let event = Event {
            id: run.new_event_id(now_ms)?,
            moment: Moment::utc(now_ms),
            recorded_ms: now_ms,
            user: Some(record.user),
            body: EventBody::Exported { file },
        };
        let text = TextWrite { item: file, field: TextField::Path, text: name.clone() };
        let entry = Entry { key: Some(record.key.clone()), texts: vec![text], ..Entry::new(event) };
        if path.exists() {
            return Err(taken(&path));
        }
        // Before the event is submitted: the writer has by then done, or undone, whatever a state may show.
        let denied = denied_at(run, &record)?;
        run.submit(Work::Append(vec![entry])).await?;
        let header = json!({"type": "export", "format": "oo.export.v1", "user": user, "file": hex(&file.0)});
        let export = whole(run, header, Some(&record))?;
        let lines = export.lines().count() as u64;
        let written = path.clone();
        tokio::task::spawn_blocking(move || write_new(&written, export.as_bytes()))
            .await
            .map_err(|error| Error::internal(format!("writing was interrupted: {error}")))??;
        // A transaction: a forgetting or a withdrawal, also another process's, is before it or finds the file.
        run.submit(Work::Append(Vec::new())).await?;
        if run.store.user(user, None)?.is_none_or(|now| now.user != record.user) {
            remove(&path, "the person was forgotten")?;
            return Err(Error::not_found("the person was forgotten meanwhile; no file is left").with_field("user"));
        }
        if denied_at(run, &record)? != denied {
            remove(&path, "a consent was taken back")?;
            return Err(Error::busy("the person took a consent back meanwhile; no file is left, export again"));
        }
        Ok(Exported { path: name, lines })
    }
}

/// When the person last took a consent back.
fn denied_at(run: &Run, record: &UserRecord) -> Result<Position> {
    Ok(locked(&*run.state(record.user)?).denied_at)
}

/// Removes a file that nobody may read any more because of `what`.
fn remove(path: &Path, what: &str) -> Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Error::storage(format!(
            "{what} while {} was written, which cannot be removed ({}); remove it",
            path.display(),
            error.kind()
        ))),
        _ => Ok(()),
    }
}

fn taken(path: &Path) -> Error {
    Error::invalid("path", format!("{} is there already; name another file, or remove it first", path.display()))
}

/// Writes a new file, on disk when this returns.
fn write_new(path: &Path, bytes: &[u8]) -> Result<()> {
    use std::io::Write as _;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(path).and_then(|mut file| {
        let written = file.write_all(bytes).and_then(|()| file.sync_all());
        if written.is_err() {
            // Half an export is none.
            let _ = std::fs::remove_file(path);
        }
        written
    });
    written.map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => taken(path),
        _ => {
            Error::storage(format!("{} cannot be written: {error}; name a file in a folder with room", path.display()))
        }
    })
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
        EventBody::Exported { file } => line["path"] = json!(text(run, record, *file, TextField::Path)?),
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
