//! Retention: what of a person has been held for long enough, or rests on a consent that was taken back.
//!
//! Both are plans over one person's events, pure functions of the log. Where a decision's time is up, the events around
//! it go and each lesson it gave stays at its place ([`LessonFact`]), so whoever folds the log learns the same lessons in
//! the same order and arrives at the same bits. Where a consent is taken back, what rested on it goes whole, and its
//! lessons are subtracted.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::candidate::ArmKey;
use crate::error::{Error, Result};
use crate::event::{Event, EventBody, SignalFact, Stored};
use crate::id::{DecisionId, EventId, ItemKey, Position, Pseudonym, UserKey};
use crate::join::TipState;
use crate::lesson::Lesson;
use crate::moment::{DAY_MS, Moment};
use crate::schema::SchemaHash;
use crate::signal::SignalKind;
use crate::user::{Applied, UserState};

/// The least days for which decisions are held: a reward can be revised for 7 days after the tip was last shown, and the
/// timers that follow take another.
pub const LEAST_DECISION_DAYS: u32 = 9;

/// For how many days what is held; none is for ever.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Tasks.
    pub task: Option<u32>,
    /// Habits.
    pub habit: Option<u32>,
    /// Calendar entries.
    pub calendar: Option<u32>,
    /// Moods.
    pub mood: Option<u32>,
    /// Named numbers of the moment.
    pub context: Option<u32>,
    /// Decisions with what came of them, choices of named bandits included.
    pub decision: Option<u32>,
}

impl Limits {
    /// Checks the numbers.
    ///
    /// # Errors
    /// `invalid_input` for a limit that is too short.
    pub fn validate(&self) -> Result<()> {
        for kind in SignalKind::ALL {
            if self.of(kind) == Some(0) {
                let field = format!("retain_{}_days", kind.as_str());
                return Err(Error::invalid(
                    &field,
                    "hold it for one day at least, or leave it out to hold it for ever",
                ));
            }
        }
        match self.decision {
            Some(days) if days < LEAST_DECISION_DAYS => Err(Error::invalid(
                "retain_decision_days",
                format!("decisions can be revised for a week; hold them for {LEAST_DECISION_DAYS} days at least"),
            )),
            _ => Ok(()),
        }
    }

    /// Whether everything is held for ever.
    #[must_use]
    pub fn is_off(&self) -> bool {
        *self == Limits::default()
    }

    /// The limit of signals of `kind`.
    #[must_use]
    pub const fn of(&self, kind: SignalKind) -> Option<u32> {
        match kind {
            SignalKind::Task => self.task,
            SignalKind::Habit => self.habit,
            SignalKind::Calendar => self.calendar,
            SignalKind::Mood => self.mood,
            SignalKind::Context => self.context,
        }
    }

    /// The limit of an event, in days; none for what is held for ever.
    #[must_use]
    pub fn days(&self, body: &EventBody) -> Option<u32> {
        match body {
            EventBody::Signal(fact) => self.of(fact.kind()),
            // A reward and a lesson are what stays of their decision.
            EventBody::Reward(_) | EventBody::Lesson(_) => None,
            body => body.decision().and(self.decision),
        }
    }

    /// Whether the time of `event` is up at `now_ms`.
    #[must_use]
    pub fn is_past(&self, event: &Event, now_ms: i64) -> bool {
        self.days(&event.body).is_some_and(|days| event.recorded_ms < now_ms.saturating_sub(i64::from(days) * DAY_MS))
    }
}

/// The lesson of a decision that is gone.
#[derive(Clone, Debug, PartialEq)]
pub struct LessonFact {
    /// The decision.
    pub decision: DecisionId,
    /// The schema of `x`.
    pub schema: SchemaHash,
    /// The drawn candidate's features as grid integers.
    pub x: Arc<[i16]>,
    /// The drawn candidate's arm.
    pub arm: ArmKey,
    /// The logged probability of the drawn candidate.
    pub propensity: f64,
    /// What the decision would have shown on average, where it could have done nothing.
    pub centre: Option<Arc<[i16]>>,
    /// The reward as a grid integer.
    pub reward: i16,
    /// The reward this one replaces.
    pub replaces: Option<i16>,
    /// The UTC day of the decision.
    pub day: i32,
    /// The kinds of signal that were known when it was decided.
    pub heard: Vec<SignalKind>,
}

impl LessonFact {
    /// What is left of `lesson`, over `schema`, of a decision for which signals of the kinds `heard` were known.
    #[must_use]
    pub fn new(lesson: &Lesson, schema: SchemaHash, heard: Vec<SignalKind>) -> Self {
        LessonFact {
            decision: lesson.decision,
            schema,
            x: lesson.x.clone(),
            arm: lesson.arm.clone(),
            propensity: lesson.propensity,
            centre: lesson.centre.clone(),
            reward: lesson.reward,
            replaces: lesson.replaces,
            day: lesson.day,
            heard,
        }
    }

