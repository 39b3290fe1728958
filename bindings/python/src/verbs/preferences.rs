//! A person's preferences.

use oo::Preferences;
use pyo3::prelude::*;

use crate::answer::answer;
use crate::convert::{Text, clock};
use crate::engine::Engine;
use crate::error::invalid;

#[pymethods]
impl Engine {
    /// The preferences of `user`.
    #[pyo3(signature = (user: "str") -> "Preferences")]
    fn preferences<'py>(&self, py: Python<'py>, user: Text) -> PyResult<Bound<'py, PyAny>> {
        let preferences = self.call(py, move |engine| engine.preferences(&user))?;
        answer(py, "Preferences", &preferences)
    }

    /// Replaces the preferences of `user`: what is left out has its default. `zone` is an IANA zone, quiet hours are
    /// `HH:MM` or `datetime.time`, `daily_cap` the most tips a day, `language` an ISO 639-1 code.
    #[pyo3(signature = (
        user: "str", *, zone: "str" = "UTC", quiet_from: "datetime.time | str | None" = None,
        quiet_to: "datetime.time | str | None" = None, daily_cap: "int | None" = None, language: "str" = "en"
    ) -> "Preferences")]
    #[allow(clippy::too_many_arguments, reason = "keyword arguments of Python")]
    fn set_preferences<'py>(
        &self,
        py: Python<'py>,
        user: Text,
        zone: &str,
        quiet_from: Option<Bound<'py, PyAny>>,
        quiet_to: Option<Bound<'py, PyAny>>,
        daily_cap: Option<i64>,
        language: &str,
    ) -> PyResult<Bound<'py, PyAny>> {
        let preferences = Preferences {
            zone: zone.to_owned(),
            quiet_from: clock("quiet_from", quiet_from.as_ref())?,
            quiet_to: clock("quiet_to", quiet_to.as_ref())?,
            daily_cap: daily_cap
                .map(|cap| u32::try_from(cap).map_err(|_| invalid(py, "daily_cap", "pass a count, or None for no cap")))
                .transpose()?,
            language: language.to_owned(),
        };
        let preferences = self.call(py, move |engine| engine.set_preferences(&user, preferences))?;
        answer(py, "Preferences", &preferences)
    }
}
