//! `GET /api/tips/{id}/why`

use axum::extract::State;
use oo::{Explained, TipId};

use super::App;
use crate::http::answer::{Answered, Json};
use crate::http::body::InPath;
use crate::http::problem::AnyProblem;

/// Everything about one decision: candidates, probabilities, features, and why this one.
#[utoipa::path(
    get, path = "/api/tips/{id}/why", tag = "tips", params(("id" = String, Path, format = Uuid, description = "the tip's id")),
    responses((status = 200, description = "the decision", body = Explained), AnyProblem),
)]
pub async fn why(State(app): State<App>, InPath(id): InPath) -> Answered<Explained> {
    Ok(Json(app.engine.explain(id.parse::<TipId>()?).await?))
}
