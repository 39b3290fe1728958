//! `oo import FILE`

use std::io::IsTerminal;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use oo::moment::Zone;
use oo::{Clock, Engine, Error, Ingested, Result, Signal, SystemClock};

use super::data::Data;
use super::verbs::close;
use super::{Who, output};
use crate::import::{self, Format, Import, Report, Source, Window};
use crate::routes::signals::grant;

/// What is imported.
#[derive(Debug, Args)]
pub(super) struct ImportFile {
    /// A Todoist CSV export, an iCalendar file, JSON lines of signals, or what `oo export` gave
    file: PathBuf,
    /// The name of the source; the file's name when absent. The same name and content import as the same things
    #[arg(long, value_name = "NAME")]
    source: Option<String>,
    /// todoist, ical or jsonl; found from the file when absent
    #[arg(long)]
    format: Option<String>,
    /// The IANA zone of times that name none; the person's when absent
    #[arg(long)]
    zone: Option<String>,
    /// Read and report, and store nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    who: Who,
}

impl ImportFile {
    pub(super) async fn run(self, data: &Data) -> Result<()> {
        let format = self.format.as_deref().map(Format::parse).transpose()?;
        let zone = self.zone.as_deref().map(Zone::parse).transpose()?;
        let bytes = self.read()?;
        if is_export(&bytes) {
            return self.take_over(data, &bytes).await;
        }
        // A dry run leaves no trace, not even an empty database.
        let engine = if self.dry_run && !data.exists() { None } else { Some(data.open().await?) };
        let zone = match (zone, &engine) {
            (Some(zone), _) => zone,
            (None, Some(engine)) => Zone::parse(&engine.preferences(&self.who.user).await?.zone)?,
            (None, None) => Zone::utc(),
        };
        let Import { format, signals, report } = self.parse(&bytes, format, &zone)?;
        let stored = match &engine {
            Some(engine) if !self.dry_run => Some(self.store(engine, signals).await?),
            _ => None,
        };
        if let Some(engine) = engine {
            close(engine).await?;
        }
        print(format, &report, stored)
    }

    /// An export of oO itself goes back whole: signals with their texts, consents, preferences.
    async fn take_over(&self, data: &Data, bytes: &[u8]) -> Result<()> {
        let text = std::str::from_utf8(bytes)
            .map_err(|_| Error::invalid("file", "the export is not UTF-8; export it again"))?;
        if self.dry_run {
            return output::json(&oo::check_export(&self.who.user, text)?);
        }
        let engine = data.open().await?;
        let imported = engine.import_export(&self.who.user, text).await?;
        close(engine).await?;
        output::json(&imported)
    }

    fn read(&self) -> Result<Vec<u8>> {
        let wrong = |why: String| Error::invalid("file", format!("{}: {why}", self.file.display()));
        let length =
            std::fs::metadata(&self.file).map_err(|error| wrong(format!("{error}; pass the path of a file")))?.len();
        if length > import::MAX_BYTES as u64 {
            return Err(wrong(format!("the file is larger than {} bytes; split it", import::MAX_BYTES)));
        }
        std::fs::read(&self.file).map_err(|error| wrong(format!("{error}; pass the path of a file that can be read")))
    }

    fn parse(&self, bytes: &[u8], format: Option<Format>, zone: &Zone) -> Result<Import> {
        let file = self.file.to_string_lossy();
        let name = self.source.as_deref().unwrap_or(&file);
        let bar = bar(bytes.len() as u64);
        let source = Source { name, bytes, format, zone, window: Window::around(SystemClock.now_ms()) };
        let found = import::parse_with(&source, &mut |read| bar.set_position(read));
        bar.finish_and_clear();
        found
    }

    /// One file is one transaction; the grant of its kinds is recorded before it.
    async fn store(&self, engine: &Engine, signals: Vec<Signal>) -> Result<Ingested> {
        let user = &self.who.user;
        if signals.is_empty() {
            return Ok(Ingested::default());
        }
        let spinner = spinner(signals.len());
        grant(engine, user, &signals).await?;
        let stored = engine.ingest_all(user, signals).await;
        spinner.finish_and_clear();
        stored
    }
}

/// Whether the first line is the header of an export.
fn is_export(bytes: &[u8]) -> bool {
    let first = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let header: Option<serde_json::Value> = serde_json::from_slice(first).ok();
    header.is_some_and(|header| header["type"] == "export")
}

fn print(format: Format, report: &Report, stored: Option<Ingested>) -> Result<()> {
    let what = match stored {
        Some(stored) => format!("{} imported, {} unchanged", stored.accepted, stored.duplicates),
        None => format!("{} would be imported", report.imported),
    };
    let rows = if report.rows == 1 { "row" } else { "rows" };
    output::line(&format!("{what}, {} of {} {rows} skipped ({})", report.skipped_rows, report.rows, format.as_str()))?;
    for (title, remarks) in [("skipped", &report.skipped), ("note", &report.warnings)] {
        for remark in remarks {
            output::line(&format!("  line {}: {title}: {}", remark.line, remark.reason))?;
        }
    }
    Ok(())
}

/// A bar where somebody watches.
fn bar(length: u64) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(length);
    // A template that cannot be read leaves the default look.
    if let Ok(style) = ProgressStyle::with_template("reading {bar:40} {bytes}/{total_bytes}") {
        bar.set_style(style);
    }
    bar
}

fn spinner(signals: usize) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let spinner = ProgressBar::new_spinner().with_message(format!("storing {signals} signals"));
    spinner.enable_steady_tick(Duration::from_millis(100));
    spinner
}
