//! The JSON form of an event: one line an event, for exports, streams and other programs.
//!
//! Every field of every event is in it under a fixed name (`docs/events.schema.json`), and nothing else: the log holds
//! no text, so neither has a line. `export` adds the texts that it unseals. A line reads back into the very event that
//! it was made from ([`EventLine::to_stored`]). Ids are UUIDs, keys and digests lower-case hexadecimal, instants
//! RFC 3339 in UTC, days counted from 1970-01-01. What is not there is `null`; only `until` and `reason` of a reaction
//! are left out.

mod draw;
mod lesson;
mod parse;

pub(crate) use parse::bytes;
mod signal;

use oo_core::event::{Event, EventBody, ForgottenFact, PolicyRoleFact, Preferences, Role, ShadowFact, Stored};
use oo_core::id::{DecisionId, EventId, Position, Pseudonym, hex};
use oo_core::moment::{Moment, rfc3339};
use oo_core::reaction::{DismissReason, Reaction};
use oo_core::retention::TrimmedFact;
use oo_core::schema::SchemaHash;
use oo_core::signal::SignalKind;
use oo_core::{Error, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use draw::{CandidateLine, ChoiceLine, DecisionLine, ExplorationLine, RemovalLine, RewardLine};
pub use lesson::LessonLine;
pub use signal::SignalLine;

/// The names of `type`, in the order of [`BodyLine`].
pub const EVENT_TYPES: [&str; 18] = [
    "signal",
    "decision",
    "reaction",
    "returned",
    "expired",
    "horizon",
    "parking_lapsed",
    "consent",
    "preferences",
    "policy_role",
    "shadow",
    "bandit",
    "choice",
    "reward",
    "forgotten",
    "lesson",
    "trimmed",
    "exported",
];

/// The `type` of an event's line.
#[must_use]
pub fn event_type(body: &EventBody) -> &'static str {
    match body {
        EventBody::Signal(_) => "signal",
        EventBody::Decision(_) => "decision",
        EventBody::Reaction { .. } => "reaction",
        EventBody::Returned { .. } => "returned",
        EventBody::Expired { .. } => "expired",
        EventBody::Horizon { .. } => "horizon",
        EventBody::ParkingLapsed { .. } => "parking_lapsed",
        EventBody::Consent { .. } => "consent",
        EventBody::Preferences(_) => "preferences",
        EventBody::PolicyRole(_) => "policy_role",
        EventBody::Shadow(_) => "shadow",
        EventBody::Bandit(_) => "bandit",
        EventBody::Choice(_) => "choice",
        EventBody::Reward(_) => "reward",
        EventBody::Forgotten(_) => "forgotten",
        EventBody::Lesson(_) => "lesson",
        EventBody::Trimmed(_) => "trimmed",
        EventBody::Exported { .. } => "exported",
    }
}

/// An event as a JSON line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EventLine {
    /// Its place in the log.
    pub position: u64,
    /// Its id.
    pub event: String,
    /// When it happened.
    pub at: String,
    /// The IANA zone it happened in.
    pub zone: String,
    /// The offset from UTC that was in force there, in seconds.
    pub offset_s: i32,
    /// When it reached oO.
    pub recorded: String,
    /// The person; `null` for the engine's own events and for parked reactions.
    pub pseudonym: Option<String>,
    /// What happened; its `type` and fields stand beside those above.
    #[serde(flatten)]
    pub body: BodyLine,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum BodyLine {
    /// A signal, as derived.
    Signal(SignalLine),
    /// A draw.
    Decision(Box<DecisionLine>),
    /// A reaction to a decision.
    Reaction {
        /// The decision.
        decision: String,
        /// `shown`, `done`, `snooze` or `dismiss`.
        reaction: String,
        /// When a snoozed tip comes back.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<String>,
        /// Why a tip was dismissed, where the person said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<DismissReason>,
    },
    /// A snoozed tip was served again.
    Returned {
        /// The decision.
        decision: String,
    },
    /// The tip passed its expiry.
    Expired {
        /// The decision.
        decision: String,
    },
    /// 24 h passed since the tip was shown.
    Horizon {
        /// The decision.
        decision: String,
    },
    /// A parked reaction waited in vain.
    ParkingLapsed {
        /// The decision that never came.
        decision: String,
    },
    /// A kind of signal was agreed to, or no longer.
    Consent {
        /// The kind of signal.
        kind: SignalKind,
        /// Whether they agree.
        granted: bool,
    },
    /// A person's preferences, whole.
    Preferences {
        /// The preferences.
        preferences: Preferences,
    },
    /// A policy entered the registry or changed its role.
    PolicyRole {
        /// The policy, `id@version`.
        policy: String,
        /// Its new role.
        role: Role,
        /// Its settings, as the canonical JSON text that its identity is.
        spec: String,
        /// The hash of its feature schema.
        schema: String,
        /// The feature schema as JSON text.
        definition: Option<String>,
        /// Why, in a word.
        reason: String,
    },
    /// A shadow policy's view of one decision.
    Shadow {
        /// The decision.
        decision: String,
        /// The shadow, `id@version`.
        policy: String,
        /// Its probabilities, in the decision's candidate order.
        pmf: Vec<f64>,
        /// The position of the last event whose lesson it had learned.
        learned_through: u64,
    },
    /// A named bandit was opened.
    Bandit {
        /// Its name.
        bandit: String,
        /// Its settings as canonical JSON text.
        spec: String,
    },
    /// One draw of a named bandit.
    Choice(ChoiceLine),
    /// What came of such a draw.
    Reward(RewardLine),
    /// A person was forgotten.
    Forgotten {
        /// SHA-256 of their pseudonym.
        pseudonym_digest: String,
        /// The receipt's id.
        receipt: String,
        /// The epoch that starts here.
        epoch: u32,
        /// The champion's state hash afterwards.
        state_hash: String,
        /// The receipts' hash chain.
        chain: String,
    },
    /// The lesson of a decision whose time was up.
    Lesson(LessonLine),
    /// Part of what was held of the person is gone.
    Trimmed {
        /// The kinds of signal whose consent was taken back; none where time was up.
        withdrawn: Vec<SignalKind>,
        /// The epoch that starts here, where lessons were subtracted.
        epoch: Option<u32>,
    },
    /// What is held of the person was written to a file.
    Exported {
        /// HMAC of its path.
        file: String,
    },
}

