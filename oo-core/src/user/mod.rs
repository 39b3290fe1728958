//! What is known of one person: a fold over their events, in log order.
//!
//! [`UserState::apply`] reads nothing but the event: no clock, no random source, no time-zone database. Decays use
//! the recorded times; local days use the recorded offsets. It yields the lessons that an event completes.

mod fold;
mod parts;
mod slate;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::candidate::ArmKey;
use crate::event::{Preferences, TaskFact};
use crate::id::{DecisionId, ItemKey, Position, Pseudonym};
use crate::join::Join;
use crate::lesson::Lesson;
use crate::moment::Moment;
use crate::personal::PersonalParts;
use crate::signal::SignalKind;

pub use parts::{CalendarState, CandidateHistory, Decayed, HabitState, MoodState, Rates};
pub use slate::Slate;

/// What is known of one person.
#[derive(Clone, Debug, PartialEq)]
pub struct UserState {
    /// The person.
    pub user: Pseudonym,
    /// Their tips and where they stand.
    pub slate: Slate,
    /// Consents that were said; what was not said has the engine's default.
    pub consents: BTreeMap<SignalKind, bool>,
    /// The last event that took a consent back.
    pub denied_at: Position,
    /// Preferences.
    pub preferences: Preferences,
    /// The moment of the last event of this person.
    pub last_moment: Option<Moment>,
    /// When each kind of signal was last heard (Unix milliseconds).
    pub heard: BTreeMap<SignalKind, i64>,
    /// Open tasks.
    pub tasks: BTreeMap<ItemKey, TaskFact>,
    /// Habits.
    pub habits: BTreeMap<ItemKey, HabitState>,
    /// Calendar entries.
    pub calendar: BTreeMap<ItemKey, CalendarState>,
    /// The mood, once said.
    pub mood: Option<MoodState>,
    /// Named numbers with the time they were said.
    pub contexts: BTreeMap<Arc<str>, (f64, i64)>,
    /// Rates over all tips.
    pub rates: Rates,
    /// Rates by arm (`kind/category`).
    pub arm_rates: BTreeMap<ArmKey, Rates>,
    /// Dose: D ← 0.95·D at each decision, + 1 for each shown (HeartSteps).
    pub dose: f64,
    /// When a tip was last shown (Unix milliseconds).
    pub last_shown_ms: Option<i64>,
    /// The local day and number of tips decided on it.
    pub today: (i32, u32),
    /// What happened to each candidate.
    pub candidates: BTreeMap<ItemKey, CandidateHistory>,
    /// Statistics of their own lessons, for policies that tell people apart.
    pub personal: PersonalParts,
}

/// What applying one event did.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Applied {
    /// Lessons that the event completed, in order.
    pub lessons: Vec<Lesson>,
    /// Decisions whose state or reward may have changed.
    pub touched: Vec<DecisionId>,
    /// The open decision that the event closed, whose slot is free now.
    pub released: Option<DecisionId>,
    /// Whether a reaction came too late to change anything.
    pub late: bool,
}

impl Applied {
    /// Nothing; the room for lessons and decisions stays.
    pub fn clear(&mut self) {
        self.lessons.clear();
        self.touched.clear();
        self.released = None;
        self.late = false;
    }
}

impl UserState {
    /// A person of whom nothing is known.
    #[must_use]
    pub fn new(user: Pseudonym) -> Self {
        UserState {
            user,
            slate: Slate::default(),
            consents: BTreeMap::new(),
            denied_at: Position(0),
            preferences: Preferences::default(),
            last_moment: None,
            heard: BTreeMap::new(),
            tasks: BTreeMap::new(),
            habits: BTreeMap::new(),
            calendar: BTreeMap::new(),
            mood: None,
            contexts: BTreeMap::new(),
            rates: Rates::default(),
            arm_rates: BTreeMap::new(),
            dose: 0.0,
            last_shown_ms: None,
            today: (i32::MIN, 0),
            candidates: BTreeMap::new(),
            personal: PersonalParts::default(),
        }
    }

    /// A person of whom nothing is known and of whom `personal`, still empty, is to be kept.
    #[must_use]
    pub fn with_personal(user: Pseudonym, personal: PersonalParts) -> Self {
        UserState { personal, ..UserState::new(user) }
    }

    /// The tip that stands before the person: a returned one, else the open one.
    #[must_use]
    pub fn standing(&self) -> Option<&Join> {
        self.slate.returned.or(self.slate.open).and_then(|id| self.tip(&id))
    }

    /// The snoozed tip that has been due for longest at `now_ms`, if any.
    #[must_use]
    pub fn due_snooze(&self, now_ms: i64) -> Option<&Join> {
        let (id, _) = self
            .slate
            .snoozed
            .iter()
            .filter(|(_, until_ms)| **until_ms <= now_ms)
            .min_by_key(|(id, until_ms)| (**until_ms, **id))?;
        self.tip(id)
    }

    /// The tip of decision `id`, while it is kept.
    #[must_use]
    pub fn tip(&self, id: &DecisionId) -> Option<&Join> {
        self.slate.tips.get(id).map(|join| &**join)
    }
}