    /// The lesson, of `person`.
    #[must_use]
    pub fn lesson(&self, person: Option<Pseudonym>) -> Lesson {
        Lesson {
            decision: self.decision,
            x: self.x.clone(),
            arm: self.arm.clone(),
            person,
            propensity: self.propensity,
            centre: self.centre.clone(),
            reward: self.reward,
            replaces: self.replaces,
            day: self.day,
        }
    }
}

/// That part of what was held of a person is gone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrimmedFact {
    /// The kinds whose consent was taken back; none where time was up.
    pub withdrawn: Vec<SignalKind>,
    /// The epoch that starts here, where lessons were subtracted.
    pub epoch: Option<u32>,
}

/// One event of a person, and what it did when it was folded.
#[derive(Clone, Debug)]
pub struct Folded {
    /// The event.
    pub stored: Stored,
    /// What it did.
    pub applied: Applied,
    /// The kinds of signal that were known just before it.
    pub heard: Vec<SignalKind>,
}

impl Folded {
    /// Folds `stored` into `state` by `apply`.
    ///
    /// # Errors
    /// What `apply` says.
    pub fn new(
        stored: Stored,
        state: &mut UserState,
        apply: impl FnOnce(&mut UserState, &Stored) -> Result<Applied>,
    ) -> Result<Self> {
        let heard = state.heard.keys().copied().collect();
        let applied = apply(state, &stored)?;
        Ok(Folded { stored, applied, heard })
    }

    /// The decisions it belongs to, or whose outcome rests on it.
    fn decisions(&self) -> impl Iterator<Item = DecisionId> + '_ {
        let stays = matches!(self.stored.event.body, EventBody::Reward(_) | EventBody::Lesson(_));
        let own = self.stored.event.body.decision().into_iter().chain(self.applied.touched.iter().copied());
        own.filter(move |_| !stays)
    }
}

/// What is to go.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trim {
    /// Events that go, ascending.
    pub events: Vec<Position>,
    /// Events that take the place of the one at their position.
    pub collapsed: Vec<(Position, Event)>,
    /// Decisions that go.
    pub decisions: Vec<DecisionId>,
    /// Items of which no event is left: their texts go.
    pub items: Vec<ItemKey>,
    /// The last lesson of each decision whose lessons are to be subtracted.
    pub lessons: Vec<Lesson>,
}

