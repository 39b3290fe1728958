//! Events: the truth. Everything else in oO is a fold over them.
//!
//! An event carries pseudonyms, times, numbers and hashed-text features, and no personal text. The passing of time is
//! an event too ([`EventBody::Horizon`], [`EventBody::Expired`]), with a nominal time and an id that follow from the
//! decision, so that a fold never reads a clock and any process may append it.

use std::sync::Arc;

use crate::choice::{BanditFact, ChoiceFact, RewardFact};
use crate::decision::{Decision, PolicyRef};
use crate::id::{DecisionId, EventId, ItemKey, Position, Pseudonym};
use crate::moment::Moment;
use crate::reaction::Reaction;
use crate::retention::{LessonFact, TrimmedFact};
use crate::schema::SchemaHash;
use crate::signal::{HabitEvent, SignalKind, TaskStatus};
use crate::text::TEXT_BUCKETS;

/// One thing that happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Its identity: a second event with the same id changes nothing.
    pub id: EventId,
    /// When it happened, where the person was.
    pub moment: Moment,
    /// When it reached oO (Unix milliseconds).
    pub recorded_ms: i64,
    /// The person; absent for the engine's own events and for parked reactions.
    pub user: Option<Pseudonym>,
    /// What happened.
    pub body: EventBody,
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub enum EventBody {
    /// A signal, derived: no texts.
    Signal(SignalFact),
    /// A draw.
    Decision(Arc<Decision>),
    /// A reaction to a decision. Without a user it is parked: its decision was unknown.
    Reaction {
        /// The decision reacted to.
        decision: DecisionId,
        /// The reaction.
        reaction: Reaction,
    },
    /// A snoozed tip was served again: no draw, no new propensity.
    Returned {
        /// The decision that came back.
        decision: DecisionId,
    },
    /// The tip passed its expiry.
    Expired {
        /// The decision whose tip expired.
        decision: DecisionId,
    },
    /// 24 h passed since the tip was shown.
    Horizon {
        /// The decision whose horizon passed.
        decision: DecisionId,
    },
    /// A parked reaction waited 24 h in vain and is dropped.
    ParkingLapsed {
        /// The decision that never came.
        decision: DecisionId,
    },
    /// A person agreed to a kind of signal, or took it back.
    Consent {
        /// The kind.
        kind: SignalKind,
        /// Whether they agree.
        granted: bool,
    },
    /// A person's preferences; each replaces the whole.
    Preferences(Preferences),
    /// A policy entered the registry or changed its role.
    PolicyRole(PolicyRoleFact),
    /// A shadow policy scored a decision's snapshot.
    Shadow(ShadowFact),
    /// A named bandit was opened.
    Bandit(BanditFact),
    /// A named bandit chose among rows of numbers.
    Choice(Arc<ChoiceFact>),
    /// What came of such a choice.
    Reward(RewardFact),
    /// A person was forgotten; starts a new epoch.
    Forgotten(ForgottenFact),
    /// What is left of a decision whose time was up: the lesson it gave, where it gave it.
    Lesson(LessonFact),
    /// Part of what was held of a person is gone.
    Trimmed(TrimmedFact),
    /// What is held of a person was written to a file, whose path is sealed beside the log.
    Exported {
        /// HMAC of the path.
        file: ItemKey,
    },
}

impl EventBody {
    /// The decision the event belongs to.
    #[must_use]
    pub fn decision(&self) -> Option<DecisionId> {
        match self {
            EventBody::Decision(decision) => Some(decision.id),
            EventBody::Reaction { decision, .. }
            | EventBody::Returned { decision }
            | EventBody::Expired { decision }
            | EventBody::Horizon { decision }
            | EventBody::ParkingLapsed { decision } => Some(*decision),
            EventBody::Shadow(shadow) => Some(shadow.decision),
            EventBody::Choice(choice) => Some(choice.id),
            EventBody::Reward(reward) => Some(reward.decision),
            EventBody::Lesson(lesson) => Some(lesson.decision),
            EventBody::Signal(_)
            | EventBody::Consent { .. }
            | EventBody::Preferences(_)
            | EventBody::PolicyRole(_)
            | EventBody::Bandit(_)
            | EventBody::Forgotten(_)
            | EventBody::Trimmed(_)
            | EventBody::Exported { .. } => None,
        }
    }
}

impl EventBody {
    /// The body with no more than folding a person and learning need of it: of a decision the drawn candidate
    /// ([`Decision::drawn_alone`]), of a shadow's view everything but its probabilities.
    #[must_use]
    pub fn drawn_alone(self) -> Self {
        match self {
            EventBody::Decision(decision) => EventBody::Decision(decision.drawn_alone().map_or(decision, Arc::new)),
            EventBody::Shadow(shadow) => EventBody::Shadow(ShadowFact { pmf: Vec::new(), ..shadow }),
            body => body,
        }
    }
}

