//! What kind of file is this, and is it text at all?
//!
//! The content decides before the name does: an exported calendar that was saved as `.csv` is still a calendar.
//! UTF-16 and binary files are refused with what to do about it. Bytes that are not UTF-8 inside a text are the
//! business of each importer, which skips only the rows that hold them.

use oo_core::error::{Error, Result};

use super::{Format, MAX_BYTES, clip};

/// The file without its byte-order mark.
pub(super) fn text_of(bytes: &[u8]) -> Result<&[u8]> {
    if bytes.len() > MAX_BYTES {
        let limit = MAX_BYTES / (1024 * 1024);
        return Err(refused(format!("the file is larger than {limit} MB; split it and import the parts")));
    }
    if looks_like_utf16(bytes) {
        return Err(refused(
            "the file is UTF-16 text; save it again as UTF-8 (in a spreadsheet: \"CSV UTF-8\") and import that",
        ));
    }
    let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    if text.iter().all(u8::is_ascii_whitespace) {
        return Err(refused("the file is empty; export it again"));
    }
    let head = &text[..text.len().min(4096)];
    let strange = head.iter().filter(|&&byte| byte < 0x20 && !byte.is_ascii_whitespace()).count();
    if strange * 10 > head.len() {
        return Err(refused(
            "the file is not text (an archive or a spreadsheet?); export it as CSV, iCalendar or JSON lines",
        ));
    }
    Ok(text)
}

/// UTF-16 has a mark of its own, or a zero in nearly every second byte of western text.
fn looks_like_utf16(bytes: &[u8]) -> bool {
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
        return true;
    }
    let head = &bytes[..bytes.len().min(512)];
    let zeros = |odd: usize| head.iter().skip(odd).step_by(2).filter(|&&byte| byte == 0).count();
    head.len() >= 8
        && (zeros(0) * 4 > head.len() || zeros(1) * 4 > head.len())
        && zeros(0).abs_diff(zeros(1)) * 4 > head.len()
}

/// The format of `text`, by its content and then by the extension of `name`.
pub(super) fn format_of(name: &str, text: &[u8]) -> Result<Format> {
    let start = text.trim_ascii_start();
    let first_line = start.split(|&byte| byte == b'\n' || byte == b'\r').next().unwrap_or_default();
    if starts_with_ignoring_case(start, b"BEGIN:VCALENDAR") {
        return Ok(Format::ICalendar);
    }
    if start.starts_with(b"{") {
        return Ok(Format::JsonLines);
    }
    if start.starts_with(b"[") {
        return Err(refused("the file is one JSON array; write one signal a line instead (jq -c '.[]' does it)"));
    }
    if todoist_delimiter(first_line).is_some() {
        return Ok(Format::TodoistCsv);
    }
    let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    match extension.as_deref() {
        Some("csv") => Ok(Format::TodoistCsv),
        Some("ics" | "ical" | "icalendar") => Ok(Format::ICalendar),
        Some("jsonl" | "ndjson") => Ok(Format::JsonLines),
        _ => Err(refused(format!(
            "{:?} is none of the formats that can be imported; give a Todoist CSV export, an iCalendar file (.ics) or JSON lines (.jsonl)",
            clip(name)
        ))),
    }
}

/// The delimiter of a Todoist header line: it names TYPE and CONTENT. Spreadsheets save with `;` or tabs, too.
pub(super) fn todoist_delimiter(first_line: &[u8]) -> Option<u8> {
    [b',', b';', b'\t'].into_iter().find(|&delimiter| {
        let has = |wanted: &str| {
            first_line
                .split(|&byte| byte == delimiter)
                .any(|cell| cell.trim_ascii().trim_quotes().eq_ignore_ascii_case(wanted.as_bytes()))
        };
        has("TYPE") && has("CONTENT")
    })
}

fn starts_with_ignoring_case(text: &[u8], prefix: &[u8]) -> bool {
    text.get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix))
}

trait TrimQuotes {
    fn trim_quotes(&self) -> &[u8];
}

impl TrimQuotes for [u8] {
    fn trim_quotes(&self) -> &[u8] {
        self.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\"")).unwrap_or(self)
    }
}

/// The file as a whole cannot be imported.
pub(super) fn refused(message: impl Into<String>) -> Error {
    Error::invalid("file", message)
}
