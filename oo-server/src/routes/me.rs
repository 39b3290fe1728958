//! What a person may ask about themselves: `/api/me/export`, `DELETE /api/me`, receipts, history.

use axum::extract::State;
use axum::response::Response;
use oo::{Imported, PastTip, Receipt, VerifiedReceipt};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::App;
use crate::http::answer::{Answered, Json, typed};
use crate::http::body::{Body, InPath, InQuery, LargeBody};
use crate::http::person::{Person, PersonHeader};
use crate::http::problem::{AnyProblem, Problem};

/// How many.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Limit {
    /// How many at most, 1 to 1000.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<usize>,
}

impl Limit {
    /// The number, or `default`.
    ///
    /// # Errors
    /// `invalid_input` outside 1..=1000.
    pub fn or(self, default: usize) -> Result<usize, Problem> {
        match self.limit.unwrap_or(default) {
            limit @ 1..=1000 => Ok(limit),
            _ => Err(Problem::invalid("limit", "the limit must be 1 to 1000")),
        }
    }
}

/// A receipt.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReceiptAnswer {
    /// What was forgotten, and how that can be verified.
    receipt: Receipt,
}

/// What checking a receipt found.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct VerifiedAnswer {
    /// What holds of it.
    verified: VerifiedReceipt,
}

/// An export to take over.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportRequest {
    /// The export's JSON lines, as one text.
    export: String,
}

/// Tips of the past.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct HistoryAnswer {
    /// Newest first.
    tips: Vec<PastTip>,
}

/// Everything that is held about the person, as JSON lines.
#[utoipa::path(
    get, path = "/api/me/export", tag = "me", params(PersonHeader),
    responses((status = 200, description = "JSON lines", body = String, content_type = "application/x-ndjson"), AnyProblem),
)]
pub async fn export(State(app): State<App>, Person(user): Person) -> Result<Response, Problem> {
    Ok(typed("application/x-ndjson", app.engine.export(&user).await?))
}

/// Forgets the person: events, texts, keys, and what was learned from them.
#[utoipa::path(
    delete, path = "/api/me", tag = "me", params(PersonHeader),
    responses((status = 200, description = "the receipt", body = ReceiptAnswer), AnyProblem),
)]
pub async fn forget(State(app): State<App>, Person(user): Person) -> Answered<ReceiptAnswer> {
    Ok(Json(ReceiptAnswer { receipt: app.engine.forget(&user).await? }))
}

/// A receipt by its id.
#[utoipa::path(
    get, path = "/api/me/receipts/{id}", tag = "me", params(("id" = String, Path, format = Uuid, description = "the receipt's id")),
    responses((status = 200, description = "the receipt", body = ReceiptAnswer), AnyProblem),
)]
pub async fn receipt(State(app): State<App>, InPath(id): InPath) -> Answered<ReceiptAnswer> {
    Ok(Json(ReceiptAnswer { receipt: app.engine.receipt(&id).await? }))
}

/// Checks a receipt against the log, as `DELETE /api/me` gave it. A receipt that does not hold is an answer, not an error.
#[utoipa::path(
    post, path = "/api/me/receipts/verify", tag = "me", request_body = Receipt,
    responses((status = 200, description = "what holds of it", body = VerifiedAnswer), AnyProblem),
)]
pub async fn verify_receipt(State(app): State<App>, Body(receipt): Body<Receipt>) -> Answered<VerifiedAnswer> {
    Ok(Json(VerifiedAnswer { verified: app.engine.verify_receipt(&receipt).await? }))
}

/// Takes over what `GET /api/me/export` gave of this person, here or from another store.
#[utoipa::path(
    post, path = "/api/me/import", tag = "me", params(PersonHeader), request_body = ImportRequest,
    responses((status = 200, description = "what was taken over", body = Imported), AnyProblem),
)]
pub async fn import_export(
    State(app): State<App>,
    Person(user): Person,
    LargeBody(request): LargeBody<ImportRequest>,
) -> Answered<Imported> {
    Ok(Json(app.engine.import_export(&user, &request.export).await?))
}

/// The person's last tips, newest first; 20 when no limit is given.
#[utoipa::path(
    get, path = "/api/me/history", tag = "me", params(PersonHeader, Limit),
    responses((status = 200, description = "tips and what became of them", body = HistoryAnswer), AnyProblem),
)]
pub async fn history(
    State(app): State<App>,
    Person(user): Person,
    InQuery(limit): InQuery<Limit>,
) -> Answered<HistoryAnswer> {
    Ok(Json(HistoryAnswer { tips: app.engine.history(&user, limit.or(20)?).await? }))
}
