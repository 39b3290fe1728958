//! The one place that writes to the terminal.

use std::io::{self, ErrorKind, Write};

use oo::{Error, Result};
use serde::Serialize;
use tokio::sync::{mpsc, oneshot};

/// The most lines that wait for whoever reads them.
const WAITING: usize = 64;

/// Lines to the standard output by a thread of its own: a reader that does not read holds up that thread, and not a task
/// that has a signal to listen for. Nobody waits for the thread when the process ends.
pub(super) struct Lines {
    lines: mpsc::Sender<String>,
    end: oneshot::Receiver<Result<()>>,
}

impl Lines {
    pub(super) fn start() -> Result<Self> {
        let (lines, waiting) = mpsc::channel(WAITING);
        let (said, end) = oneshot::channel();
        let write = move || {
            // Whoever was told to stop does not ask how it ended.
            let _ = said.send(written_all(waiting));
        };
        std::thread::Builder::new()
            .name("oo-output".to_owned())
            .spawn(write)
            .map_err(|error| Error::storage(format!("no thread for the output: {error}; end other programs")))?;
        Ok(Lines { lines, end })
    }

    /// Hands on `line`, and says whether anybody still reads.
    pub(super) async fn line(&self, line: String) -> bool {
        self.lines.send(line).await.is_ok()
    }

    /// Waits until everything is written.
    pub(super) async fn end(self) -> Result<()> {
        drop(self.lines);
        self.end.await.unwrap_or(Ok(()))
    }
}

fn written_all(mut waiting: mpsc::Receiver<String>) -> Result<()> {
    let mut lines = Vec::new();
    while waiting.blocking_recv_many(&mut lines, WAITING) > 0 {
        let text: String = lines.drain(..).flat_map(|line| [line, "\n".to_owned()]).collect();
        if !written(&text)? {
            break;
        }
    }
    Ok(())
}

/// Writes `text` to the standard output as it is. Whoever closed it, as `head` does, has read enough.
pub(super) fn text(text: &str) -> Result<()> {
    written(text).map(|_read| ())
}

/// As [`text`], and says whether anybody still reads.
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