impl EventLine {
    /// The line of `stored`.
    #[must_use]
    pub fn new(stored: &Stored) -> Self {
        let event = &stored.event;
        EventLine {
            position: stored.position.0,
            event: event.id.to_string(),
            at: rfc3339(event.moment.at_ms),
            zone: event.moment.zone.to_string(),
            offset_s: event.moment.offset_s,
            recorded: rfc3339(event.recorded_ms),
            pseudonym: event.user.map(|user| hex(&user.0)),
            body: BodyLine::new(&event.body),
        }
    }

    /// The event that this line was made from.
    ///
    /// # Errors
    /// `invalid_input` about the field that is malformed.
    pub fn to_stored(&self) -> Result<Stored> {
        let moment =
            Moment { at_ms: parse::instant("at", &self.at)?, offset_s: self.offset_s, zone: self.zone.as_str().into() };
        let event = Event {
            id: EventId::parse(&self.event)?,
            moment,
            recorded_ms: parse::instant("recorded", &self.recorded)?,
            user: self.pseudonym.as_deref().map(|text| parse::bytes("pseudonym", text).map(Pseudonym)).transpose()?,
            body: self.body.to_body()?,
        };
        Ok(Stored { position: Position(self.position), event })
    }

    /// The line as a JSON object.
    ///
    /// # Errors
    /// `internal`, when it is no JSON; never seen.
    pub fn to_value(&self) -> Result<Value> {
        serde_json::to_value(self).map_err(|error| Error::internal(error.to_string()))
    }

    /// The line as JSON text, without a line break.
    ///
    /// # Errors
    /// As [`to_value`](EventLine::to_value).
    pub fn to_json(&self) -> Result<String> {
        serde_json::to_string(self).map_err(|error| Error::internal(error.to_string()))
    }

    /// Reads a line. Fields that it does not know, such as the texts of an export, are passed over.
    ///
    /// # Errors
    /// `invalid_input` when it is no event's line.
    pub fn parse(line: &str) -> Result<Self> {
        serde_json::from_str(line).map_err(|error| Error::invalid("event", format!("not an event's line: {error}")))
    }
}

