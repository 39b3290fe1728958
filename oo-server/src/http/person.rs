//! Who a request is about: the header `Oo-User`, until there is sign-in.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use utoipa::IntoParams;

use super::problem::Problem;

/// The person when nobody is named: the one whose machine this is.
pub const ME: &str = "me";
const HEADER: &str = "oo-user";

/// The person that the header names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person(pub String);

/// How [`Person`] stands in `openapi.json`.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
pub struct PersonHeader {
    /// The caller's id of the person; `me` when absent.
    #[param(rename = "Oo-User", min_length = 1, max_length = 256, pattern = "^[^\\u0000-\\u001f\\u007f-\\u009f]*$")]
    pub user: Option<String>,
}

impl Person {
    /// The person of the body where it names one, else that of the header.
    #[must_use]
    pub fn or(self, user: Option<String>) -> String {
        user.unwrap_or(self.0)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Person {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let mut named = parts.headers.get_all(HEADER).iter();
        match (named.next(), named.next()) {
            (None, _) => Ok(Person(ME.to_owned())),
            (Some(value), None) => std::str::from_utf8(value.as_bytes())
                .map(|user| Person(user.to_owned()))
                .map_err(|_| Problem::invalid("Oo-User", "the header `Oo-User` is not UTF-8; send it as UTF-8")),
            _ => Err(Problem::invalid("Oo-User", "the header `Oo-User` stands twice; send it once")),
        }
    }
}
