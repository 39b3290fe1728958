//! Candidates: what could be the tip.

use std::sync::{Arc, LazyLock};

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::id::ItemKey;
use crate::signal::Due;
use crate::text::TEXT_BUCKETS;

/// What a tip asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TipKind {
    /// One of the person's own tasks.
    Todo,
    /// An advice.
    Advice,
}

impl TipKind {
    /// The kind's stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            TipKind::Todo => "todo",
            TipKind::Advice => "advice",
        }
    }

    /// The kind named `text`.
    ///
    /// # Errors
    /// `invalid_input` when there is no such kind.
    pub fn parse(text: &str) -> Result<Self> {
        match text {
            "todo" => Ok(TipKind::Todo),
            "advice" => Ok(TipKind::Advice),
            _ => Err(Error::invalid("kind", "a tip is of kind \"todo\" or \"advice\"")),
        }
    }
}

/// The categories a candidate may have: a closed list, because a category enters the log as it is.
pub const CATEGORIES: [&str; 15] = [
    "digital", "focus", "habit", "home", "learning", "money", "movement", "nature", "nourish", "other", "people",
    "planning", "rest", "sleep", "task",
];

/// The arm a disjoint policy keeps its statistics under: `kind/category` unless the embedder declared its own list.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ArmKey(pub Arc<str>);

impl ArmKey {
    /// The arm of the candidate that does nothing, where a decision may choose to.
    pub const HOLD: &'static str = "hold";

    /// The arm `key`.
    #[must_use]
    pub fn new(key: impl AsRef<str>) -> Self {
        ArmKey(Arc::from(key.as_ref()))
    }

    /// The key's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The arms `kind/category`, made once: an arm is asked for at every candidate of every decision.
static ARMS: LazyLock<[Vec<ArmKey>; 2]> = LazyLock::new(|| {
    [TipKind::Todo, TipKind::Advice]
        .map(|kind| CATEGORIES.iter().map(|category| ArmKey::new(format!("{}/{category}", kind.as_str()))).collect())
});

/// Which model and prompt made a generated text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provenance {
    /// The model's alias as the gateway reported it.
    pub model: String,
    /// The prompt template's version.
    pub prompt_version: String,
}

/// A part of the day an advice suits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeOfDay {
    /// 5 to 11.
    Morning,
    /// 11 to 14.
    Midday,
    /// 14 to 18.
    Afternoon,
    /// 18 to 22.
    Evening,
    /// 22 to 5.
    Night,
    /// Any hour.
    Any,
}

impl TimeOfDay {
    /// The part of the day at `minute` minutes since local midnight.
    #[must_use]
    pub fn of_minute(minute: u32) -> Self {
        match minute / 60 {
            5..=10 => TimeOfDay::Morning,
            11..=13 => TimeOfDay::Midday,
            14..=17 => TimeOfDay::Afternoon,
            18..=21 => TimeOfDay::Evening,
            _ => TimeOfDay::Night,
        }
    }
}

/// One thing that could be the tip.
#[derive(Clone, PartialEq)]
pub struct TipCandidate {
    /// The source's own id of it (generated text: its content's hash); the engine sees it as `source:id`.
    pub id: String,
    /// `id` as the log knows it; made by the engine where the source left it out.
    pub key: Option<ItemKey>,
    /// What the person reads; empty where the engine holds the text sealed and reads it only when drawn.
    pub content: String,
    /// HMAC of the content, for dedupe alone; made by the engine where the source left it out.
    pub content_hash: Option<ItemKey>,
    /// To-do or advice.
    pub kind: TipKind,
    /// One of [`CATEGORIES`].
    pub category: String,
    /// The name of the source that offered it.
    pub source: Arc<str>,
    /// The arm, where the embedder declared its own; `kind/category` otherwise.
    pub arm_key: Option<ArmKey>,
    /// Values of features the schema declares, by name.
    pub features: Vec<(Arc<str>, f64)>,
    /// When it is due.
    pub due: Option<Due>,
    /// When it stops being of use (Unix milliseconds).
    pub expires_ms: Option<i64>,
    /// How many minutes it takes.
    pub effort_min: Option<u32>,
    /// 1 (most urgent) to 4.
    pub priority: Option<u8>,
    /// The parts of the day it suits; empty means any.
    pub times: Vec<TimeOfDay>,
    /// Hashed features of the text, see [`hashed_text`](crate::text::hashed_text).
    pub text: Option<[i8; TEXT_BUCKETS]>,
    /// The length of the text in words.
    pub words: u32,
    /// Which model and prompt made it.
    pub provenance: Option<Provenance>,
}
crate::debug_without_texts!(TipCandidate {
    key,
    kind,
    category,
    source,
    arm_key,
    due,
    expires_ms,
    effort_min,
    priority,
    words
});

