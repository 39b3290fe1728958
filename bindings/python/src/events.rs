//! `oo.EventStream`: committed events, one after the other.
//!
//! A stream holds its place in the log rather than an engine: after a fork, which closes every engine, it goes on from
//! there on the engine that is opened anew. It waits in slices, each with a pass of its own, so that neither a fork nor
//! Ctrl-C waits for an event.

use std::mem;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use oo::event_json::EventLine;
use oo::id::Position;
use oo::{After, EventsRequest, Result, Waited};
use pyo3::intern;
use pyo3::prelude::*;

use crate::handle::Handle;
use crate::{door, fork};

/// How long one wait is.
const SLICE: Duration = Duration::from_millis(50);

/// Committed events in the order of the log, each a dict in its JSON form. Iterate over it; with `follow` it waits for what
/// will be committed, and ends when it or the engine is closed.
#[pyclass(frozen, module = "oo")]
pub(crate) struct EventStream {
    reader: Arc<Reader>,
}

struct Reader {
    handle: Arc<Handle>,
    request: EventsRequest,
    /// Locked only with a pass, so that no fork meets it locked.
    live: Mutex<Option<Live>>,
    position: AtomicU64,
    began: AtomicBool,
    closed: AtomicBool,
}

/// A stream and the process that opened it; in any other process it is leaked, never closed.
struct Live {
    stream: Option<oo::EventStream>,
    process: u32,
}

impl Drop for Live {
    fn drop(&mut self) {
        if self.process != std::process::id() {
            mem::forget(self.stream.take());
        }
    }
}

impl EventStream {
    /// Opens the stream that `request` asks for.
    pub(crate) fn open(py: Python<'_>, handle: &Arc<Handle>, request: EventsRequest) -> PyResult<Self> {
        let reader = Arc::new(Reader {
            handle: handle.clone(),
            request,
            live: Mutex::default(),
            position: AtomicU64::new(0),
            began: AtomicBool::new(false),
            closed: AtomicBool::new(false),
        });
        let opening = reader.clone();
        door::through(py, move || {
            let _pass = fork::enter();
            let mut live = opening.live.lock().unwrap_or_else(PoisonError::into_inner);
            opening.opened(&mut live).map(|_| ())
        })?;
        Ok(EventStream { reader })
    }

    /// The next event in that time, through the door.
    fn take(&self, py: Python<'_>, patience: Duration) -> PyResult<Waited> {
        let reader = self.reader.clone();
        door::patiently(py, move || reader.wait(patience))
    }
}

impl Reader {
    fn wait(&self, patience: Duration) -> Result<Waited> {
        let _pass = fork::enter();
        let mut live = self.live.lock().unwrap_or_else(PoisonError::into_inner);
        if self.closed.load(Ordering::Acquire) {
            *live = None;
            return Ok(Waited::End);
        }
        if self.request.follow && self.handle.is_closed() {
            *live = None;
            return Ok(Waited::End);
        }
        let stream = self.opened(&mut live)?;
        let waited = stream.wait(patience);
        let over = stream.is_over();
        self.position.store(stream.position().0, Ordering::Release);
        match waited {
            Ok(Waited::Event(event)) => Ok(Waited::Event(event)),
            // A fork closed the engine: on with the next one, or to the end if it was closed for good.
            Ok(Waited::End) | Err(_) if over && !self.closed.load(Ordering::Acquire) => {
                *live = None;
                Ok(Waited::Nothing)
            }
            other => other,
        }
    }

    /// The stream of this process, opened where the last one was left.
    fn opened<'a>(&self, live: &'a mut Option<Live>) -> Result<&'a mut oo::EventStream> {
        let process = std::process::id();
        if live.as_ref().is_some_and(|live| live.process != process) {
            *live = None;
        }
        let live = match live {
            Some(live) => live,
            None => {
                let mut request = self.request.clone();
                if self.began.swap(true, Ordering::AcqRel) {
                    request.after = After::Position(Position(self.position.load(Ordering::Acquire)));
                }
                let stream = self.handle.engine()?.events(request)?;
                self.position.store(stream.position().0, Ordering::Release);
                live.insert(Live { stream: Some(stream), process })
            }
        };
        live.stream.as_mut().ok_or_else(|| oo::Error::internal("a stream was leaked; report this as a defect"))
    }
}

fn dict<'py>(py: Python<'py>, stored: &oo::Stored) -> PyResult<Bound<'py, PyAny>> {
    let line = door::quickly(py, || EventLine::new(stored).to_json())?;
    py.import(intern!(py, "json"))?.getattr(intern!(py, "loads"))?.call1((line,))
}

#[pymethods]
impl EventStream {
    /// Ends the stream; whoever waits for its next event is woken. Again is nothing.
    #[pyo3(signature = () -> "None")]
    fn close(&self) {
        self.reader.closed.store(true, Ordering::Release);
        // Whoever waits holds it, and lets it go within a slice.
        if let Ok(mut live) = self.reader.live.try_lock() {
            *live = None;
        }
    }

    /// Up to where everything was given: what to pass as `after` to go on later.
    #[getter]
    fn position(&self) -> u64 {
        self.reader.position.load(Ordering::Acquire)
    }

    /// The next event within that many seconds, at most a twentieth: a dict, `None` for none yet, or `False` at the end.
    #[pyo3(name = "_take", signature = (patience: "float") -> "dict[str, Any] | bool | None")]
    fn take_within<'py>(&self, py: Python<'py>, patience: f64) -> PyResult<Option<Bound<'py, PyAny>>> {
        let patience = Duration::try_from_secs_f64(patience).unwrap_or(SLICE).min(SLICE);
        match self.take(py, patience)? {
            Waited::Event(stored) => dict(py, &stored).map(Some),
            Waited::Nothing => Ok(None),
            Waited::End => Ok(Some(pyo3::types::PyBool::new(py, false).to_owned().into_any())),
        }
    }

    fn __iter__(this: Py<Self>) -> Py<Self> {
        this
    }

    fn __next__<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        loop {
            match self.take(py, SLICE)? {
                Waited::Event(stored) => return dict(py, &stored).map(Some),
                Waited::Nothing => py.check_signals()?,
                Waited::End => return Ok(None),
            }
        }
    }

    #[pyo3(signature = () -> "Self")]
    fn __enter__(this: Py<Self>) -> Py<Self> {
        this
    }

    #[pyo3(signature = (kind: "object" = None, error: "object" = None, trace: "object" = None) -> "None")]
    fn __exit__(
        &self,
        kind: Option<Bound<'_, PyAny>>,
        error: Option<Bound<'_, PyAny>>,
        trace: Option<Bound<'_, PyAny>>,
    ) {
        let _ = (kind, error, trace);
        self.close();
    }

    fn __repr__(&self) -> String {
        format!("<oo.EventStream at {}>", self.position())
    }
}
