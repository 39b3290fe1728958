//! A stream of events: a place in the log that moves on.

use std::collections::VecDeque;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use oo_core::event::{EventBody, Stored};
use oo_core::id::{Position, Pseudonym};
use oo_core::{Error, Result};
use tokio::sync::watch;

use super::{After, Bus, EventsRequest, Taken};
use crate::run::Run;
use crate::world::stopwatch;

/// The most events taken at once: more would only be held ready.
const BATCH: usize = 256;
/// Positions looked at in one step for one person's events.
const SPAN: u64 = 1_024;

/// Committed events in log order, each at least once. Opened by [`Engine::events`](crate::Engine::events).
///
/// It holds a place in the log, at most a few hundred events, and nothing of the writer's: leaving it unread costs nothing.
/// A stream that follows ends when it or the engine is closed; any other ends with what was committed when it was opened.
pub struct EventStream {
    /// The log it reads; it does not keep the engine open.
    run: Weak<Run>,
    bus: Arc<Bus>,
    request: EventsRequest,
    person: Option<Pseudonym>,
    /// Everything up to here was given, or is not asked for.
    given: Position,
    /// Everything up to here was read.
    read: Position,
    ready: VecDeque<Arc<Stored>>,
    /// Where it ends, unless it follows.
    end: Option<Position>,
    forgettings: u64,
    news: watch::Receiver<u64>,
    closed: Arc<AtomicBool>,
}

/// What waiting for an event came to.
#[derive(Clone, Debug, PartialEq)]
pub enum Waited {
    /// The next event.
    Event(Arc<Stored>),
    /// None came in that time.
    Nothing,
    /// The stream has ended.
    End,
}

/// Closes a stream that somebody else reads.
#[derive(Clone)]
pub struct StreamCloser {
    bus: Arc<Bus>,
    closed: Arc<AtomicBool>,
}

impl StreamCloser {
    /// Ends the stream; whoever waits for its next event is woken.
    pub fn close(&self) {
        self.closed.store(true, Ordering::Release);
        self.bus.wake(self.bus.state());
    }
}

/// One step towards the next event.
enum Step {
    Event(Arc<Stored>),
    /// Looked at some that are not asked for.
    More,
    /// Has read all there is.
    UpToDate,
    End,
}

impl EventStream {
    pub(crate) fn open(run: &Arc<Run>, request: EventsRequest) -> Result<Self> {
        request.validate()?;
        // Counted before the head is read: whatever is committed later is either in the ring or found in the log.
        run.bus.enter();
        let mut stream = EventStream {
            run: Arc::downgrade(run),
            bus: run.bus.clone(),
            person: None,
            given: Position(0),
            read: Position(0),
            ready: VecDeque::new(),
            end: None,
            forgettings: run.bus.state().forgettings,
            news: run.bus.news.subscribe(),
            closed: Arc::default(),
            request,
        };
        let head = run.log.head()?;
        stream.given = match stream.request.after {
            After::Start => Position(0),
            After::Now => head,
            After::Position(position) if position <= head.max(run.mind().position) => position,
            After::Position(position) => {
                return Err(Error::invalid(
                    "after",
                    format!(
                        "{} is beyond the end of the log ({}); it is another log's: start anew",
                        position.0, head.0
                    ),
                ));
            }
        };
        stream.read = stream.given;
        stream.end = (!stream.request.follow).then_some(head);
        Ok(stream)
    }

    /// Up to where everything that is asked for was given: what to resume after.
    #[must_use]
    pub fn position(&self) -> Position {
        self.given
    }

