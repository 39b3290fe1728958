//! What the verbs of named bandits answer, as JavaScript objects with the JSON form's names.

use napi_derive::napi;

use crate::door::{count, reason};

/// What a named bandit decided.
#[napi(object, object_from_js = false)]
pub struct Choice {
    /// The decision's id: the reward names it.
    pub decision: String,
    /// The bandit.
    pub bandit: String,
    /// The drawn row.
    pub index: i64,
    /// The drawn row's arm; its number where the caller named none.
    pub arm: String,
    /// Its probability, from before the draw.
    pub propensity: f64,
    /// The probability of each row.
    pub pmf: Vec<f64>,
    /// The score of each row.
    pub scores: Vec<f64>,
    /// Whether the probabilities are an estimate of the policy's own; they are what was drawn from.
    pub estimated: bool,
    /// The rows whose score is only an upper bound, because they could not win.
    pub bounded: Vec<u32>,
    /// The reward it has, where it has one.
    pub reward: Option<f64>,
}

impl From<oo::Choice> for Choice {
    fn from(from: oo::Choice) -> Self {
        let oo::Choice { decision, bandit, index, arm, propensity, pmf, scores, estimated, bounded, reward } = from;
        let index = count(index as u64);
        Choice { decision, bandit, index, arm, propensity, pmf, scores, estimated, bounded, reward }
    }
}

/// What became of a reward.
#[napi(object, object_from_js = false, use_nullable = true)]
pub struct Rewarded {
    /// The decision.
    pub decision: String,
    /// It is learned; it took the place of an earlier one; or it was there already, and nothing changed.
    #[napi(ts_type = "'learned' | 'revised' | 'duplicate'")]
    pub status: String,
    /// The reward that counts, rounded to the bandit's grid.
    pub reward: Option<f64>,
}

impl From<oo::Rewarded> for Rewarded {
    fn from(from: oo::Rewarded) -> Self {
        let oo::Rewarded { decision, status, reward } = from;
        let status = match status {
            oo::RewardStatus::Learned => "learned",
            oo::RewardStatus::Revised => "revised",
            oo::RewardStatus::Duplicate => "duplicate",
        };
        Rewarded { decision, status: status.to_owned(), reward }
    }
}

/// What became of one of several rewards: one of both is there.
#[napi(object, object_from_js = false)]
pub struct OneRewarded {
    /// It is recorded.
    pub rewarded: Option<Rewarded>,
    /// Why it is not, as the reason of an error.
    pub reason: Option<String>,
}

impl From<oo::Result<oo::Rewarded>> for OneRewarded {
    fn from(from: oo::Result<oo::Rewarded>) -> Self {
        match from {
            Ok(rewarded) => OneRewarded { rewarded: Some(rewarded.into()), reason: None },
            Err(error) => OneRewarded { rewarded: None, reason: Some(reason(&error)) },
        }
    }
}
