//! The door: one layer around every handler.
//!
//! In: who may call ([`Hosts`]), how often ([`Rate`]). Around: a time limit, and a guard that turns a panic into a
//! problem. Out: headers that every answer has, and the counts of [`Traffic`].

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use oo::ErrorKind;

use super::origin::Hosts;
use super::problem::Problem;
use super::rate::Rate;
use super::streams::Streams;
use super::traffic::Traffic;

/// What the door knows.
#[derive(Debug)]
pub struct Door {
    /// Which hosts the server answers as.
    pub hosts: Hosts,
    /// The budget of requests.
    pub rate: Rate,
    /// How long a request may take, and how long a client may take nothing of its answer.
    pub patience: Duration,
    /// What passed.
    pub traffic: Traffic,
    /// The answers that do not end by themselves.
    pub streams: Streams,
}

/// Lets a request through, or answers why not.
pub async fn pass(State(door): State<Arc<Door>>, request: Request, next: Next) -> Response {
    #[allow(clippy::disallowed_methods, reason = "a measured latency, never folded")]
    let started = Instant::now();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let admitted =
        door.hosts.admit(&request).and_then(|()| if door.rate.take() { Ok(()) } else { Err(Problem::too_many()) });
    let mut response = match admitted {
        Ok(()) => door.guard(next.run(request)).await,
        Err(problem) => problem.into_response(),
    };
    decorate(&mut response);
    let route = route.as_ref().map_or("other", MatchedPath::as_str);
    door.traffic.record(route, method.as_str(), response.status().as_u16(), started.elapsed());
    response
}

impl Door {
    async fn guard(&self, handler: impl Future<Output = Response>) -> Response {
        match tokio::time::timeout(self.patience, AssertUnwindSafe(handler).catch_unwind()).await {
            Ok(Ok(response)) => response,
            Ok(Err(_panic)) => {
                tracing::error!("a handler panicked");
                Problem::new(ErrorKind::Internal, "the server failed on this request; report this as a defect")
                    .into_response()
            }
            Err(_elapsed) => {
                Problem::new(ErrorKind::Busy, "the request took too long; try again later, or send less at once")
                    .into_response()
            }
        }
    }
}

fn decorate(response: &mut Response) {
    const EVERYWHERE: [(HeaderName, &str); 3] = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ];
    let headers = response.headers_mut();
    for (name, value) in EVERYWHERE {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn door() -> Door {
        Door {
            hosts: Hosts::default(),
            rate: Rate::new(0),
            patience: Duration::from_millis(20),
            traffic: Traffic::default(),
            streams: Streams::new(1, Duration::from_millis(20)),
        }
    }

    #[tokio::test]
    async fn a_panic_is_contained() {
        let response = door().guard(async { panic!("a defect") }).await;
        assert_eq!(response.status(), 500);
        assert_eq!(response.headers()[header::CONTENT_TYPE], "application/problem+json");
    }

    #[tokio::test]
    async fn a_slow_handler_is_given_up() {
        let response = door().guard(std::future::pending()).await;
        assert_eq!(response.status(), 503);
        assert!(response.headers().contains_key(header::RETRY_AFTER));
    }
}
