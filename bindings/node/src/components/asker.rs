//! How a thread of the engine waits for the event loop.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

use napi::Status;
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use oo::{Error, Result};
use serde_json::Value;

use super::question::{Answer, NativeQuestion};

/// Between two looks at whether the line was cut.
const SLICE: Duration = Duration::from_millis(20);
/// How much longer than a decision everything else may take, for every [`PART`] lessons that it is about.
const PATIENCE: u32 = 10;
/// The lessons of one such time. What is learned too late is left out for good, and a log is taught in thousands at once.
const PART: usize = 100;

/// Takes a question and answers it later; the TypeScript half sees to it that it never throws.
pub(crate) type AskFunction = ThreadsafeFunction<NativeQuestion, (), NativeQuestion, Status, false, true>;

/// Whether the event loop can still be asked by an engine.
#[derive(Default)]
pub(crate) struct Line(AtomicBool);

impl Line {
    /// Nobody answers any more: what waits ends.
    pub(crate) fn cut(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn is_cut(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Asks one component.
pub(crate) struct Asker {
    function: AskFunction,
    budget: Duration,
    line: Arc<Line>,
}

impl Asker {
    /// An asker with a budget for what a decision waits for.
    pub(crate) fn new(function: AskFunction, budget: Duration, line: Arc<Line>) -> Self {
        Asker { function, budget, line }
    }

    /// Asks what a decision waits for.
    pub(crate) fn ask(&self, verb: &'static str, about: &Value, numbers: &[f64]) -> Result<Answer> {
        self.wait(self.budget, verb, about, numbers, &[])
    }

    /// Asks what no decision waits for.
    pub(crate) fn ask_patiently(&self, verb: &'static str, bytes: &[u8]) -> Result<Answer> {
        self.wait(self.budget * PATIENCE, verb, &Value::Null, &[], bytes)
    }

    /// Asks about `lessons`, which no decision waits for; the more they are, the longer it may take.
    pub(crate) fn ask_about(
        &self,
        verb: &'static str,
        about: &Value,
        numbers: &[f64],
        lessons: usize,
    ) -> Result<Answer> {
        let parts = u32::try_from(lessons.div_ceil(PART).max(1)).unwrap_or(u32::MAX);
        self.wait((self.budget * PATIENCE).saturating_mul(parts), verb, about, numbers, &[])
    }

    /// Tells without waiting.
    pub(crate) fn tell(&self, verb: &'static str, about: &Value) {
        let question =
            NativeQuestion { verb, about: about.to_string(), numbers: Vec::new(), bytes: Vec::new(), reply: None };
        // An event loop that has ended need not be told.
        let _ = self.function.call(question, ThreadsafeFunctionCallMode::NonBlocking);
    }

    fn wait(
        &self,
        budget: Duration,
        verb: &'static str,
        about: &Value,
        numbers: &[f64],
        bytes: &[u8],
    ) -> Result<Answer> {
        if self.line.is_cut() {
            return Err(ended());
        }
        let (reply, answer) = sync_channel(1);
        let (numbers, bytes) = (numbers.to_vec(), bytes.to_vec());
        let question = NativeQuestion { verb, about: about.to_string(), numbers, bytes, reply: Some(reply) };
        if self.function.call(question, ThreadsafeFunctionCallMode::NonBlocking) != Status::Ok {
            return Err(ended());
        }
        // Sources and timers go on meanwhile on another thread of the runtime.
        tokio::task::block_in_place(|| self.answered(&answer, budget, verb))
    }

    fn answered(
        &self,
        answer: &Receiver<std::result::Result<Answer, String>>,
        budget: Duration,
        verb: &str,
    ) -> Result<Answer> {
        let started = started();
        loop {
            let left = budget.saturating_sub(started.elapsed());
            match answer.recv_timeout(left.min(SLICE)) {
                Ok(Ok(answer)) => return Ok(answer),
                Ok(Err(said)) => return Err(Error::invalid(verb, said)),
                Err(RecvTimeoutError::Disconnected) => return Err(ended()),
                Err(RecvTimeoutError::Timeout) if self.line.is_cut() => return Err(ended()),
                Err(RecvTimeoutError::Timeout) if left.is_zero() => {
                    return Err(Error::busy(format!("{verb} took longer than {} ms", budget.as_millis())));
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }
}

#[allow(clippy::disallowed_methods, reason = "a budget of real time; it reaches no decision that is replayed")]
fn started() -> Instant {
    Instant::now()
}

fn ended() -> Error {
    Error::busy("the event loop of the component has ended; open the engine again")
}
