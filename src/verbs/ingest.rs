//! `ingest`: signals of a life, derived before anything is stored.

use std::sync::Arc;

use oo_core::derive::derive;
use oo_core::event::{Event, EventBody};
use oo_core::id::EventId;
use oo_core::ports::{Appended, Entry, Slot, UserRecord};
use oo_core::signal::{Signal, SignalBody};
use oo_core::{Error, ErrorKind, Result};

use crate::engine::Engine;
use crate::outcome::Ingested;
use crate::run::{Counters, Reply, Run, Work};

impl Engine {
    /// Stores one signal. See [`ingest_all`](Engine::ingest_all).
    ///
    /// # Errors
    /// As [`ingest_all`](Engine::ingest_all).
    pub async fn ingest(&self, user: &str, signal: Signal) -> Result<Ingested> {
        self.ingest_all(user, vec![signal]).await
    }

    /// Stores signals in one transaction: all of them or none. Texts are sealed apart; the log gets derivatives only.
    /// A signal whose `signal_id` was seen already changes nothing.
    ///
    /// # Errors
    /// `invalid_input` about the first signal that is wrong, `denied` when its kind is not agreed to; `storage`, `busy`.
    pub async fn ingest_all(&self, user: &str, signals: Vec<Signal>) -> Result<Ingested> {
        let run = self.run();
        for signal in &signals {
            signal.validate()?;
            if let SignalBody::Context(context) = &signal.body {
                run.assembler.check_context(&context.name, context.value)?;
            }
        }
        for _ in 0..3 {
            let record = run.person(user).await?;
            run.catch_up().await?;
            let entries = entries(run, &record, &signals)?;
            match run.submit(Work::Append(entries)).await {
                Ok(Reply::Appended(outcomes, position)) => {
                    let accepted = outcomes.iter().filter(|outcome| matches!(outcome, Appended::At(_))).count() as u64;
                    Counters::add(&run.counters.signals, accepted);
                    return Ok(Ingested { accepted, duplicates: outcomes.len() as u64 - accepted, position });
                }
                // Forgotten meanwhile, elsewhere: whoever speaks now is a new person.
                Err(error) if error.kind() == ErrorKind::NotFound => run.forget_cached(record.user),
                Ok(_) => return Err(Error::internal("the writer answered another question; report this as a defect")),
                Err(error) => return Err(error),
            }
        }
        Err(Error::busy("the person is being forgotten; try again later"))
    }
}

fn entries(run: &Run, record: &UserRecord, signals: &[Signal]) -> Result<Vec<Entry>> {
    let now_ms = run.clock.now_ms();
    let handle = run.state(record.user)?;
    let (zone_name, consents) = {
        let state = crate::run::locked(&handle);
        (state.preferences.zone.clone(), state.consents.clone())
    };
    let zone = run.people.zone(&zone_name);
    signals
        .iter()
        .map(|signal| {
            let kind = signal.kind();
            if !run.consents(&consents, kind) {
                return Err(Error::denied(format!(
                    "the person has not agreed to {} signals; ask them, then record the consent",
                    kind.as_str()
                ))
                .with_field(kind.as_str()));
            }
            let moment = zone.moment(signal.at_ms.unwrap_or(now_ms));
            let id = match &signal.signal_id {
                Some(id) => EventId::derived("signal", &[&record.user.0, &record.key.item("signal", id).0]),
                None => run.new_event_id(now_ms)?,
            };
            let derived = derive(signal, &record.key, &zone, &moment);
            let event = Event {
                id,
                moment,
                recorded_ms: now_ms,
                user: Some(record.user),
                body: EventBody::Signal(derived.fact),
            };
            Ok(Entry { event: Arc::new(event), key: Some(record.key.clone()), texts: derived.texts, slot: Slot::Keep })
        })
        .collect()
}
