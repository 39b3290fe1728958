//! `ingest`: signals of a life.

use pyo3::prelude::*;

use crate::answer::answer;
use crate::convert::{Text, is_mapping, value};
use crate::engine::Engine;
use crate::error::raise;

#[pymethods]
impl Engine {
    /// Stores one signal of `user`, or several in one transaction: all of them or none. Make them with `oo.task`,
    /// `oo.habit`, `oo.calendar`, `oo.mood` and `oo.context`. A signal whose `signal_id` was seen changes nothing.
    #[pyo3(signature = (user: "str", signals: "Signal | Iterable[Signal]") -> "Ingested")]
    fn ingest<'py>(&self, py: Python<'py>, user: Text, signals: Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let signals = if is_mapping(&signals)? {
            vec![signal(&signals)?]
        } else {
            signals.try_iter()?.map(|given| signal(&given?)).collect::<PyResult<_>>()?
        };
        let ingested = self.call(py, move |engine| engine.ingest_all(&user, signals))?;
        answer(py, "Ingested", &ingested)
    }
}

fn signal(given: &Bound<'_, PyAny>) -> PyResult<oo::Signal> {
    oo::wire::signal_from_value(value("signal", given)?).map_err(|error| raise(given.py(), &error))
}
