//! The bench a case works at: a store, and steps that are repeated until acknowledged when the store is faulty.

use std::sync::Arc;

use super::Subject;
use crate::error::{Error, ErrorKind, Result};
use crate::event::{Event, Stored};
use crate::id::{DecisionId, ItemKey, Position, Pseudonym, UserKey};
use crate::ports::{
    Appended, Due, Entry, EventLog, NewUser, Query, Rows, ScoreRow, SecretStore, Slot, Snapshot, StateStore, StoreInfo,
    TextField, TextWrite, TipRow, Transaction, UserRecord,
};

pub(super) struct Bench {
    pub(super) log: Arc<dyn EventLog>,
    pub(super) state: Arc<dyn StateStore>,
    pub(super) secrets: Arc<dyn SecretStore>,
    _subject: Subject,
    faulty: bool,
    case: &'static str,
}

impl Bench {
    pub(super) fn new(subject: Subject, faulty: bool, case: &'static str) -> Self {
        let (log, state, secrets) = (subject.log.clone(), subject.state.clone(), subject.secrets.clone());
        Bench { log, state, secrets, _subject: subject, faulty, case }
    }

    /// Repeats `step` until it is acknowledged; without faults the first answer counts.
    pub(super) fn sure<T>(&self, step: impl FnMut() -> Result<T>) -> T {
        self.attempt(step).unwrap_or_else(|error| panic!("{}: {error}", self.case))
    }

    /// As [`sure`](Self::sure), for steps whose error is the point.
    pub(super) fn attempt<T>(&self, step: impl FnMut() -> Result<T>) -> Result<T> {
        repeat(self.faulty, step)
    }

    pub(super) fn head(&self) -> Position {
        self.sure(|| self.log.head())
    }

    pub(super) fn all(&self) -> Vec<Stored> {
        self.sure(|| self.log.read(Position(0), usize::MAX))
    }

    pub(super) fn person(&self, caller_id: &str) -> UserRecord {
        let new = new_user(caller_id);
        self.sure(|| self.state.user(caller_id, Some(new.clone()))).expect("a person was asked to be made")
    }

    pub(super) fn known(&self, caller_id: &str) -> Option<UserRecord> {
        self.sure(|| self.state.user(caller_id, None))
    }

    /// Runs one write transaction.
    pub(super) fn transact(&self, mut work: impl FnMut(&mut dyn Transaction) -> Result<()>) {
        self.sure(|| self.log.transact(&mut work));
    }

    /// Appends one entry in a transaction of its own, which may fail.
    pub(super) fn try_append(&self, entry: &Entry) -> Result<Appended> {
        self.attempt(|| append(self.log.as_ref(), entry))
    }

    pub(super) fn append(&self, entry: &Entry) -> Appended {
        self.sure(|| append(self.log.as_ref(), entry))
    }

    /// Appends an entry that is new, so it gets a position. When an answer was lost, the repetition is a duplicate.
    pub(super) fn add(&self, entry: &Entry) -> Position {
        match self.append(entry) {
            Appended::At(position) => position,
            Appended::Duplicate(position) if self.faulty => position,
            other => panic!("{}: a new entry was answered with {other:?}", self.case),
        }
    }

    pub(super) fn add_event(&self, event: &Event) -> Position {
        self.add(&Entry::new(event.clone()))
    }

    pub(super) fn query(&self, query: &Query) -> Rows {
        self.sure(|| self.state.query(query))
    }

    pub(super) fn tips(&self, user: Option<Pseudonym>, limit: usize) -> Vec<TipRow> {
        match self.query(&Query::Tips { user, limit }) {
            Rows::Tips(tips) => tips,
            other => panic!("{}: tips were answered with {other:?}", self.case),
        }
    }

    pub(super) fn tip(&self, decision: DecisionId) -> Option<TipRow> {
        match self.query(&Query::Tip { decision }) {
            Rows::Tips(tips) => tips.into_iter().next(),
            other => panic!("{}: a tip was answered with {other:?}", self.case),
        }
    }

    pub(super) fn scores(&self, decision: DecisionId) -> Vec<ScoreRow> {
        match self.query(&Query::Scores { decision }) {
            Rows::Scores(scores) => scores,
            other => panic!("{}: scores were answered with {other:?}", self.case),
        }
    }

    pub(super) fn due(&self, now_ms: i64) -> Vec<Due> {
        match self.query(&Query::Due { now_ms, limit: 100 }) {
            Rows::Due(due) => due,
            other => panic!("{}: timers were answered with {other:?}", self.case),
        }
    }

    pub(super) fn info(&self) -> StoreInfo {
        match self.query(&Query::Info) {
            Rows::Info(info) => info,
            other => panic!("{}: facts were answered with {other:?}", self.case),
        }
    }

    pub(super) fn person_by(&self, user: Pseudonym) -> Option<UserRecord> {
        match self.query(&Query::Person { user }) {
            Rows::Person(person) => person,
            other => panic!("{}: a person was answered with {other:?}", self.case),
        }
    }

    pub(super) fn text(&self, user: &UserRecord, item: ItemKey, field: TextField) -> Option<String> {
        self.sure(|| self.state.texts(user, &[(item, field)])).into_iter().next().flatten()
    }

    pub(super) fn save(&self, snapshot: &Snapshot) {
        self.transact(|transaction| transaction.save_snapshot(snapshot));
    }
}

/// Repeats `step` while it fails for a reason that passes.
pub(super) fn repeat<T>(faulty: bool, mut step: impl FnMut() -> Result<T>) -> Result<T> {
    for _ in 0..1_000 {
        match step() {
            Err(error)
                if faulty && matches!(error.kind(), ErrorKind::Busy | ErrorKind::Storage) && is_injected(&error) => {}
            done => return done,
        }
    }
    step()
}

/// Whether an error is one of the fault wrapper's, and not the store's own.
pub(super) fn is_injected(error: &Error) -> bool {
    error.message().starts_with("an injected fault")
}

pub(super) fn append(log: &dyn EventLog, entry: &Entry) -> Result<Appended> {
    let mut appended = None;
    log.transact(&mut |transaction| {
        appended = Some(transaction.append(entry)?);
        Ok(())
    })?;
    appended.ok_or_else(|| Error::internal("the transaction did not run"))
}

/// A person that follows from the caller's id.
pub(super) fn new_user(caller_id: &str) -> NewUser {
    let user = Pseudonym(crate::id::EventId::derived("person", &[caller_id.as_bytes()]).0);
    NewUser { user, key: UserKey::new(user.digest()) }
}

/// An entry with a text.
pub(super) fn with_text(event: &Event, user: &UserRecord, item: ItemKey, field: TextField, text: &str) -> Entry {
    Entry {
        key: Some(user.key.clone()),
        texts: vec![TextWrite { item, field, text: text.to_owned() }],
        ..Entry::new(event.clone())
    }
}

/// A decision's entry that takes the pull slot.
pub(super) fn taking(event: &Event, decision: DecisionId) -> Entry {
    Entry { slot: Slot::Take(decision), ..Entry::new(event.clone()) }
}

/// An entry that frees the pull slot.
pub(super) fn releasing(event: &Event, decision: DecisionId) -> Entry {
    Entry { slot: Slot::Release(decision), ..Entry::new(event.clone()) }
}
