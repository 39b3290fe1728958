//! `GET` and `PUT /api/me/consents`

use axum::extract::State;
use oo::{Consents, SignalKind};
use serde::Serialize;
use utoipa::ToSchema;

use super::App;
use crate::http::answer::{Answered, Json};
use crate::http::body::Body;
use crate::http::person::{Person, PersonHeader};
use crate::http::problem::AnyProblem;

/// Which kinds of signal a person agrees to. On the server each is denied until it is granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ConsentsAnswer {
    /// Tasks.
    task: bool,
    /// Habits.
    habit: bool,
    /// Calendar entries.
    calendar: bool,
    /// Moods.
    mood: bool,
    /// Named numbers of the moment.
    context: bool,
}

impl From<Consents> for ConsentsAnswer {
    fn from(said: Consents) -> Self {
        let is = |granted: Option<bool>| granted.unwrap_or(false);
        ConsentsAnswer {
            task: is(said.task),
            habit: is(said.habit),
            calendar: is(said.calendar),
            mood: is(said.mood),
            context: is(said.context),
        }
    }
}

/// The consents that `of` makes of each kind and what was said about it.
#[must_use]
pub fn of_kinds(said: &Consents, of: impl Fn(SignalKind, Option<bool>) -> Option<bool>) -> Consents {
    Consents {
        task: of(SignalKind::Task, said.task),
        habit: of(SignalKind::Habit, said.habit),
        calendar: of(SignalKind::Calendar, said.calendar),
        mood: of(SignalKind::Mood, said.mood),
        context: of(SignalKind::Context, said.context),
    }
}

/// Which kinds of signal the person agrees to.
#[utoipa::path(
    get, path = "/api/me/consents", tag = "me", params(PersonHeader),
    responses((status = 200, description = "all kinds", body = ConsentsAnswer), AnyProblem),
)]
pub async fn consents(State(app): State<App>, Person(user): Person) -> Answered<ConsentsAnswer> {
    Ok(Json(app.engine.consents(&user).await?.into()))
}

/// Records what the person agrees to; a kind that is left out stays as it is.
#[utoipa::path(
    put, path = "/api/me/consents", tag = "me", params(PersonHeader), request_body = Consents,
    responses((status = 200, description = "all kinds", body = ConsentsAnswer), AnyProblem),
)]
pub async fn put_consents(
    State(app): State<App>,
    Person(user): Person,
    Body(said): Body<Consents>,
) -> Answered<ConsentsAnswer> {
    Ok(Json(app.engine.set_consents(&user, said).await?.into()))
}
