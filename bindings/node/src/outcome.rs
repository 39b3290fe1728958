//! What the other verbs answer, as JavaScript objects. The names are those of the JSON form, in every language.
//!
//! Each conversion takes its source apart by name: a field that the facade gains does not compile until it is here.

use napi_derive::napi;

use crate::door::count;
use crate::tip::Why;

/// The answer to `react`.
#[napi(object, object_from_js = false, use_nullable = true)]
pub struct Reacted {
    /// What became of the reaction: it counts; it was there already; it waits for its decision, 24 h at most; or it
    /// came more than 7 days after the tip was shown, is stored and revises nothing.
    #[napi(ts_type = "'applied' | 'duplicate' | 'parked' | 'late'")]
    pub status: String,
    /// The tip's reward after it, where it has one.
    pub reward: Option<f64>,
}

impl From<oo::Reacted> for Reacted {
    fn from(from: oo::Reacted) -> Self {
        let oo::Reacted { status, reward } = from;
        let status = match status {
            oo::ReactStatus::Applied => "applied",
            oo::ReactStatus::Duplicate => "duplicate",
            oo::ReactStatus::Parked => "parked",
            oo::ReactStatus::Late => "late",
        };
        Reacted { status: status.to_owned(), reward }
    }
}

/// The answer to `ingest`.
#[napi(object, object_from_js = false)]
pub struct Ingested {
    /// Signals that were stored.
    pub accepted: i64,
    /// Signals that were there already.
    pub duplicates: i64,
    /// The log's last position after it.
    pub position: i64,
}

impl From<oo::Ingested> for Ingested {
    fn from(from: oo::Ingested) -> Self {
        let oo::Ingested { accepted, duplicates, position } = from;
        Ingested { accepted: count(accepted), duplicates: count(duplicates), position: count(position.0) }
    }
}

/// Which kinds of signal a person agrees to. In `setConsents`, kinds that are left out stay as they are.
#[napi(object, object_from_js = false)]
pub struct Consents {
    /// Tasks.
    pub task: Option<bool>,
    /// Habits.
    pub habit: Option<bool>,
    /// Calendar entries.
    pub calendar: Option<bool>,
    /// Moods.
    pub mood: Option<bool>,
    /// Named numbers of the moment.
    pub context: Option<bool>,
}

impl From<oo::Consents> for Consents {
    fn from(from: oo::Consents) -> Self {
        let oo::Consents { task, habit, calendar, mood, context } = from;
        Consents { task, habit, calendar, mood, context }
    }
}

/// A person's preferences. `setPreferences` replaces the whole; what is left out has its default.
#[napi(object, object_from_js = false, use_nullable = true)]
pub struct Preferences {
    /// The IANA zone, such as `Europe/Berlin`.
    pub zone: String,
    /// The quiet hours' start, `HH:MM`.
    #[napi(js_name = "quiet_from")]
    pub quiet_from: Option<String>,
    /// The quiet hours' end, `HH:MM`; before the start it means the next day.
    #[napi(js_name = "quiet_to")]
    pub quiet_to: Option<String>,
    /// The most tips a day; none when null.
    #[napi(js_name = "daily_cap")]
    pub daily_cap: Option<u32>,
    /// The language of tips, an ISO 639-1 code.
    pub language: String,
}

impl From<oo::Preferences> for Preferences {
    fn from(from: oo::Preferences) -> Self {
        let oo::Preferences { zone, quiet_from, quiet_to, daily_cap, language } = from;
        Preferences { zone, quiet_from, quiet_to, daily_cap, language }
    }
}

/// A tip of the past.
#[napi(object, object_from_js = false, use_nullable = true)]
pub struct PastTip {
    /// The decision's id.
    pub id: String,
    /// What the person read.
    pub content: String,
    /// To-do or advice.
    #[napi(ts_type = "'todo' | 'advice'")]
    pub kind: String,
    /// Where it stands.
    #[napi(ts_type = "'open' | 'snoozed' | 'done' | 'dismissed' | 'expired'")]
    pub state: String,
    /// The current reward.
    pub reward: Option<f64>,
    /// When it was decided, RFC 3339.
    #[napi(js_name = "decided_at")]
    pub decided_at: String,
    /// When it was last shown, RFC 3339.
    #[napi(js_name = "shown_at")]
    pub shown_at: Option<String>,
    /// The policy that decided, `id@version`.
    pub policy: String,
    /// The logged probability with which it was drawn.
    pub propensity: f64,
    /// Whether it was drawn by the uniform holdout.
    pub holdout: bool,
}

