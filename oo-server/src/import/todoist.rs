//! Todoist's CSV export of a project, as tasks.
//!
//! One row a task, section, note (a comment on the task above) or meta line; INDENT makes the tree. The export has no
//! ids, so a task is known by source name + contents of its parents + content + ordinal among equals, and stays the
//! same task when its date or its section changes. AUTHOR and RESPONSIBLE are never read.
//! PRIORITY 1 is the highest (p1) and 4 the lowest (p4), as Todoist's help on its CSV format says; its REST API counts
//! the other way round.

use csv::{ByteRecord, ReaderBuilder, Trim};
use jiff::tz::TimeZone;
use oo_core::error::Result;
use oo_core::signal::{Due, Signal, SignalBody, TaskSignal, TaskStatus};
use oo_core::text::display_text;

use super::detect::{refused, todoist_delimiter};
use super::times::{default_zone, iso_due, zone_named};
use super::{Collector, LineCounter, Source, clip, derived_id};

/// The longest notes that a task takes, in characters.
const MAX_NOTES: usize = 20_000;

/// Where each column is; exports of different years have different ones.
struct Columns {
    kind: usize,
    content: usize,
    description: Option<usize>,
    priority: Option<usize>,
    indent: Option<usize>,
    date: Option<usize>,
    timezone: Option<usize>,
    duration: Option<usize>,
    duration_unit: Option<usize>,
    deadline: Option<usize>,
    count: usize,
}

impl Columns {
    fn of(header: &ByteRecord) -> Result<Self> {
        let find = |name: &str| header.iter().position(|cell| cell.trim_ascii().eq_ignore_ascii_case(name.as_bytes()));
        let needed = |name: &str| {
            find(name).ok_or_else(|| {
                refused(format!(
                    "the first line has no column {name}; give the CSV file that Todoist exported, with its header"
                ))
            })
        };
        Ok(Columns {
            kind: needed("TYPE")?,
            content: needed("CONTENT")?,
            description: find("DESCRIPTION"),
            priority: find("PRIORITY"),
            indent: find("INDENT"),
            date: find("DATE").or_else(|| find("DUE_DATE")),
            timezone: find("TIMEZONE"),
            duration: find("DURATION"),
            duration_unit: find("DURATION_UNIT"),
            deadline: find("DEADLINE"),
            count: header.len(),
        })
    }
}

/// A row as text.
struct Row<'r> {
    columns: &'r Columns,
    cells: Vec<&'r str>,
}

impl Row<'_> {
    fn cell(&self, column: Option<usize>) -> &str {
        column.and_then(|at| self.cells.get(at)).copied().unwrap_or("").trim()
    }
}

/// A task that may still get notes from the rows below it.
struct Open {
    line: u64,
    task: TaskSignal,
    notes_cut: bool,
}

struct Reader<'a, 'o, 'p> {
    source: &'a Source<'a>,
    zone: TimeZone,
    out: &'o mut Collector<'p>,
    path: Vec<String>,
    open: Option<Open>,
    /// The row above was a task that was skipped: its notes go with it.
    above_skipped: bool,
}

/// Reads the tasks of an export.
pub(super) fn read(source: &Source<'_>, text: &[u8], out: &mut Collector<'_>) -> Result<()> {
    let start = text.trim_ascii_start();
    let skipped_bytes = text.len() - start.len();
    let first_line = start.split(|&byte| byte == b'\n' || byte == b'\r').next().unwrap_or_default();
    let mut csv = ReaderBuilder::new()
        .delimiter(todoist_delimiter(first_line).unwrap_or(b','))
        .flexible(true)
        .has_headers(false)
        .trim(Trim::None)
        .from_reader(start);
    let mut record = ByteRecord::new();
    if !next(&mut csv, &mut record)? {
        return Err(refused("the file is empty; export it again"));
    }
    let columns = Columns::of(&record)?;
    let mut lines = LineCounter::new(text);
    let mut reader =
        Reader { source, zone: default_zone(source.zone), out, path: Vec::new(), open: None, above_skipped: false };
    let mut not_utf8 = 0u64;
    loop {
        let offset = skipped_bytes + usize::try_from(csv.position().byte()).unwrap_or(usize::MAX);
        if !next(&mut csv, &mut record)? {
            break;
        }
        let line = lines.line_at(offset);
        (reader.out.progress)(offset as u64);
        if record.iter().all(|cell| cell.trim_ascii().is_empty()) {
            continue;
        }
        reader.out.report.rows += 1;
        let Some(cells) = record.iter().map(|cell| std::str::from_utf8(cell).ok()).collect::<Option<Vec<_>>>() else {
            not_utf8 += 1;
            reader.skip(line, "the row is not UTF-8 text; save the file again as UTF-8");
            continue;
        };
        reader.row(line, &Row { columns: &columns, cells });
    }
    reader.close();
    if not_utf8 > 1 && not_utf8 * 2 > reader.out.report.rows {
        return Err(refused(
            "most of the file is not UTF-8 text; save it again as UTF-8 (in a spreadsheet: \"CSV UTF-8\") and import that",
        ));
    }
    Ok(())
}

