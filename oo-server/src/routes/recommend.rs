//! `POST /api/recommend`

use axum::extract::State;
use oo::{RecommendRequest, Recommendation, ShownMode};
use serde::Deserialize;
use utoipa::ToSchema;

use super::App;
use crate::http::answer::{Answered, Json};
use crate::http::body::Body;
use crate::http::person::{Person, PersonHeader};
use crate::http::problem::AnyProblem;

/// What is asked for. Everything may be left out, and the body too.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecommendBody {
    /// The person; the header `Oo-User` when absent.
    user: Option<String>,
    /// How it is asked for.
    mode: Option<Mode>,
    /// The caller's id of this request: a decision that it made is answered again by the same id.
    request_id: Option<String>,
    /// When the tip counts as shown; `on_answer` when absent.
    shown: Option<Shown>,
}

/// How a tip is asked for.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// The person looks: one tip, the same until it is reacted to or expires.
    Pull,
}

/// When a tip counts as shown.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Shown {
    /// The moment the answer leaves.
    OnAnswer,
    /// The moment the reaction `shown` arrives.
    Reported,
}

/// Asks for a tip.
#[utoipa::path(
    post, path = "/api/recommend", tag = "tips", params(PersonHeader), request_body = Option<RecommendBody>,
    responses((status = 200, description = "a tip, or why there is none", body = Recommendation), AnyProblem),
)]
pub async fn recommend(
    State(app): State<App>,
    person: Person,
    body: Option<Body<RecommendBody>>,
) -> Answered<Recommendation> {
    let body = body.map(|Body(body)| body).unwrap_or_default();
    let mut request = RecommendRequest::new(person.or(body.user));
    request.mode = match body.mode {
        None | Some(Mode::Pull) => oo::Mode::Pull,
    };
    request.request_id = body.request_id;
    request.shown = match body.shown {
        Some(Shown::Reported) => ShownMode::Reported,
        _ => ShownMode::OnAnswer,
    };
    Ok(Json(app.engine.recommend_with(request).await?))
}
