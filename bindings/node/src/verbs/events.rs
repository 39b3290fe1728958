//! `events`: what was committed, and what will be.

use std::collections::BTreeSet;
use std::sync::Arc;

use napi::Env;
use napi::bindgen_prelude::PromiseRaw;
use napi_derive::napi;
use oo::event_json::EventLine;
use oo::id::Position;
use oo::{After, EventStream, EventsRequest, StreamCloser};
use serde::Deserialize;
use tokio::sync::Mutex;

use crate::door;
use crate::engine::NativeEngine;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Args {
    after: Option<Place>,
    user: Option<String>,
    #[serde(default)]
    types: BTreeSet<String>,
    #[serde(default)]
    follow: bool,
}

/// A position, or the text of one.
#[derive(Deserialize)]
#[serde(untagged)]
enum Place {
    Position(u64),
    Text(String),
}

/// A stream of events. It does not keep the engine open.
#[napi]
pub struct NativeEventStream {
    stream: Arc<Mutex<EventStream>>,
    closer: StreamCloser,
}

impl Drop for NativeEventStream {
    fn drop(&mut self) {
        self.closer.close();
    }
}

#[napi]
impl NativeEngine {
    /// Opens a stream.
    #[napi]
    pub fn events<'env>(&self, env: &'env Env, args: String) -> napi::Result<PromiseRaw<'env, NativeEventStream>> {
        door::run(env, self, async move |engine| {
            let args: Args = door::read(&args)?;
            let after = match args.after {
                None => After::Start,
                Some(Place::Position(position)) => After::Position(Position(position)),
                Some(Place::Text(text)) => After::parse(&text)?,
            };
            let request = EventsRequest { after, user: args.user, types: args.types, follow: args.follow };
            let stream = engine.events(request).await?;
            Ok(NativeEventStream { closer: stream.closer(), stream: Arc::new(Mutex::new(stream)) })
        })
    }
}

#[napi]
impl NativeEventStream {
    /// The next event as a JSON line; `null` at the end.
    #[napi]
    pub fn next<'env>(&self, env: &'env Env) -> napi::Result<PromiseRaw<'env, Option<String>>> {
        let stream = self.stream.clone();
        env.spawn_future(door::contained(async move {
            let next = stream.lock().await.next().await?;
            next.map(|stored| EventLine::new(&stored).to_json()).transpose()
        }))
    }

    /// Ends it; whoever waits for its next event is answered `null`.
    #[napi]
    pub fn close(&self) {
        self.closer.close();
    }
}
