//! `GET /health` and `GET /metrics`

use std::collections::BTreeMap;

use axum::extract::State;
use axum::response::Response;
use oo::{ErrorKind, Health};

use super::App;
use crate::http::answer::{Answered, Json, typed};
use crate::http::problem::{AnyProblem, Problem};

/// How the engine is: position, epoch and state hash.
#[utoipa::path(
    get, path = "/health", tag = "health",
    responses((status = 200, description = "it works", body = Health), AnyProblem),
)]
pub async fn health(State(app): State<App>) -> Answered<Health> {
    let health = app.engine.health().await?;
    if health.status == "ok" {
        return Ok(Json(health));
    }
    Err(Problem::new(
        ErrorKind::Storage,
        "nothing can be written: free some space on the disk or mend it; what stands is served, and what was acknowledged is kept",
    ))
}

/// Counts and latencies, as Prometheus text.
#[utoipa::path(
    get, path = "/metrics", tag = "health",
    responses((status = 200, description = "Prometheus text", body = String, content_type = "text/plain"), AnyProblem),
)]
pub async fn metrics(State(app): State<App>) -> Result<Response, Problem> {
    let health = app.engine.health().await?;
    let counters: BTreeMap<String, u64> =
        serde_json::to_value(app.engine.metrics())
            .and_then(serde_json::from_value)
            .map_err(|error| Problem::new(ErrorKind::Internal, format!("a counter is no number: {error}")))?;
    let gauges = [
        ("position", health.position),
        ("epoch", u64::from(health.epoch)),
        ("lessons", health.lessons),
        ("projection_lag", health.lag),
        ("parking", health.parked),
        ("erasing", health.erasing),
        ("event_streams", app.door.streams.open() as u64),
    ];
    Ok(typed("text/plain; version=0.0.4", app.door.traffic.render(&counters, &gauges)))
}
