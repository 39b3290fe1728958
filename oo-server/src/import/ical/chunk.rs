//! A calendar cut into components: the outermost VEVENT, VTODO and VTIMEZONE, each with the line it begins on.
//!
//! Cutting first keeps one broken component from spoiling the next, and lets a remark name a line. Lines are unfolded
//! as bytes, because a fold may split a character. Only the properties on the list below are kept: whatever oO does
//! not need (descriptions, attendees, places, alarms, attachments) ends here.

/// What a component is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Event,
    Todo,
    Zone,
}

impl Kind {
    const ALL: [(Kind, &'static [u8]); 3] =
        [(Kind::Event, b"VEVENT"), (Kind::Todo, b"VTODO"), (Kind::Zone, b"VTIMEZONE")];

    fn named(name: &[u8]) -> Option<Self> {
        Kind::ALL.into_iter().find(|(_, known)| name.eq_ignore_ascii_case(known)).map(|(kind, _)| kind)
    }
}

const KEPT: [&str; 21] = [
    "UID",
    "SUMMARY",
    "DTSTART",
    "DTEND",
    "DUE",
    "DURATION",
    "RRULE",
    "RDATE",
    "EXDATE",
    "RECURRENCE-ID",
    "TRANSP",
    "STATUS",
    "PRIORITY",
    "CREATED",
    "LAST-MODIFIED",
    "SEQUENCE",
    "TZID",
    "TZOFFSETFROM",
    "TZOFFSETTO",
    "X-LIC-LOCATION",
    "X-MICROSOFT-CDO-TZID",
];

/// The most text that is kept of one component, in bytes.
const MAX_CHUNK: usize = 1024 * 1024;

/// One component, or why it cannot be read.
pub(super) struct Chunk {
    pub(super) kind: Kind,
    pub(super) line: u64,
    pub(super) offset: usize,
    pub(super) text: Result<String, String>,
}

/// The components of a file in order.
pub(super) struct Chunks<'a> {
    lines: Lines<'a>,
    /// A component that begins before the one above it ended.
    begun: Option<(Kind, u64, usize)>,
}

impl<'a> Chunks<'a> {
    pub(super) fn new(text: &'a [u8]) -> Self {
        Chunks { lines: Lines { rest: text, offset: 0, line: 0 }, begun: None }
    }

    fn component(&mut self, kind: Kind, line: u64, offset: usize) -> Chunk {
        let mut kept = Vec::new();
        let mut inner: Vec<Vec<u8>> = Vec::new();
        let mut text = loop {
            let Some(next) = self.lines.next() else {
                break Err("the entry has no END; the file may have been cut off".to_owned());
            };
            let (name, value) = split(&next.text);
            if name.eq_ignore_ascii_case(b"BEGIN") {
                if let Some(other) = Kind::named(value) {
                    self.begun = Some((other, next.line, next.offset));
                    break Err("the entry has no END before the next one begins".to_owned());
                }
                inner.push(value.to_vec());
            } else if name.eq_ignore_ascii_case(b"END") {
                if value.eq_ignore_ascii_case(b"VCALENDAR") {
                    break Err("the entry has no END before the calendar ends".to_owned());
                }
                if Kind::named(value) == Some(kind) {
                    break Ok(());
                }
                if inner.pop().is_none() {
                    continue;
                }
            } else if !is_kept(name) || (kind != Kind::Zone && !inner.is_empty()) {
                continue;
            }
            if kind == Kind::Zone || !matches!(name.to_ascii_uppercase().as_slice(), b"BEGIN" | b"END") {
                kept.extend_from_slice(&next.text);
                kept.extend_from_slice(b"\r\n");
            }
        };
        if text.is_ok() && kept.len() > MAX_CHUNK {
            text = Err("the entry has more than 1 MB of dates and title; an entry is small".to_owned());
        }
        let name = Kind::ALL
            .into_iter()
            .find(|(known, _)| *known == kind)
            .map_or("", |(_, name)| std::str::from_utf8(name).unwrap_or_default());
        let text = text.and_then(|()| {
            let kept = String::from_utf8(kept)
                .map_err(|_| "the entry is not UTF-8 text; export the calendar as UTF-8".to_owned())?;
            Ok(format!("BEGIN:{name}\r\n{kept}END:{name}\r\n"))
        });
        Chunk { kind, line, offset, text }
    }
}

impl Iterator for Chunks<'_> {
    type Item = Chunk;

    fn next(&mut self) -> Option<Chunk> {
        if let Some((kind, line, offset)) = self.begun.take() {
            return Some(self.component(kind, line, offset));
        }
        loop {
            let line = self.lines.next()?;
            let (name, value) = split(&line.text);
            if let (true, Some(kind)) = (name.eq_ignore_ascii_case(b"BEGIN"), Kind::named(value)) {
                return Some(self.component(kind, line.line, line.offset));
            }
        }
    }
}

/// A property's name and what follows the first colon or semicolon.
fn split(line: &[u8]) -> (&[u8], &[u8]) {
    let at = line.iter().position(|&byte| byte == b':' || byte == b';').unwrap_or(line.len());
    (line[..at].trim_ascii(), line.get(at + 1..).unwrap_or_default().trim_ascii())
}

fn is_kept(name: &[u8]) -> bool {
    KEPT.iter().any(|kept| name.eq_ignore_ascii_case(kept.as_bytes()))
}

/// A line with its folds undone.
struct Line {
    text: Vec<u8>,
    line: u64,
    offset: usize,
}

struct Lines<'a> {
    rest: &'a [u8],
    offset: usize,
    line: u64,
}

impl<'a> Lines<'a> {
    fn physical(&mut self) -> Option<&'a [u8]> {
        if self.rest.is_empty() {
            return None;
        }
        let end = self.rest.iter().position(|&byte| byte == b'\n').unwrap_or(self.rest.len());
        let line = &self.rest[..end];
        self.rest = self.rest.get(end + 1..).unwrap_or_default();
        self.offset += end + 1;
        self.line += 1;
        Some(line.strip_suffix(b"\r").unwrap_or(line))
    }

    fn next(&mut self) -> Option<Line> {
        loop {
            let offset = self.offset;
            let first = self.physical()?;
            if first.is_empty() {
                continue;
            }
            let mut whole = Line { text: first.to_vec(), line: self.line, offset };
            while let Some(b' ' | b'\t') = self.rest.first() {
                if let Some(folded) = self.physical() {
                    whole.text.extend_from_slice(folded.get(1..).unwrap_or_default());
                }
            }
            return Some(whole);
        }
    }
}
