//! Answers: JSON that nobody caches.

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use oo::ErrorKind;
use serde::Serialize;

use super::problem::Problem;

/// A handler's result.
pub type Answered<T> = Result<Json<T>, Problem>;

/// A body of JSON.
#[derive(Clone, Debug)]
pub struct Json<T>(pub T);

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&self.0) {
            Ok(body) => typed("application/json", body),
            Err(error) => Problem::new(
                ErrorKind::Internal,
                format!("the answer could not be written: {error}; report this as a defect"),
            )
            .into_response(),
        }
    }
}

/// A body of another type than JSON.
#[must_use]
pub fn typed(content_type: &'static str, body: impl IntoResponse) -> Response {
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
