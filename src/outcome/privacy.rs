//! What the verbs of a person's rights answer.

use oo_core::signal::SignalKind;
use oo_core::{Error, Result};
use serde::{Deserialize, Serialize};

/// Which kinds of signal a person agrees to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Consents {
    /// Tasks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<bool>,
    /// Habits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub habit: Option<bool>,
    /// Calendar entries.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calendar: Option<bool>,
    /// Moods.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mood: Option<bool>,
    /// Named numbers of the moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<bool>,
}

impl Consents {
    /// What is said of `kind`.
    #[must_use]
    pub fn of(&self, kind: SignalKind) -> Option<bool> {
        match kind {
            SignalKind::Task => self.task,
            SignalKind::Habit => self.habit,
            SignalKind::Calendar => self.calendar,
            SignalKind::Mood => self.mood,
            SignalKind::Context => self.context,
        }
    }
}

/// A person's preferences. Each call replaces the whole; what is left out has its default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Preferences {
    /// The IANA zone, such as `Europe/Berlin`.
    pub zone: String,
    /// The quiet hours' start, `HH:MM`.
    pub quiet_from: Option<String>,
    /// The quiet hours' end, `HH:MM`; before the start it means the next day.
    pub quiet_to: Option<String>,
    /// The most tips a day; none when absent.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<i64>, minimum = 1, maximum = 4_294_967_295_i64))]
    pub daily_cap: Option<u32>,
    /// The language of tips, an ISO 639-1 code.
    pub language: String,
}

impl Default for Preferences {
    fn default() -> Self {
        Preferences {
            zone: "UTC".to_owned(),
            quiet_from: None,
            quiet_to: None,
            daily_cap: None,
            language: "en".to_owned(),
        }
    }
}

/// A receipt of a forgetting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Receipt {
    /// The receipt's id.
    pub id: String,
    /// `erased`, `erasing` (the write-ahead log still has to be truncated) or `nothing_held`.
    pub stage: String,
    /// SHA-256 of the pseudonym, hexadecimal; absent when nothing was held.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pseudonym_digest: Option<String>,
    /// The log position of the forgetting.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<u64>,
    /// The epoch that it started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epoch: Option<u32>,
    /// The champion's state hash without the person, hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state_hash: Option<String>,
    /// Whether no policy that serves or is kept holds anything of the person.
    pub unlearned: bool,
    /// Policies that cannot subtract and wait to be taught anew without the person, `id@version`. Nobody is served by them
    /// meanwhile; asked for later, the receipt names those that are still waiting.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rebuilding: Vec<String>,
    /// Lessons that were taken away.
    #[serde(default)]
    pub lessons: u64,
    /// Known files with the person's export, which go with them: those that could not be removed are `left`.
    #[serde(default, skip_serializing_if = "is_none")]
    pub exports: u64,
    /// Files that hold the person still and are yours to remove: exports that could not be removed, and databases that a
    /// restore moved aside. Said once, in the answer to the forgetting.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left: Vec<String>,
    /// The chain with the receipt before, hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chain: Option<String>,
    /// When, RFC 3339.
    pub at: String,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
fn is_none(number: &u64) -> bool {
    *number == 0
}

impl Receipt {
    /// Reads a receipt as `forget` gave it: its JSON text.
    ///
    /// # Errors
    /// `invalid_input` when it is none.
    pub fn parse(text: &str) -> Result<Self> {
        serde_json::from_str(text).map_err(|error| {
            Error::invalid("receipt", format!("{error}; pass the receipt exactly as `forget` gave it"))
        })
    }
}

/// What checking a receipt found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct VerifiedReceipt {
    /// The receipt's id.
    pub id: String,
    /// The stage it has reached.
    pub stage: String,
    /// Whether everything it says holds.
    pub valid: bool,
    /// Whether the chain over all receipts, from the first to the newest, is unbroken.
    pub chain: bool,
    /// Whether no row, key or mapping is there of whoever it is about.
    pub absent: bool,
    /// Whether replaying the log to the newest forgetting gives that one's state hash; absent where a consent that was
    /// taken back has changed what was learned since, and where the champion does not replay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<bool>,
    /// What does not hold; empty when it is valid.
    pub problems: Vec<String>,
    /// What cannot be checked, and why.
    pub unchecked: Vec<String>,
}

/// What a person's export was written to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Exported {
    /// The file.
    pub path: String,
    /// How many lines it has, its header included.
    pub lines: u64,
}

/// What was taken over from an export.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Imported {
    /// Signals that were stored.
    pub signals: u64,
    /// Signals that were there already.
    pub duplicates: u64,
    /// Consents that were recorded.
    pub consents: u64,
    /// Whether preferences were set.
    pub preferences: bool,
    /// Lines that belong to the store they came from: decisions, answers, lessons.
    pub skipped: u64,
}

/// What a run of retention erased.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Retained {
    /// People of whom something was erased.
    pub people: u64,
    /// Events that are gone.
    pub events: u64,
    /// Lessons that stay in their places.
    pub lessons: u64,
}
