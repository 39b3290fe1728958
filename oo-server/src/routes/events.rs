//! `GET /api/events/stream`: committed events as server-sent events.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{Stream, unfold};
use oo::event_json::EventLine;
use oo::{After, EventStream, EventsRequest, Stored};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::App;
use crate::http::body::InQuery;
use crate::http::person::{Person, PersonHeader};
use crate::http::problem::{AnyProblem, Problem};
use crate::http::streams::Seat;

const LAST: &str = "last-event-id";
/// How long a client waits before it connects again.
const AGAIN: Duration = Duration::from_secs(1);

/// Which events, and from where.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Wanted {
    /// After which event: an `id` of this stream, or `now` for what is committed from now on; from the beginning when
    /// absent.
    after: Option<String>,
    /// The caller's id of the person; that of the header when absent.
    user: Option<String>,
    /// Everybody's events and the engine's own, rather than one person's.
    #[serde(default)]
    all: bool,
    /// Only these types, separated by commas.
    types: Option<String>,
}

/// How `Last-Event-ID` stands in `openapi.json`.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
pub struct LastEventId {
    /// The `id` of the last event that was seen; sent by a client that connects again, and stronger than `after`.
    #[param(rename = "Last-Event-ID")]
    pub last: Option<String>,
}

/// One event as it is sent: the fields of a server-sent event.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SentEvent {
    /// Where to go on from: for `Last-Event-ID`, or `after`.
    id: Option<String>,
    /// The event's type, or `problem`.
    event: Option<String>,
    /// The event's line, JSON; for `problem` a problem document.
    data: String,
}

/// Committed events in the order of the log, each at least once, as they come: `event` is the type, `data` one JSON
/// object (`docs/events.schema.json`), and `id` what to resume after. A silent stream has a comment with its `id` every
/// few seconds. An `event: problem` is the last one; connect again with its `id`. The log holds no texts.
#[utoipa::path(
    get, path = "/api/events/stream", tag = "events", params(PersonHeader, LastEventId, Wanted),
    responses((status = 200, description = "server-sent events", body = SentEvent, content_type = "text/event-stream"), AnyProblem),
)]
pub async fn stream(
    State(app): State<App>,
    Person(user): Person,
    headers: HeaderMap,
    InQuery(wanted): InQuery<Wanted>,
) -> Result<Response, Problem> {
    let seat = app.door.streams.enter()?;
    let place = if headers.contains_key(LAST) { "Last-Event-ID" } else { "after" };
    let life = app.engine.health().await?.incarnation;
    let events =
        app.engine.events(wanted.request(user, &headers, &life)?).await.map_err(|error| match error.field() {
            Some("after") => error.with_field(place),
            _ => error,
        })?;
    let heartbeat = app.door.streams.heartbeat;
    let mut response = Sse::new(told(Telling { events, seat, heartbeat, life, told: Told::Nothing })).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // A proxy that gathers answers would hold the events back.
    headers.insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    Ok(response)
}

impl Wanted {
    fn request(self, header: String, headers: &HeaderMap, life: &str) -> Result<EventsRequest, Problem> {
        let user = match (self.all, self.user) {
            (true, Some(_)) => return Err(Problem::invalid("all", "pass either `user` or `all`")),
            (true, None) => None,
            (false, user) => Some(user.unwrap_or(header)),
        };
        let last = match headers.get(LAST) {
            None => None,
            Some(last) => {
                Some(last.to_str().map_err(|_| Problem::invalid("Last-Event-ID", "pass an `id` of this stream"))?)
            }
        };
        let after = match (last, &self.after) {
            (Some(last), _) => after_of(last, life).map_err(|error| error.with_field("Last-Event-ID"))?,
            (None, Some(after)) => after_of(after, life)?,
            (None, None) => After::Start,
        };
        let types = self.types.iter().flat_map(|types| types.split(',')).map(|name| name.trim().to_owned());
        Ok(EventsRequest { after, user, types: types.collect(), follow: true })
    }
}

/// The `id` of a place: its position and the life of the store that it belongs to.
fn id_of(position: u64, life: &str) -> String {
    format!("{position}-{life}")
}

/// The place that an `id` of this stream names. A bare position, as other doors give it, names one in any life.
fn after_of(id: &str, life: &str) -> oo::Result<After> {
    match id.split_once('-') {
        None => After::parse(id),
        Some((position, of)) if of == life => After::parse(position),
        Some((_, of)) if of.len() != life.len() => After::parse(id),
        Some(_) => Err(oo::Error::invalid(
            "after",
            "the store was restored since, and its positions say something else now; leave it out to start anew",
        )),
    }
}

/// A stream that is being told.
struct Telling {
    events: EventStream,
    seat: Seat,
    heartbeat: Duration,
    /// The life of the store.
    life: String,
    told: Told,
}

#[derive(PartialEq)]
enum Told {
    Nothing,
    Something,
    TheEnd,
}

fn told(telling: Telling) -> impl Stream<Item = Result<Event, Infallible>> {
    unfold(telling, async |mut telling| {
        let event = telling.next().await?;
        Some((Ok(event), telling))
    })
}

impl Telling {
    async fn next(&mut self) -> Option<Event> {
        match self.told {
            // Where it begins: a client that loses the connection before the first event resumes there.
            Told::Nothing => {
                self.told = Told::Something;
                return Some(self.place().retry(AGAIN));
            }
            Told::Something => {}
            Told::TheEnd => return None,
        }
        let next = tokio::select! {
            biased;
            () = self.seat.stopped() => return None,
            next = self.events.next() => next,
            () = tokio::time::sleep(self.heartbeat) => return Some(self.place()),
        };
        match next.and_then(|stored| stored.map(|stored| line(&stored, &self.life)).transpose()) {
            Ok(event) => event,
            Err(error) => {
                self.told = Told::TheEnd;
                let problem = Problem::from(error);
                let text = serde_json::to_string(&problem).unwrap_or_default();
                Some(self.place().event("problem").data(text))
            }
        }
    }

    /// Says up to where everything was told; without data a client only takes note of it.
    fn place(&self) -> Event {
        Event::default().id(id_of(self.events.position().0, &self.life)).comment("")
    }
}

fn line(stored: &Arc<Stored>, life: &str) -> oo::Result<Event> {
    let line = EventLine::new(stored);
    let event = Event::default().id(id_of(line.position, life)).event(oo::event_json::event_type(&stored.event.body));
    Ok(event.data(line.to_json()?))
}
