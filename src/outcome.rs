//! What the other verbs answer.

use serde::{Deserialize, Serialize};

use oo_core::id::Position;
use oo_core::signal::SignalKind;
use oo_core::{Error, Result};

use crate::tip::{TipId, Why};

/// The answer to `react`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Reacted {
    /// What became of the reaction.
    pub status: ReactStatus,
    /// The tip's reward after it, where it has one.
    pub reward: Option<f64>,
}

/// What became of a reaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ReactStatus {
    /// It is stored and counts.
    Applied,
    /// It was there already; nothing changed.
    Duplicate,
    /// Its decision is unknown: it waits for it, 24 h at most.
    Parked,
    /// More than 7 days after the tip was shown: it is stored and revises nothing.
    Late,
}

/// A choice of a named bandit.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Choice {
    /// The decision's id: the reward names it.
    pub decision: String,
    /// The bandit.
    pub bandit: String,
    /// The drawn row.
    pub index: usize,
    /// The drawn row's arm; its number where the caller named none.
    pub arm: String,
    /// Its probability, from before the draw.
    pub propensity: f64,
    /// The probability of each row.
    pub pmf: Vec<f64>,
    /// The score of each row.
    pub scores: Vec<f64>,
    /// Whether the probabilities are an estimate of the policy's own; they are what was drawn from.
    pub estimated: bool,
    /// The rows whose score is only an upper bound, because they could not win.
    pub bounded: Vec<u32>,
    /// The reward it has, where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reward: Option<f64>,
}

/// A named bandit.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NamedBandit {
    /// Its name.
    pub name: String,
    /// Policy, columns and ranges.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub settings: serde_json::Value,
    /// How many lessons are in it.
    pub lessons: u64,
    /// The hash of settings and sums, hexadecimal: equal for the same set of lessons.
    pub state_hash: String,
}

/// A policy of the registry.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RegisteredPolicy {
    /// Its id and version.
    pub policy: String,
    /// `champion`, `shadow` or `retired`.
    pub role: String,
    /// Its settings.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub settings: serde_json::Value,
    /// The hash of the feature schema it learned over, hexadecimal.
    pub schema: String,
    /// How many lessons are in it.
    pub lessons: u64,
    /// The hash of settings, schema and sums, hexadecimal.
    pub state_hash: String,
}

/// The answer to `reward`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Rewarded {
    /// The decision.
    pub decision: String,
    /// What became of the reward.
    pub status: RewardStatus,
    /// The reward that counts, rounded to the bandit's grid.
    pub reward: Option<f64>,
}

/// What became of a reward.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum RewardStatus {
    /// It is learned.
    Learned,
    /// It took the place of an earlier one.
    Revised,
    /// It was there already; nothing changed.
    Duplicate,
}

/// The answer to `ingest`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Ingested {
    /// Signals that were stored.
    pub accepted: u64,
    /// Signals that were there already.
    pub duplicates: u64,
    /// The log's last position after it.
    #[cfg_attr(feature = "openapi", schema(value_type = u64))]
    pub position: Position,
}

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

/// A tip of the past.
#[derive(Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PastTip {
    /// The decision's id.
    pub id: TipId,
    /// What the person read.
    pub content: String,
    /// `todo` or `advice`.
    pub kind: String,
    /// `open`, `snoozed`, `done`, `dismissed` or `expired`.
    pub state: String,
    /// The current reward.
    pub reward: Option<f64>,
    /// When it was decided, RFC 3339.
    pub decided_at: String,
    /// When it was last shown, RFC 3339.
    pub shown_at: Option<String>,
    /// The policy that decided, `id@version`.
    pub policy: String,
    /// The logged probability with which it was drawn.
    pub propensity: f64,
    /// Whether it was drawn by the uniform holdout.
    pub holdout: bool,
}
oo_core::debug_without_texts!(PastTip { id, kind, state, reward, decided_at, shown_at, policy, propensity, holdout });

/// Everything about one decision.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Explained {
    /// The tip's decision.
    pub id: TipId,
    /// Why it was chosen.
    pub why: Why,
    /// The policy that decided, `id@version`.
    pub policy: String,
    /// The drawn candidate's probability.
    pub propensity: f64,
    /// The drawn candidate's place.
    pub drawn: u32,
    /// Whether it was drawn by the uniform holdout.
    pub holdout: bool,
    /// Each candidate's probability, in order.
    pub pmf: Vec<f64>,
    /// Each candidate's score, in order.
    pub scores: Vec<f64>,
    /// The drawn candidate's features by name.
    pub features: Vec<NamedValue>,
    /// Why other candidates were not eligible, with how many of each.
    pub removals: Vec<RemovalCount>,
    /// Where the tip stands.
    pub state: String,
    /// The current reward.
    pub reward: Option<f64>,
}

/// A name and a number.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NamedValue {
    /// The feature's name.
    pub name: String,
    /// Its value.
    pub value: f64,
}

/// A reason and how many candidates it removed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RemovalCount {
    /// The reason's stable name.
    pub reason: String,
    /// How many.
    pub count: u64,
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
    /// Whether every policy is without the person.
    pub unlearned: bool,
    /// Lessons that were taken away.
    #[serde(default)]
    pub lessons: u64,
    /// Files with the person's export that were removed.
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
    /// Whether the chain from the first receipt to it is unbroken.
    pub chain: bool,
    /// Whether no row, key or mapping is there of whoever it is about.
    pub absent: bool,
    /// Whether replaying the log to its position gives its state hash; absent for a receipt that a later erasure has
    /// overtaken, and where the champion does not replay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<bool>,
    /// What does not hold; empty when it is valid.
    pub problems: Vec<String>,
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

/// How the engine is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Health {
    /// `ok`, or `read_only` while nothing can be written: the disk is full, or fails.
    pub status: String,
    /// oO's version.
    pub version: String,
    /// The last event that was folded.
    pub position: u64,
    /// The current epoch.
    pub epoch: u32,
    /// The champion, `id@version`.
    pub policy: String,
    /// The champion's state hash, hexadecimal.
    pub state_hash: String,
    /// Lessons in the champion.
    pub lessons: u64,
    /// Events that the projections have still to see.
    pub lag: u64,
    /// Reactions that wait for their decision.
    pub parked: u64,
    /// People who were forgotten and whose bytes may still stand in the write-ahead log: while another process reads the
    /// database, or it cannot be written. It is tried again and again.
    pub erasing: u64,
    /// Which life of the store this is, hexadecimal: another one after a restore, when positions repeat.
    pub incarnation: String,
}

/// What `replay` found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Replayed {
    /// Events read.
    pub events: u64,
    /// Lessons learned.
    pub lessons: u64,
    /// Decisions whose pmf was computed anew and compared.
    pub pmfs: u64,
    /// The champion's state hash after replay, hexadecimal.
    pub state_hash: String,
    /// What differs; empty when everything is the same, byte for byte.
    pub differences: Vec<String>,
}
