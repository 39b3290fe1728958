//! What whoever runs the server sees, without texts and names: `/api/admin/decisions`, `/api/admin/receipts`.

use axum::extract::State;
use oo::{PastTip, Receipt};
use serde::Serialize;
use utoipa::ToSchema;

use super::App;
use super::me::Limit;
use crate::http::answer::{Answered, Json};
use crate::http::body::InQuery;
use crate::http::problem::AnyProblem;

/// Decisions over all people.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DecisionsAnswer {
    /// Newest first; their texts stay sealed.
    decisions: Vec<PastTip>,
}

/// The last decisions over all people, newest first; 50 when no limit is given.
#[utoipa::path(
    get, path = "/api/admin/decisions", tag = "admin", params(Limit),
    responses((status = 200, description = "decisions without their texts", body = DecisionsAnswer), AnyProblem),
)]
pub async fn decisions(State(app): State<App>, InQuery(limit): InQuery<Limit>) -> Answered<DecisionsAnswer> {
    Ok(Json(DecisionsAnswer { decisions: app.engine.decisions(limit.or(50)?).await? }))
}

/// Receipts of forgettings.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReceiptsAnswer {
    /// Newest first; they name nobody.
    receipts: Vec<Receipt>,
}

/// The last receipts of forgettings, newest first; 50 when no limit is given. One whose answer was lost is among them.
#[utoipa::path(
    get, path = "/api/admin/receipts", tag = "admin", params(Limit),
    responses((status = 200, description = "receipts, which name nobody", body = ReceiptsAnswer), AnyProblem),
)]
pub async fn receipts(State(app): State<App>, InQuery(limit): InQuery<Limit>) -> Answered<ReceiptsAnswer> {
    Ok(Json(ReceiptsAnswer { receipts: app.engine.receipts(limit.or(50)?).await? }))
}
