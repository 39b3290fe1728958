//! The structured prompt view: what a language model may be told of the moment, from the same assembly as the features.

use serde::{Deserialize, Serialize};

/// What a language model may be told. Texts in it are data, to be fenced as such.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PromptView {
    /// The language to write in, an ISO 639-1 code.
    pub language: String,
    /// The part of the day.
    pub time_of_day: String,
    /// The weekday in English.
    pub weekday: String,
    /// Titles of open tasks, most urgent first, with what is pressing about them.
    pub tasks: Vec<PromptTask>,
    /// Facts in words, such as "next meeting in 20 minutes".
    pub facts: Vec<String>,
    /// Kinds of signal that were too old or not agreed to, and so left out.
    pub masked: Vec<String>,
}
crate::debug_without_texts!(PromptView { language, time_of_day, weekday, masked });

/// One task of a [`PromptView`].
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PromptTask {
    /// The person's own words.
    pub title: String,
    /// What is pressing about it, such as "due tomorrow".
    pub note: String,
}
crate::debug_without_texts!(PromptTask { note });
