//! Components that are JavaScript objects.

mod source;

pub(crate) use source::{JsFunction, JsSource};
