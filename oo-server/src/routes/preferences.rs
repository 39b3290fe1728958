//! `GET` and `PUT /api/me/preferences`

use axum::extract::State;
use oo::Preferences;
use serde::Serialize;
use utoipa::ToSchema;

use super::App;
use crate::http::answer::{Answered, Json};
use crate::http::body::Body;
use crate::http::person::{Person, PersonHeader};
use crate::http::problem::AnyProblem;

/// A person's preferences, defaults included.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct PreferencesAnswer {
    /// The IANA zone.
    #[schema(example = "Europe/Berlin")]
    zone: String,
    /// The quiet hours' start, `HH:MM`; none when null.
    #[schema(required = true, example = "22:00")]
    quiet_from: Option<String>,
    /// The quiet hours' end, `HH:MM`; before the start it means the next day.
    #[schema(required = true, example = "07:00")]
    quiet_to: Option<String>,
    /// The most tips a day; none when null.
    #[schema(required = true, value_type = Option<i64>, minimum = 1, maximum = 4_294_967_295_i64)]
    daily_cap: Option<u32>,
    /// The language of tips, an ISO 639 code.
    #[schema(example = "en")]
    language: String,
}

impl From<Preferences> for PreferencesAnswer {
    fn from(said: Preferences) -> Self {
        PreferencesAnswer {
            zone: said.zone,
            quiet_from: said.quiet_from,
            quiet_to: said.quiet_to,
            daily_cap: said.daily_cap,
            language: said.language,
        }
    }
}

/// The person's preferences.
#[utoipa::path(
    get, path = "/api/me/preferences", tag = "me", params(PersonHeader),
    responses((status = 200, description = "all preferences", body = PreferencesAnswer), AnyProblem),
)]
pub async fn preferences(State(app): State<App>, Person(user): Person) -> Answered<PreferencesAnswer> {
    Ok(Json(app.engine.preferences(&user).await?.into()))
}

/// Replaces the person's preferences; what is left out has its default.
#[utoipa::path(
    put, path = "/api/me/preferences", tag = "me", params(PersonHeader), request_body = Preferences,
    responses((status = 200, description = "all preferences", body = PreferencesAnswer), AnyProblem),
)]
pub async fn put_preferences(
    State(app): State<App>,
    Person(user): Person,
    Body(said): Body<Preferences>,
) -> Answered<PreferencesAnswer> {
    Ok(Json(app.engine.set_preferences(&user, said).await?.into()))
}