    /// Whether the engine it reads was closed.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.bus.state().closed
    }

    /// The next event; `None` when the stream has ended. Dropping the future loses nothing.
    ///
    /// # Errors
    /// `storage` or `busy`: it may be called again. `invalid_input` when the engine was closed before the stream came to its
    /// end.
    pub async fn next(&mut self) -> Result<Option<Arc<Stored>>> {
        loop {
            self.news.borrow_and_update();
            match self.step()? {
                Step::Event(stored) => return Ok(Some(stored)),
                Step::End => return Ok(None),
                Step::More => tokio::task::yield_now().await,
                Step::UpToDate => {
                    // The sender lives as long as the bus, which this stream holds.
                    let _ = self.news.changed().await;
                }
            }
        }
    }

    /// As [`next`](EventStream::next), on a thread that may wait, for `patience` at most.
    ///
    /// # Errors
    /// As there.
    pub fn wait(&mut self, patience: Duration) -> Result<Waited> {
        let started = stopwatch();
        loop {
            let seen = self.bus.state().count;
            match self.step()? {
                Step::Event(stored) => return Ok(Waited::Event(stored)),
                Step::End => return Ok(Waited::End),
                Step::More if started.elapsed() < patience => {}
                Step::UpToDate if started.elapsed() < patience => {
                    self.bus.wait(seen, patience.saturating_sub(started.elapsed()));
                }
                Step::More | Step::UpToDate => return Ok(Waited::Nothing),
            }
        }
    }

    /// What closes this stream from elsewhere.
    #[must_use]
    pub fn closer(&self) -> StreamCloser {
        StreamCloser { bus: self.bus.clone(), closed: self.closed.clone() }
    }

    fn step(&mut self) -> Result<Step> {
        let (closed, forgettings) = {
            let state = self.bus.state();
            (state.closed, state.forgettings)
        };
        if self.closed.load(Ordering::Acquire) {
            return Ok(Step::End);
        }
        let Some(run) = self.run.upgrade().filter(|_| !closed) else {
            // Following ends with the engine; a list that is cut short must not look whole.
            return if self.request.follow { Ok(Step::End) } else { Err(crate::run::closed()) };
        };
        if forgettings != self.forgettings {
            // What is held ready may be of somebody forgotten.
            self.forgettings = forgettings;
            self.ready.clear();
            self.read = self.given;
        }
        if let Some(stored) = self.ready.pop_front() {
            self.given = stored.position;
            return Ok(Step::Event(stored));
        }
        self.given = self.read;
        if self.end.is_some_and(|end| self.read >= end) {
            return Ok(Step::End);
        }
        let before = self.read;
        let taken = self.take(&run)?;
        self.keep(&run, taken.events)?;
        self.read = taken.through.max(before);
        Ok(if self.read > before { Step::More } else { Step::UpToDate })
    }

    /// The next events after `read`, and how far they reach.
    fn take(&mut self, run: &Run) -> Result<Taken> {
        let head = {
            let state = self.bus.state();
            if let Some(taken) = state.ring.after(self.read, BATCH) {
                return Ok(taken);
            }
            // Committed before the log is read below: a read that ends has seen everything up to it.
            state.ring.head()
        };
        if let Some(user) = self.request.user.clone() {
            return self.take_of(run, &user, head);
        }
        let events = run.log.read(self.read, BATCH)?;
        let last = events.last().map_or(self.read, |stored| stored.position);
        let through = if events.len() < BATCH { head.max(last) } else { last };
        Ok(Taken { events: events.into_iter().map(Arc::new).collect(), through })
    }

    /// As [`take`](EventStream::take), from the log, for one person. A person is made before their first event and is gone
    /// with their forgetting, so looking them up after the log was read tells whether their events are all there is.
    fn take_of(&mut self, run: &Run, user: &str, head: Position) -> Result<Taken> {
        let head = run.log.head()?.max(head);
        if self.person.is_none() {
            self.person = look_up(run, user)?;
        }
        // Who is nobody yet has no events.
        let Some(person) = self.person else { return Ok(Taken { events: Vec::new(), through: head }) };
        let end = head.min(Position(self.read.0.saturating_add(SPAN)));
        let mut events = run.log.of_user(person, self.read, end)?;
        if run.record_of(person)?.is_some() {
            return Ok(Taken { events: events.into_iter().map(Arc::new).collect(), through: end });
        }
        // Forgotten somewhere after `read`: the log says where.
        events = run.log.read(self.read, BATCH)?;
        let last = events.last().map_or(end, |stored| stored.position);
        let through = if events.len() < BATCH { end.max(last) } else { last };
        Ok(Taken { events: events.into_iter().map(Arc::new).collect(), through })
    }

    /// Holds those of `events` ready that are asked for.
    fn keep(&mut self, run: &Run, events: Vec<Arc<Stored>>) -> Result<()> {
        let mut asked = false;
        for stored in events {
            if self.end.is_some_and(|end| stored.position > end) {
                break;
            }
            if let (Some(user), None, false) = (&self.request.user, self.person, asked) {
                asked = true;
                self.person = look_up(run, user)?;
            }
            if self.request.wants(&stored.event, self.person) {
                self.ready.push_back(stored.clone());
            }
            if let (EventBody::Forgotten(fact), Some(person)) = (&stored.event.body, self.person)
                && fact.pseudonym_digest == person.digest()
            {
                // Whoever comes back is somebody else.
                (self.person, asked) = (None, false);
            }
        }
        Ok(())
    }
}

/// Who `user` is in the log now, past what is remembered.
fn look_up(run: &Run, user: &str) -> Result<Option<Pseudonym>> {
    Ok(run.store.user(user, None)?.map(|record| record.user))
}

impl Drop for EventStream {
    fn drop(&mut self) {
        self.bus.leave();
    }
}

impl fmt::Debug for EventStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventStream")
            .field("position", &self.given)
            .field("request", &self.request)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for StreamCloser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamCloser").finish_non_exhaustive()
    }
}
