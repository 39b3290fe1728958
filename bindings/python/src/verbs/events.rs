//! `events`: what was committed, and what will be.

use std::collections::BTreeSet;

use oo::id::Position;
use oo::{After, EventsRequest};
use pyo3::prelude::*;
use pyo3::types::{PyInt, PyString};

use crate::convert::{self, Text};
use crate::engine::Engine;
use crate::error::{invalid, raise};
use crate::events::EventStream;

#[pymethods]
impl Engine {
    /// Committed events in the order of the log, own and other processes', each a dict in its JSON form. `after` is a
    /// position to go on from, or `"now"`; left out, the stream begins with the log. `user` and `types` keep one person's
    /// events and those of some types. With `follow` the stream waits for what will be committed; without, it ends.
    #[pyo3(signature = (
        after: "int | str | None" = None, user: "str | None" = None, types: "Iterable[str] | None" = None,
        follow: "bool" = false,
    ) -> "EventStream")]
    fn events(
        &self,
        py: Python<'_>,
        after: Option<Bound<'_, PyAny>>,
        user: Option<Text>,
        types: Option<Bound<'_, PyAny>>,
        follow: bool,
    ) -> PyResult<EventStream> {
        let request = EventsRequest {
            after: after.as_ref().map(place).transpose()?.unwrap_or_default(),
            user: user.map(|user| user.0),
            types: types.as_ref().map(names).transpose()?.unwrap_or_default(),
            follow,
        };
        EventStream::open(py, self.handle(py)?, request)
    }
}

fn place(given: &Bound<'_, PyAny>) -> PyResult<After> {
    let py = given.py();
    if given.is_instance_of::<PyString>() {
        return After::parse(&convert::text("after", given)?).map_err(|error| raise(py, &error));
    }
    let position = given.cast::<PyInt>().ok().and_then(|number| number.extract::<u64>().ok());
    position.map(|position| After::Position(Position(position))).ok_or_else(|| {
        invalid(py, "after", "pass a position as a stream gave it, \"now\", or nothing to begin with the log")
    })
}

fn names(given: &Bound<'_, PyAny>) -> PyResult<BTreeSet<String>> {
    let py = given.py();
    // A text is iterable, letter by letter.
    let wrong = || invalid(py, "types", "pass a list of types, such as [\"decision\", \"reaction\"]");
    if given.is_instance_of::<PyString>() {
        return Err(wrong());
    }
    given.try_iter().map_err(|_| wrong())?.map(|name| convert::text("types", &name?).map_err(|_| wrong())).collect()
}
