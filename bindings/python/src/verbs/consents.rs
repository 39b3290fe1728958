//! Consents: which kinds of signal a person agrees to.

use oo::Consents;
use pyo3::prelude::*;

use crate::answer::answer;
use crate::convert::Text;
use crate::engine::Engine;

#[pymethods]
impl Engine {
    /// Which kinds of signal `user` agrees to, defaults included.
    #[pyo3(signature = (user: "str") -> "Consents")]
    fn consents<'py>(&self, py: Python<'py>, user: Text) -> PyResult<Bound<'py, PyAny>> {
        let consents = self.call(py, move |engine| engine.consents(&user))?;
        answer(py, "Consents", &consents)
    }

    /// Records what `user` agrees to; kinds that are left out stay as they are. Answers the whole.
    #[pyo3(signature = (
        user: "str", *, task: "bool | None" = None, habit: "bool | None" = None, calendar: "bool | None" = None,
        mood: "bool | None" = None, context: "bool | None" = None
    ) -> "Consents")]
    #[allow(clippy::too_many_arguments, reason = "keyword arguments of Python")]
    fn set_consents<'py>(
        &self,
        py: Python<'py>,
        user: Text,
        task: Option<bool>,
        habit: Option<bool>,
        calendar: Option<bool>,
        mood: Option<bool>,
        context: Option<bool>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let consents = Consents { task, habit, calendar, mood, context };
        let consents = self.call(py, move |engine| engine.set_consents(&user, consents))?;
        answer(py, "Consents", &consents)
    }
}
