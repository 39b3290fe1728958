//! The progress of a long learning: a bar on a terminal, or the caller's own function.

use pyo3::intern;
use pyo3::prelude::*;

/// The width of the bar.
const WIDTH: usize = 32;

/// Who is told how far a learning is.
pub(crate) enum Progress {
    /// Nobody.
    None,
    /// Whoever looks at standard error, if it is a terminal and not the log of a build.
    Bar,
    /// The caller's function, with (done, total).
    Call(Py<PyAny>),
}

impl Progress {
    pub(crate) const fn none() -> Self {
        Progress::None
    }

    pub(crate) fn asked(&self) -> bool {
        !matches!(self, Progress::None)
    }

    /// Says that `done` of `total` are learned.
    pub(crate) fn show(&self, py: Python<'_>, done: usize, total: usize) -> PyResult<()> {
        match self {
            Progress::None => Ok(()),
            Progress::Call(function) => function.call1(py, (done, total)).map(|_| ()),
            Progress::Bar => {
                let full = done * WIDTH / total.max(1);
                let (done_part, rest) = ("█".repeat(full), "░".repeat(WIDTH - full));
                let percent = done * 100 / total.max(1);
                write(py, &format!("\rlearn {done_part}{rest} {percent:>3} %  {done}/{total}"))
            }
        }
    }

    /// Ends the line.
    pub(crate) fn end(&self, py: Python<'_>) -> PyResult<()> {
        match self {
            Progress::Bar => write(py, "\n"),
            _ => Ok(()),
        }
    }
}

impl<'a, 'py> FromPyObject<'a, 'py> for Progress {
    type Error = PyErr;

    fn extract(given: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        let py = given.py();
        if given.is_callable() {
            return Ok(Progress::Call(given.to_owned().unbind()));
        }
        if !given.is_truthy()? || std::env::var_os("CI").is_some() {
            return Ok(Progress::None);
        }
        let stderr = py.import(intern!(py, "sys"))?.getattr(intern!(py, "stderr"))?;
        let terminal = !stderr.is_none() && stderr.call_method0(intern!(py, "isatty"))?.is_truthy()?;
        Ok(if terminal { Progress::Bar } else { Progress::None })
    }
}

fn write(py: Python<'_>, text: &str) -> PyResult<()> {
    let stderr = py.import(intern!(py, "sys"))?.getattr(intern!(py, "stderr"))?;
    stderr.call_method1(intern!(py, "write"), (text,))?;
    stderr.call_method0(intern!(py, "flush")).map(|_| ())
}
