//! `recommend`: one tip.

use oo::{RecommendRequest, ShownMode};
use pyo3::prelude::*;

use crate::answer::answer;
use crate::candidate::candidates;
use crate::convert::Text;
use crate::engine::Engine;
use crate::error::invalid;

#[pymethods]
impl Engine {
    /// One tip for `user`, or None when there is none. The same tip until it is reacted to or expires.
    ///
    /// The same `request_id` answers the same decision again. With `shown="reported"` the tip counts as shown when you
    /// `react(tip, "shown")`, else at once. `candidates` are offered beside the engine's own: mappings with `id`,
    /// `content`, and perhaps `kind`, `category`, `features`, `due`, `expires`, `effort_min`, `priority`.
    #[pyo3(signature = (
        user: "str", *, request_id: "str | None" = None, shown: "Literal['on_answer', 'reported']" = "on_answer",
        candidates: "Iterable[Mapping[str, Any]] | None" = None
    ) -> "Tip | None")]
    fn recommend<'py>(
        &self,
        py: Python<'py>,
        user: Text,
        request_id: Option<Text>,
        shown: &str,
        candidates: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let request = request(py, user, request_id, shown, candidates.as_ref())?;
        let tip = self.call(py, move |engine| engine.recommend(request))?;
        tip.map(|tip| answer(py, "Tip", &tip)).transpose()
    }

    /// As `recommend`, and when there is no tip it says why: `daily_cap` or `no_candidate`.
    #[pyo3(signature = (
        user: "str", *, request_id: "str | None" = None, shown: "Literal['on_answer', 'reported']" = "on_answer",
        candidates: "Iterable[Mapping[str, Any]] | None" = None
    ) -> "Recommendation")]
    fn recommend_with<'py>(
        &self,
        py: Python<'py>,
        user: Text,
        request_id: Option<Text>,
        shown: &str,
        candidates: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let request = request(py, user, request_id, shown, candidates.as_ref())?;
        let recommendation = self.call(py, move |engine| engine.recommend_with(request))?;
        answer(py, "Recommendation", &recommendation)
    }
}

fn request(
    py: Python<'_>,
    user: Text,
    request_id: Option<Text>,
    shown: &str,
    offered: Option<&Bound<'_, PyAny>>,
) -> PyResult<RecommendRequest> {
    let shown = match shown {
        "on_answer" => ShownMode::OnAnswer,
        "reported" => ShownMode::Reported,
        _ => return Err(invalid(py, "shown", "use \"on_answer\" or \"reported\"")),
    };
    let mut request = RecommendRequest::new(user.0);
    request.request_id = request_id.map(|id| id.0);
    request.shown = shown;
    request.candidates = candidates(offered)?;
    Ok(request)
}
