//! The forgotten list: hashes of the pseudonyms that were forgotten, one a line, outside the database and its backups; and
//! the consents that were taken back, `withdrawn HASH KIND MILLISECONDS EVENT POSITION INCARNATION` a line.
//!
//! A backup that is restored brings back whom and what was erased since; this list says what to erase again. It only grows.
//! A line is durable before the erasure it belongs to is committed, and is never taken back: a commit that failed may be
//! found done after a crash, and by then another process may have written the next line. So a line may be one too many: of
//! an erasure that was asked for and failed, which is then done when the database is next opened, unless its person said
//! something else since.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use oo_core::event::Stored;
use oo_core::id::{EventId, Position, hex};
use oo_core::ports::Incarnation;
use oo_core::signal::SignalKind;
use oo_core::{Error, Result};

use super::open::absolute;
use crate::files::{sync_folder, with_suffix};
use crate::options::Options;

/// The list beside one database.
#[derive(Debug)]
pub(super) struct ForgottenList {
    path: PathBuf,
}

impl ForgottenList {
    /// The list of the database at `path`, which is absolute.
    pub(super) fn of(path: &Path, options: &Options) -> Result<Self> {
        let path = match &options.forgotten {
            Some(list) => absolute(list)?,
            None => with_suffix(path, ".forgotten"),
        };
        Ok(ForgottenList { path })
    }

    /// Adds lines, durably; the caller holds the write transaction, so nobody else writes.
    pub(super) fn add(&self, lines: &[Line]) -> Result<()> {
        if lines.is_empty() {
            return Ok(());
        }
        self.append(lines.iter().map(|line| format!("{line}\n")).collect()).map_err(|error| self.error(&error))
    }

    fn append(&self, mut lines: String) -> std::io::Result<()> {
        let fresh = !self.path.exists();
        let mut file = OpenOptions::new().append(true).create(true).open(&self.path)?;
        let length = file.metadata()?.len();
        // A line that a crash cut short must not swallow this one.
        if length > 0 && !self.ends_with_newline(length)? {
            lines.insert(0, '\n');
        }
        file.write_all(lines.as_bytes())?;
        file.sync_all()?;
        if fresh { sync_folder(&self.path) } else { Ok(()) }
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// What is on it, lines that say nothing passed over; nothing where there is no list.
    pub(super) fn read(&self) -> Result<Option<Listed>> {
        match fs::read(&self.path) {
            Ok(bytes) => Ok(Some(Listed::parse(&String::from_utf8_lossy(&bytes)))),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.error(&error)),
        }
    }

    fn ends_with_newline(&self, length: u64) -> std::io::Result<bool> {
        use std::io::{Read as _, Seek as _, SeekFrom};
        let mut file = File::open(&self.path)?;
        file.seek(SeekFrom::Start(length - 1))?;
        let mut last = [0u8];
        file.read_exact(&mut last)?;
        Ok(last == *b"\n")
    }

    fn error(&self, error: &std::io::Error) -> Error {
        Error::storage(format!(
            "the list of forgotten people, {}, cannot be used ({}); make it and its folder writable, and keep it",
            self.path.display(),
            error.kind()
        ))
    }
}

/// One line of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// Somebody was forgotten: the hash of their pseudonym.
    Forgotten([u8; 32]),
    /// Somebody took a consent back.
    Withdrawn([u8; 32], Withdrawal),
}

/// A consent that was taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Withdrawal {
    /// Of what.
    pub(super) kind: SignalKind,
    /// When it was recorded (Unix milliseconds).
    pub(super) at_ms: i64,
    /// The event that says so.
    pub(super) event: EventId,
    /// Where in the log it was to stand, and in which life of the database; older lists do not say.
    pub(super) place: Option<(Position, Incarnation)>,
}

impl Withdrawal {
    /// Whether `said`, of the life `present` of the database, is later. Within one life positions tell; a backup that was
    /// restored counts its own, and there the clock tells, which may have been wrong.
    pub(super) fn is_before(&self, said: &Stored, present: Incarnation) -> bool {
        match self.place {
            Some((position, incarnation)) if incarnation == present => said.position >= position,
            _ => said.event.recorded_ms >= self.at_ms,
        }
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Line::Forgotten(digest) => f.write_str(&hex(digest)),
            Line::Withdrawn(digest, Withdrawal { kind, at_ms, event, place }) => {
                write!(f, "{WITHDRAWN} {} {} {at_ms} {event}", hex(digest), kind.as_str())?;
                match place {
                    Some((position, incarnation)) => write!(f, " {} {incarnation}", position.0),
                    None => Ok(()),
                }
            }
        }
    }
}

/// The life of a database, written in hexadecimal.
fn life(word: &str) -> Option<Incarnation> {
    // As many bytes as an id has, and no form of its own.
    EventId::parse(word).ok().map(|id| Incarnation(id.0))
}

/// How the line of a consent begins.
const WITHDRAWN: &str = "withdrawn";

/// What is on the list, by the hash of the pseudonym.
#[derive(Debug, Default)]
pub(super) struct Listed {
    pub(super) people: BTreeSet<String>,
    pub(super) withdrawn: BTreeMap<String, Vec<Withdrawal>>,
}

impl Listed {
    fn parse(text: &str) -> Self {
        let mut listed = Listed::default();
        let is_digest = |word: &str| word.len() == 64 && word.bytes().all(|c| c.is_ascii_hexdigit());
        for line in text.lines() {
            match line.split(' ').collect::<Vec<_>>()[..] {
                [digest] if is_digest(digest) => _ = listed.people.insert(digest.to_owned()),
                [WITHDRAWN, digest, kind, at_ms, event, ref place @ ..] if is_digest(digest) => {
                    let (kind, at_ms, event) = (SignalKind::parse(kind), at_ms.parse(), EventId::parse(event));
                    let place = match *place {
                        [position, incarnation] => position.parse().ok().map(Position).zip(life(incarnation)),
                        _ => None,
                    };
                    if let (Ok(kind), Ok(at_ms), Ok(event)) = (kind, at_ms, event) {
                        let withdrawal = Withdrawal { kind, at_ms, event, place };
                        listed.withdrawn.entry(digest.to_owned()).or_default().push(withdrawal);
                    }
                }
                _ => {}
            }
        }
        listed
    }
}
