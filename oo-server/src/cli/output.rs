//! The one place that writes to the terminal.

use std::io::{self, ErrorKind, Write};

use oo::{Error, Result};
use serde::Serialize;

/// Writes `text` to the standard output as it is. Whoever closed it, as `head` does, has read enough.
pub(super) fn text(text: &str) -> Result<()> {
    written(text).map(|_read| ())
}

/// As [`line`], and says whether anybody still reads.
pub(super) fn piped(line: &str) -> Result<bool> {
    written(&format!("{line}\n"))
}

fn written(text: &str) -> Result<bool> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(false),
        Err(error) => {
            Err(Error::storage(format!("the output cannot be written: {error}; free some space or write elsewhere")))
        }
    }
}

/// Writes a line to the standard output.
pub(super) fn line(line: &str) -> Result<()> {
    text(&format!("{line}\n"))
}

/// Writes `value` as JSON that people read.
pub(super) fn json(value: &impl Serialize) -> Result<()> {
    let pretty = serde_json::to_string_pretty(value).map_err(|error| {
        Error::internal(format!("the answer could not be written: {error}; report this as a defect"))
    })?;
    line(&pretty)
}

/// Writes a remark to the standard error.
pub(super) fn remark(line: &str) {
    // Nobody is left to tell.
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// Writes an error: what is wrong and what to do.
pub(super) fn complain(error: &Error) {
    match error.field() {
        Some(field) => remark(&format!("oo: {field}: {}", error.message())),
        None => remark(&format!("oo: {}", error.message())),
    }
}
