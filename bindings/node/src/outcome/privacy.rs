//! What the verbs of a person's rights answer, as JavaScript objects.

use napi_derive::napi;

use crate::door::count;

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
    /// Whether no policy that serves or is kept holds anything of the person.
    pub unlearned: bool,
    /// Policies that cannot subtract and wait to be taught anew without the person; absent when there are none.
    pub rebuilding: Option<Vec<String>>,
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
            rebuilding,
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
            rebuilding: (!rebuilding.is_empty()).then_some(rebuilding),
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
    /// Whether the chain over all receipts, from the first to the newest, is unbroken.
    pub chain: bool,
    /// Whether no row, key or mapping is there of whoever it is about.
    pub absent: bool,
    /// Whether replaying the log to the newest forgetting gives that one's state hash; absent where a consent that was
    /// taken back has changed what was learned since, and where the champion does not replay.
    pub state: Option<bool>,
    /// What does not hold; empty when it is valid.
    pub problems: Vec<String>,
    /// What cannot be checked, and why.
    pub unchecked: Vec<String>,
}

impl From<oo::VerifiedReceipt> for VerifiedReceipt {
    fn from(from: oo::VerifiedReceipt) -> Self {
        let oo::VerifiedReceipt { id, stage, valid, chain, absent, state, problems, unchecked } = from;
        VerifiedReceipt { id, stage, valid, chain, absent, state, problems, unchecked }
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
