//! What is kept beside the log: people, texts, snapshots, projections.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{MemoryStore, State};
use crate::error::{Error, Result};
use crate::id::{DecisionId, EventId, ItemKey, Position};
use crate::ports::{
    Due, DueKind, Incarnation, NewUser, Projection, Query, Rows, Snapshot, StateStore, StoreInfo, TextField, UserRecord,
};

impl StateStore for MemoryStore {
    fn user(&self, caller_id: &str, create: Option<NewUser>) -> Result<Option<UserRecord>> {
        let found = self.committed().people.get(caller_id).cloned();
        let (None, Some(new)) = (&found, create) else { return Ok(found) };
        self.writing(|state| {
            let made = || UserRecord { user: new.user, key: new.key };
            Ok(Some(Arc::make_mut(state).people.entry(caller_id.to_owned()).or_insert_with(made).clone()))
        })
    }

    fn texts(&self, user: &UserRecord, items: &[(ItemKey, TextField)]) -> Result<Vec<Option<String>>> {
        let state = self.committed();
        items
            .iter()
            .map(|&(item, field)| match state.texts.get(&(user.user, item, field)) {
                Some((key, _)) if *key != user.key => {
                    Err(Error::storage("a sealed text does not open under its person's key"))
                }
                found => Ok(found.map(|(_, text)| text.clone())),
            })
            .collect()
    }

    fn snapshot(&self, name: &str) -> Result<Option<Snapshot>> {
        let state = self.committed();
        let of_name = state.snapshots.range((name.to_owned(), 0)..=(name.to_owned(), u64::MAX));
        Ok(of_name.last().map(|(_, snapshot)| Snapshot::clone(snapshot)))
    }

    fn project(&self, projection: &Projection) -> Result<Position> {
        self.writing(|state| Ok(project(state, projection)))
    }

    fn query(&self, query: &Query) -> Result<Rows> {
        let state = self.committed();
        Ok(match query {
            Query::Tips { user, limit } => {
                let of = state.tips.values().rev().filter(|tip| user.is_none_or(|user| tip.user == user));
                Rows::Tips(of.take(*limit).cloned().collect())
            }
            Query::Tip { decision } => {
                Rows::Tips(state.tips.values().filter(|tip| tip.decision == *decision).cloned().collect())
            }
            Query::Scores { decision } => {
                let position = state.tips.values().find(|tip| tip.decision == *decision).map(|tip| tip.position);
                Rows::Scores(state.scores.values().filter(|score| Some(score.position) == position).cloned().collect())
            }
            Query::Due { now_ms, limit } => Rows::Due(due(&state, *now_ms, *limit)),
            Query::Receipt { id } => {
                Rows::Receipt(state.receipts.iter().find(|(known, _, _)| known == id).map(receipt))
            }
            Query::Receipts { limit } => {
                Rows::Receipts(state.receipts.iter().rev().take(*limit).map(receipt).collect())
            }
            Query::Request { user, request } => {
                Rows::Request(state.requests.get(&(*user, *request)).copied().map(Position))
            }
            Query::Person { user } => Rows::Person(state.people.values().find(|person| person.user == *user).cloned()),
            Query::Holds { digest } => {
                let events = state.events.values().filter_map(|stored| stored.event.user);
                let people = state.people.values().map(|person| person.user);
                let tips = state.tips.values().map(|tip| tip.user);
                let texts = state.texts.keys().map(|(user, _, _)| *user);
                let requests = state.requests.keys().map(|(user, _)| *user);
                let secrets = state.secrets.keys().filter_map(|(user, _)| *user);
                let all = events.chain(people).chain(tips).chain(texts).chain(requests).chain(secrets);
                Rows::Holds(all.chain(state.slots.keys().copied()).any(|user| user.digest() == *digest))
            }
            Query::Info => Rows::Info(StoreInfo {
                projected: Position(state.projected),
                parked: state.parked.len() as u64,
                users: state.people.len() as u64,
                format: 0,
                erasing: state.receipts.iter().filter(|(_, _, erased)| !erased).count() as u64,
                newest_receipt: state.receipts.last().map(receipt),
                incarnation: Incarnation::default(),
            }),
        })
    }

    fn scrub(&self, _wait: bool) -> Result<bool> {
        self.writing(|state| {
            Arc::make_mut(state).receipts.iter_mut().for_each(|(_, _, erased)| *erased = true);
            Ok(true)
        })
    }
}

fn project(state: &mut Arc<State>, projection: &Projection) -> Position {
    let stored = Position(state.projected);
    if projection.after > stored || projection.through <= stored {
        return stored;
    }
    let state = Arc::make_mut(state);
    for (touched, tip) in &projection.tips {
        if *touched > stored && state.events.contains_key(&tip.position.0) {
            state.tips.insert(tip.position.0, tip.clone());
        }
    }
    for score in &projection.scores {
        if score.position > stored && state.events.contains_key(&score.position.0) {
            state.scores.insert((score.position.0, score.index), score.clone());
        }
    }
    state.projected = projection.through.0;
    projection.through
}

fn due(state: &State, now_ms: i64, limit: usize) -> Vec<Due> {
    let tips = state.tips.values().filter_map(|tip| {
        let due_ms = tip.due_ms?;
        Some(Due { decision: tip.decision, user: Some(tip.user), kind: DueKind::Tip, due_ms })
    });
    let mut first: BTreeMap<DecisionId, i64> = BTreeMap::new();
    for (decision, due_ms) in state.parked.values() {
        first.entry(*decision).and_modify(|known| *known = (*known).min(*due_ms)).or_insert(*due_ms);
    }
    let parked =
        first.into_iter().map(|(decision, due_ms)| Due { decision, user: None, kind: DueKind::Parking, due_ms });
    let mut due: Vec<Due> = tips.chain(parked).filter(|due| due.due_ms <= now_ms).collect();
    due.sort_by_key(|due| (due.due_ms, due.decision));
    due.truncate(limit);
    due
}

fn receipt((_, json, erased): &(EventId, String, bool)) -> String {
    if *erased { json.replace(r#""stage":"erasing""#, r#""stage":"erased""#) } else { json.clone() }
}
