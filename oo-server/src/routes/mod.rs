//! The routes: each handler converts, calls one verb of the engine, and converts back.
//!
//! [`app`] puts them together; the same declarations give `openapi.json` ([`openapi`]). Request bodies refuse unknown
//! fields, so that a misspelt one is never silence.

pub mod admin;
pub mod consents;
pub mod decide;
pub mod decide_once;
pub mod events;
pub mod feedback;
pub mod health;
pub mod me;
pub mod policies;
pub mod preferences;
pub mod recommend;
pub mod signal_schema;
pub mod signals;
pub mod why;

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use oo::Engine;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::http::answer::Json;
use crate::http::door::{self, Door};
use crate::http::page;
use crate::http::problem::{Kind, Problem};

/// What handlers share.
#[derive(Clone, Debug)]
pub struct App {
    /// The engine.
    pub engine: Engine,
    /// The door, for its counts.
    pub door: Arc<Door>,
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "oO",
        license(name = "All rights reserved"),
        description = "One perfectly-timed tip. Times are RFC 3339; errors are problem documents with a stable `kind`.\n\nUntil there is sign-in the server is for one machine: `Host` must be loopback, `Origin` and `Sec-Fetch-Site` must not be foreign, and bodies must be `application/json`, at most 1 MB (an import: 32 MB)."
    ),
    components(schemas(Problem, Kind))
)]
struct Description;

fn described() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(Description::openapi())
        .routes(routes!(recommend::recommend))
        .routes(routes!(feedback::feedback))
        .routes(routes!(signals::signals))
        .routes(routes!(why::why))
        .routes(routes!(decide::decide))
        .routes(routes!(decide::decide_batch))
        .routes(routes!(decide::reward))
        .routes(routes!(decide::rewards))
        .routes(routes!(decide::choice))
        .routes(routes!(decide::bandits))
        .routes(routes!(decide_once::decide_once))
        .routes(routes!(me::export))
        .routes(routes!(me::forget))
        .routes(routes!(me::receipt))
        .routes(routes!(me::verify_receipt))
        .routes(routes!(me::import_export))
        .routes(routes!(me::history))
        .routes(routes!(consents::consents, consents::put_consents))
        .routes(routes!(preferences::preferences, preferences::put_preferences))
        .routes(routes!(events::stream))
        .routes(routes!(admin::decisions))
        .routes(routes!(admin::receipts))
        .routes(routes!(policies::policies))
        .routes(routes!(health::health))
        .routes(routes!(health::metrics))
}

/// The whole server: routes, page, errors and the door around them.
pub fn app(engine: Engine, door: Arc<Door>) -> Router {
    let (router, api) = described().split_for_parts();
    let api = Arc::new(api);
    router
        .route("/api/openapi.json", axum::routing::get(move || std::future::ready(Json(api.clone()))))
        .method_not_allowed_fallback(|| std::future::ready(Problem::wrong_method()))
        .fallback(page::serve)
        .layer(from_fn_with_state(door.clone(), door::pass))
        .with_state(App { engine, door })
}

/// `openapi.json`: sorted, pretty, with a newline at its end.
///
/// # Errors
/// `internal` when the description is no JSON.
pub fn openapi() -> oo::Result<String> {
    let wrong = |error: serde_json::Error| oo::Error::internal(format!("the description is no JSON: {error}"));
    // Through a value, whose objects are sorted by name.
    let value = serde_json::to_value(described().into_openapi()).map_err(wrong)?;
    serde_json::to_string_pretty(&value).map(|text| text + "\n").map_err(wrong)
}
