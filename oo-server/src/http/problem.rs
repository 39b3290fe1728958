//! Errors as problem documents (RFC 9457) with a stable `kind`.
//!
//! Every error that leaves the server is one of these: those of the engine, those of reading a request, an unknown
//! path, a wrong method, a time limit, a panic. The kinds are those of [`oo::ErrorKind`]; the status follows from the
//! kind unless HTTP has a more exact one.

use std::collections::BTreeMap;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use oo::ErrorKind;
use serde::Serialize;
use utoipa::openapi::{self, ContentBuilder, Ref, RefOr, ResponseBuilder};
use utoipa::{IntoResponses, ToSchema};

const CONTENT_TYPE: &str = "application/problem+json";

/// What went wrong, and what to do next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Problem {
    /// Always `about:blank`: the kind says more.
    #[serde(rename = "type")]
    #[schema(value_type = String, example = "about:blank")]
    pub about: &'static str,
    /// The kind in words.
    #[schema(value_type = String, example = "Invalid input")]
    pub title: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// What to do next, as a kind.
    #[schema(value_type = Kind)]
    pub kind: &'static str,
    /// What is wrong and what to do next.
    pub detail: String,
    /// The field of the request that is wrong, where one is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// Seconds to wait before the next attempt; sent as `Retry-After`.
    #[serde(skip)]
    #[schema(ignore)]
    pub retry_after_s: Option<u32>,
}

/// What to do next about an error; stable names.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum Kind {
    /// The request is wrong; correct it.
    InvalidInput,
    /// There is no such thing; check the id.
    NotFound,
    /// The person has not agreed, or the caller may not.
    Denied,
    /// Two things do not fit; migrate, or upgrade oO.
    Incompatible,
    /// Try again later.
    Busy,
    /// The storage failed; mend it.
    Storage,
    /// The master key is missing or another one.
    Key,
    /// A defect of oO.
    Internal,
}

/// Any error: how every operation's `default` answer stands in `openapi.json`.
#[derive(Clone, Copy, Debug)]
pub struct AnyProblem;

impl IntoResponses for AnyProblem {
    fn responses() -> BTreeMap<String, RefOr<openapi::Response>> {
        let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
        let response = ResponseBuilder::new().description("a problem").content(CONTENT_TYPE, content).build();
        BTreeMap::from([("default".to_owned(), RefOr::T(response))])
    }
}

impl Problem {
    /// A problem of `kind` with a detail that says what to do next.
    #[must_use]
    pub fn new(kind: ErrorKind, detail: impl Into<String>) -> Self {
        let (status, title) = face(kind);
        Problem {
            about: "about:blank",
            title,
            status: status.as_u16(),
            kind: kind.as_str(),
            detail: detail.into(),
            field: None,
            retry_after_s: (kind == ErrorKind::Busy).then_some(1),
        }
    }

    /// [`ErrorKind::InvalidInput`] about `field`.
    #[must_use]
    pub fn invalid(field: impl Into<String>, detail: impl Into<String>) -> Self {
        Problem { field: Some(field.into()), ..Problem::new(ErrorKind::InvalidInput, detail) }
    }

    /// The same problem under the more exact `status`.
    #[must_use]
    pub fn with_status(self, status: StatusCode) -> Self {
        Problem { status: status.as_u16(), ..self }
    }

    /// A body of more than `limit` bytes.
    #[must_use]
    pub fn too_large(limit: usize) -> Self {
        Problem::new(ErrorKind::InvalidInput, format!("the body is larger than {limit} bytes; send less at once"))
            .with_status(StatusCode::PAYLOAD_TOO_LARGE)
    }

    /// A body that is not declared as JSON.
    #[must_use]
    pub fn not_json() -> Self {
        Problem::new(ErrorKind::InvalidInput, "the body must be JSON; send `Content-Type: application/json`")
            .with_status(StatusCode::UNSUPPORTED_MEDIA_TYPE)
    }

    /// A path that leads nowhere.
    #[must_use]
    pub fn no_such_path() -> Self {
        Problem::new(ErrorKind::NotFound, "there is nothing at this path; /api/openapi.json lists the paths")
    }

    /// A method that the path has not got.
    #[must_use]
    pub fn wrong_method() -> Self {
        Problem::new(ErrorKind::InvalidInput, "this path has no such method; the header `Allow` lists those it has")
            .with_status(StatusCode::METHOD_NOT_ALLOWED)
    }

    /// A caller over the budget of requests.
    #[must_use]
    pub fn too_many() -> Self {
        Problem::new(ErrorKind::Busy, "too many requests a second; wait for the time in `Retry-After`")
            .with_status(StatusCode::TOO_MANY_REQUESTS)
    }
}

fn face(kind: ErrorKind) -> (StatusCode, &'static str) {
    match kind {
        ErrorKind::InvalidInput => (StatusCode::BAD_REQUEST, "Invalid input"),
        ErrorKind::NotFound => (StatusCode::NOT_FOUND, "Not found"),
        ErrorKind::Denied => (StatusCode::FORBIDDEN, "Denied"),
        ErrorKind::Incompatible => (StatusCode::CONFLICT, "Incompatible"),
        ErrorKind::Busy => (StatusCode::SERVICE_UNAVAILABLE, "Busy"),
        ErrorKind::Storage => (StatusCode::INSUFFICIENT_STORAGE, "Storage"),
        ErrorKind::Key => (StatusCode::INTERNAL_SERVER_ERROR, "Key"),
        _ => (StatusCode::INTERNAL_SERVER_ERROR, "Internal"),
    }
}

impl From<oo::Error> for Problem {
    fn from(error: oo::Error) -> Self {
        if matches!(error.kind(), ErrorKind::Storage | ErrorKind::Key | ErrorKind::Internal) {
            tracing::error!(%error, "a request failed");
        }
        Problem { field: error.field().map(str::to_owned), ..Problem::new(error.kind(), error.message()) }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(CONTENT_TYPE));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = self.retry_after_s {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_status_of_its_own_class_and_its_stable_name() {
        for kind in ErrorKind::ALL {
            let problem = Problem::new(kind, "detail");
            assert_eq!(problem.kind, kind.as_str());
            assert!(problem.status >= 400, "{kind}");
        }
        assert_eq!(Problem::new(ErrorKind::Incompatible, "").status, 409);
        assert_eq!(Problem::new(ErrorKind::Storage, "").status, 507);
    }

    #[test]
    fn the_documented_kinds_are_those_of_the_engine() {
        let schema = serde_json::to_value(<Kind as utoipa::PartialSchema>::schema()).expect("a schema");
        let documented: Vec<&str> =
            schema["enum"].as_array().expect("an enum").iter().filter_map(serde_json::Value::as_str).collect();
        assert_eq!(documented, ErrorKind::ALL.map(ErrorKind::as_str));
    }
}
