//! Choices that may still be rewarded, remembered so that a reward need not ask the log.

#![allow(clippy::disallowed_types, reason = "a cache whose order reaches no sum, tie-break or hash")]

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use oo_core::Result;
use oo_core::candidate::ArmKey;
use oo_core::choice::{ChoiceFact, RewardFact};
use oo_core::event::{EventBody, Stored};
use oo_core::id::{DecisionId, Pseudonym};
use oo_core::ports::EventLog;

use super::people::locked;

/// The most choices that are remembered.
const CAPACITY: usize = 20_000;

/// What a reward needs of its choice.
#[derive(Clone, Debug)]
pub(crate) struct OpenChoice {
    pub(crate) bandit: Arc<str>,
    pub(crate) person: Option<Pseudonym>,
    pub(crate) x: Arc<[i16]>,
    pub(crate) arm: ArmKey,
    pub(crate) propensity: f64,
    pub(crate) day: i32,
    /// The reward it has now.
    pub(crate) reward: Option<i16>,
}

impl OpenChoice {
    fn new(choice: &ChoiceFact, person: Option<Pseudonym>, day: i32) -> Self {
        OpenChoice {
            bandit: choice.bandit.clone(),
            person,
            x: choice.x(),
            arm: choice.arm(),
            propensity: choice.propensity(),
            day,
            reward: None,
        }
    }
}

/// The cache.
#[derive(Debug, Default)]
pub(crate) struct Choices {
    open: Mutex<HashMap<DecisionId, OpenChoice>>,
}

impl Choices {
    /// Remembers a choice that was folded.
    pub(crate) fn made(&self, choice: &ChoiceFact, person: Option<Pseudonym>, day: i32) {
        let mut open = locked(&self.open);
        if open.len() >= CAPACITY {
            open.clear();
        }
        open.insert(choice.id, OpenChoice::new(choice, person, day));
    }

    /// Notes a reward that was folded.
    pub(crate) fn rewarded(&self, reward: &RewardFact) {
        if let Some(choice) = locked(&self.open).get_mut(&reward.decision) {
            choice.reward = Some(reward.reward);
        }
    }

    /// The choice `decision` as the log has it, and everything that was folded since.
    pub(crate) fn find(&self, decision: DecisionId, log: &dyn EventLog) -> Result<Option<OpenChoice>> {
        if let Some(choice) = locked(&self.open).get(&decision) {
            return Ok(Some(choice.clone()));
        }
        let found = of_log(&log.of_decision(decision)?);
        if let Some(choice) = &found {
            locked(&self.open).insert(decision, choice.clone());
        }
        Ok(found)
    }

    /// Forgets everything that is remembered: what was folded did not happen, or a person is gone.
    pub(crate) fn clear(&self) {
        locked(&self.open).clear();
    }
}

/// The choice among the events of one decision, with its newest reward.
fn of_log(events: &[Stored]) -> Option<OpenChoice> {
    let mut found: Option<OpenChoice> = None;
    for stored in events {
        match &stored.event.body {
            EventBody::Choice(choice) => {
                found = Some(OpenChoice::new(choice, stored.event.user, stored.event.moment.utc_day()));
            }
            EventBody::Reward(reward) => {
                if let Some(found) = &mut found {
                    found.reward = Some(reward.reward);
                }
            }
            _ => {}
        }
    }
    found
}
