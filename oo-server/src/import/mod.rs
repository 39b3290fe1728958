//! Importers: files that a person already has, read as signals.
//!
//! [`parse`] takes the bytes of a Todoist CSV export, an iCalendar file or JSON lines and gives the signals and a
//! [`Report`]; it does no I/O and reads no clock. Whatever is wrong with one row is reported with its line and the row
//! is skipped; whatever is wrong with the file is an error and nothing is read. Ids are derived from the content, so
//! the caller ingests all signals in one transaction, and importing the same file again changes nothing.
//!
//! Flow: [`detect`] finds the format and refuses what is not UTF-8 text → [`todoist`], [`ical`] or [`json`] turns rows
//! into signals → [`Collector`] validates each and keeps the report. Authors, assignees, attendees, places and
//! descriptions of meetings never get into a signal.

use std::collections::BTreeMap;

use oo_core::error::{Error, Result};
use oo_core::id::{EventId, hex};
use oo_core::moment::{DAY_MS, Zone};
use oo_core::signal::Signal;

mod detect;
mod ical;
mod json;
mod times;
mod todoist;

pub use json::signal_from_json;

/// The largest file that is read.
pub const MAX_BYTES: usize = 200 * 1024 * 1024;
/// How many remarks of a kind a [`Report`] lists; further ones are only counted.
pub const MAX_REMARKS: usize = 1_000;

/// A file format that can be imported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A project exported from Todoist as CSV.
    TodoistCsv,
    /// An iCalendar file (RFC 5545): events and to-dos.
    ICalendar,
    /// One signal a line, as in the body of `POST /api/signals`.
    JsonLines,
}

impl Format {
    /// Every format, in order.
    pub const ALL: [Format; 3] = [Format::TodoistCsv, Format::ICalendar, Format::JsonLines];

    /// The format's name, as it is written on a command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Format::TodoistCsv => "todoist",
            Format::ICalendar => "ical",
            Format::JsonLines => "jsonl",
        }
    }

    /// The format named `text`.
    ///
    /// # Errors
    /// `invalid_input` when there is no such format.
    pub fn parse(text: &str) -> Result<Self> {
        Format::ALL.into_iter().find(|format| format.as_str() == text).ok_or_else(|| {
            Error::invalid("format", format!("{:?} is no import format; use todoist, ical or jsonl", clip(text)))
        })
    }
}

/// The stretch of time that repeating events are unfolded in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Its first instant (Unix milliseconds).
    pub from_ms: i64,
    /// The first instant after it (Unix milliseconds).
    pub to_ms: i64,
}

impl Window {
    /// From 30 days before `now_ms` to 90 days after it.
    #[must_use]
    pub fn around(now_ms: i64) -> Self {
        Window { from_ms: now_ms.saturating_sub(30 * DAY_MS), to_ms: now_ms.saturating_add(90 * DAY_MS) }
    }

    fn meets(&self, start_ms: i64, end_ms: i64) -> bool {
        start_ms < self.to_ms && (end_ms > self.from_ms || start_ms >= self.from_ms)
    }
}

/// What is imported, and how it is to be understood.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// The name of the source, usually the file's: part of the identity of what has no id of its own.
    pub name: &'a str,
    /// The file.
    pub bytes: &'a [u8],
    /// Its format; found from content and name when absent.
    pub format: Option<Format>,
    /// The zone of times that name none.
    pub zone: &'a Zone,
    /// The stretch of time that events are taken from.
    pub window: Window,
}

impl Source<'_> {
    /// The last part of the name, so that the folder it lies in does not matter.
    fn base_name(&self) -> &str {
        self.name.rsplit(['/', '\\']).next().unwrap_or(self.name)
    }
}

/// What an import found.
#[derive(Clone, Debug, PartialEq)]
pub struct Import {
    /// The format that was read.
    pub format: Format,
    /// The signals, in the order of the file; each is valid and carries a `signal_id`.
    pub signals: Vec<Signal>,
    /// What happened to the rows.
    pub report: Report,
}

/// What happened to the rows of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Rows, entries or lines that hold something.
    pub rows: u64,
    /// Signals that came of them; a repeating event gives several.
    pub imported: u64,
    /// How many rows were skipped.
    pub skipped_rows: u64,
    /// The skipped rows, at most [`MAX_REMARKS`] of them.
    pub skipped: Vec<Remark>,
    /// What was read otherwise than it was written, at most [`MAX_REMARKS`] remarks.
    pub warnings: Vec<Remark>,
}