fn next(csv: &mut csv::Reader<&[u8]>, record: &mut ByteRecord) -> Result<bool> {
    csv.read_byte_record(record)
        .map_err(|error| refused(format!("the file is no readable CSV ({error}); export it again")))
}

impl Reader<'_, '_, '_> {
    fn row(&mut self, line: u64, row: &Row<'_>) {
        if row.cells.iter().skip(row.columns.count).any(|cell| !cell.trim().is_empty()) {
            self.skip(
                line,
                "the row has more cells than the header has columns; put quotes around a cell that holds the delimiter",
            );
            return;
        }
        if row.cells.iter().any(|cell| cell.contains("\ntask,")) {
            self.skip(
                line,
                "a quote in this row is not closed and took in the rows below; close it and import the file again",
            );
            return;
        }
        let kind = row.cell(Some(row.columns.kind));
        match kind.to_ascii_lowercase().as_str() {
            "task" => self.task(line, row),
            "note" => self.note(line, row),
            "section" => {
                self.close();
                self.path.clear();
                self.above_skipped = false;
            }
            "meta" | "view_style" => {}
            _ if kind.starts_with("view_style=") => {}
            "" => self.skip(line, "the row has no TYPE; use task, section or note"),
            _ => self.skip(line, format!("{:?} is no TYPE; use task, section or note", clip(kind))),
        }
    }

    fn task(&mut self, line: u64, row: &Row<'_>) {
        self.close();
        self.above_skipped = false;
        let content = row.cell(Some(row.columns.content)).to_owned();
        let indent = match row.cell(row.columns.indent) {
            "" => 1,
            text => match text.parse::<usize>() {
                Ok(indent @ 1..=99) => indent,
                _ => return self.skip(line, format!("{:?} is no INDENT; it counts from 1", clip(text))),
            },
        };
        self.path.truncate(indent - 1);
        let id = self.identity(&content);
        self.path.push(content.clone());
        let priority = match row.cell(row.columns.priority) {
            "" => None,
            text => match text.parse::<u8>() {
                Ok(priority @ 1..=4) => Some(priority),
                _ => return self.skip(line, format!("{:?} is no PRIORITY; it is 1 (highest) to 4", clip(text))),
            },
        };
        let mut task = TaskSignal {
            id,
            title: display_text(&content),
            priority,
            due: self.due(line, row),
            effort_min: self.effort(line, row),
            status: TaskStatus::Open,
            ..TaskSignal::default()
        };
        let mut notes_cut = false;
        add_note(&mut task, row.cell(row.columns.description), &mut notes_cut);
        self.open = Some(Open { line, task, notes_cut });
    }

    fn note(&mut self, line: u64, row: &Row<'_>) {
        match &mut self.open {
            Some(open) => add_note(&mut open.task, row.cell(Some(row.columns.content)), &mut open.notes_cut),
            None if self.above_skipped => self.out.skip(line, "the note belongs to a task that was skipped"),
            None => self.out.warn(line, "the note belongs to the project, not to a task; it is left out"),
        }
    }

    /// Source name + contents of the parents + content + ordinal among equals.
    fn identity(&mut self, content: &str) -> String {
        let name = self.source.base_name().as_bytes();
        let mut parts: Vec<&[u8]> = vec![b"task", name];
        parts.extend(self.path.iter().map(|part| part.as_bytes()));
        parts.push(content.as_bytes());
        let ordinal = self.out.ordinal(&parts).to_le_bytes();
        parts.push(&ordinal);
        format!("todoist-{}", derived_id("oo.import.todoist.v1", &parts))
    }

    fn due(&mut self, line: u64, row: &Row<'_>) -> Option<Due> {
        let zone_name = row.cell(row.columns.timezone);
        let zone = match zone_named(zone_name) {
            Some(zone) => zone,
            None => {
                if !zone_name.is_empty() {
                    self.out.warn(line, format!("TIMEZONE {:?} is unknown; yours is used", clip(zone_name)));
                }
                self.zone.clone()
            }
        };
        let mut due = None;
        for (column, name) in [(row.columns.date, "DATE"), (row.columns.deadline, "DEADLINE")] {
            let text = row.cell(column);
            if text.is_empty() {
                continue;
            }
            let read = iso_due(text, &zone);
            if read.is_none() {
                self.out.warn(line, format!("{name} {:?} is no ISO date; the task is kept without it", clip(text)));
            }
            due = due.or(read);
        }
        due
    }

    fn effort(&mut self, line: u64, row: &Row<'_>) -> Option<u32> {
        let (duration, unit) = (row.cell(row.columns.duration), row.cell(row.columns.duration_unit));
        if duration.is_empty() || duration.eq_ignore_ascii_case("none") {
            return None;
        }
        let minutes = duration.parse::<u32>().ok().filter(|minutes| (1..=1440).contains(minutes));
        let in_minutes = matches!(unit.to_ascii_lowercase().as_str(), "" | "none" | "minute" | "minutes");
        if in_minutes && minutes.is_some() {
            return minutes;
        }
        self.out.warn(
            line,
            format!("DURATION {:?} {:?} is not 1 to 1440 minutes; it is left out", clip(duration), clip(unit)),
        );
        None
    }

    /// Hands over the task that waits for notes.
    fn close(&mut self) {
        let Some(Open { line, task, notes_cut }) = self.open.take() else { return };
        if notes_cut {
            self.out.warn(line, format!("the notes have more than {MAX_NOTES} characters; the rest is cut off"));
        }
        let signal_id = signal_id(&task);
        let before = self.out.report.skipped_rows;
        self.out.accept(line, Signal::from(SignalBody::Task(task)).with_id(signal_id));
        self.above_skipped = self.out.report.skipped_rows > before;
    }

    fn skip(&mut self, line: u64, reason: impl Into<String>) {
        self.close();
        self.above_skipped = true;
        self.out.skip(line, reason);
    }
}

