//! Files that exports of a person were written to: they go with what is erased, once that is committed.
//!
//! An erasure that fails takes no file. So that one that succeeds leaves none behind, whatever cuts it off, their paths stand
//! in a note beside the database, `PATH.leaving-EVENT`, from before the commit until they are gone. Its writer has it locked; a
//! note that nobody has locked is of an erasure that was cut off, and whoever opens the database removes its files if the log
//! says that it happened. A note has paths in the clear, as long as what stands at them is in the clear.

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};

use oo_core::event::EventBody;
use oo_core::id::{EventId, Position, Pseudonym, hex};
use oo_core::ports::{Query, Rows, TextField, UserRecord};
use oo_core::{Error, Result};
use serde::{Deserialize, Serialize};

use super::{Reply, Run};
use crate::event_json;

/// What stands between the database's name and the event's in the name of a note.
const NOTE: &str = ".leaving-";

/// Files that go with an erasure, and the note of them, locked.
pub(crate) struct Leaving {
    note: Note,
    held: Option<(PathBuf, File)>,
}

#[derive(Deserialize, Serialize)]
struct Note {
    /// The event that says that it happened.
    event: String,
    /// Whose event it is; nobody's is a forgetting.
    person: Option<String>,
    /// The hash of whoever is forgotten.
    #[serde(default)]
    gone: Option<String>,
    /// The life of the database in which this is.
    #[serde(default)]
    life: Option<String>,
    /// Paths, and by what the files at them say whose they are.
    files: Vec<(String, String)>,
}

impl Leaving {
    /// The files of the exports of `record`, which go if `event` is committed: of the person who stays, or a forgetting.
    pub(crate) fn of(
        run: &Run,
        record: &UserRecord,
        through: Position,
        event: EventId,
        person: Option<Pseudonym>,
    ) -> Result<Self> {
        let known: BTreeSet<_> = run
            .log
            .of_user(record.user, Position(0), through)?
            .into_iter()
            .filter_map(|stored| match stored.event.body {
                EventBody::Exported { file } => Some((file, TextField::Path)),
                _ => None,
            })
            .collect();
        let known: Vec<_> = known.into_iter().collect();
        let paths = run.store.texts(record, &known)?.into_iter().zip(&known);
        let files = paths.filter_map(|(path, (file, _))| Some((path?, hex(&file.0))));
        // What cannot be looked at now is tried all the same, and named when it stays.
        let files = files.filter(|(path, own)| is_export(Path::new(path), own).unwrap_or(true)).collect();
        let gone = person.is_none().then(|| hex(&record.user.digest()));
        let person = person.map(|person| hex(&person.0));
        let note = Note { event: event.to_string(), person, gone, life: Some(life(run)?), files };
        let held = if note.files.is_empty() { None } else { Some(note.write(run)?) };
        Ok(Leaving { note, held })
    }

    /// How many there are.
    pub(crate) fn count(&self) -> u64 {
        self.note.files.len() as u64
    }

    /// Removes them and the note; the paths of those that could not be.
    fn remove(self) -> Vec<String> {
        let left = self.note.remove();
        if let Some((path, _locked)) = &self.held {
            // A note that stays does no harm.
            let _ = std::fs::remove_file(path);
        }
        left
    }
}

/// Removes what leaves with an erasure that is committed, and ends what notes of earlier attempts say; a receipt among the
/// `replies` names what could not be removed. After a commit that failed nothing is removed and the note stays: it may be
/// found done when the database is next opened.
pub(super) fn leave(run: &Run, leaving: Option<Leaving>, replies: &mut [Result<Reply>]) {
    let Some(leaving) = leaving else { return };
    let left = leaving.remove();
    match replies {
        [Ok(Reply::Forgotten(receipt))] => _ = receipt.left.splice(0..0, left),
        _ if left.is_empty() => {}
        _ => tracing::warn!(
            files = left.len(),
            "exports that a consent taken back covers could not be removed; remove them"
        ),
    }
    if let Err(error) = finish(run) {
        tracing::warn!(%error, "notes of exported files could not be looked at; they are when the database is next opened");
    }
}

impl Note {
    fn write(&self, run: &Run) -> Result<(PathBuf, File)> {
        let path = beside(&run.path, &self.event);
        let written = locked(&path).and_then(|mut file| {
            file.write_all(serde_json::to_string(self)?.as_bytes())?;
            file.sync_all()?;
            if let (true, Some(folder)) = (cfg!(unix), path.parent()) {
                File::open(folder)?.sync_all()?;
            }
            Ok(file)
        });
        written.map(|file| (path.clone(), file)).map_err(|error| {
            let _ = std::fs::remove_file(&path);
            Error::storage(format!(
                "the note {} cannot be written ({}); make its folder writable, and see that there is room",
                path.display(),
                error.kind()
            ))
        })
    }