impl Trim {
    /// Whether nothing goes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.events.is_empty() && self.collapsed.is_empty()
    }

    /// What of a person has been held for longer than `limits` at `now_ms`. `events` are all of theirs in the order of the
    /// log, `state` is what they fold to, `schema` the one they were folded under.
    ///
    /// A decision goes together with everything that its outcome rests on, once the time of all of it is up and it cannot
    /// be revised any more. So a signal that answered a tip stays as long as the tip, and the tip as long as the signal.
    #[must_use]
    pub fn expired(
        events: &[Folded],
        state: &UserState,
        limits: &Limits,
        now_ms: i64,
        schema: SchemaHash,
        key: &UserKey,
    ) -> Self {
        let mut goes: Vec<bool> = events
            .iter()
            .map(|folded| limits.is_past(&folded.stored.event, now_ms) && folded.applied.lessons.len() <= 1)
            .collect();
        let mut members: BTreeMap<DecisionId, Vec<usize>> = BTreeMap::new();
        for (place, folded) in events.iter().enumerate() {
            for decision in folded.decisions() {
                members.entry(decision).or_default().push(place);
            }
        }
        // A decision that stays holds what it rests on, which may hold another decision; and what is known of an item is
        // its last signal, so none goes before an earlier one.
        let mut held = true;
        while held {
            held = false;
            let mut holds = BTreeSet::new();
            for (place, folded) in events.iter().enumerate() {
                let Some(thing) = thing_of(&folded.stored.event) else { continue };
                if !goes[place] {
                    holds.insert(thing);
                } else if holds.contains(&thing) {
                    goes[place] = false;
                    held = true;
                }
            }
            for (decision, places) in &members {
                let whole = is_settled(state, decision) && places.iter().all(|place| goes[*place]);
                if !whole {
                    for place in places {
                        held |= std::mem::replace(&mut goes[*place], false);
                    }
                }
            }
        }
        let gone = |places: &Vec<usize>| places.iter().all(|place| goes[*place]);
        let decisions = members.iter().filter(|(_, places)| gone(places)).map(|(decision, _)| *decision).collect();
        Trim::of(events, &goes, decisions, Some(schema), key)
    }

    /// What of a person rests on signals of `kinds`: the signals, and every decision made while one was known.
    #[must_use]
    pub fn withdrawn(events: &[Folded], kinds: &[SignalKind], key: &UserKey) -> Self {
        let knew = |folded: &&Folded| match &folded.stored.event.body {
            EventBody::Decision(_) => kinds.iter().any(|kind| folded.heard.contains(kind)),
            EventBody::Lesson(fact) => kinds.iter().any(|kind| fact.heard.contains(kind)),
            _ => false,
        };
        let decisions: BTreeSet<DecisionId> =
            events.iter().filter(knew).filter_map(|folded| folded.stored.event.body.decision()).collect();
        let goes: Vec<bool> = events
            .iter()
            .map(|folded| match &folded.stored.event.body {
                EventBody::Signal(fact) => kinds.contains(&fact.kind()),
                body => body.decision().is_some_and(|decision| decisions.contains(&decision)),
            })
            .collect();
        let mut last: BTreeMap<DecisionId, Lesson> = BTreeMap::new();
        for lesson in events.iter().flat_map(|folded| &folded.applied.lessons) {
            if decisions.contains(&lesson.decision) {
                last.insert(lesson.decision, Lesson { replaces: None, ..lesson.clone() });
            }
        }
        let trim = Trim::of(events, &goes, decisions.into_iter().collect(), None, key);
        Trim { lessons: last.into_values().collect(), ..trim }
    }

    fn of(
        events: &[Folded],
        goes: &[bool],
        decisions: Vec<DecisionId>,
        collapse: Option<SchemaHash>,
        key: &UserKey,
    ) -> Self {
        let mut trim = Trim::default();
        let (mut left, mut items) = (BTreeSet::new(), BTreeSet::new());
        let mut heard: BTreeMap<DecisionId, &[SignalKind]> = BTreeMap::new();
        for (folded, goes) in events.iter().zip(goes) {
            let Stored { position, event } = &folded.stored;
            if let EventBody::Decision(decision) = &event.body {
                heard.insert(decision.id, &folded.heard);
            }
            if let Some(item) = item_of(event, key) {
                if *goes {
                    items.insert(item)
                } else {
                    left.insert(item)
                };
            }
            if !goes {
                continue;
            }
            match (folded.applied.lessons.first(), collapse) {
                (Some(lesson), Some(schema)) => {
                    let heard = heard.get(&lesson.decision).copied().unwrap_or_default().to_vec();
                    let at_ms = i64::from(lesson.day) * DAY_MS;
                    let collapsed = Event {
                        id: EventId::derived("lesson", &[&lesson.decision.0, &position.0.to_le_bytes()]),
                        moment: Moment::utc(at_ms),
                        recorded_ms: at_ms,
                        user: event.user,
                        body: EventBody::Lesson(LessonFact::new(lesson, schema, heard)),
                    };
                    trim.collapsed.push((*position, collapsed));
                }
                _ => trim.events.push(*position),
            }
        }
        if trim.is_empty() {
            return trim;
        }
        // Each trimming says it anew; one that started an epoch is part of what is folded.
        let said = events
            .iter()
            .filter(|folded| matches!(folded.stored.event.body, EventBody::Trimmed(TrimmedFact { epoch: None, .. })));
        trim.events.extend(said.map(|folded| folded.stored.position));
        trim.events.sort_unstable();
        let tips = decisions.iter().map(|decision| ItemKey(decision.0));
        trim.items = items.difference(&left).copied().chain(tips).collect();
        trim.decisions = decisions;
        trim
    }
}

/// Whether nothing can come of a decision any more.
fn is_settled(state: &UserState, decision: &DecisionId) -> bool {
    let stands = state.slate.open == Some(*decision) || state.slate.returned == Some(*decision);
    !stands
        && state.tip(decision).is_none_or(|join| {
            !matches!(join.state, TipState::Open | TipState::Snoozed { .. }) && join.horizon_ms().is_none()
        })
}

/// What a signal is about, of which the last signal counts.
fn thing_of(event: &Event) -> Option<(SignalKind, Option<ItemKey>)> {
    let EventBody::Signal(fact) = &event.body else { return None };
    let item = match fact {
        SignalFact::Task(task) => Some(task.key),
        SignalFact::Habit { key, .. } | SignalFact::Calendar { key, .. } => Some(*key),
        SignalFact::Mood { .. } | SignalFact::Context { .. } => None,
    };
    Some((fact.kind(), item))
}

/// The item whose texts belong to `event`.
fn item_of(event: &Event, key: &UserKey) -> Option<ItemKey> {
    match &event.body {
        EventBody::Signal(SignalFact::Task(task)) => Some(task.key),
        EventBody::Signal(SignalFact::Habit { key, .. } | SignalFact::Calendar { key, .. }) => Some(*key),
        EventBody::Signal(SignalFact::Mood { .. }) => Some(key.item("mood", &event.moment.at_ms.to_string())),
        _ => None,
    }
}
