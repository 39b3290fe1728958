//! People with a life, for tests that look for them afterwards.

use std::sync::Arc;

use oo_core::event::EventBody;
use oo_core::id::ItemKey;
use oo_core::ports::{
    Entry, EventLog as _, Projection, Query, Rows, ScoreRow, Slot, StateStore as _, TextField, TextWrite, TipRow,
    UserRecord,
};
use oo_core::reaction::Reaction;
use oo_core::testing::samples;
use oo_store::SqliteStore;

/// Several decisions, reactions, signals and texts of one person; the traces they leave.
pub(crate) fn live(store: &SqliteStore, number: u64, rounds: u64) -> UserRecord {
    let caller_id = format!("caller-{number:05}");
    let person = super::person(store, &caller_id);
    for round in 0..rounds {
        let serial = number * 1_000 + round * 3;
        let decision = samples::decision_id(serial);
        let text = |item: ItemKey, field, what: &str| TextWrite {
            item,
            field,
            text: format!("{what} of {caller_id}, {serial}"),
        };
        let mut body = samples::decision_body(serial, 4);
        body.request = Some(samples::item(serial));
        let decided = samples::event(serial, Some(person.user), EventBody::Decision(Arc::new(body)));
        let entries = [
            Entry {
                key: Some(person.key.clone()),
                texts: vec![
                    text(samples::item(serial), TextField::Title, "A title"),
                    text(samples::item(serial), TextField::Notes, &"Notes ".repeat(serial as usize % 90)),
                ],
                ..Entry::new(samples::mood(serial + 1, person.user))
            },
            Entry {
                key: Some(person.key.clone()),
                texts: vec![text(ItemKey(decision.0), TextField::Tip, "A tip")],
                slot: Slot::Take(decision),
                ..Entry::new(decided)
            },
            Entry {
                slot: Slot::Release(decision),
                ..Entry::new(samples::reaction(serial + 2, Some(person.user), decision, Reaction::Done))
            },
        ];
        for entry in &entries {
            super::append(store, entry).unwrap();
        }
    }
    person
}

/// Writes the projections of all decisions.
pub(crate) fn project_all(store: &SqliteStore) {
    let Rows::Info(info) = store.query(&Query::Info).unwrap() else { panic!("no facts") };
    let mut projection = Projection { after: info.projected, through: store.head().unwrap(), ..Projection::default() };
    for stored in store.read(info.projected, usize::MAX).unwrap() {
        let (EventBody::Decision(decision), Some(user)) = (&stored.event.body, stored.event.user) else { continue };
        let chosen = decision.chosen().unwrap();
        projection.tips.push((
            stored.position,
            TipRow {
                decision: decision.id,
                user,
                position: stored.position,
                decided_ms: stored.event.moment.at_ms,
                policy: decision.policy.clone(),
                key: chosen.key,
                arm: chosen.arm.0.clone(),
                kind: chosen.kind.as_str(),
                propensity: decision.propensity(),
                holdout: decision.holdout,
                state: "open",
                reward: None,
                shown_ms: None,
                due_ms: Some(1),
            },
        ));
        projection.scores.extend(decision.candidates.iter().zip(0..).map(|(candidate, index)| ScoreRow {
            position: stored.position,
            index,
            key: candidate.key,
            arm: candidate.arm.0.clone(),
            score: 0.5,
            propensity: 0.25,
        }));
    }
    store.project(&projection).unwrap();
}
