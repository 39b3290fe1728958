//! `react`: what a person did with a tip.

use oo::{ReactRequest, Reaction};
use pyo3::prelude::*;

use crate::answer::answer;
use crate::convert::{Text, instant, tip_id};
use crate::engine::Engine;
use crate::error::raise;

#[pymethods]
impl Engine {
    /// Records what a person did with a tip: `done`, `snooze` (with `until`), `dismiss` (perhaps with a `reason`:
    /// `not_now`, `not_relevant` or `never`) or `shown`. The next `recommend`, in any process, has learned from it.
    ///
    /// With an `id`, sending the reaction twice changes nothing; `at` is when it happened, now when left out.
    #[pyo3(signature = (
        tip: "Tip | PastTip | uuid.UUID | str", reaction: "Literal['done', 'snooze', 'dismiss', 'shown']", *,
        until: "datetime.datetime | str | None" = None,
        reason: "Literal['not_now', 'not_relevant', 'never'] | None" = None, id: "str | None" = None,
        at: "datetime.datetime | str | None" = None
    ) -> "Reacted")]
    #[allow(clippy::too_many_arguments, reason = "keyword arguments of Python")]
    fn react<'py>(
        &self,
        py: Python<'py>,
        tip: Bound<'py, PyAny>,
        reaction: Text,
        until: Option<Bound<'py, PyAny>>,
        reason: Option<Text>,
        id: Option<Text>,
        at: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let reaction = Reaction::from_parts(&reaction, instant("until", until.as_ref())?, reason.as_deref())
            .map_err(|error| raise(py, &error))?;
        let mut request = ReactRequest::new(tip_id(&tip)?, reaction);
        request.id = id.map(|id| id.0);
        request.at_ms = instant("at", at.as_ref())?;
        let reacted = self.call(py, move |engine| engine.react_with(request))?;
        answer(py, "Reacted", &reacted)
    }
}
