//! A question to a component, from a thread of the engine to the event loop and back.

use std::mem;
use std::sync::mpsc::SyncSender;

use napi::bindgen_prelude::{Buffer, Float64Array};
use napi_derive::napi;

/// What a component answered.
#[derive(Default)]
pub(crate) struct Answer {
    /// JSON.
    pub(crate) about: String,
    /// Numbers, and more of them.
    pub(crate) numbers: (Vec<f64>, Vec<f64>),
    /// A saved state.
    pub(crate) bytes: Vec<u8>,
}

/// What is asked of a component. Answered once.
#[napi]
pub struct NativeQuestion {
    pub(super) verb: &'static str,
    pub(super) about: String,
    pub(super) numbers: Vec<f64>,
    pub(super) bytes: Vec<u8>,
    pub(super) reply: Option<SyncSender<Result<Answer, String>>>,
}

#[napi]
impl NativeQuestion {
    /// What is to be done.
    #[napi(getter)]
    pub fn verb(&self) -> String {
        self.verb.to_owned()
    }

    /// What about, as JSON.
    #[napi(getter)]
    pub fn about(&self) -> String {
        self.about.clone()
    }

    /// The numbers, once.
    #[napi]
    pub fn numbers(&mut self) -> Float64Array {
        Float64Array::new(mem::take(&mut self.numbers))
    }

    /// The saved state, once.
    #[napi]
    pub fn bytes(&mut self) -> Buffer {
        mem::take(&mut self.bytes).into()
    }

    /// Answers; whether somebody still waited.
    #[napi]
    pub fn answer(
        &mut self,
        about: String,
        numbers: Option<&[f64]>,
        more: Option<&[f64]>,
        bytes: Option<&[u8]>,
    ) -> bool {
        let of = |numbers: Option<&[f64]>| numbers.unwrap_or_default().to_vec();
        let bytes = bytes.unwrap_or_default().to_vec();
        self.say(Ok(Answer { about, numbers: (of(numbers), of(more)), bytes }))
    }

    /// Says what went wrong; whether somebody still waited.
    #[napi]
    pub fn fail(&mut self, message: String) -> bool {
        self.say(Err(message))
    }

    fn say(&mut self, answer: Result<Answer, String>) -> bool {
        self.reply.take().is_some_and(|reply| reply.send(answer).is_ok())
    }
}