/// A person's preferences.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Preferences {
    /// The IANA zone; `UTC` until it is set.
    pub zone: String,
    /// The quiet hours' start, minutes since local midnight.
    pub quiet_from: Option<u32>,
    /// The quiet hours' end, minutes since local midnight; before the start it means the next day.
    pub quiet_to: Option<u32>,
    /// The most tips a day; none when absent.
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

/// A signal as the log keeps it.
#[derive(Clone, Debug, PartialEq)]
pub enum SignalFact {
    /// A task.
    Task(TaskFact),
    /// A habit.
    Habit {
        /// HMAC of the caller's id.
        key: ItemKey,
        /// Days a week it is meant for.
        per_week: u8,
        /// What happened.
        event: HabitEvent,
    },
    /// A calendar entry.
    Calendar {
        /// HMAC of the caller's id.
        key: ItemKey,
        /// Begin (Unix milliseconds).
        start_ms: i64,
        /// End (Unix milliseconds).
        end_ms: i64,
        /// Whether the person is taken.
        busy: bool,
        /// Whether it spans whole days.
        all_day: bool,
        /// Whether it will not take place.
        cancelled: bool,
    },
    /// A mood; 1 to 5.
    Mood {
        /// 1 (low) to 5 (high).
        level: f64,
        /// 1 (tired) to 5 (awake).
        energy: Option<f64>,
    },
    /// A named number; the name is one that the schema declares.
    Context {
        /// The declared name.
        name: Arc<str>,
        /// Its value.
        value: f64,
    },
}

impl SignalFact {
    /// The signal's kind.
    #[must_use]
    pub fn kind(&self) -> SignalKind {
        match self {
            SignalFact::Task(_) => SignalKind::Task,
            SignalFact::Habit { .. } => SignalKind::Habit,
            SignalFact::Calendar { .. } => SignalKind::Calendar,
            SignalFact::Mood { .. } => SignalKind::Mood,
            SignalFact::Context { .. } => SignalKind::Context,
        }
    }
}

/// A task as the log keeps it.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskFact {
    /// HMAC of the caller's id.
    pub key: ItemKey,
    /// HMAC of the title.
    pub content_hash: ItemKey,
    /// Where it stands.
    pub status: TaskStatus,
    /// When it is due: the instant (the end of the local day for a date).
    pub due_ms: Option<i64>,
    /// The local day it is due on (days since 1970-01-01).
    pub due_day: Option<i32>,
    /// Whether the due time is an instant rather than a date.
    pub due_timed: bool,
    /// 1 (most urgent) to 4.
    pub priority: u8,
    /// Minutes it takes; 0 when unknown.
    pub effort_min: u32,
    /// When it was made (Unix milliseconds).
    pub created_ms: i64,
    /// Hashed features of the title.
    pub text: [i8; TEXT_BUCKETS],
    /// The version of that derivation.
    pub text_version: u32,
    /// The title's length in words.
    pub words: u32,
}

/// A policy's role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Serves.
    Champion,
    /// Scores the same snapshot without serving.
    Shadow,
    /// Neither; kept for audit and rollback.
    Retired,
}

/// A policy's entry or change of role, for the registry and its audit.
#[derive(Clone, Debug, PartialEq)]
pub struct PolicyRoleFact {
    /// The policy and its version.
    pub policy: PolicyRef,
    /// Its new role.
    pub role: Role,
    /// Its settings as canonical JSON.
    pub spec: String,
    /// Its schema.
    pub schema: SchemaHash,
    /// The schema as JSON, so that decisions over it can be read when the engine has another.
    pub definition: Option<String>,
    /// Why, in a word: `opened`, `promoted`, `rolled_back`.
    pub reason: String,
}

/// A shadow's view of one decision.
#[derive(Clone, Debug, PartialEq)]
pub struct ShadowFact {
    /// The decision.
    pub decision: DecisionId,
    /// The shadow.
    pub policy: PolicyRef,
    /// Its probabilities, in the decision's candidate order.
    pub pmf: Vec<f64>,
    /// The last event whose lesson it had learned.
    pub learned_through: Position,
}

/// What is left of a forgotten person.
#[derive(Clone, Debug, PartialEq)]
pub struct ForgottenFact {
    /// SHA-256 of the pseudonym.
    pub pseudonym_digest: [u8; 32],
    /// The receipt's id.
    pub receipt: EventId,
    /// The epoch that starts here.
    pub epoch: u32,
    /// The champion's state hash after the subtraction.
    pub state_hash: [u8; 32],
    /// The chain: SHA-256 of the previous receipt's digest and this one's content.
    pub chain: [u8; 32],
}

/// An event with its place in the log.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored {
    /// Its place.
    pub position: Position,
    /// The event.
    pub event: Event,
}