/// The id of the message: another when anything of the task changed, the same when nothing did.
pub(super) fn signal_id(task: &TaskSignal) -> String {
    let due = match task.due {
        None => String::new(),
        Some(Due::Day(day)) => format!("day {day}"),
        Some(Due::At(at)) => format!("at {at}"),
    };
    let status = match task.status {
        TaskStatus::Open => "open",
        TaskStatus::Done => "done",
        TaskStatus::Deleted => "deleted",
    };
    let numbers = format!("{:?} {:?} {:?}", task.priority, task.effort_min, task.created_ms);
    let notes = task.notes.as_deref().unwrap_or("");
    let parts = [&task.id, &task.title, notes, &due, status, &numbers].map(str::as_bytes);
    derived_id("oo.import.task.v1", &parts)
}

/// Appends `text` to the notes, cleaned line by line; attachments (`[[file {…}]]`) are left out.
fn add_note(task: &mut TaskSignal, text: &str, cut: &mut bool) {
    let text = text.split("[[file ").next().unwrap_or("");
    let clean: Vec<String> = text.lines().map(display_text).filter(|line| !line.is_empty()).collect();
    if clean.is_empty() {
        return;
    }
    let notes = task.notes.get_or_insert_default();
    if !notes.is_empty() {
        notes.push('\n');
    }
    notes.push_str(&clean.join("\n"));
    if let Some((end, _)) = notes.char_indices().nth(MAX_NOTES) {
        notes.truncate(end);
        *cut = true;
    }
}