    /// Whether the log says that the erasure happened; none where it cannot say, because an older backup was restored.
    fn happened(&self, run: &Run) -> Result<Option<bool>> {
        // What no oO wrote is of nothing that happened, and no reason not to open.
        let Ok(event) = EventId::parse(&self.event) else { return Ok(Some(false)) };
        let said = match &self.person {
            None => {
                let receipt = matches!(run.store.query(&Query::Receipt { id: event })?, Rows::Receipt(Some(_)));
                receipt || self.is_gone(run)?
            }
            Some(person) => {
                // A pseudonym has as many bytes, and no form of its own.
                let Ok(person) = EventId::parse(person).map(|id| Pseudonym(id.0)) else { return Ok(Some(false)) };
                let events = run.log.of_user(person, Position(0), Position(u64::MAX >> 1))?;
                events.iter().any(|stored| stored.event.id == event)
            }
        };
        let same = self.life.is_none() || self.life == Some(life(run)?);
        Ok(if said || same { Some(said) } else { None })
    }

    /// Whether nothing is held of whoever was to be forgotten: where a backup was restored, they were forgotten again.
    fn is_gone(&self, run: &Run) -> Result<bool> {
        let digest = self.gone.as_deref().map(|gone| event_json::bytes("gone", gone));
        let Some(Ok(digest)) = digest else { return Ok(false) };
        Ok(matches!(run.store.query(&Query::Holds { digest })?, Rows::Holds(false)))
    }

    fn remove(&self) -> Vec<String> {
        let gone = |(path, own): &&(String, String)| match is_export(Path::new(path), own) {
            Ok(false) => true,
            Ok(true) => std::fs::remove_file(path).is_ok(),
            Err(_) => false,
        };
        self.files.iter().filter(|file| !gone(file)).map(|(path, _)| path.clone()).collect()
    }
}

/// Ends what notes beside the database say was cut off.
pub(crate) fn finish(run: &Run) -> Result<()> {
    let (Some(folder), Some(name)) = (run.path.parent(), run.path.file_name()) else { return Ok(()) };
    let Ok(entries) = std::fs::read_dir(folder) else { return Ok(()) };
    let prefix = [name.as_encoded_bytes(), NOTE.as_bytes()].concat();
    for entry in entries.flatten().filter(|entry| entry.file_name().as_encoded_bytes().starts_with(&prefix)) {
        let path = entry.path();
        let Ok(mut file) = OpenOptions::new().read(true).write(true).open(&path) else { continue };
        if file.try_lock().is_err() {
            continue;
        }
        let mut text = String::new();
        // One that was cut off while it was written is of an erasure that never came.
        let note: Option<Note> = file.read_to_string(&mut text).ok().and_then(|_| serde_json::from_str(&text).ok());
        let done = match note {
            Some(note) => match note.happened(run)? {
                Some(true) => note.remove().is_empty(),
                Some(false) => true,
                None => false,
            },
            None => true,
        };
        if done {
            // Whoever opens next tries again.
            let _ = std::fs::remove_file(&path);
        } else {
            tracing::warn!(
                note = %path.display(),
                "exported files of erased data could not be removed, or a backup was restored since and nobody knows; remove those that the note names, and the note"
            );
        }
    }
    Ok(())
}

/// A new file at `path`, locked. Whoever opens the database between the two removes it as nobody's: then another one.
fn locked(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    loop {
        let file = options.open(path)?;
        file.lock()?;
        if stands(&file, path)? {
            return Ok(file);
        }
    }
}

/// Whether `file` is still what stands at `path`, where nobody else makes such a name.
fn stands(file: &File, path: &Path) -> std::io::Result<bool> {
    #[cfg(unix)]
    let gone = std::os::unix::fs::MetadataExt::nlink(&file.metadata()?) == 0;
    #[cfg(not(unix))]
    let gone = false;
    Ok(!gone && path.try_exists()?)
}

/// The present life of the database, in hexadecimal.
fn life(run: &Run) -> Result<String> {
    match run.store.query(&Query::Info)? {
        Rows::Info(info) => Ok(info.incarnation.to_string()),
        _ => Err(Error::internal("the store answered another question; report this as a defect")),
    }
}

fn beside(path: &Path, event: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(NOTE);
    name.push(event);
    name.into()
}

/// Whether the export `own` is what stands there: a file that was moved away, or replaced by another person's, is not
/// this person's to remove.
fn is_export(path: &Path, own: &str) -> std::io::Result<bool> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error),
    };
    let mut first = String::new();
    match BufReader::new(file).take(4_096).read_line(&mut first) {
        Ok(_) => {
            let header: serde_json::Value = serde_json::from_str(&first).unwrap_or_default();
            Ok(header["type"] == "export" && header["file"] == own)
        }
        Err(error) if error.kind() == ErrorKind::InvalidData => Ok(false),
        Err(error) => Err(error),
    }
}