impl BodyLine {
    fn new(body: &EventBody) -> Self {
        match body {
            EventBody::Signal(fact) => BodyLine::Signal(SignalLine::new(fact)),
            EventBody::Decision(decision) => BodyLine::Decision(Box::new(DecisionLine::new(decision))),
            EventBody::Reaction { decision, reaction } => {
                let (until, reason) = match reaction {
                    Reaction::Snooze { until_ms } => (Some(rfc3339(*until_ms)), None),
                    Reaction::Dismiss { reason } => (None, *reason),
                    Reaction::Shown | Reaction::Done => (None, None),
                };
                let reaction = reaction.as_str().to_owned();
                BodyLine::Reaction { decision: decision.to_string(), reaction, until, reason }
            }
            EventBody::Returned { decision } => BodyLine::Returned { decision: decision.to_string() },
            EventBody::Expired { decision } => BodyLine::Expired { decision: decision.to_string() },
            EventBody::Horizon { decision } => BodyLine::Horizon { decision: decision.to_string() },
            EventBody::ParkingLapsed { decision } => BodyLine::ParkingLapsed { decision: decision.to_string() },
            EventBody::Consent { kind, granted } => BodyLine::Consent { kind: *kind, granted: *granted },
            EventBody::Preferences(preferences) => BodyLine::Preferences { preferences: preferences.clone() },
            EventBody::PolicyRole(fact) => BodyLine::PolicyRole {
                policy: fact.policy.to_string(),
                role: fact.role,
                spec: fact.spec.clone(),
                schema: hex(&fact.schema.0),
                definition: fact.definition.clone(),
                reason: fact.reason.clone(),
            },
            EventBody::Shadow(fact) => BodyLine::Shadow {
                decision: fact.decision.to_string(),
                policy: fact.policy.to_string(),
                pmf: fact.pmf.clone(),
                learned_through: fact.learned_through.0,
            },
            EventBody::Bandit(fact) => BodyLine::Bandit { bandit: fact.name.to_string(), spec: fact.spec.clone() },
            EventBody::Choice(choice) => BodyLine::Choice(ChoiceLine::new(choice)),
            EventBody::Reward(reward) => BodyLine::Reward(RewardLine::new(reward)),
            EventBody::Forgotten(fact) => BodyLine::Forgotten {
                pseudonym_digest: hex(&fact.pseudonym_digest),
                receipt: fact.receipt.to_string(),
                epoch: fact.epoch,
                state_hash: hex(&fact.state_hash),
                chain: hex(&fact.chain),
            },
            EventBody::Lesson(fact) => BodyLine::Lesson(LessonLine::new(fact)),
            EventBody::Trimmed(fact) => BodyLine::Trimmed { withdrawn: fact.withdrawn.clone(), epoch: fact.epoch },
            EventBody::Exported { file } => BodyLine::Exported { file: hex(&file.0) },
        }
    }

    fn to_body(&self) -> Result<EventBody> {
        Ok(match self {
            BodyLine::Signal(line) => EventBody::Signal(line.to_fact()?),
            BodyLine::Decision(line) => EventBody::Decision(line.to_decision()?.into()),
            BodyLine::Reaction { decision, reaction, until, reason } => EventBody::Reaction {
                decision: DecisionId::parse(decision)?,
                reaction: Reaction::from_parts(
                    reaction,
                    parse::maybe_instant("until", until.as_deref())?,
                    reason.map(DismissReason::as_str),
                )?,
            },
            BodyLine::Returned { decision } => EventBody::Returned { decision: DecisionId::parse(decision)? },
            BodyLine::Expired { decision } => EventBody::Expired { decision: DecisionId::parse(decision)? },
            BodyLine::Horizon { decision } => EventBody::Horizon { decision: DecisionId::parse(decision)? },
            BodyLine::ParkingLapsed { decision } => EventBody::ParkingLapsed { decision: DecisionId::parse(decision)? },
            BodyLine::Consent { kind, granted } => EventBody::Consent { kind: *kind, granted: *granted },
            BodyLine::Preferences { preferences } => EventBody::Preferences(preferences.clone()),
            BodyLine::PolicyRole { policy, role, spec, schema, definition, reason } => {
                EventBody::PolicyRole(PolicyRoleFact {
                    policy: parse::policy(policy)?,
                    role: *role,
                    spec: spec.clone(),
                    schema: SchemaHash(parse::bytes("schema", schema)?),
                    definition: definition.clone(),
                    reason: reason.clone(),
                })
            }
            BodyLine::Shadow { decision, policy, pmf, learned_through } => EventBody::Shadow(ShadowFact {
                decision: DecisionId::parse(decision)?,
                policy: parse::policy(policy)?,
                pmf: pmf.clone(),
                learned_through: Position(*learned_through),
            }),
            BodyLine::Bandit { bandit, spec } => {
                EventBody::Bandit(oo_core::choice::BanditFact { name: bandit.as_str().into(), spec: spec.clone() })
            }
            BodyLine::Choice(line) => EventBody::Choice(line.to_fact()?.into()),
            BodyLine::Reward(line) => EventBody::Reward(line.to_fact()?),
            BodyLine::Forgotten { pseudonym_digest, receipt, epoch, state_hash, chain } => {
                EventBody::Forgotten(ForgottenFact {
                    pseudonym_digest: parse::bytes("pseudonym_digest", pseudonym_digest)?,
                    receipt: EventId::parse(receipt)?,
                    epoch: *epoch,
                    state_hash: parse::bytes("state_hash", state_hash)?,
                    chain: parse::bytes("chain", chain)?,
                })
            }
            BodyLine::Lesson(line) => EventBody::Lesson(line.to_fact()?),
            BodyLine::Trimmed { withdrawn, epoch } => {
                EventBody::Trimmed(TrimmedFact { withdrawn: withdrawn.clone(), epoch: *epoch })
            }
            BodyLine::Exported { file } => EventBody::Exported { file: parse::item("file", file)? },
        })
    }
}
