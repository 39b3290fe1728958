//! What chooses the tips: `/api/policies`, for whoever runs the server.

use axum::extract::State;
use oo::RegisteredPolicy;
use serde::Serialize;
use utoipa::ToSchema;

use super::App;
use crate::http::answer::{Answered, Json};
use crate::http::problem::AnyProblem;

/// The policies.
#[derive(Debug, Serialize, ToSchema)]
pub struct Policies {
    /// Oldest first.
    policies: Vec<RegisteredPolicy>,
}

/// Every policy that chooses tips: which one serves, which score in its shadow, which are retired.
#[utoipa::path(
    get, path = "/api/policies", tag = "admin",
    responses((status = 200, description = "oldest first", body = Policies), AnyProblem),
)]
pub async fn policies(State(app): State<App>) -> Answered<Policies> {
    Ok(Json(Policies { policies: app.engine.policies().await? }))
}
