//! The writer's jobs: what is decided inside the write transaction, because it depends on the head of the log.

mod append;
mod forget;
mod react;
mod reward;
mod trim;
mod withdraw;

use oo_core::choice::BanditFact;
use oo_core::event::PolicyRoleFact;
use oo_core::id::{DecisionId, EventId, Position, Pseudonym};
use oo_core::ports::{Appended, Entry, Transaction, UserRecord};
use oo_core::reaction::Reaction;
use oo_core::{Error, Result};

use super::Run;
use super::fold::Folding;
use crate::outcome::{Reacted, Receipt, Retained, Rewarded};
pub(crate) use forget::receipt_chain;
pub(crate) use trim::{ConsentWork, RetainWork};
pub(crate) use withdraw::next_return;

/// Something to do at the head of the log.
#[derive(Debug)]
pub(crate) enum Work {
    /// Appends entries in order.
    Append(Vec<Entry>),
    /// Applies a reaction.
    React(ReactWork),
    /// Opens named bandits where they are new, and appends their choices.
    Choose(ChooseWork),
    /// Rewards a choice of a named bandit.
    Reward(RewardWork),
    /// Forgets a person.
    Forget(ForgetWork),
    /// Makes the person the caller knows by this id; in a transaction of its own.
    Person(String),
    /// Records consents, and erases what rested on those taken back.
    Consent(ConsentWork),
    /// Erases what of a person has been held for long enough.
    Retain(RetainWork),
    /// Enters a policy or changes its role.
    Role(PolicyRoleFact),
    /// Takes the next step back to the registry before a forgetting, where there is one.
    Return,
    /// Folds what other processes committed and looks at timers; with `flush`, also writes projections.
    Sync {
        /// Whether projections are written up to the head.
        flush: bool,
    },
    /// Truncates the write-ahead log after erasures that did not.
    Scrub,
    /// Ends the writer.
    Stop,
}

/// A reaction to apply.
#[derive(Clone, Debug)]
pub(crate) struct ReactWork {
    pub(crate) decision: DecisionId,
    pub(crate) reaction: Reaction,
    pub(crate) id: Option<String>,
    pub(crate) at_ms: Option<i64>,
    pub(crate) now_ms: i64,
}

/// Choices of named bandits.
#[derive(Clone, Debug)]
pub(crate) struct ChooseWork {
    /// The bandits that were not there when the choices were made.
    pub(crate) open: Vec<BanditFact>,
    /// The choices.
    pub(crate) choices: Vec<Entry>,
    /// Whether what other processes had committed was read before the choices were made; else they are refused as
    /// [`Reply::Behind`] where something was.
    pub(crate) read: bool,
    pub(crate) now_ms: i64,
}

/// A reward to record.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RewardWork {
    pub(crate) decision: DecisionId,
    pub(crate) reward: f64,
    pub(crate) now_ms: i64,
}

/// A person to forget.
#[derive(Clone, Debug)]
pub(crate) struct ForgetWork {
    pub(crate) who: Who,
    pub(crate) now_ms: i64,
}

/// Whom to forget.
#[derive(Clone, Debug)]
pub(crate) enum Who {
    /// The person the caller knows by this id.
    Caller(String),
    /// The person behind this pseudonym.
    Pseudonym(Pseudonym),
}

/// The answer to a job.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    /// What became of each entry.
    Appended(Vec<Appended>, Position),
    /// What became of the reaction.
    Reacted(Reacted),
    /// What became of the reward.
    Rewarded(Rewarded),
    /// The receipt.
    Forgotten(Receipt),
    /// What was erased.
    Retained(Retained),
    /// The person.
    Person(UserRecord),
    /// The engine is at this position.
    Synced,
    /// Nothing was done: other processes had committed something that the work does not know of.
    Behind,
}

impl Work {
    /// Whether the job needs a write transaction.
    pub(crate) fn writes(&self) -> bool {
        !matches!(self, Work::Sync { .. } | Work::Person(_) | Work::Scrub | Work::Stop)
    }

    /// Does the job inside the transaction.
    pub(crate) fn execute(&self, run: &Run, tx: &mut dyn Transaction, folding: &mut Folding) -> Result<Reply> {
        match self {
            Work::Append(entries) => append::append_all(run, tx, folding, entries),
            Work::React(work) => react::react(run, tx, folding, work).map(Reply::Reacted),
            Work::Choose(work) => append::choose(run, tx, folding, work),
            Work::Reward(work) => reward::reward(run, tx, folding, work).map(Reply::Rewarded),
            Work::Forget(work) => forget::forget(run, tx, folding, work).map(Reply::Forgotten),
            Work::Consent(work) => trim::consent(run, tx, folding, work).map(|()| Reply::Synced),
            Work::Retain(work) => trim::retain(run, tx, folding, work).map(Reply::Retained),
            Work::Role(fact) => append::role(run, tx, folding, fact),
            Work::Return => match next_return(&folding.mind.registry) {
                Some(fact) => append::role(run, tx, folding, &fact),
                None => Ok(Reply::Synced),
            },
            Work::Person(_) | Work::Sync { .. } | Work::Scrub | Work::Stop => Ok(Reply::Synced),
        }
    }
}

pub(crate) fn new_event_id(run: &Run, now_ms: i64) -> Result<EventId> {
    run.new_event_id(now_ms)
}

pub(crate) fn unexpected() -> Error {
    Error::internal("the writer answered another question; report this as a defect")
}
