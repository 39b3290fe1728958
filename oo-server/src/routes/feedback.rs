//! `POST /api/feedback`
//!
//! [`ReactionName`] and [`ReasonName`] only stand in `openapi.json`: the engine reads the names, the same for every door.

use axum::extract::State;
use oo::moment::parse_rfc3339;
use oo::{ReactRequest, Reacted, Reaction};
use serde::Deserialize;
use utoipa::ToSchema;

use super::App;
use crate::http::answer::{Answered, Json};
use crate::http::body::Body;
use crate::http::problem::AnyProblem;

/// What a person did with a tip.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FeedbackBody {
    /// The tip's id, exactly as it was answered.
    #[schema(format = Uuid)]
    tip: String,
    /// What they did.
    #[schema(value_type = ReactionName)]
    reaction: String,
    /// When it should come back; a snooze needs it, nothing else has it.
    #[schema(value_type = Option<String>, format = DateTime)]
    until: Option<String>,
    /// Why it was dismissed, if they say.
    #[schema(value_type = Option<ReasonName>)]
    reason: Option<String>,
    /// The caller's id of this message: sending it twice changes nothing.
    id: Option<String>,
    /// When it happened; now, when absent.
    #[schema(value_type = Option<String>, format = DateTime)]
    at: Option<String>,
}

/// What a person did with a tip.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum ReactionName {
    /// It was painted and visible.
    Shown,
    /// They did it.
    Done,
    /// They want it back later.
    Snooze,
    /// They do not want it.
    Dismiss,
}

/// Why a tip was dismissed.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum ReasonName {
    /// A wrong moment.
    NotNow,
    /// Not for them.
    NotRelevant,
    /// Never again.
    Never,
}

/// Says what a person did with a tip.
#[utoipa::path(
    post, path = "/api/feedback", tag = "tips", request_body = FeedbackBody,
    responses((status = 200, description = "what became of it", body = Reacted), AnyProblem),
)]
pub async fn feedback(State(app): State<App>, Body(body): Body<FeedbackBody>) -> Answered<Reacted> {
    Ok(Json(app.engine.react_with(body.into_request()?).await?))
}

impl FeedbackBody {
    fn into_request(self) -> oo::Result<ReactRequest> {
        let instant = |field, text: Option<&str>| text.map(|text| parse_rfc3339(field, text)).transpose();
        let until_ms = instant("until", self.until.as_deref())?;
        Ok(ReactRequest {
            tip: self.tip.parse()?,
            reaction: Reaction::from_parts(&self.reaction, until_ms, self.reason.as_deref())?,
            id: self.id,
            at_ms: instant("at", self.at.as_deref())?,
        })
    }
}
