//! `POST /api/signals`

use std::collections::BTreeSet;

use axum::extract::State;
use oo::{Engine, Ingested, Signal, SignalKind};
use serde::Deserialize;
use utoipa::ToSchema;

use super::App;
use super::consents::of_kinds;
use super::signal_schema;
use crate::http::answer::{Answered, Json};
use crate::http::body::Body;
use crate::http::person::{Person, PersonHeader};
use crate::http::problem::{AnyProblem, Problem};

/// What is known of a person.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignalsBody {
    /// The person; the header `Oo-User` when absent.
    user: Option<String>,
    /// Whether the person added them by hand: that records their consent to these kinds.
    #[serde(default)]
    by_hand: bool,
    /// The signals: all are stored, in one transaction, or none.
    #[schema(value_type = Vec<signal_schema::Signal>)]
    signals: Vec<serde_json::Value>,
}

/// Tells what is known of a person.
#[utoipa::path(
    post, path = "/api/signals", tag = "signals", params(PersonHeader), request_body = SignalsBody,
    responses((status = 200, description = "what became of them", body = Ingested), AnyProblem),
)]
pub async fn signals(State(app): State<App>, person: Person, Body(body): Body<SignalsBody>) -> Answered<Ingested> {
    let user = person.or(body.user);
    let signals = read(body.signals)?;
    if body.by_hand {
        grant(&app.engine, &user, &signals).await?;
    }
    Ok(Json(app.engine.ingest_all(&user, signals).await?))
}

fn read(values: Vec<serde_json::Value>) -> Result<Vec<Signal>, Problem> {
    let at = |place: usize, error: oo::Error| {
        let field =
            error.field().filter(|field| *field != "signal").map(|field| format!(".{field}")).unwrap_or_default();
        Problem { field: Some(format!("signals[{place}]{field}")), ..Problem::from(error) }
    };
    values
        .into_iter()
        .enumerate()
        .map(|(place, value)| oo::wire::signal_from_value(value).map_err(|error| at(place, error)))
        .collect()
}

/// Records the person's consent to the kinds of `signals`, where it is not there yet.
///
/// # Errors
/// Those of reading and writing consents.
pub async fn grant(engine: &Engine, user: &str, signals: &[Signal]) -> oo::Result<()> {
    let kinds: BTreeSet<SignalKind> = signals.iter().map(Signal::kind).collect();
    let said = engine.consents(user).await?;
    let missing = of_kinds(&said, |kind, granted| (kinds.contains(&kind) && granted != Some(true)).then_some(true));
    if missing != oo::Consents::default() {
        engine.set_consents(user, missing).await?;
    }
    Ok(())
}