impl TipCandidate {
    /// An advice `content` with the id `id`.
    #[must_use]
    pub fn advice(id: impl Into<String>, content: impl Into<String>) -> Self {
        TipCandidate::new(TipKind::Advice, "other", id, content)
    }

    /// A to-do `content` with the id `id`.
    #[must_use]
    pub fn todo(id: impl Into<String>, content: impl Into<String>) -> Self {
        TipCandidate::new(TipKind::Todo, "task", id, content)
    }

    fn new(kind: TipKind, category: &str, id: impl Into<String>, content: impl Into<String>) -> Self {
        let content = content.into();
        let words = u32::try_from(content.split_whitespace().count()).unwrap_or(u32::MAX);
        TipCandidate {
            id: id.into(),
            key: None,
            content,
            content_hash: None,
            kind,
            category: category.to_owned(),
            source: Arc::from("caller"),
            arm_key: None,
            features: Vec::new(),
            due: None,
            expires_ms: None,
            effort_min: None,
            priority: None,
            times: Vec::new(),
            text: None,
            words,
            provenance: None,
        }
    }

    /// The same candidate with the value of one declared feature.
    #[must_use]
    pub fn feature(mut self, name: impl Into<Arc<str>>, value: f64) -> Self {
        self.features.push((name.into(), value));
        self
    }

    /// The arm: the embedder's own, or `kind/category`.
    #[must_use]
    pub fn arm(&self) -> ArmKey {
        if let Some(arm) = &self.arm_key {
            return arm.clone();
        }
        let place = CATEGORIES.binary_search(&self.category.as_str());
        let known = place.ok().and_then(|place| ARMS[self.kind as usize].get(place));
        known.cloned().unwrap_or_else(|| ArmKey::new(format!("{}/{}", self.kind.as_str(), self.category)))
    }

    /// Checks what a caller may get wrong.
    ///
    /// # Errors
    /// `invalid_input` about the first field that is wrong.
    pub fn validate(&self) -> Result<()> {
        crate::signal::checked_id("id", &self.id)?;
        crate::text::checked_text("content", &self.content, 2_000, self.key.is_some())?;
        if !CATEGORIES.contains(&self.category.as_str()) {
            return Err(Error::invalid("category", format!("use one of {}", CATEGORIES.join(", "))));
        }
        if let Some((name, value)) = self.features.iter().find(|(_, value)| !value.is_finite()) {
            return Err(Error::invalid(
                &**name,
                format!("{value} is not a finite number; leave the feature out when it is unknown"),
            ));
        }
        if self.priority.is_some_and(|priority| !(1..=4).contains(&priority)) {
            return Err(Error::invalid("priority", "a priority is 1 (most urgent) to 4"));
        }
        if self.effort_min.is_some_and(|minutes| minutes > 1440) {
            return Err(Error::invalid("effort_min", "an effort is at most 1440 minutes"));
        }
        self.expires_ms.map_or(Ok(()), |at| crate::signal::checked_instant("expires", at))
    }
}