impl From<oo::PastTip> for PastTip {
    fn from(from: oo::PastTip) -> Self {
        let oo::PastTip { id, content, kind, state, reward, decided_at, shown_at, policy, propensity, holdout } = from;
        PastTip { id: id.to_string(), content, kind, state, reward, decided_at, shown_at, policy, propensity, holdout }
    }
}

/// Everything about one decision.
#[napi(object, object_from_js = false, use_nullable = true)]
pub struct Explained {
    /// The tip's decision.
    pub id: String,
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

impl From<oo::Explained> for Explained {
    fn from(from: oo::Explained) -> Self {
        let oo::Explained {
            id,
            why,
            policy,
            propensity,
            drawn,
            holdout,
            pmf,
            scores,
            features,
            removals,
            state,
            reward,
        } = from;
        Explained {
            id: id.to_string(),
            why: why.into(),
            policy,
            propensity,
            drawn,
            holdout,
            pmf,
            scores,
            features: features.into_iter().map(NamedValue::from).collect(),
            removals: removals.into_iter().map(RemovalCount::from).collect(),
            state,
            reward,
        }
    }
}

/// A name and a number.
#[napi(object, object_from_js = false)]
pub struct NamedValue {
    /// The feature's name.
    pub name: String,
    /// Its value.
    pub value: f64,
}

impl From<oo::NamedValue> for NamedValue {
    fn from(from: oo::NamedValue) -> Self {
        let oo::NamedValue { name, value } = from;
        NamedValue { name, value }
    }
}

/// A reason and how many candidates it removed.
#[napi(object, object_from_js = false)]
pub struct RemovalCount {
    /// The reason's stable name.
    pub reason: String,
    /// How many.
    pub count: i64,
}

impl From<oo::RemovalCount> for RemovalCount {
    fn from(from: oo::RemovalCount) -> Self {
        let oo::RemovalCount { reason, count: removed } = from;
        RemovalCount { reason, count: count(removed) }
    }
}

/// A receipt of a forgetting.
#[napi(object, object_from_js = false)]
pub struct Receipt {
    /// The receipt's id.
    pub id: String,
    /// How far it is: `erasing` means that the write-ahead log still has to be truncated.
    #[napi(ts_type = "'erased' | 'erasing' | 'nothing_held'")]
    pub stage: String,
    /// SHA-256 of the pseudonym, hexadecimal; absent when nothing was held.
    #[napi(js_name = "pseudonym_digest")]
    pub pseudonym_digest: Option<String>,
    /// The log position of the forgetting.
    pub position: Option<i64>,
    /// The epoch that it started.
    pub epoch: Option<u32>,
    /// The champion's state hash without the person, hexadecimal.
    #[napi(js_name = "state_hash")]
    pub state_hash: Option<String>,
    /// Whether every policy is without the person.
    pub unlearned: bool,
    /// Lessons that were taken away.
    pub lessons: i64,
    /// Files with the person's export that were removed; absent when there were none.
    pub exports: Option<i64>,
    /// Files that hold the person still and are yours to remove: exports that could not be removed, and databases that a
    /// restore moved aside; absent when there are none.
    pub left: Option<Vec<String>>,
    /// The chain with the receipt before, hexadecimal.
    pub chain: Option<String>,
    /// When, RFC 3339.
    pub at: String,
}

impl From<oo::Receipt> for Receipt {
    fn from(from: oo::Receipt) -> Self {
        let oo::Receipt {
            id,
            stage,
            pseudonym_digest,
            position,
            epoch,
            state_hash,
            unlearned,
            lessons,
            exports,
            left,
            chain,
            at,
        } = from;
        Receipt {
            id,
            stage,
            pseudonym_digest,
            position: position.map(count),
            epoch,
            state_hash,
            unlearned,
            lessons: count(lessons),
            exports: (exports > 0).then(|| count(exports)),
            left: (!left.is_empty()).then_some(left),
            chain,
            at,
        }
    }
}

/// What checking a receipt found.
#[napi(object, object_from_js = false)]
pub struct VerifiedReceipt {
    /// The receipt's id.
    pub id: String,
    /// The stage it has reached.
    #[napi(ts_type = "'erased' | 'erasing'")]
    pub stage: String,
    /// Whether everything it says holds.
    pub valid: bool,
    /// Whether the chain from the first receipt to it is unbroken.
    pub chain: bool,
    /// Whether no row, key or mapping is there of whoever it is about.
    pub absent: bool,
    /// Whether replaying the log to its position gives its state hash; absent for one that a later erasure has overtaken.
    pub state: Option<bool>,
    /// What does not hold; empty when it is valid.
    pub problems: Vec<String>,
}

impl From<oo::VerifiedReceipt> for VerifiedReceipt {
    fn from(from: oo::VerifiedReceipt) -> Self {
        let oo::VerifiedReceipt { id, stage, valid, chain, absent, state, problems } = from;
        VerifiedReceipt { id, stage, valid, chain, absent, state, problems }
    }
}

/// What a run of retention erased.
#[napi(object, object_from_js = false)]
pub struct Retained {
    /// People of whom something was erased.
    pub people: i64,
    /// Events that are gone.
    pub events: i64,
    /// Lessons that stay in their places.
    pub lessons: i64,
}

impl From<oo::Retained> for Retained {
    fn from(from: oo::Retained) -> Self {
        let oo::Retained { people, events, lessons } = from;
        Retained { people: count(people), events: count(events), lessons: count(lessons) }
    }
}

/// What a person's export was written to.
#[napi(object, object_from_js = false)]
pub struct Exported {
    /// The file.
    pub path: String,
    /// How many lines it has, its header included.
    pub lines: i64,
}

impl From<oo::Exported> for Exported {
    fn from(from: oo::Exported) -> Self {
        let oo::Exported { path, lines } = from;
        Exported { path, lines: count(lines) }
    }
}

/// What was taken over from an export.
#[napi(object, object_from_js = false)]
pub struct Imported {
    /// Signals that were stored.
    pub signals: i64,
    /// Signals that were there already.
    pub duplicates: i64,
    /// Consents that were recorded.
    pub consents: i64,
    /// Whether preferences were set.
    pub preferences: bool,
    /// Lines that belong to the store they came from: decisions, answers, lessons.
    pub skipped: i64,
}

impl From<oo::Imported> for Imported {
    fn from(from: oo::Imported) -> Self {
        let oo::Imported { signals, duplicates, consents, preferences, skipped } = from;
        Imported {
            signals: count(signals),
            duplicates: count(duplicates),
            consents: count(consents),
            preferences,
            skipped: count(skipped),
        }
    }
}

/// How the engine is.
#[napi(object, object_from_js = false)]
pub struct Health {
    /// `ok`, or `read_only` while nothing can be written.
    pub status: String,
    /// oO's version.
    pub version: String,
    /// The last event that was folded.
    pub position: i64,
    /// The current epoch.
    pub epoch: u32,
    /// The champion, `id@version`.
    pub policy: String,
    /// The champion's state hash, hexadecimal.
    #[napi(js_name = "state_hash")]
    pub state_hash: String,
    /// Lessons in the champion.
    pub lessons: i64,
    /// Events that the projections have still to see.
    pub lag: i64,
    /// Reactions that wait for their decision.
    pub parked: i64,
    /// People who were forgotten and whose bytes may still stand in the write-ahead log: somebody reads the database.
    pub erasing: i64,
    /// Which life of the store this is, hexadecimal: another one after a restore, when positions repeat.
    pub incarnation: String,
}

impl From<oo::Health> for Health {
    fn from(from: oo::Health) -> Self {
        let oo::Health {
            status,
            version,
            position,
            epoch,
            policy,
            state_hash,
            lessons,
            lag,
            parked,
            erasing,
            incarnation,
        } = from;
        Health {
            status,
            version,
            position: count(position),
            epoch,
            policy,
            state_hash,
            lessons: count(lessons),
            lag: count(lag),
            parked: count(parked),
            erasing: count(erasing),
            incarnation,
        }
    }
}

/// What `replay` found.
#[napi(object, object_from_js = false)]
pub struct Replayed {
    /// Events read.
    pub events: i64,
    /// Lessons learned.
    pub lessons: i64,
    /// Decisions whose pmf was computed anew and compared.
    pub pmfs: i64,
    /// The champion's state hash after replay, hexadecimal.
    #[napi(js_name = "state_hash")]
    pub state_hash: String,
    /// What differs; empty when everything is the same, byte for byte.
    pub differences: Vec<String>,
}

impl From<oo::Replayed> for Replayed {
    fn from(from: oo::Replayed) -> Self {
        let oo::Replayed { events, lessons, pmfs, state_hash, differences } = from;
        Replayed { events: count(events), lessons: count(lessons), pmfs: count(pmfs), state_hash, differences }
    }
}