/// A remark about one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// The line that the row begins on, from 1.
    pub line: u64,
    /// What is wrong, and what became of it.
    pub reason: String,
}

/// Reads a file as signals. Without a `window`, events are taken from 30 days before `now_ms` to 90 days after.
///
/// # Errors
/// `invalid_input` when the file as a whole cannot be read: empty, larger than [`MAX_BYTES`], not UTF-8 text, or none
/// of the formats. A row that cannot be read is no error; it is in the [`Report`].
pub fn parse(
    source_name: &str,
    bytes: &[u8],
    format: Option<Format>,
    zone: &Zone,
    now_ms: i64,
    window: Option<Window>,
) -> Result<Import> {
    let window = window.unwrap_or_else(|| Window::around(now_ms));
    parse_with(&Source { name: source_name, bytes, format, zone, window }, &mut |_| {})
}

/// [`parse`] that tells `progress` how many bytes of the file it has read, rising up to its length.
///
/// # Errors
/// As [`parse`].
pub fn parse_with(source: &Source<'_>, progress: &mut dyn FnMut(u64)) -> Result<Import> {
    let text = detect::text_of(source.bytes)?;
    let format = match source.format {
        Some(format) => format,
        None => detect::format_of(source.base_name(), text)?,
    };
    let mut out = Collector::new(progress);
    match format {
        Format::TodoistCsv => todoist::read(source, text, &mut out)?,
        Format::ICalendar => ical::read(source, text, &mut out)?,
        Format::JsonLines => json::read(source, text, &mut out)?,
    }
    (out.progress)(source.bytes.len() as u64);
    Ok(Import { format, signals: out.signals, report: out.report })
}

/// Signals and remarks as they are found; the only place where a signal is accepted.
struct Collector<'p> {
    signals: Vec<Signal>,
    report: Report,
    progress: &'p mut dyn FnMut(u64),
    ordinals: BTreeMap<[u8; 16], u64>,
}

impl<'p> Collector<'p> {
    fn new(progress: &'p mut dyn FnMut(u64)) -> Self {
        Collector { signals: Vec::new(), report: Report::default(), progress, ordinals: BTreeMap::new() }
    }

    /// Keeps `signal` if it is valid, or reports its row as skipped.
    fn accept(&mut self, line: u64, signal: Signal) {
        match signal.validate() {
            Ok(()) => {
                self.report.imported += 1;
                self.signals.push(signal);
            }
            Err(error) => {
                let field = error.field().unwrap_or("row").to_owned();
                self.skip(line, format!("{field}: {}", error.message()));
            }
        }
    }

    fn skip(&mut self, line: u64, reason: impl Into<String>) {
        self.report.skipped_rows += 1;
        if self.report.skipped.len() < MAX_REMARKS {
            self.report.skipped.push(Remark { line, reason: reason.into() });
        }
    }

    fn warn(&mut self, line: u64, reason: impl Into<String>) {
        if self.report.warnings.len() < MAX_REMARKS {
            self.report.warnings.push(Remark { line, reason: reason.into() });
        }
    }

    /// How many things with the identity `parts` came before this one.
    fn ordinal(&mut self, parts: &[&[u8]]) -> u64 {
        let count = self.ordinals.entry(EventId::derived("oo.import.ordinal.v1", parts).0).or_default();
        *count += 1;
        *count - 1
    }
}

/// An id that follows from `parts` alone.
fn derived_id(label: &str, parts: &[&[u8]]) -> String {
    hex(&EventId::derived(label, parts).0)
}

/// At most 64 characters of what a file holds, for a remark.
fn clip(text: &str) -> String {
    text.chars().take(64).collect()
}

/// The number of the line that `offset` lies on, counted onwards from an offset that is known.
struct LineCounter<'a> {
    bytes: &'a [u8],
    offset: usize,
    line: u64,
}

impl<'a> LineCounter<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        LineCounter { bytes, offset: 0, line: 1 }
    }

    /// The line of the first byte at or after `offset` that is no line break; offsets must not fall.
    fn line_at(&mut self, offset: usize) -> u64 {
        while let Some(&byte) = self.bytes.get(self.offset) {
            if self.offset >= offset && byte != b'\n' && byte != b'\r' {
                break;
            }
            let lone_return = byte == b'\r' && self.bytes.get(self.offset + 1) != Some(&b'\n');
            self.line += u64::from(byte == b'\n' || lone_return);
            self.offset += 1;
        }
        self.line
    }
}
