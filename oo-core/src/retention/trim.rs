//! What is to go of one person: a plan over their events as they were folded.
//!
//! A plan is whole: what goes goes with everything that rests on it, and what stays folds to what the policies hold after
//! the plan is carried out.

use std::collections::{BTreeMap, BTreeSet};

use super::{LessonFact, Limits, TrimmedFact};
use crate::error::Result;
use crate::event::{Event, EventBody, SignalFact, Stored};
use crate::id::{DecisionId, EventId, ItemKey, Position, UserKey};
use crate::join::TipState;
use crate::lesson::Lesson;
use crate::moment::{DAY_MS, Moment};
use crate::schema::SchemaHash;
use crate::signal::SignalKind;
use crate::user::{Applied, UserState};

/// One event of a person, and what it did when it was folded.
#[derive(Clone, Debug)]
pub struct Folded {
    /// The event.
    pub stored: Stored,
    /// What it did.
    pub applied: Applied,
    /// The kinds of signal that were known just before it, and those that a decision says were known: signals whose time
    /// was up are gone from the log, and what was decided on them is not.
    pub heard: BTreeSet<SignalKind>,
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
        let mut heard: BTreeSet<SignalKind> = state.heard.keys().copied().collect();
        match &stored.event.body {
            EventBody::Decision(decision) => heard.extend(&decision.heard),
            EventBody::Lesson(fact) => heard.extend(&fact.heard),
            _ => {}
        }
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
    /// What decisions that stay give instead, where their outcome rested on what goes; to be learned.
    pub taught: Vec<Lesson>,
}

impl Trim {
    /// Whether nothing goes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.events.is_empty() && self.collapsed.is_empty()
    }

    /// What of a person has been held for longer than `limits` at `now_ms`. `events` are all of theirs in the order of the
    /// log, `state` is what they fold to, `schema` the one they were folded under, and `reassembled` says of another one
    /// whether its decisions are assembled anew from what was known of the person.
    ///
    /// A decision goes together with everything that its outcome rests on, once the time of all of it is up and it cannot
    /// be revised any more. So a signal that answered a tip stays as long as the tip, and the tip as long as the signal.
    /// Before a decision that is assembled anew nothing goes: it would be assembled to something else.
    #[must_use]
    pub fn expired(
        events: &[Folded],
        state: &UserState,
        limits: &Limits,
        now_ms: i64,
        (schema, reassembled): (SchemaHash, &dyn Fn(SchemaHash) -> bool),
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
            let anew = events.iter().zip(&goes).rposition(|(folded, goes)| match &folded.stored.event.body {
                EventBody::Decision(decision) => !goes && decision.schema != schema && reassembled(decision.schema),
                _ => false,
            });
            for goes in goes.iter_mut().take(anew.unwrap_or(0)) {
                held |= std::mem::replace(goes, false);
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
    ///
    /// What stays may fold to something else without what goes: a task that is done answers another tip when the tip it
    /// answered is gone. `refold` gives the lessons of what stays, in the order of the log.
    ///
    /// # Errors
    /// What `refold` says.
    pub fn withdrawn(
        events: &[Folded],
        kinds: &[SignalKind],
        key: &UserKey,
        refold: impl FnOnce(&mut dyn Iterator<Item = &Stored>) -> Result<Vec<Lesson>>,
    ) -> Result<Self> {
        let knew = |folded: &&Folded| match &folded.stored.event.body {
            EventBody::Decision(_) | EventBody::Lesson(_) => kinds.iter().any(|kind| folded.heard.contains(kind)),
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
        let trim = Trim::of(events, &goes, decisions.into_iter().collect(), None, key);
        if trim.is_empty() {
            return Ok(trim);
        }
        let mut lessons = last_of(events.iter().flat_map(|folded| folded.applied.lessons.iter().cloned()));
        let mut stays = events.iter().zip(&goes).filter(|(_, goes)| !**goes).map(|(folded, _)| &folded.stored);
        let mut taught = last_of(refold(&mut stays)?);
        taught.retain(|decision, lesson| match lessons.get(decision) {
            Some(same) if same == lesson => lessons.remove(decision).is_none(),
            _ => true,
        });
        Ok(Trim { lessons: lessons.into_values().collect(), taught: taught.into_values().collect(), ..trim })
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
        let mut heard: BTreeMap<DecisionId, &BTreeSet<SignalKind>> = BTreeMap::new();
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
                    let heard = heard.get(&lesson.decision).copied().into_iter().flatten().copied().collect();
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

/// The last lesson of each decision, as if it had been the only one.
fn last_of(lessons: impl IntoIterator<Item = Lesson>) -> BTreeMap<DecisionId, Lesson> {
    lessons.into_iter().map(|lesson| (lesson.decision, Lesson { replaces: None, ..lesson })).collect()
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
