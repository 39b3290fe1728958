//! A reward of a named bandit's choice: what it replaces is known at the head of the log alone.

use oo_core::choice::RewardFact;
use oo_core::event::{Event, EventBody};
use oo_core::id::EventId;
use oo_core::moment::Moment;
use oo_core::ports::{Appended, Entry, Transaction};
use oo_core::{Error, Result};

use super::{RewardWork, append};
use crate::bandits;
use crate::outcome::{RewardStatus, Rewarded};
use crate::run::Run;
use crate::run::fold::Folding;

pub(super) fn reward(
    run: &Run,
    tx: &mut dyn Transaction,
    folding: &mut Folding,
    work: &RewardWork,
) -> Result<Rewarded> {
    let choice = run.choices.find(work.decision, &*run.log)?.ok_or_else(|| {
        Error::not_found("there is no such decision; pass the id that deciding returned").with_field("decision")
    })?;
    let bandit = folding.mind.bandits.get(&choice.bandit).ok_or_else(|| bandits::unknown(&choice.bandit))?;
    let reward = bandit.reward_on_grid(work.reward)?;
    let value = bandit.reward_grid().value(reward);
    let stands = |status| Ok(Rewarded { decision: work.decision.to_string(), status, reward: Some(value) });
    if choice.reward == Some(reward) {
        return stands(RewardStatus::Duplicate);
    }
    // A policy that learns the advantage over doing nothing needs the other rows too.
    let centre = match bandit.policy_spec().hold() {
        Some(hold) => run.log.of_decision(work.decision)?.iter().find_map(|stored| match &stored.event.body {
            EventBody::Choice(choice) => Some(choice.centre(hold)),
            _ => None,
        }),
        None => None,
    };
    let fact = RewardFact {
        bandit: choice.bandit,
        decision: work.decision,
        x: choice.x,
        arm: choice.arm,
        propensity: choice.propensity,
        centre,
        day: choice.day,
        reward,
        replaces: choice.reward,
    };
    let event = Event {
        id: EventId::v7(work.now_ms, &run.entropy.bytes("event")?),
        moment: Moment::utc(work.now_ms),
        recorded_ms: work.now_ms,
        user: choice.person,
        body: EventBody::Reward(fact),
    };
    match append::append_one(run, tx, folding, &Entry::new(event))? {
        Appended::At(_) if choice.reward.is_some() => stands(RewardStatus::Revised),
        Appended::At(_) => stands(RewardStatus::Learned),
        _ => stands(RewardStatus::Duplicate),
    }
}
