//! `reward`: what came of a named bandit's choice; `reward_all`: of many.

use oo_core::id::DecisionId;
use oo_core::{Error, Result};

use super::decide::{MOST_AT_ONCE, unexpected};
use crate::engine::Engine;
use crate::outcome::Rewarded;
use crate::run::{Reply, RewardWork, Work};

impl Engine {
    /// Records the reward of the choice `decision`; the next choice of its bandit, in any process, has learned from it.
    /// Another reward later revises it: the bandit is then as if it had learned the last one only.
    ///
    /// # Errors
    /// `not_found` for an unknown decision; `invalid_input` for a reward outside its range; `busy`, `storage`.
    pub async fn reward(&self, decision: DecisionId, reward: f64) -> Result<Rewarded> {
        let mut rewarded = self.reward_all(vec![(decision, reward)]).await?;
        rewarded.pop().ok_or_else(unexpected)?
    }

    /// As [`reward`](Engine::reward) for each of `rewards`, in their order, in few commits. Each stands for itself: one
    /// that is refused has its error in its place, and the others are recorded.
    ///
    /// # Errors
    /// `invalid_input` about `rewards` for more than 1000 at once, of which none is recorded; `busy`, `storage`.
    pub async fn reward_all(&self, rewards: Vec<(DecisionId, f64)>) -> Result<Vec<Result<Rewarded>>> {
        if rewards.len() > MOST_AT_ONCE {
            let message = format!("{} rewards at once; send at most {MOST_AT_ONCE}", rewards.len());
            return Err(Error::invalid("rewards", message));
        }
        let run = self.run();
        run.catch_up().await?;
        let now_ms = run.clock.now_ms();
        let work = |(decision, reward)| Work::Reward(RewardWork { decision, reward, now_ms });
        let replies = run.submit_all(rewards.into_iter().map(work)).await;
        let rewarded = replies.into_iter().map(|reply| match reply? {
            Reply::Rewarded(rewarded) => Ok(rewarded),
            _ => Err(unexpected()),
        });
        Ok(rewarded.collect())
    }
}
