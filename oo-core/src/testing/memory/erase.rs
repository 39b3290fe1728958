//! Erasing a person, or part of what is held of them.

use std::collections::BTreeSet;

use super::State;
use crate::event::{Event, Stored};
use crate::id::{DecisionId, Position, Pseudonym};
use crate::retention::Trim;

pub(super) fn erase_person(state: &mut State, user: Pseudonym) {
    let decisions: BTreeSet<DecisionId> = state
        .events
        .values()
        .filter(|stored| stored.event.user == Some(user))
        .filter_map(|stored| stored.event.body.decision())
        .collect();
    let gone = |event: &Event| {
        event.user == Some(user) || event.body.decision().is_some_and(|decision| decisions.contains(&decision))
    };
    state.events.retain(|_, stored| !gone(&stored.event));
    let events = &state.events;
    state.ids.retain(|_, position| events.contains_key(position));
    state.parked.retain(|position, _| events.contains_key(position));
    state.scores.retain(|(position, _), _| events.contains_key(position));
    state.requests.retain(|(owner, _), _| *owner != user);
    state.slots.remove(&user);
    state.people.retain(|_, person| person.user != user);
    state.texts.retain(|(owner, _, _), _| *owner != user);
    state.secrets.retain(|(owner, _), _| *owner != Some(user));
    state.tips.retain(|_, tip| tip.user != user);
}

pub(super) fn erase_part(state: &mut State, user: Pseudonym, trim: &Trim) {
    for &Position(position) in &trim.events {
        state.events.remove(&position);
        state.tips.remove(&position);
    }
    // Reactions that waited for a decision without a person, and that they did.
    let waited = |event: &Event| {
        event.user.is_none() && event.body.decision().is_some_and(|decision| trim.decisions.contains(&decision))
    };
    state.events.retain(|_, stored| !waited(&stored.event));
    let events = &state.events;
    state.parked.retain(|position, _| events.contains_key(position));
    state.scores.retain(|(position, _), _| events.contains_key(position));
    state.ids.retain(|_, position| events.contains_key(position));
    state.requests.retain(|_, position| events.contains_key(position));
    for (position, event) in &trim.collapsed {
        state.ids.retain(|_, known| *known != position.0);
        state.ids.insert(event.id, position.0);
        state.events.insert(position.0, Stored { position: *position, event: event.clone() });
    }
    state.texts.retain(|(owner, item, _), _| *owner != user || !trim.items.contains(item));
    if state.slots.get(&user).is_some_and(|held| trim.decisions.contains(held)) {
        state.slots.remove(&user);
    }
}
