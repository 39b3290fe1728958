//! Request bodies: bounded, declared as JSON, without unknown fields, and every way of being wrong a [`Problem`].
//!
//! A body over the limit is read to its end, up to [`DRAIN`], and thrown away: a client that is still sending would
//! otherwise meet a closed connection and never see the answer that says why.

use axum::body::{Body as HttpBody, Bytes, HttpBody as _};
use axum::extract::{FromRequest, FromRequestParts, OptionalFromRequest, Path, Query, Request};
use axum::http::request::Parts;
use http_body_util::BodyExt;
use serde::de::DeserializeOwned;

use super::problem::Problem;

/// The largest body that is read.
pub const LIMIT: usize = 1_000_000;
/// The largest export that is read.
pub const LARGE: usize = 32_000_000;
/// How much of a body over the limit is read before the connection is given up.
const DRAIN: usize = 64_000_000;
/// The longest piece of a parser's message that is repeated.
const MESSAGE: usize = 300;

/// A request body of JSON.
#[derive(Clone, Copy, Debug)]
pub struct Body<T>(pub T);

/// A request body of JSON that may be as large as a life: an export.
#[derive(Clone, Copy, Debug)]
pub struct LargeBody<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Problem> {
        Body::of(&read(request.into_body()).await?)
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for LargeBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Problem> {
        let Body(value) = Body::of(&read_up_to(request.into_body(), LARGE).await?)?;
        Ok(LargeBody(value))
    }
}

impl<T: DeserializeOwned> Body<T> {
    /// Reads all of a body.
    pub(super) fn of(bytes: &[u8]) -> Result<Self, Problem> {
        if bytes.is_empty() {
            return Err(Problem::invalid("body", "a body is missing; send a JSON object"));
        }
        parse(bytes).map(Body)
    }
}

impl<T: DeserializeOwned, S: Send + Sync> OptionalFromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _state: &S) -> Result<Option<Self>, Problem> {
        let bytes = read(request.into_body()).await?;
        // `null` says the same as no body.
        if bytes.is_empty() { Ok(None) } else { parse::<Option<T>>(&bytes).map(|body| body.map(Body)) }
    }
}

pub(super) async fn read(body: HttpBody) -> Result<Bytes, Problem> {
    read_up_to(body, LIMIT).await
}

async fn read_up_to(mut body: HttpBody, limit: usize) -> Result<Bytes, Problem> {
    let declared = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    let mut kept = Vec::new();
    let mut seen = 0_usize;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Problem::invalid("body", "the body broke off; send it again"))?;
        let Ok(chunk) = frame.into_data() else { continue };
        seen = seen.saturating_add(chunk.len());
        if seen <= limit {
            if kept.is_empty() {
                // What comes in one piece is not copied.
                if chunk.len() == declared && declared > 0 {
                    return Ok(chunk);
                }
                kept.reserve_exact(declared.min(limit).max(chunk.len()));
            }
            kept.extend_from_slice(&chunk);
        } else if seen > DRAIN {
            break;
        } else {
            kept = Vec::new();
        }
    }
    if seen > limit { Err(Problem::too_large(limit)) } else { Ok(kept.into()) }
}

/// Reads a JSON object. Only a failure pays for finding its place.
fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    // An array would be taken for the fields in their order.
    if bytes.trim_ascii_start().first() == Some(&b'[') {
        return Err(Problem::invalid("body", "the body is an array; send one JSON object"));
    }
    if let Ok(value) = serde_json::from_slice(bytes) {
        return Ok(value);
    }
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let place = match serde_path_to_error::deserialize::<_, T>(&mut reader) {
        Err(error) => (error.path().to_string(), error.into_inner()),
        Ok(_) => match reader.end() {
            Err(error) => (".".to_owned(), error),
            Ok(()) => return Err(Problem::invalid("body", "the body could not be read; send one JSON object")),
        },
    };
    let (path, error) = place;
    // The parser writes `.` for the whole and `?` for what it could not name.
    let known = path.trim_end_matches('?').trim_end_matches('.');
    let field = if known.is_empty() { "body" } else { known };
    Err(Problem::invalid(field, format!("{}; see /api/openapi.json for the fields", clip(&error.to_string()))))
}

fn clip(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(MESSAGE).collect()
}

/// The one name in a path.
#[derive(Clone, Debug)]
pub struct InPath(pub String);

impl<S: Send + Sync> FromRequestParts<S> for InPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let found = Path::<String>::from_request_parts(parts, state).await;
        found.map(|Path(name)| InPath(name)).map_err(|wrong| Problem::invalid("path", clip(&wrong.body_text())))
    }
}

/// The part of an address after `?`.
#[derive(Clone, Copy, Debug)]
pub struct InQuery<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for InQuery<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let found = Query::<T>::from_request_parts(parts, state).await;
        found.map(|Query(query)| InQuery(query)).map_err(|wrong| Problem::invalid("query", clip(&wrong.body_text())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Row {
        #[serde(rename = "n")]
        _n: f64,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Rows {
        #[serde(rename = "rows")]
        _rows: Vec<Row>,
    }

    fn field(text: &[u8]) -> Option<String> {
        parse::<Rows>(text).expect_err("it is wrong").field
    }

    #[test]
    fn a_wrong_body_is_a_problem_about_its_place() {
        assert_eq!(field(br#"{"rows":[{"n":1},{"n":"x"}]}"#).as_deref(), Some("rows[1].n"));
        assert_eq!(field(br#"{"rows":[],"more":1}"#).as_deref(), Some("more"));
        assert_eq!(field(br#"{"rows":[{"n":1e999}]}"#).as_deref(), Some("rows[0].n"));
        assert_eq!(field(br#"{"rows":[]} x"#).as_deref(), Some("body"));
        assert_eq!(field(b"[1,2]").as_deref(), Some("body"));
        assert_eq!(field(b"\xff\xfe").as_deref(), Some("body"));
        assert_eq!(field(b"{\"rows\":[{\"\xff\":1}]}").as_deref(), Some("rows[0]"));
    }

    #[tokio::test]
    async fn a_body_over_the_limit_is_refused_and_one_at_the_limit_is_not() {
        assert_eq!(read(HttpBody::from(vec![b' '; LIMIT])).await.expect("at the limit").len(), LIMIT);
        assert_eq!(read(HttpBody::from(vec![b' '; LIMIT + 1])).await.expect_err("over it").status, 413);
    }
}
